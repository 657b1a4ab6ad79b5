-- Letters to staff. Where staff are reached stands in the configuration (staff_email,
-- staff_slack_url), which the database does not know: a notifier fills in the recipients. Their
-- recipient_id is -n for the nth address, so that it is nobody's in here.

alter table broadcast drop constraint broadcast_kind_check;
alter table broadcast add constraint broadcast_kind_check check (
  kind in ('update', 'confirmation', 'manage', 'notice', 'credit_notice', 'digest', 'endpoint',
    'moved', 'reminder', 'postmortem', 'staff'));

-- What a letter to staff is about: 'review:17', 'ageing:2026-11-22'. They are told of it once.
alter table broadcast add column about text;
create unique index broadcast_about_idx on broadcast (about) where about is not null;

-- Held until a notifier has filled in who gets it (notifier/queue/staff.h).
create index broadcast_staff_idx on broadcast (id) where kind = 'staff' and state = 'held';

-- Call it in the transaction that writes what it tells of. p_body is Markdown and no template:
-- what customers wrote may stand in it. Null when staff were told before.
-- p_detail: {what, ...}, from which a reader's language makes its own text (staff_letter of
-- templates/labels); without one, or without words for it, they read subject and body.
create function staff_tell(p_about text, p_subject text, p_body text, p_detail jsonb default null)
  returns bigint
  language plpgsql as $$
declare
  v_id bigint;
begin
  insert into broadcast (kind, lane, about, subject, body, extra, upper_id, not_before)
  values ('staff', 0, p_about, p_subject, p_body, p_detail, 0, 'infinity')
  on conflict do nothing
  returning id into v_id;
  perform pg_notify('broadcast', v_id::text) where v_id is not null;
  return v_id;
end $$;
