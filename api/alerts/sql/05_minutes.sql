-- Measured requests: minutes in which too many failed become windows of components, as alerts do.

-- Choose the rules and groups of series anew; null: of all. Every rule that matches judges a
-- series, so that there can be several thresholds; it sees the label "component", too. Series with
-- a scope of their own are a group of their own.
create function amends.series_regroup(in_series bigint[]) returns void language plpgsql as $$
begin
  if in_series is null then -- no series may come meanwhile
    perform amends.lock_exclusive(amends.lock_key('measurement_stage'));
  end if;
  with keyed as materialized (
    select s.id, r.id as rule_id, jsonb_strip_nulls(jsonb_build_object('scope', s.scope))
      || coalesce((select jsonb_object_agg(l, coalesce(s.labels->>l, ''))
        from unnest(r.group_by) l), '{}') as key
    from measurement_series s join component c on c.id = s.component_id
      join alert_rule r on r.archived_at is null and r.error_bp is not null
        and amends.alert_matches(s.labels || jsonb_build_object('component', c.slug), r.match)
    where in_series is null or s.id = any (in_series)),
  made as (
    insert into alert_group (rule_id, key) select distinct rule_id, key from keyed
    on conflict (rule_id, key) do update set key = excluded.key returning id, rule_id, key),
  taken as (
    select k.id as series_id, m.id as group_id from keyed k join made m using (rule_id, key)),
  gone as (
    delete from measurement_series_group o
    where (in_series is null or o.series_id = any (in_series))
      and (o.series_id, o.group_id) not in (select series_id, group_id from taken))
  insert into measurement_series_group (series_id, group_id)
    select series_id, group_id from taken on conflict do nothing;
end $$;

-- Judge the last hour again by a rule that is new or has changed.
create function amends.rule_rejudge(in_rule bigint) returns void language sql as $$
  insert into bad_minute_due (group_id, hour)
    select g.id, h from alert_group g
      cross join generate_series(date_trunc('hour', now() - interval '1 hour', 'UTC'), now(),
        interval '1 hour') h
    where g.rule_id = in_rule
      and exists (select from measurement_series_group s where s.group_id = g.id)
    on conflict do nothing;
  update alert_group set settled_before = '-infinity', check_at = now() where rule_id = in_rule
$$;

-- Remove a rule: it judges nothing more, and nothing of it is published by itself. What it has
-- suggested stays. Returns its name; null: there is none.
create function amends.alert_rule_end(in_rule bigint) returns text language plpgsql as $$
declare
  r alert_rule;
begin
  update alert_rule set archived_at = now() where id = in_rule and archived_at is null
    returning * into r;
  perform amends.series_regroup(null) where r.error_bp is not null;
  delete from bad_minute_due d using alert_group g where g.id = d.group_id and g.rule_id = in_rule;
  update suggestion s set publish_at = null from alert_group g
    where g.id = s.group_id and g.rule_id = in_rule and s.state = 'pending';
  return r.name;
end $$;

-- Compute the bad minutes of a group again in the hours in which measurements have changed.
create function amends.bad_minutes_refresh(in_group bigint) returns void language plpgsql as $$
declare
  r alert_rule;
  v_hours timestamptz[];
begin
  with taken as (delete from bad_minute_due where group_id = in_group returning hour)
    select array_agg(hour) into v_hours from taken;
  if v_hours is null then
    return;
  end if;
  select x.* into r from alert_group g join alert_rule x on x.id = g.rule_id where g.id = in_group;
  with minute as materialized (
    select s.component_id, date_trunc('minute', m.from_at, 'UTC') as at
    from unnest(v_hours) h
      cross join lateral amends.measured(h, h + interval '1 hour') m
      join measurement_series s on s.id = m.series_id
      join measurement_series_group t on t.series_id = s.id
    where t.group_id = in_group and s.seconds <= 60
    group by 1, 2
    having sum(m.bad) * 10000 >= r.error_bp * sum(m.total) and sum(m.total) >= r.least_requests),
  gone as (
    delete from bad_minute b where b.group_id = in_group
      and date_trunc('hour', b.at, 'UTC') = any (v_hours)
      and not exists (select from minute m where m.component_id = b.component_id and m.at = b.at))
  insert into bad_minute (group_id, component_id, at)
    select in_group, component_id, at from minute on conflict do nothing;
end $$;

-- The windows in which bad_minutes of of_minutes in a row were bad, from the first bad minute to
-- the end of the last. A window is open until of_minutes have passed since.
create function amends.bad_episode(in_group bigint, in_now timestamptz) returns table (
  component_id bigint, from_at timestamptz, to_at timestamptz, open_until timestamptz)
  language sql stable as $$
  with run as (
    select b.component_id, make_interval(mins => r.of_minutes) as span, b.at as from_at,
      lead(b.at, r.bad_minutes - 1) over (partition by b.component_id order by b.at)
        + interval '1 minute' as to_at
    from bad_minute b join alert_group g on g.id = b.group_id join alert_rule r on r.id = g.rule_id
    where b.group_id = in_group),
  joined as (
    select component_id, span, unnest(range_agg(tstzrange(from_at, to_at))) as w
    from run where to_at - from_at <= span group by 1, 2)
  select component_id, lower(w), case when upper(w) + span <= in_now then upper(w) end,
    upper(w) + span
  from joined
$$;
