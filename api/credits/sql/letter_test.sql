-- One letter of a run's notice to somebody else, to look at it.
-- in_extra: {to, locale, variants ...}.
create function amends.credit_letter_test(in_run bigint, in_contact bigint, in_subject text,
  in_body text, in_actor bigint, in_extra jsonb) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  insert into broadcast (kind, priority, state, credit_run_id, subject, body, extra, upper_id,
      created_by)
  values ('credit_test', 0, 'sending', in_run, in_subject, in_body,
    in_extra || jsonb_build_object('contact', in_contact), 0, in_actor)
  returning id into v_id;
  insert into broadcast_cursor (broadcast_id, channel, exhausted, claimed)
  values (v_id, 'email', true, 1);
  insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at)
  values (v_id, -1, 'email', 0, now(), now());
  perform pg_notify('broadcast', v_id::text);
  return v_id;
end $$;
