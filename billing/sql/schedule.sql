-- Drafts that a policy's schedule makes (decision 147): one for each window of the policy, some
-- days after its end.

-- The windows that wait for their draft. The newest version of a policy rules, from the first of
-- its versions that have had a schedule without a break. Windows of billing are of each account:
-- their drafts are made by calendar month.
create function amends.credit_windows_due() returns table (policy_id bigint, policy text,
    author bigint, document jsonb, label text, from_day date, to_day date, from_at timestamptz,
    to_at timestamptz) language sql stable as $$
  with newest as (
    select distinct on (name) id, name, created_by, document
    from policy where not helper order by name, version desc),
  planned as (
    select n.*, coalesce(document->'window'->>'timezone', 'UTC') as zone,
      case document->'window'->>'unit' when 'quarter' then 'quarter' when 'year' then 'year'
        else 'month' end as unit,
      (document->'schedule'->>'days_after')::integer as days,
      (select min(v.created_at) from policy v where v.name = n.name and v.version > coalesce(
        (select max(o.version) from policy o
         where o.name = n.name and not o.document ? 'schedule'), 0)) as since
    from newest n where document ? 'schedule' and created_by is not null),
  spans as (
    select p.*, w.day::date as from_day, (w.day + step)::date as to_day
    from planned p
      cross join lateral (select case unit when 'month' then interval '1 month'
        when 'quarter' then interval '3 months' else interval '1 year' end as step) as s
      cross join lateral generate_series(date_trunc(unit, since at time zone zone),
        now() at time zone zone, step) as w(day))
  select id, name, created_by, document,
    to_char(from_day, case unit when 'month' then 'YYYY-MM' when 'quarter' then 'YYYY "Q"Q'
      else 'YYYY' end),
    from_day, to_day, amends.credit_midnight(from_day, zone), amends.credit_midnight(to_day, zone)
  from spans
  where amends.credit_midnight(to_day, zone) > since
    and amends.credit_midnight(to_day + days, zone) <= now()
    and not exists (select from scheduled_window x
      where x.policy = name and x.from_day = spans.from_day and x.to_day = spans.to_day)
$$;

-- Incidents with an impact that counts in the window. Models that pay an incident once take none
-- that a run of the policy already has; the others subtract what stands.
create function amends.credit_window_incidents(in_policy text, in_document jsonb,
    in_from timestamptz, in_to timestamptz) returns bigint[] language sql stable as $$
  select array_agg(distinct i.id)
  from incident i join impact m on m.revision_id = i.impact_revision_id
    join component c on c.id = m.component_id
  where m.from_at < in_to and coalesce(m.to_at, 'infinity') > in_from
    and m.level <> 'under_maintenance'
    and (in_document->'components' = '[]' or in_document->'components' ? c.slug)
    and not ((in_document->>'model' = 'fixed'
        or in_document->>'model' = 'days' and in_document->>'per' <> 'affected_day')
      and exists (
        select from credit_run_incident x join credit_run r on r.id = x.run_id
          join policy p on p.id = r.policy_id
        where x.incident_id = i.id and r.state not in ('void', 'failed') and p.name = in_policy))
$$;

-- Make the runs that are due: the ids of them. The key of scheduled_window lets one process make
-- each; without an incident, and without measured requests, the window is recorded alone.
create function amends.credit_schedule() returns setof bigint language plpgsql security definer
  set search_path = public, pg_temp as $$
declare
  w record;
  v_incidents bigint[];
  v_runs bigint[] := array[]::bigint[];
  v_run bigint;
begin
  for w in select * from amends.credit_windows_due() as d order by d.policy, d.from_day loop
    insert into scheduled_window (policy, from_day, to_day)
      values (w.policy, w.from_day, w.to_day) on conflict do nothing;
    continue when not found;
    v_incidents := amends.credit_window_incidents(w.policy, w.document, w.from_at, w.to_at);
    continue when v_incidents is null
      and not (coalesce(w.document->'measure'->>'source' = 'requests', false)
        and exists (select from amends.measured(w.from_at, w.to_at)));
    insert into credit_run (policy_id, period_from, period_to, reason, created_by)
      values (w.policy_id, w.from_at, w.to_at, 'Scheduled: ' || w.label, w.author)
      returning id into v_run;
    insert into credit_run_incident (run_id, incident_id, impact_revision_id)
      select v_run, id, impact_revision_id from incident where id = any (v_incidents);
    update scheduled_window x set run_id = v_run
      where x.policy = w.policy and x.from_day = w.from_day and x.to_day = w.to_day;
    v_runs := v_runs || v_run;
  end loop;
  insert into audit (actor, action, object, detail)
    select 'role:billing', 'credit_run.create', 'credit_run:' || x.run_id, jsonb_build_object(
      'schedule', x.policy, 'from', x.from_day, 'to', x.to_day)
    from scheduled_window x where x.run_id = any (v_runs) order by x.run_id;
  return query select unnest(v_runs);
end $$;
