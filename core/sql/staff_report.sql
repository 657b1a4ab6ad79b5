-- Report to staff. Call it in the transaction that writes the reported event. in_body is Markdown
-- and not a template, because it may quote customers. Null if this was reported before. The
-- addresses of staff are in the configuration (staff_email, staff_slack_url), which the database
-- does not know: a notifier fills in the recipients. Their recipient_id is -n for the nth address,
-- which is no id in the database. in_detail: {what, ...}, from which each language renders its own
-- text (staff_letter of templates/labels); without a detail or a text for it, the message is
-- subject and body.
create function amends.staff_report(in_about text, in_subject text, in_body text,
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
