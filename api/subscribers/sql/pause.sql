-- Staff keep a subscriber from being written to for a while. Until when is a time, not a day,
-- because programs set it, too. false: not one to pause.
create function amends.subscriber_pause(in_subscriber bigint, in_until timestamptz) returns boolean
  language sql as $$
  with done as (update subscriber set state = 'paused', paused_until = in_until, changed_at = now()
    where id = in_subscriber and state in ('active', 'paused') returning id)
  select exists (select from done)
$$;
