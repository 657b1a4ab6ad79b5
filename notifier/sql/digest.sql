-- The daily digest: one message per local day with updates, at 08:00 on the next day.
-- Readers with verbosity `daily` get the updates of that day, by posted_at in their zone, of
-- the incidents that they subscribe to. An update posted after 08:00 with a time on the day before
-- is in no digest.

-- Make the digest of a day, if the day has updates and no digest yet. Returns its id or null.
create function amends.digest_make(in_timezone text, in_day date)
  returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  if not exists (select 1 from amends.digest_news(in_timezone, in_day)) then
    return null;
  end if;
  insert into broadcast (kind, priority, milestone, upper_id, digest_zone, digest_day)
  select k.kind, k.priority, false, max(s.id), in_timezone, in_day
  from broadcast_kind k, subscriber s
  where k.kind = 'digest' and s.verbosity = 'daily' and s.state = 'active'
    and s.timezone = in_timezone
  group by k.kind
  on conflict do nothing
  returning id into v_id;
  if v_id is null then
    return null;
  end if;
  insert into broadcast_cursor (broadcast_id, channel)
  select distinct v_id, channel from subscriber
  where verbosity = 'daily' and state = 'active' and timezone = in_timezone;
  perform amends.broadcast_release(v_id);
  return v_id;
end $$;

create function amends.digest_zones_absent() returns setof text language sql stable as $$
  select distinct s.timezone from subscriber s
  where s.verbosity = 'daily' and s.state = 'active'
    and not exists (select 1 from digest_zone d where d.timezone = s.timezone)
$$;

-- Make every digest that is due at an instant. Returns their ids. A new zone begins with today.
-- After an outage, at most the last seven days are made up for. Several notifiers may call it at
-- once: each locks the rows of its zones.
create function amends.digest_due(in_now timestamptz) returns setof bigint language plpgsql as $$
declare
  z record;
  v_id bigint;
begin
  -- pg_timezone_names reads hundreds of files.
  if exists (select from amends.digest_zones_absent()) then
    insert into digest_zone (timezone, day)
    select n.name, ((in_now at time zone n.name) - interval '8 hours')::date - 1
    from amends.digest_zones_absent() w join pg_timezone_names n on n.name = w
    on conflict do nothing;
  end if;
  for z in
    select d.timezone, d.day,
      ((in_now at time zone d.timezone) - interval '8 hours')::date - 1 as due
    from digest_zone d
    where ((in_now at time zone d.timezone) - interval '8 hours')::date - 1 > d.day
    order by d.timezone for update skip locked
  loop
    for i in reverse least(z.due - z.day, 7) - 1 .. 0 loop
      v_id := amends.digest_make(z.timezone, z.due - i);
      if v_id is not null then
        return next v_id;
      end if;
    end loop;
    update digest_zone set day = z.due where timezone = z.timezone;
  end loop;
end $$;
