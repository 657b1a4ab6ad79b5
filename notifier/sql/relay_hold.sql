-- So many messages of a broadcast were refused alike that the cause must be the relay and not the
-- readers: hold the channel of the broadcast. Messages that failed for this reason wait too, and
-- their suppressions are undone. Staff get one report with the relay's words. False: staff chose to
-- send anyway.
create function amends.relay_hold(in_broadcast bigint, in_channel text, in_reason text,
  in_words text, in_url text) returns boolean language plpgsql as $$
begin
  update broadcast_cursor set trouble = in_words where broadcast_id = in_broadcast
    and channel = in_channel::channel and trouble is null and not forced;
  if not found then
    return exists (select from broadcast_cursor where broadcast_id = in_broadcast
      and channel = in_channel::channel and trouble is not null);
  end if;
  perform amends.suppression_undo(in_broadcast, 'refused', null, null);
  with again as (delete from delivery where broadcast_id = in_broadcast
      and channel = in_channel::channel and state = 'failed' and reason = in_reason
    returning broadcast_id, recipient_id, channel, code, reason)
  insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at,
    code, reason)
  select broadcast_id, recipient_id, channel, 0, now(), now(), code, reason from again
    on conflict do nothing;
  update delivery_retry set due_at = 'infinity' where broadcast_id = in_broadcast
    and channel = in_channel::channel and batch_id is null;
  update broadcast set state = 'sending', done_at = null
    where id = in_broadcast and state = 'done';
  perform amends.staff_report(
    format('relay:%s:%s', in_broadcast, floor(extract(epoch from clock_timestamp()))),
    'The relay refuses broadcast ' || in_broadcast,
    format('Many messages were refused alike, so the others wait. The relay says:'
      || e'\n\n    %s\n\nPut it right, then resume the broadcast, or give it up:\n\n%s',
      in_words, in_url || '/staff/broadcasts/' || in_broadcast));
  return true;
end $$;
