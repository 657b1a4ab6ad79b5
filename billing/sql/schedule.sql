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

-- The runs of each window: that of its schedule, and late ones.
create view amends.scheduled_run as
  select run_id, policy, from_day, to_day from scheduled_window where run_id is not null
  union all
  select run_id, policy, from_day, to_day from late_run;

-- What a policy reads of an incident in a window, to compare two revisions of its impacts. Where it
-- counts incidents whole or from their start, impacts are not cut at the bounds of the window.
create function amends.credit_window_evidence(in_revision bigint, in_document jsonb,
    in_from timestamptz, in_to timestamptz) returns jsonb language sql stable as $$
  select jsonb_agg(e order by e) from (
    select distinct jsonb_build_array(m.component_id, m.level,
      case when uncut.yes then m.from_at else greatest(m.from_at, in_from) end,
      case when uncut.yes then m.to_at else least(coalesce(m.to_at, 'infinity'), in_to) end,
      m.weight_bp, m.scope,
      case when in_document ? 'grace' then jsonb_build_array(v.reported_at, v.reports) end) as e
    from impact_revision v join impact m on m.revision_id = v.id
      join component c on c.id = m.component_id
      cross join (values (in_document->>'per' = 'incident' or in_document ? 'grace'
        or coalesce(in_document @? '$.caps[*] ? (@.per == "incident")', false))) as uncut (yes)
    where v.id = in_revision and m.level <> 'under_maintenance'
      and m.from_at < in_to and coalesce(m.to_at, 'infinity') > in_from
      and m.from_at < coalesce(m.to_at, 'infinity')
      and (in_document->'components' = '[]' or in_document->'components' ? c.slug)) x
$$;

-- Incidents that a window's runs do not know as they are now: new ones, which no standing and no
-- scheduled run of the policy has, and those that changed since the newest run of the window that
-- has them.
create function amends.credit_window_late(in_policy text, in_from_day date, in_to_day date,
    in_document jsonb) returns table (incident_id bigint, changed_in bigint)
    language plpgsql stable as $$
declare
  w scheduled_window;
  v_zone text := coalesce(in_document->'window'->>'timezone', 'UTC');
  v_from timestamptz := amends.credit_midnight(in_from_day, v_zone);
  v_to timestamptz := amends.credit_midnight(in_to_day, v_zone);
begin
  select * into w from scheduled_window s
    where s.policy = in_policy and s.from_day = in_from_day and s.to_day = in_to_day;
  return query
    select i.id, k.run_id
    from incident i join impact_revision v on v.id = i.impact_revision_id
      left join lateral (
        select x.run_id, x.impact_revision_id
        from credit_run_incident x join amends.scheduled_run s on s.run_id = x.run_id
        where x.incident_id = i.id and s.policy = in_policy and s.from_day = in_from_day
          and s.to_day = in_to_day
        order by x.run_id desc limit 1) k on true
    -- A transaction that began before the window was looked at may have ended after.
    where v.created_at > w.made_at - interval '1 hour'
      and amends.credit_window_evidence(v.id, in_document, v_from, v_to) is distinct from
        amends.credit_window_evidence(k.impact_revision_id, in_document, v_from, v_to)
      and (k.run_id is not null or not exists (
        select from credit_run_incident x join credit_run r on r.id = x.run_id
          join policy p on p.id = r.policy_id
        where x.incident_id = i.id and p.name = in_policy
          and (r.state not in ('void', 'failed')
            or exists (select from amends.scheduled_run s where s.run_id = r.id))));
end $$;

-- Of the draft of a schedule: refs of the incidents that came late for it, or null.
create function amends.credit_run_late(in_run credit_run) returns json
  language plpgsql stable as $$
begin
  return case when in_run.state = 'draft' then (select json_agg(i.ref order by i.ref)
    from amends.scheduled_run s join policy p on p.id = in_run.policy_id
      cross join lateral amends.credit_window_late(s.policy, s.from_day, s.to_day, p.document) l
      join incident i on i.id = l.incident_id
    where s.run_id = in_run.id) end;
end $$;

-- The run for what came late for a window: null if it pays nobody.
--   Nothing of the window is issued: a draft of the whole window.
--   An incident of an issued run changed: the correction of that run.
--   Otherwise: a draft for the new incidents. What is paid once a run is not paid again to the
--   accounts that the window has paid.
create function amends.credit_late_run(in_policy policy, in_from_day date, in_to_day date)
  returns bigint language plpgsql as $$
declare
  v_zone text := coalesce(in_policy.document->'window'->>'timezone', 'UTC');
  v_from timestamptz := amends.credit_midnight(in_from_day, v_zone);
  v_to timestamptz := amends.credit_midnight(in_to_day, v_zone);
  v_late bigint[];
  v_root bigint;
  v_accounts bigint[];
  v_run bigint;
  v_reason text;
  v_once boolean := in_policy.document->>'model' = 'fixed'
    or (in_policy.document->>'model' = 'days' and in_policy.document->>'per' = 'run');
  v_issued bigint[] := array(select s.run_id
    from amends.scheduled_run s join credit_run r on r.id = s.run_id
    where s.policy = in_policy.name and s.from_day = in_from_day and s.to_day = in_to_day
      and r.state = 'issued');
begin
  select array_agg(l.incident_id), min(l.changed_in) filter (where exists (
      select from credit_run_incident x
      where x.incident_id = l.incident_id and x.run_id = any (v_issued)))
    into v_late, v_root
    from amends.credit_window_late(in_policy.name, in_from_day, in_to_day, in_policy.document) l;
  if v_late is null then
    return null;
  end if;
  v_reason := 'Late: ' || to_char(in_from_day, 'YYYY-MM-DD') || ', ' || left(
    (select string_agg(ref, ', ' order by ref) from incident where id = any (v_late)), 400);
  if v_root is not null then
    return amends.credit_run_reconcile((select max(x.run_id) from credit_run_incident x
      where x.run_id = any (v_issued) and x.incident_id = any (v_late)),
      in_policy.created_by, v_reason);
  elsif v_issued = '{}' then
    v_late := amends.credit_window_incidents(in_policy.name, in_policy.document, v_from, v_to);
  elsif v_once then
    v_accounts := array(select a from unnest(v_late) i
        cross join lateral amends.incident_accounts(i) as a
      except select c.account_id from credit c where c.run_id = any (v_issued)
        and c.state not in ('void', 'reversed'));
  end if;
  if v_late is null or v_accounts = '{}' then
    return null;
  end if;
  insert into credit_run (policy_id, period_from, period_to, reason, created_by)
    values (in_policy.id, v_from, v_to, v_reason, in_policy.created_by) returning id into v_run;
  insert into credit_run_incident (run_id, incident_id, impact_revision_id)
    select v_run, id, impact_revision_id from incident where id = any (v_late);
  insert into credit_run_account (run_id, account_id) select v_run, unnest(v_accounts);
  return v_run;
end $$;

-- Make the runs for incidents that came after the run of their window, one at a time a window:
-- while one waits for approval, the next does not begin. Windows of the last two years.
create function amends.credit_schedule_late() returns bigint[] language plpgsql as $$
declare
  w record;
  p policy;
  v_run bigint;
  v_runs bigint[] := array[]::bigint[];
begin
  for w in
    select s.* from scheduled_window s
    where s.to_day > now() - interval '2 years' and exists (select from incident i
        join impact_revision v on v.id = i.impact_revision_id
        where v.created_at > s.made_at - interval '1 hour')
    order by s.policy, s.from_day
  loop
    select * into p from policy where name = w.policy and not helper order by version desc limit 1;
    continue when p.created_by is null or not p.document ? 'schedule';
    perform from scheduled_window s
      where s.policy = w.policy and s.from_day = w.from_day and s.to_day = w.to_day
      for update skip locked;
    continue when not found or exists (
      select from amends.scheduled_run s join credit_run r on r.id = s.run_id
      where s.policy = w.policy and s.from_day = w.from_day and s.to_day = w.to_day
        and r.state in ('computing', 'draft', 'approved'));
    v_run := amends.credit_late_run(p, w.from_day, w.to_day);
    continue when v_run is null;
    insert into late_run (run_id, policy, from_day, to_day)
      values (v_run, w.policy, w.from_day, w.to_day);
    insert into audit (actor, action, object, detail)
      values ('role:billing', 'credit_run.create', 'credit_run:' || v_run, jsonb_build_object(
        'schedule', w.policy, 'from', w.from_day, 'to', w.to_day, 'late', true));
    v_runs := v_runs || v_run;
  end loop;
  return v_runs;
end $$;

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
  return query select unnest(v_runs || amends.credit_schedule_late());
end $$;
