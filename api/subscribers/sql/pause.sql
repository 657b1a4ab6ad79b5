-- Staff pause a subscriber for a while. The end is a time and not a day, because programs set it
-- too. False: the subscriber cannot be paused.
create function amends.subscriber_pause(in_subscriber bigint, in_until timestamptz) returns boolean
  language sql as $$
  with done as (update subscriber set state = 'paused', paused_until = in_until, changed_at = now()
    where id = in_subscriber and state in ('active', 'paused') returning id)
  select exists (select from done)
$$;
