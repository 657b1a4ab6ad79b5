-- Send a link to one subscriber, at most three per kind and day; null beyond that.
create function amends.letter_send(in_kind text, in_subscriber bigint,
  in_actor bigint default null) returns bigint language sql as $$
  select amends.broadcast_create(in_kind, in_subscriber_id => in_subscriber, in_actor => in_actor)
  where (select count(*) from broadcast where kind = in_kind and subscriber_id = in_subscriber
    and created_at > now() - interval '1 day') < 3
$$;
