-- The arithmetic of credits, set-based. credit_run_compute turns one run into credits and lines;
-- it works on cohorts, accounts that nothing in the arithmetic tells apart, and joins the accounts
-- only at the end. Everything is numeric: exact amounts stay fractions (num / den) until they are
-- rounded, once.
--
-- Working tables live for the transaction:
--   cr_policy   the run and its policy, one row         cr_pin     evidence: impact revisions
--   cr_piece    impacts that count, maintenance cut out cr_prior   earlier lines of this policy
--   cr_taken    what all policies gave, by period       cr_past    accounts with either of them
--   cr_member   account -> cohort as stored             cr_base    the same -> cohort and share
--   cr_cohort   this run's cohorts                      cr_price   cohort's prices as instants
--   cr_period   cohort's billing periods in question    cr_world   cohort x set of incidents
--   cr_slice    where W(t) > 0 in a world               cr_owed    exact amount a cohort and period
--   cr_line     what a share's accounts get a period    cr_credit  account -> credit
--
-- A cohort's accounts have the same exact amounts; those of a share of it the same lines too, for
-- other policies gave them the same.

create function credit_midnight(day date, zone text) returns timestamptz
  language sql immutable strict parallel safe
  return day::timestamp at time zone zone;

-- Microseconds, exact: the unit in which the arithmetic counts time.
create function credit_micros(from_at timestamptz, to_at timestamptz) returns numeric
  language sql immutable strict parallel safe
  return (extract(epoch from to_at) - extract(epoch from from_at)) * 1000000;

-- "2 d 23 h 54 m": parts that are 0 are left out.
create function credit_span(length interval) returns text
  language sql stable strict parallel safe
  return (select coalesce(nullif(concat_ws(' ',
      case when s >= 86400 then div(s, 86400) || ' d' end,
      case when mod(s, 86400) >= 3600 then div(mod(s, 86400), 3600) || ' h' end,
      case when mod(s, 3600) >= 60 then div(mod(s, 3600), 60) || ' m' end,
      case when mod(s, 60) >= 1 then floor(mod(s, 60)) || ' s' end), ''), '0 s')
    from (select extract(epoch from length) as s) as x);

create function credit_instant(at timestamptz) returns text
  language sql stable strict parallel safe
  return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
    || case when extract(microseconds from at)::bigint % 1000000 = 0 then ''
       else to_char(at at time zone 'UTC', '.US') end || 'Z';

-- num / den as whole minor units, num >= 0, den > 0.
create function credit_round(num numeric, den numeric, how text) returns numeric
  language sql immutable strict parallel safe
  return (select case how
      when 'half_up' then q + case when 2 * r >= den then 1 else 0 end
      when 'half_even' then q
        + case when 2 * r > den or (2 * r = den and mod(q, 2) = 1) then 1 else 0 end
      when 'up' then q + case when r > 0 then 1 else 0 end
    end
    from (select div(num, den) as q, num - div(num, den) * den as r) as x);

-- Whole months from the anchor to an instant's local date, not counting days; 0 when before.
create function credit_months(anchor date, at timestamptz, zone text) returns integer
  language sql immutable strict parallel safe
  return greatest(0, (extract(year from at at time zone zone) - extract(year from anchor)) * 12
    + extract(month from at at time zone zone) - extract(month from anchor))::integer;

create function credit_run_evidence(run bigint) returns void language plpgsql as $$
begin
  create temp table cr_policy on commit drop as
    select r.id as run_id, p.name, p.version, p.document,
           p.document->>'model' as model, p.document->>'per' as per,
           p.document->>'audience' as audience, p.document->>'rounding' as rounding,
           (p.document->>'multiplier')::numeric as multiplier,
           (p.document->>'days')::numeric as days,
           (p.document->>'cap_percent')::numeric as cap_percent,
           (p.document->>'min_block_seconds')::numeric * 1000000 as min_block,
           greatest((p.document->>'min_credit_minor')::bigint, 1) as min_credit,
           (p.document->>'model') in ('prorata', 'tiered') as cumulative,
           r.reconciles as root,
           (select o.issued_at from credit_run o where o.id = r.reconciles) as root_issued_at
    from credit_run r join policy p on p.id = r.policy_id where r.id = run;

  create temp table cr_prior on commit drop as
    select l.account_id, l.run_id, l.period_from, l.period_to, l.amount_minor, r.issued_at,
           (select root from cr_policy) in (r.id, r.reconciles) as family
    from policy p
      join credit_run r on r.policy_id = p.id and r.state = 'issued' and r.id <> run
      join credit c on c.run_id = r.id and c.state in ('issued', 'acknowledged', 'applied')
      join credit_line l on l.credit_id = c.id
    where p.name = (select name from cr_policy);
  create index on cr_prior (account_id);
  analyze cr_prior;

  -- An open impact counts until its run was drafted.
  create temp table cr_pin on commit drop as
    select i.run_id, i.incident_id, i.impact_revision_id as revision_id,
           r.drafted_at as until, r.id = run as own
    from credit_run_incident i join credit_run r on r.id = i.run_id
    where r.id = run or r.id in (select run_id from cr_prior);

  -- The whole outage, whatever its weight: it starts what `audience: all` is
  -- given for, and bounds the periods in question.
  create temp table cr_outage on commit drop as
    select p.run_id, p.incident_id, min(m.from_at) as from_at,
           max(coalesce(m.to_at, p.until)) as to_at
    from cr_pin p join impact m using (revision_id)
    where p.own and m.level <> 'under_maintenance' and m.from_at < coalesce(m.to_at, p.until)
    group by 1, 2;
end $$;

-- Windows of maintenance that were announced in time. The windows of one
-- incident are joined first, so that cutting one in two changes nothing.
create function credit_maintenance(notice_hours integer, until timestamptz)
  returns table (component_id bigint, windows tstzmultirange) language sql stable as $$
  with whole as (
    select m.incident_id, m.component_id,
           unnest(range_agg(tstzrange(m.from_at, coalesce(m.to_at, until)))) as span
    from current_impact m
    where m.level = 'under_maintenance' and m.from_at < coalesce(m.to_at, until)
    group by 1, 2)
  select w.component_id, range_agg(w.span)
  from whole w join incident i on i.id = w.incident_id
  where coalesce(i.announced_at, i.started_at)
    <= lower(w.span) - make_interval(hours => notice_hours)
  group by 1
$$;

create function credit_run_pieces() returns void language plpgsql as $$
declare
  doc jsonb := (select document from cr_policy);
begin
  create temp table cr_piece on commit drop as
    select p.revision_id, p.until, p.incident_id, m.component_id, m.level::text as level,
           (doc->'weights_bp'->>m.level::text)::integer as weight,
           lower(piece) as from_at, upper(piece) as to_at
    from (select distinct revision_id, until, incident_id from cr_pin) p
      join impact m using (revision_id)
      join component c on c.id = m.component_id
      left join credit_maintenance((doc->>'maintenance_notice_hours')::integer,
          (select max(until) from cr_pin)) w
        on w.component_id = m.component_id and (doc->>'exclude_maintenance')::boolean
      cross join lateral unnest(tstzmultirange(tstzrange(m.from_at, coalesce(m.to_at, p.until)))
        - coalesce(w.windows, '{}')) as piece
    where m.level <> 'under_maintenance' and m.from_at < coalesce(m.to_at, p.until)
      and (doc->'weights_bp'->>m.level::text)::integer > 0
      and (doc->'components' = '[]' or doc->'components' ? c.slug);
end $$;

-- All accounts and their cohorts as of one instant; an import that commits meanwhile is met whole
-- or not at all.
create function credit_run_members() returns void language plpgsql as $$
begin
  loop
    create temp table cr_member on commit drop as
      select a.id as account_id, m.cohort_id
      from account a left join cohort_member m on m.account_id = a.id
      where coalesce((select r.account_id from credit_run r join cr_policy p on p.run_id = r.id),
        a.id) = a.id;
    exit when not exists (select from cr_member where cohort_id is null);
    drop table cr_member;
    perform cohort_refresh();
  end loop;
  analyze cr_member;
end $$;

-- Accounts to which something was given before, with the lowest account that this policy gave the
-- same (past) and the lowest that all of them gave the same (taken); 0: nothing.
create function credit_run_past() returns void language plpgsql as $$
declare
  lo date := (select min(from_at) from cr_outage)::date - 2;
  hi date := (select max(to_at) from cr_outage)::date + 2;
begin
  create temp table cr_taken on commit drop as
    select l.account_id, l.period_from, sum(l.amount_minor) as minor
    from credit_line l join credit c on c.id = l.credit_id
    where c.state in ('issued', 'acknowledged', 'applied')
      and l.run_id <> (select run_id from cr_policy)
      and (l.period_from <= hi and l.period_to >= lo
        or (l.account_id, l.period_from) in (select account_id, period_from from cr_prior))
    group by 1, 2;
  create temp table cr_past on commit drop as
    with own as (
      select account_id, string_agg(concat_ws(':', run_id, period_from, period_to, amount_minor),
               ',' order by run_id, period_from) as key
      from cr_prior group by 1),
    whole as (
      select account_id, string_agg(period_from || ':' || minor, ',' order by period_from) as key
      from cr_taken group by 1)
    select account_id,
           case when o.key is null then 0 else min(account_id) over (partition by o.key) end as past,
           case when w.key is null then 0 else min(account_id) over (partition by w.key) end as taken
    from own o full join whole w using (account_id);
  create index on cr_taken (account_id);
  analyze cr_taken;
  analyze cr_past;
end $$;

-- This run's cohorts: those stored, without the components that were not hit, apart by what their
-- accounts were given before. Who can be owed nothing has none.
create function credit_run_cohorts() returns void language plpgsql as $$
begin
  create temp table cr_base on commit drop as
    with grouped as (
      select m.cohort_id, coalesce(p.past, 0) as past, coalesce(p.taken, 0) as taken,
             count(*) as accounts
      from cr_member m left join cr_past p using (account_id) group by 1, 2, 3),
    restricted as (
      select g.*, h.component_ids = '{}' as uses_all, array(
          select id from unnest(h.component_ids) as id
          where id in (select component_id from cr_piece)) as component_ids,
        h.price_from, h.price_minor, h.timezone, h.anchor, h.billing_interval, h.currency, h.exponent
      from grouped g join cohort h on h.id = g.cohort_id),
    asked as (
      select *, price_from <> '{}' and (uses_all or component_ids <> '{}'
          or (select audience from cr_policy) = 'all'
          or past in (select account_id from cr_prior)) as asked
      from restricted),
    ranked as (
      select *, dense_rank() over (order by timezone, anchor, billing_interval, currency, exponent,
               uses_all, component_ids, price_from, price_minor, past) as cohort
      from asked)
    select *, dense_rank() over (order by cohort, taken) as share from ranked;
  analyze cr_base;

  create temp table cr_cohort on commit drop as
    select distinct on (cohort) cohort, past, timezone, anchor, billing_interval, currency,
           exponent, uses_all, component_ids, price_from, price_minor
    from cr_base where asked order by cohort;
  alter table cr_cohort add primary key (cohort);

  -- Before the anchor there is no period, so no price either.
  create temp table cr_price on commit drop as
    select c.cohort, p.price,
           credit_midnight(greatest(p.valid_from, c.anchor), c.timezone) as from_at,
           credit_midnight(lead(p.valid_from, 1, 'infinity')
             over (partition by c.cohort order by p.valid_from), c.timezone) as to_at
    from cr_cohort c cross join unnest(c.price_from, c.price_minor) as p (valid_from, price);
  delete from cr_price where from_at >= to_at or price = 0;
  create index on cr_price (cohort);
  analyze cr_cohort;
  analyze cr_price;

  create temp table cr_done on commit drop as
    select distinct c.cohort, i.incident_id
    from cr_prior p join cr_cohort c on c.past = p.account_id
      join credit_run_incident i on i.run_id = p.run_id
    where not (select cumulative from cr_policy) and p.family is not true
      and p.issued_at < coalesce((select root_issued_at from cr_policy), 'infinity');
end $$;

-- Periods that this run's outages touch, and those of earlier lines that it may
-- correct: lines of a run that shares an incident with this one.
create function credit_run_periods() returns void language plpgsql as $$
declare
  lo timestamptz := (select min(from_at) from cr_outage);
  hi timestamptz := (select max(to_at) from cr_outage);
begin
  create temp table cr_period on commit drop as
    with step as (
      select *, case billing_interval when 'month' then 1 else 12 end as months from cr_cohort),
    dated as (
      select s.cohort, s.past, s.timezone,
             (s.anchor + make_interval(months => k * s.months))::date as period_from,
             (s.anchor + make_interval(months => (k + 1) * s.months))::date as period_to
      from step s cross join lateral generate_series(
        greatest(credit_months(s.anchor, lo, s.timezone) / s.months - 1, 0),
        credit_months(s.anchor, hi, s.timezone) / s.months + 1) as k),
    placed as (
      select d.cohort, d.past, d.period_from, d.period_to,
             credit_midnight(d.period_from, d.timezone) as from_at,
             credit_midnight(d.period_to, d.timezone) as to_at
      from dated d
      where credit_midnight(d.period_from, d.timezone) < hi
        and credit_midnight(d.period_to, d.timezone) > lo
      union
      select c.cohort, c.past, p.period_from, p.period_to,
             credit_midnight(p.period_from, c.timezone), credit_midnight(p.period_to, c.timezone)
      from cr_prior p join cr_cohort c on c.past = p.account_id
      where p.family or (select cumulative from cr_policy) and p.run_id in (
        select e.run_id from cr_pin e join cr_pin o using (incident_id)
        where o.own and not e.own))
    select p.*, p.period_to - p.period_from as dates, credit_micros(p.from_at, p.to_at) as length,
           case when (select cumulative from cr_policy) then array(
             select r.run_id from cr_prior r
             where r.account_id = p.past and r.period_from = p.period_from
             order by 1) else '{}' end as runs
    from placed p;
  create index on cr_period (cohort);
  analyze cr_period;
end $$;

-- A world is a cohort and the incidents that are looked at together: this run's
-- (runs = {}), with those of earlier runs, or one incident alone.
create function credit_run_worlds() returns void language plpgsql as $$
begin
  create temp table cr_world on commit drop as
    select row_number() over () as world, w.*
    from (
      select cohort, null::bigint as incident_id, '{}'::bigint[] as runs from cr_cohort
      union all
      select distinct cohort, null::bigint, runs from cr_period where runs <> '{}'
      union all
      select c.cohort, o.incident_id, '{}'
      from cr_policy p cross join cr_cohort c cross join cr_outage o
      where p.model = 'days' and p.per = 'incident'
        and (c.cohort, o.incident_id) not in (select cohort, incident_id from cr_done)) as w;
  create index on cr_world (cohort);

  -- Where an incident was in several runs, the youngest evidence holds: this run's first.
  create temp table cr_world_pin on commit drop as
    select w.world, w.cohort, p.incident_id, p.revision_id, p.until
    from cr_world w
      join cr_pin p on p.own and p.incident_id = coalesce(w.incident_id, p.incident_id)
    where not exists (
      select from cr_done d where d.cohort = w.cohort and d.incident_id = p.incident_id)
    union all
    select * from (
      select distinct on (w.world, p.incident_id)
             w.world, w.cohort, p.incident_id, p.revision_id, p.until
      from cr_world w join cr_pin p on p.run_id = any (w.runs)
      where p.incident_id not in (select incident_id from cr_pin where own)
      order by w.world, p.incident_id, p.run_id desc) as e;

  create temp table cr_world_piece on commit drop as
    select w.world, w.cohort, p.*
    from cr_world_pin w join cr_piece p using (incident_id, revision_id, until)
      join cr_cohort c using (cohort)
    where c.uses_all or p.component_id = any (c.component_ids);
  analyze cr_world;
  analyze cr_world_piece;
end $$;

-- W(t): cut the time at every bound, take the greatest weight of each stretch,
-- keep what had a price, join to blocks, drop the short ones.
create function credit_run_slices() returns void language plpgsql as $$
begin
  create temp table cr_slice on commit drop as
    with bounds as (
      select world, cohort, from_at as at from cr_world_piece
      union select world, cohort, to_at from cr_world_piece),
    stretches as (
      select world, cohort, at as from_at, lead(at) over (partition by world order by at) as to_at
      from bounds),
    weighed as (
      select s.world, s.cohort, s.from_at, s.to_at, max(p.weight) as weight
      from stretches s join cr_world_piece p
        on p.world = s.world and p.from_at <= s.from_at and p.to_at >= s.to_at
      group by 1, 2, 3, 4),
    priced as (
      select w.world, w.cohort, w.weight, p.price,
             greatest(w.from_at, p.from_at) as from_at, least(w.to_at, p.to_at) as to_at
      from weighed w join cr_price p
        on p.cohort = w.cohort and p.from_at < w.to_at and p.to_at > w.from_at),
    breaks as (
      select *, (lag(to_at) over (partition by world order by from_at)
                 is distinct from from_at)::integer as fresh
      from priced),
    blocks as (
      select *, sum(fresh) over (partition by world order by from_at) as block from breaks),
    measured as (
      select *, sum(credit_micros(from_at, to_at)) over (partition by world, block) as block_length
      from blocks)
    select world, cohort, from_at, to_at, weight, price
    from measured where block_length >= (select min_block from cr_policy);
  analyze cr_slice;
end $$;
