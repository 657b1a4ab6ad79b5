-- A post's mail to one member of staff before it is posted. The text is finished: the post that it
-- was rendered from was rolled back.

create function amends.post_test(in_to text, in_subject text, in_text text, in_html text,
  in_actor bigint) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  insert into broadcast (kind, priority, state, subject, extra, upper_id, created_by)
  values ('post_test', 0, 'sending', in_subject,
    jsonb_build_object('to', in_to, 'text', in_text, 'html', in_html), 0, in_actor)
  returning id into v_id;
  insert into broadcast_cursor (broadcast_id, channel, exhausted, claimed)
  values (v_id, 'email', true, 1);
  insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at)
  values (v_id, -1, 'email', 0, now(), now());
  perform pg_notify('broadcast', v_id::text);
  return v_id;
end $$;
