-- W(t): the greatest weight among the impacts on an account at each instant.

-- Windows of maintenance that were announced in time. The windows of an incident are joined first,
-- so that splitting one changes nothing.
create function amends.credit_maintenance(in_notice_hours integer, in_until timestamptz)
  returns table (component_id bigint, windows tstzmultirange) language sql stable as $$
  with whole as (
    select m.incident_id, m.component_id,
           unnest(range_agg(tstzrange(m.from_at, coalesce(m.to_at, in_until)))) as span
    from amends.current_impact m
    where m.level = 'under_maintenance' and m.from_at < coalesce(m.to_at, in_until)
    group by 1, 2)
  select w.component_id, range_agg(w.span)
  from whole w join incident i on i.id = w.incident_id
  where coalesce(i.announced_at, i.started_at)
    <= lower(w.span) - make_interval(hours => in_notice_hours)
  group by 1
$$;

create function amends.credit_run_impact_windows() returns void language plpgsql as $$
declare
  doc jsonb := (select document from cr_policy);
begin
  create temp table cr_impact_window on commit drop as
    select p.revision_id, p.until, p.incident_id, m.component_id, m.level::text as level,
           (doc->'weights_bp'->>m.level::text)::integer as weight,
           lower(impact_window) as from_at, upper(impact_window) as to_at
    from (select distinct revision_id, until, incident_id from cr_pin) p
      join impact m using (revision_id)
      join component c on c.id = m.component_id
      left join amends.credit_maintenance((doc->>'maintenance_notice_hours')::integer,
          (select max(until) from cr_pin)) w
        on w.component_id = m.component_id and (doc->>'exclude_maintenance')::boolean
      cross join lateral unnest(tstzmultirange(tstzrange(m.from_at, coalesce(m.to_at, p.until)))
        - coalesce(w.windows, '{}')) as impact_window
    where m.level <> 'under_maintenance' and m.from_at < coalesce(m.to_at, p.until)
      and (doc->'weights_bp'->>m.level::text)::integer > 0
      and (doc->'components' = '[]' or doc->'components' ? c.slug);
end $$;

-- An incident set is a cohort and the incidents that are rated together: those of this run
-- (runs = {}), those with earlier runs, or a single incident.
create function amends.credit_run_incident_sets() returns void language plpgsql as $$
begin
  create temp table cr_incident_set on commit drop as
    select row_number() over () as incident_set, w.*
    from (
      select cohort, null::bigint as incident_id, '{}'::bigint[] as runs from cr_cohort
      union all
      select distinct cohort, null::bigint, runs from cr_period where runs <> '{}'
      union all
      select c.cohort, o.incident_id, '{}'
      from cr_policy p cross join cr_cohort c cross join cr_outage o
      where p.model = 'days' and p.per = 'incident'
        and (c.cohort, o.incident_id) not in (select cohort, incident_id from cr_done)) as w;
  create index on cr_incident_set (cohort);

  -- If several runs contain an incident, the newest evidence counts; this run's comes first.
  create temp table cr_incident_set_pin on commit drop as
    select w.incident_set, w.cohort, p.incident_id, p.revision_id, p.until
    from cr_incident_set w
      join cr_pin p on p.own and p.incident_id = coalesce(w.incident_id, p.incident_id)
    where not exists (
      select from cr_done d where d.cohort = w.cohort and d.incident_id = p.incident_id)
    union all
    select * from (
      select distinct on (w.incident_set, p.incident_id)
             w.incident_set, w.cohort, p.incident_id, p.revision_id, p.until
      from cr_incident_set w join cr_pin p on p.run_id = any (w.runs)
      where p.incident_id not in (select incident_id from cr_pin where own)
      order by w.incident_set, p.incident_id, p.run_id desc) as e;

  create temp table cr_incident_set_window on commit drop as
    select w.incident_set, w.cohort, p.*
    from cr_incident_set_pin w join cr_impact_window p using (incident_id, revision_id, until)
      join cr_cohort c using (cohort)
    where c.uses_all or p.component_id = any (c.component_ids);
  create index on cr_incident_set_window (incident_set);
  analyze cr_incident_set;
  analyze cr_incident_set_window;
end $$;

-- W(t): cut time at every bound, take the greatest weight of each stretch, keep stretches with a
-- price, join them to blocks, and drop short blocks.
create function amends.credit_run_weighted_intervals() returns void language plpgsql as $$
begin
  create temp table cr_weighted_interval on commit drop as
    with bounds as (
      select incident_set, cohort, from_at as at from cr_incident_set_window
      union select incident_set, cohort, to_at from cr_incident_set_window),
    stretches as (
      select incident_set, cohort, at as from_at,
             lead(at) over (partition by incident_set order by at) as to_at
      from bounds),
    weighed as (
      select s.incident_set, s.cohort, s.from_at, s.to_at, max(p.weight) as weight
      from stretches s join cr_incident_set_window p
        on p.incident_set = s.incident_set and p.from_at <= s.from_at and p.to_at >= s.to_at
      group by 1, 2, 3, 4),
    priced as (
      select w.incident_set, w.cohort, w.weight, p.price,
             greatest(w.from_at, p.from_at) as from_at, least(w.to_at, p.to_at) as to_at
      from weighed w join cr_price p
        on p.cohort = w.cohort and p.from_at < w.to_at and p.to_at > w.from_at),
    breaks as (
      select *, (lag(to_at) over (partition by incident_set order by from_at)
                 is distinct from from_at)::integer as fresh
      from priced),
    blocks as (
      select *, sum(fresh) over (partition by incident_set order by from_at) as block from breaks),
    measured as (
      select *, sum(amends.credit_micros(from_at, to_at))
             over (partition by incident_set, block) as block_length
      from blocks)
    select incident_set, cohort, from_at, to_at, weight, price
    from measured where block_length >= (select min_block from cr_policy);
  create index on cr_weighted_interval (incident_set);
  analyze cr_weighted_interval;
end $$;
