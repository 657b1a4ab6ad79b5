-- The daily digest: one message a local day with news, at eight in the morning of the next.
-- Readers with verbosity `daily` get the updates of that day, by posted_at in their zone, of
-- the incidents that they subscribe to. What is posted after eight with a time of the day
-- before is in no digest.

-- A time zone that has daily readers, and the last day whose digest was made or passed over.
create table digest_zone (
  timezone text primary key,
  day date not null
);
create index subscriber_daily_idx on subscriber (timezone)
  where verbosity = 'daily' and state = 'active';

alter table broadcast drop constraint broadcast_kind_check;
alter table broadcast add constraint broadcast_kind_check
  check (kind in ('update', 'confirmation', 'notice', 'credit_notice', 'digest'));
alter table broadcast add column digest_zone text;
alter table broadcast add column digest_day date;
create unique index broadcast_digest_idx on broadcast (digest_zone, digest_day)
  where kind = 'digest';
create index incident_update_posted_idx on incident_update (posted_at);

-- The updates of a local day of which subscribers were to hear.
create function digest_news(p_timezone text, p_day date)
returns table (update_id bigint, incident_id bigint) language sql stable as $$
  select u.id, u.incident_id from incident_update u
  where u.posted_at >= p_day::timestamp at time zone p_timezone
    and u.posted_at < (p_day + 1)::timestamp at time zone p_timezone
    and exists (select 1 from broadcast b where b.incident_id = u.incident_id
      and b.update_id = u.id and b.kind = 'update' and b.state <> 'cancelled')
$$;

-- Make the digest of a day, if there is news and it was not made before. Returns its id or null.
create function digest_make(p_timezone text, p_day date) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  if not exists (select 1 from digest_news(p_timezone, p_day)) then
    return null;
  end if;
  insert into broadcast (kind, lane, milestone, upper_id, digest_zone, digest_day)
  select 'digest', 2, false, max(id), p_timezone, p_day from subscriber
  where verbosity = 'daily' and state = 'active' and timezone = p_timezone
  having max(id) is not null
  on conflict do nothing
  returning id into v_id;
  if v_id is null then
    return null;
  end if;
  insert into broadcast_channel (broadcast_id, channel)
  select distinct v_id, channel from subscriber
  where verbosity = 'daily' and state = 'active' and timezone = p_timezone;
  perform broadcast_release(v_id);
  return v_id;
end $$;

-- Make every digest that is due at an instant; returns their ids. A zone that is new begins
-- with today. After an outage at most the last seven days are made up for. Several
-- notifiers may call it at once: each zone's row is for one of them.
create function digest_due(p_now timestamptz) returns setof bigint language plpgsql as $$
declare
  z record;
  v_id bigint;
begin
  insert into digest_zone (timezone, day)
  select n.name, ((p_now at time zone n.name) - interval '8 hours')::date - 1
  from (select distinct s.timezone from subscriber s
    where s.verbosity = 'daily' and s.state = 'active'
      and not exists (select 1 from digest_zone d where d.timezone = s.timezone)) w
  join pg_timezone_names n on n.name = w.timezone
  on conflict do nothing;
  for z in
    select d.timezone, d.day, ((p_now at time zone d.timezone) - interval '8 hours')::date - 1 as due
    from digest_zone d
    where ((p_now at time zone d.timezone) - interval '8 hours')::date - 1 > d.day
    order by d.timezone for update skip locked
  loop
    for i in reverse least(z.due - z.day, 7) - 1 .. 0 loop
      v_id := digest_make(z.timezone, z.due - i);
      if v_id is not null then
        return next v_id;
      end if;
    end loop;
    update digest_zone set day = z.due where timezone = z.timezone;
  end loop;
end $$;
