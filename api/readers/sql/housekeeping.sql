-- Periodic work: end pauses and delete expired rows. A subscriber who does not confirm within 7
-- days (the link works for 2) is deleted, or is unsubscribed again if they had unsubscribed before.
create function amends.reader_housekeeping() returns void language sql as $$
  update subscriber set state = 'active', state_reason = null, paused_until = null,
    changed_at = now() where state = 'paused' and paused_until <= now();
  delete from reader_session where expires_at < now();
  delete from account_session where expires_at < now();
  delete from reader_link_used where expires_at < now();
  delete from signup where (done_at is not null or kind = 'slack')
    and at < now() - interval '1 day';
  delete from move where at < now() - interval '7 days';
  with late as (select id, exists (select from consent c where c.subscriber_id = s.id
        and c.action = 'unsubscribed') as left_before
      from subscriber s where state = 'pending' and changed_at < now() - interval '7 days'),
    kept as (update subscriber s set state = 'unsubscribed', state_reason = 'not_confirmed',
        changed_at = now() from late where late.id = s.id and left_before)
  delete from subscriber s using late where late.id = s.id and not left_before;
$$;
