-- A post's mail to one member of staff before it is posted. The text is finished: the post that it
-- was rendered from was rolled back.

alter table broadcast drop constraint broadcast_kind_check;
alter table broadcast add constraint broadcast_kind_check check (
  kind in ('update', 'confirmation', 'manage', 'notice', 'credit_notice', 'digest', 'endpoint',
    'moved', 'staff', 'reminder', 'postmortem', 'help', 'credit_test', 'credit_answer',
    'credit_event', 'post_test'));

create function post_test(p_to text, p_subject text, p_text text, p_html text, p_actor bigint)
returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  insert into broadcast (kind, lane, state, subject, extra, upper_id, created_by)
  values ('post_test', 0, 'sending', p_subject,
    jsonb_build_object('to', p_to, 'text', p_text, 'html', p_html), 0, p_actor)
  returning id into v_id;
  insert into broadcast_channel (broadcast_id, channel, exhausted, claimed)
  values (v_id, 'email', true, 1);
  insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at)
  values (v_id, -1, 'email', 0, now(), now());
  perform pg_notify('broadcast', v_id::text);
  return v_id;
end $$;
