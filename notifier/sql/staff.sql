-- Fill in the recipients of waiting broadcasts to staff: the configured addresses, for late
-- promises and alerts also those of each person (staff.alerts), for changes of access those of
-- each admin, of the person and the one they had before. A broadcast without recipients ends at
-- once. Quiet ones (cards.sql) go to a channel of Slack's bot alone. in_sms: whether an SMS
-- provider is configured.
create function amends.staff_expand(in_channels text[], in_addresses text[], in_sms boolean)
  returns void language sql as $$
  with filled as (
    update broadcast set state = 'sending', not_before = now()
    where kind = 'staff' and state = 'held' returning id, about, extra),
  place as (
    select filled.id, channel::channel, -n as recipient
    from filled, unnest(in_channels, in_addresses) with ordinality as t (channel, address, n)
    where not coalesce(filled.extra ? 'quiet', false) or starts_with(address, 'slack://')
    union all
    select filled.id, c, amends.staff_recipient(p.id, c)
    from filled, staff p, unnest(array['email', 'sms']::channel[]) c
    where p.disabled_at is null and not coalesce(filled.extra ? 'quiet', false)
      and case when filled.about ~ '^(promise|suggestion):' then c::text = any (p.alerts)
        else filled.about like 'access:%' and c = 'email'
          and ('admin' = any (p.roles) or p.id = (filled.extra->>'staff')::bigint) end
      and case c when 'sms' then in_sms and p.phone is not null
        else p.email <> all (in_addresses) end
    union all
    select id, 'email', amends.staff_former() from filled where extra ? 'former'),
  counted as (
    insert into broadcast_cursor (broadcast_id, channel, exhausted, claimed)
    select id, channel, true, count(*) from place group by 1, 2)
  insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at)
  select id, recipient, channel, 0, now(), now() from place
$$;
