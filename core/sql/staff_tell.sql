-- A letter to staff. Call it in the transaction that writes what it tells of. in_body is Markdown
-- and no template: what customers wrote may stand in it. Null when staff were told before. Where
-- staff are reached stands in the configuration (staff_email, staff_slack_url), which the database
-- does not know: a notifier fills in the recipients. Their recipient_id is -n for the nth address,
-- so that it is nobody's in here.
-- in_detail: {what, ...}, from which a reader's language makes its own text (staff_letter of
-- templates/labels); without one, or without words for it, they read subject and body.
create function amends.staff_tell(in_about text, in_subject text, in_body text,
  in_detail jsonb default null) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  insert into broadcast (kind, priority, about, subject, body, extra, upper_id, not_before)
  select kind, priority, in_about, in_subject, in_body, in_detail, 0, 'infinity'
  from broadcast_kind where kind = 'staff'
  on conflict do nothing
  returning id into v_id;
  perform pg_notify('broadcast', v_id::text) where v_id is not null;
  return v_id;
end $$;
