-- A letter with a link to one subscriber, at most three of a kind in a day.
create function amends.letter_send(in_kind text, in_subscriber bigint) returns bigint
  language plpgsql as $$
declare
  v_id bigint;
begin
  if (select count(*) from broadcast where kind = in_kind and subscriber_id = in_subscriber
      and created_at > now() - interval '1 day') >= 3 then
    return null;
  end if;
  insert into broadcast (kind, priority, subscriber_id, upper_id)
    values (in_kind, 0, in_subscriber, in_subscriber) returning id into v_id;
  insert into broadcast_cursor (broadcast_id, channel, pos)
    select v_id, channel, in_subscriber - 1 from subscriber where id = in_subscriber;
  perform amends.broadcast_release(v_id);
  return v_id;
end $$;
