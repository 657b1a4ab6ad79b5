-- The recipients of a broadcast. Each function is one SELECT, which PostgreSQL inlines: arguments
-- must be columns, parameters or variables, because a call with a sub-select is not inlined.

-- Subscriptions to any of these incidents: their components as of the plan and all revisions.
create function amends.subscription_to(in_incidents bigint[]) returns setof subscription
  language sql stable as $$
  select x.* from subscription x
  where case x.kind
    when 'all' then true
    when 'incident' then x.target_id = any (in_incidents)
    when 'component' then x.target_id = any (array(
      select m.component_id from amends.incident_component m
      where m.incident_id = any (in_incidents)))
    when 'group' then x.target_id = any (array(
      select c.group_id from amends.incident_component m join component c on c.id = m.component_id
      where m.incident_id = any (in_incidents))) end
$$;

-- Mutes that exclude these incidents: of one of them, or of a component if all their components are
-- muted.
create function amends.mute_of(in_incidents bigint[]) returns setof mute language sql stable as $$
  select z.* from mute z
  where case z.kind
    when 'incident' then z.target_id = any (in_incidents)
    else exists (select from amends.incident_component m
        where m.incident_id = any (in_incidents) and m.component_id = z.target_id)
      and not exists (select from amends.incident_component m
        where m.incident_id = any (in_incidents) and not exists (select from mute y
          where y.subscriber_id = z.subscriber_id and y.kind = 'component'
            and y.target_id = m.component_id)) end
$$;

-- The incidents of a local day in a time zone that match a subscriber: "3,17", or null. "17a": the
-- subscriber reads its texts for the affected.
create function amends.digest_selection(in_timezone text, in_day date, in_subscriber bigint)
  returns table (selection text) language sql stable as $$
  select string_agg(i || case when amends.incident_addresses(i, s.account_id) then 'a' else '' end,
    ',' order by i)
  from subscriber s, unnest(array(
    select distinct incident_id from amends.digest_news(in_timezone, in_day))) as i
  where s.id = in_subscriber and amends.incident_tells(i, s.account_id)
    and (select true from amends.subscription_to(array[i]) x
      where x.subscriber_id = in_subscriber limit 1)
    and (select true from amends.mute_of(array[i]) z
      where z.subscriber_id = in_subscriber limit 1) is null
$$;

-- Whether a newer update of the incident supersedes this one for a reader.
create function amends.is_superseded(in_verbosity verbosity, in_newer_every boolean,
  in_newer_milestone boolean) returns boolean language sql immutable as $$
  select (in_verbosity = 'every' and in_newer_every)
    or (in_verbosity = 'milestones' and in_newer_milestone)
$$;

-- Slow recipients with an older update of these incidents in flight (notifier/queue/detach_slow.h).
-- A newer update waits until the older one has an outcome.
create function amends.older_in_flight(in_broadcast bigint, in_incidents bigint[])
  returns setof delivery_retry language sql stable as $$
  select h.* from broadcast o join delivery_retry h on h.broadcast_id = o.id
  where o.incident_id = any (in_incidents) and o.id < in_broadcast and h.batch_id is not null
$$;

-- The active subscribers of a channel from in_lo (exclusive) to in_hi, at most in_scan (null: all).
-- The order and the limit make the planner scan subscriber_fanout_idx and stop at the limit. Rows
-- are compared, so that it cannot use an index on id alone, which would read subscribers of all
-- channels.
create function amends.subscriber_walk(in_channel channel, in_lo bigint, in_hi bigint,
  in_scan bigint) returns setof subscriber language sql stable as $$
  select * from subscriber where state = 'active'
    and (channel, id) > (in_channel, in_lo) and (channel, id) <= (in_channel, in_hi)
  order by channel, id limit in_scan
$$;

-- The recipients of a broadcast on the channel of a cursor, from in_lo (exclusive) to in_hi, which
-- an audience_window of in_scan rows gave (null: another range). settled: the state of recipients
-- without a message; 'held': an older update is in flight to them. For updates and reminders.
--   Subscriptions and mutes of the range are two sets that are read once: a look-up per subscriber
--   costs three times as much. IS TRUE keeps the planner from joining them. Other conditions are
--   sub-selects and not joins, because the planner would otherwise not stop at limits.
create function amends.audience_incident(in_broadcast broadcast, in_incidents bigint[],
  in_cursor broadcast_cursor, in_lo bigint, in_hi bigint, in_scan bigint)
returns table (channel channel, id bigint, address text, sealed text, secret text, locale text,
  timezone text, format text, selection text, settled text) language sql stable as $$
  select s.channel, s.id, s.address, encode(s.sealed, 'hex'), encode(s.secret_sealed, 'hex'),
    s.locale, s.timezone, s.format, null,
    case when (select true from suppression u where u.address_hash = s.address_hash)
      then 'suppressed'
    when amends.is_superseded(s.verbosity, in_cursor.newer_every, in_cursor.newer_milestone)
      then 'superseded'
    when s.id in (select h.recipient_id
        from amends.older_in_flight(in_broadcast.id, in_incidents) h) then 'held' end
  from amends.subscriber_walk(in_cursor.channel, in_lo, in_hi, in_scan) s
  where (s.verbosity = 'every' or (s.verbosity = 'milestones' and in_broadcast.milestone))
    and (s.id in (select x.subscriber_id from amends.subscription_to(in_incidents) x
      where x.subscriber_id > in_lo and x.subscriber_id <= in_hi)) is true
    and (s.id in (select z.subscriber_id from amends.mute_of(in_incidents) z
      where z.subscriber_id > in_lo and z.subscriber_id <= in_hi)) is not true
$$;

-- The active subscribers of a broadcast's scope on a channel, like subscriber_walk.
create function amends.scope_walk(in_broadcast bigint, in_channel channel, in_lo bigint,
  in_hi bigint, in_scan bigint) returns setof subscriber language sql stable as $$
  select s.* from broadcast_scope t join subscriber s on s.id = t.subscriber_id
  where t.broadcast_id = in_broadcast and t.channel = in_channel
    and t.subscriber_id > in_lo and t.subscriber_id <= in_hi
    and s.state = 'active' and s.channel = in_channel
  order by t.subscriber_id limit in_scan
$$;

-- The same as audience_incident for an incident that only the affected hear of. They read the texts
-- for the affected: selection 'affected'. PL/pgSQL as in audience_other.
create function amends.audience_affected(in_broadcast broadcast, in_incidents bigint[],
  in_cursor broadcast_cursor, in_lo bigint, in_hi bigint, in_scan bigint)
returns table (channel channel, id bigint, address text, sealed text, secret text, locale text,
  timezone text, format text, selection text, settled text) language plpgsql stable as $$
begin
  return query
  select s.channel, s.id, s.address, encode(s.sealed, 'hex'), encode(s.secret_sealed, 'hex'),
    s.locale, s.timezone, s.format, 'affected',
    case when (select true from suppression u where u.address_hash = s.address_hash)
      then 'suppressed'
    when amends.is_superseded(s.verbosity, in_cursor.newer_every, in_cursor.newer_milestone)
      then 'superseded'
    when s.id in (select h.recipient_id
        from amends.older_in_flight(in_broadcast.id, in_incidents) h) then 'held' end
  from amends.scope_walk(in_broadcast.id, in_cursor.channel, in_lo, in_hi, in_scan) s
  where (s.verbosity = 'every' or (s.verbosity = 'milestones' and in_broadcast.milestone))
    and exists (select from amends.subscription_to(in_incidents) x where x.subscriber_id = s.id)
    and not exists (select from amends.mute_of(in_incidents) z where z.subscriber_id = s.id);
end $$;

-- The same for an incident with two texts: the affected, and readers without an account. Other
-- accounts were not hit and hear nothing.
create function amends.audience_both(in_broadcast broadcast, in_incidents bigint[],
  in_cursor broadcast_cursor, in_lo bigint, in_hi bigint, in_scan bigint)
returns table (channel channel, id bigint, address text, sealed text, secret text, locale text,
  timezone text, format text, selection text, settled text) language plpgsql stable as $$
begin
  return query
  select x.channel, x.id, x.address, x.sealed, x.secret, x.locale, x.timezone, x.format,
    case when t.subscriber_id is not null then 'affected' end, x.settled
  from amends.audience_incident(in_broadcast, in_incidents, in_cursor, in_lo, in_hi, in_scan) x
    join subscriber s on s.id = x.id
    left join broadcast_scope t on t.broadcast_id = in_broadcast.id
      and t.channel = x.channel and t.subscriber_id = x.id
  where t.subscriber_id is not null or s.account_id is null;
end $$;

-- The audience of a kind, as of a broadcast: 'affected' or 'both' is one of an incident with a
-- text for the affected; 'listed', of a notice to some subscribers.
create function amends.audience_of(in_broadcast broadcast, in_audience text) returns text
  language sql stable as $$
  select case when in_audience = 'incident' then coalesce(
      (select nullif(i.audience, 'public') from incident i where i.id = in_broadcast.incident_id),
      in_audience)
    when in_audience = 'subscribers' and in_broadcast.extra ? 'audience' then 'listed'
    else in_audience end
$$;

-- Whether a subscriber was sent a message about an incident: of its own, or a digest of a day on
-- which it had an update.
create function amends.was_told(in_incident bigint, in_subscriber bigint) returns boolean
  language sql stable as $$
  select exists (select from broadcast b join delivery d on d.broadcast_id = b.id
    where (b.incident_id = in_incident or in_incident = any (b.incident_ids))
      and b.kind in ('update', 'reminder') and d.recipient_id = in_subscriber
      and d.state in ('accepted', 'delivered', 'unknown'))
    or exists (select from incident_update u
      join broadcast b on b.kind = 'digest'
        and b.digest_day = (u.posted_at at time zone b.digest_zone)::date
      join delivery d on d.broadcast_id = b.id and d.recipient_id = in_subscriber
        and d.state in ('accepted', 'delivered', 'unknown')
      where u.incident_id = in_incident) and exists (
        select from amends.subscription_to(array[in_incident]) x
        where x.subscriber_id = in_subscriber)
      and amends.incident_tells(in_incident, (
        select account_id from subscriber where id = in_subscriber))
$$;

-- The number of active subscribers who were sent a message about an incident.
create function amends.incident_told(in_incident bigint) returns bigint language sql stable as $$
  select count(*) from subscriber s
  where s.state = 'active' and amends.was_told(in_incident, s.id)
$$;

-- The same for the other kinds. PL/pgSQL prevents inlining, so that a claim of an update does not
-- set up these plans each time.
create function amends.audience_other(in_broadcast broadcast, in_audience text,
  in_cursor broadcast_cursor, in_lo bigint, in_hi bigint, in_scan bigint)
returns table (channel channel, id bigint, address text, sealed text, secret text, locale text,
  timezone text, format text, selection text, settled text) language plpgsql stable as $$
begin
  if in_audience = 'contacts' then
    return query
    select in_cursor.channel, s.id, s.email, null, null, s.locale, a.timezone, null, null,
      case when (select true from suppression u where u.address_hash = s.address_hash)
        then 'suppressed' end
    from account_contact s join account a on a.id = s.account_id
    where s.id > in_lo and s.id <= in_hi
      and (select true from amends.contact_credit(in_broadcast.credit_run_id, s.id) limit 1)
      and amends.credit_letter_due(in_broadcast.id, in_broadcast.credit_run_id, s.id);
    return;
  end if;
  return query
  select s.channel, s.id, s.address, encode(s.sealed, 'hex'), encode(s.secret_sealed, 'hex'),
    s.locale, s.timezone, s.format, s.selection,
    case when (select true from suppression u where u.address_hash = s.address_hash)
      then 'suppressed' end
  from (
    select s.*, null as selection from subscriber s
    where in_audience = 'subscriber' and s.id = in_broadcast.subscriber_id
      and s.id > in_lo and s.id <= in_hi and s.channel = in_cursor.channel
      and s.state in ('pending', 'active', 'paused')
    union all -- endpoints of billing systems get no notices
    select s.*, null from amends.subscriber_walk(in_cursor.channel, in_lo, in_hi, in_scan) s
    where in_audience = 'subscribers' and (select true from subscription x
      where x.subscriber_id = s.id and x.kind = 'credits' limit 1) is null
    union all
    select s.*, null
    from amends.scope_walk(in_broadcast.id, in_cursor.channel, in_lo, in_hi, in_scan) s
    where in_audience = 'listed'
    union all
    select s.*, null from amends.subscriber_walk(in_cursor.channel, in_lo, in_hi, in_scan) s
    where in_audience = 'told' and amends.was_told(in_broadcast.incident_id, s.id)
      and s.id not in (
        select z.subscriber_id from amends.mute_of(array[in_broadcast.incident_id]) z)
    union all
    select s.*, g.selection
    from amends.subscriber_walk(in_cursor.channel, in_lo, in_hi, in_scan) s
      cross join lateral amends.digest_selection(
        in_broadcast.digest_zone, in_broadcast.digest_day, s.id) g
    where in_audience = 'digest' and s.verbosity = 'daily'
      and s.timezone = in_broadcast.digest_zone and g.selection is not null) s;
end $$;

-- The union keeps each query separate: merged into the calling query, the sets would not be hashed.
create function amends.audience(in_broadcast broadcast, in_audience text, in_incidents bigint[],
  in_cursor broadcast_cursor, in_lo bigint, in_hi bigint, in_scan bigint)
returns table (channel channel, id bigint, address text, sealed text, secret text, locale text,
  timezone text, format text, selection text, settled text) language sql stable as $$
  select * from amends.audience_incident(
    in_broadcast, in_incidents, in_cursor, in_lo, in_hi, in_scan)
  where in_audience = 'incident'
  union all
  select * from amends.audience_affected(
    in_broadcast, in_incidents, in_cursor, in_lo, in_hi, in_scan)
  where in_audience = 'affected'
  union all
  select * from amends.audience_both(in_broadcast, in_incidents, in_cursor, in_lo, in_hi, in_scan)
  where in_audience = 'both'
  union all
  select * from amends.audience_other(in_broadcast, in_audience, in_cursor, in_lo, in_hi, in_scan)
  where in_audience not in ('incident', 'affected', 'both')
$$;

-- The end of a range of in_scan subscribers or contacts after in_lo; null if there are fewer.
create function amends.audience_window(in_broadcast bigint, in_audience text, in_channel channel,
  in_lo bigint, in_last bigint, in_scan bigint) returns table (hi bigint) language sql stable as $$
  (select id from amends.subscriber_walk(in_channel, in_lo, in_last, null)
  where in_audience in ('incident', 'both', 'told', 'subscribers', 'digest')
  order by channel, id offset in_scan - 1 limit 1)
  union all
  (select id from amends.scope_walk(in_broadcast, in_channel, in_lo, in_last, null)
  where in_audience in ('affected', 'listed')
  order by id offset in_scan - 1 limit 1)
  union all
  (select id from account_contact where in_audience = 'contacts' and id > in_lo and id <= in_last
  order by id offset in_scan - 1 limit 1)
$$;

-- The recipient_id of a member of staff on a channel. The nth configured address has -n.
create function amends.staff_recipient(in_staff bigint, in_channel channel) returns bigint
  language sql immutable as $$ select -100 - 2 * in_staff - (in_channel = 'sms')::integer $$;

-- The recipient_id of the address that a person had before a change of access.
create function amends.staff_former() returns bigint language sql immutable as $$ select -100 $$;

-- The current row of a recipient by id. in_recipient: the kind of id; in_staff: the addresses of
-- staff. settled: the state of a recipient without a message. No row: it no longer exists.
create function amends.recipient_now(in_broadcast broadcast, in_recipient text, in_audience text,
  in_channel channel, in_id bigint, in_newer_every boolean, in_newer_milestone boolean,
  in_staff text[])
returns table (address text, sealed text, secret text, locale text, timezone text, format text,
  selection text, settled text) language sql stable as $$
  select s.address, encode(s.sealed, 'hex'), encode(s.secret_sealed, 'hex'), s.locale, s.timezone,
    s.format, coalesce(g.selection, (select 'affected' from broadcast_scope t
      where t.broadcast_id = in_broadcast.id and t.channel = s.channel and t.subscriber_id = s.id)),
    case when (s.state not in ('active', 'pending', 'paused'))
        or (in_audience = 'digest' and (s.state <> 'active' or g.selection is null))
        or (select true from suppression u where u.address_hash = s.address_hash)
      then 'suppressed'
    when amends.is_superseded(s.verbosity, in_newer_every, in_newer_milestone)
      then 'superseded' end
  from subscriber s left join lateral (select * from amends.digest_selection(
    in_broadcast.digest_zone, in_broadcast.digest_day, s.id) where in_audience = 'digest') g on true
  where in_recipient = 'subscriber' and s.id = in_id

  union all
  select s.owner, null, null, s.locale, s.timezone, null, null,
    case when s.owner is null then 'suppressed' end
  from subscriber s where in_recipient = 'owner' and s.id = in_id

  union all
  select m.old_address, encode(m.old_sealed, 'hex'), encode(s.secret_sealed, 'hex'), s.locale,
    s.timezone, s.format, null, case when m.old_address is null then 'suppressed' end
  from move m left join subscriber s on s.id = in_id
  where in_recipient = 'former' and m.broadcast_id = in_broadcast.id

  union all
  select s.email, null, null, s.locale, a.timezone, null, null,
    case when (select true from suppression u where u.address_hash = s.address_hash)
        or (in_audience = 'contacts' and (select true
          from amends.contact_credit(in_broadcast.credit_run_id, s.id) limit 1) is null)
      then 'suppressed' end
  from account_contact s join account a on a.id = s.account_id
  where in_recipient = 'contact' and s.id = in_id

  union all -- a test of the letter ignores suppression
  select in_broadcast.extra->>'to', null, null,
    coalesce(in_broadcast.extra->>'locale', s.locale), a.timezone, null, null,
    case when in_broadcast.extra->>'to' is null or (in_broadcast.extra ? 'contact' and (select true
        from amends.contact_credit(in_broadcast.credit_run_id, s.id) limit 1) is null)
      then 'suppressed' end
  from (values (true)) v left join account_contact s
    on s.id = (in_broadcast.extra->>'contact')::bigint left join account a on a.id = s.account_id
  where in_recipient = 'address'

  union all -- a configured address that is a person's e-mail has their language; a card whose
  -- subject was decided before it is sent has no buttons
  select t.address, null, null, m.locale, m.timezone,
    case when starts_with(t.address, 'slack://') and not exists (select from broadcast o
        where o.kind = 'staff' and o.extra->>'card' = in_broadcast.extra->>'card'
          and o.id > in_broadcast.id) then 'card' end, null, null
  from unnest(in_staff) with ordinality as t (address, n)
    left join staff m on m.id = (select min(id) from staff
      where email = t.address and disabled_at is null)
  where in_recipient = 'staff' and t.n = -in_id

  union all
  select in_broadcast.extra->>'former', null, null, m.locale, m.timezone, null, null, null
  from staff m
  where in_recipient = 'staff' and in_id = amends.staff_former()
    and m.id = (in_broadcast.extra->>'staff')::bigint

  union all
  select case in_channel when 'sms' then m.phone else m.email end, null, null, m.locale,
    m.timezone, null, null, null
  from staff m
  where in_recipient = 'staff' and m.disabled_at is null
    and in_id = amends.staff_recipient(m.id, in_channel)
    and not (in_channel = 'sms' and exists (select from suppression x
      where x.address_hash = m.phone_hash and x.reason <> 'erased'))
$$;
