-- From weighted intervals to exact amounts: prorata, tiered, days and fixed.

-- The intervals with W(t) > 0 in each period, and the price of the period.
create function amends.credit_run_downtime() returns void language plpgsql as $$
begin
  create temp table cr_down on commit drop as
    select p.cohort, p.period_from, s.weight, s.price,
           greatest(s.from_at, p.from_at) as from_at, least(s.to_at, p.to_at) as to_at,
           amends.credit_micros(greatest(s.from_at, p.from_at), least(s.to_at, p.to_at)) as micros
    from cr_period p
      join cr_incident_set w on w.cohort = p.cohort and w.incident_id is null and w.runs = p.runs
      join cr_weighted_interval s
        on s.incident_set = w.incident_set and s.from_at < p.to_at and s.to_at > p.from_at;
  analyze cr_down;

  -- price_micros / length is price(P); down in basis points x microseconds.
  create temp table cr_worth on commit drop as
    select p.*, pr.price_micros, pr.entitled, pr.prices,
           coalesce(d.down, 0) as down, coalesce(d.priced_down, 0) as priced_down,
           coalesce(d.windows, '[]') as windows
    from cr_period p
      join lateral (
        select sum(price * micros) as price_micros, sum(micros) as entitled,
               jsonb_agg(jsonb_build_object('price_minor', price,
                 'from', amends.credit_instant(from_at), 'to', amends.credit_instant(to_at))
                 order by from_at) as prices
        from (select price, greatest(r.from_at, p.from_at) as from_at,
                     least(r.to_at, p.to_at) as to_at,
                     amends.credit_micros(greatest(r.from_at, p.from_at), least(r.to_at, p.to_at))
                       as micros
              from cr_price r
              where r.cohort = p.cohort and r.from_at < p.to_at and r.to_at > p.from_at) as x) as pr
        on pr.entitled > 0
      left join (
        select cohort, period_from, sum(weight * micros) as down,
               sum(weight * micros * price) as priced_down,
               jsonb_agg(jsonb_build_object('from', amends.credit_instant(from_at),
                 'to', amends.credit_instant(to_at), 'weight_bp', weight, 'price_minor', price,
                 'seconds', trim_scale(micros * 0.000001)::text) order by from_at) as windows
        from cr_down group by 1, 2) as d using (cohort, period_from);
  analyze cr_worth;
end $$;

-- The instants that `days` and `fixed` pay for, with the price at each.
create function amends.credit_run_claims() returns void language plpgsql as $$
declare
  p record;
begin
  select * into p from cr_policy;
  create temp table cr_claim on commit drop as
    with asked as (
      select w.incident_set, w.cohort, w.incident_id, c.timezone, (
          select min(o.from_at) from cr_outage o join cr_incident_set_pin e using (incident_id)
          where e.incident_set = w.incident_set) as outage_at
      from cr_incident_set w join cr_cohort c using (cohort)
      where not p.cumulative and w.runs = '{}'
        and (w.incident_id is not null) = (p.model = 'days' and p.per = 'incident')),
    hit as (select incident_set, min(from_at) as at from cr_weighted_interval group by 1),
    instants as (
      select a.cohort, a.incident_id, coalesce(h.at, a.outage_at) as at, h.at is not null as hit,
             a.incident_set, a.timezone
      from asked a left join hit h using (incident_set)
      where h.at is not null or p.audience = 'all'),
    claims as (
      select cohort, incident_id, at, hit, null::date as day from instants
      where not (p.model = 'days' and p.per = 'affected_day')
      union all
      select distinct i.cohort, i.incident_id, amends.credit_midnight(d::date, i.timezone),
             i.hit, d::date
      from instants i
        left join cr_weighted_interval s on i.hit and s.incident_set = i.incident_set
        cross join lateral generate_series(
          (coalesce(s.from_at, i.at) at time zone i.timezone)::date,
          (coalesce(s.to_at - interval '1 microsecond', i.at) at time zone i.timezone)::date,
          interval '1 day') as d
      where p.model = 'days' and p.per = 'affected_day'
        and amends.credit_midnight(d::date, i.timezone)
          < amends.credit_midnight(d::date + 1, i.timezone)
        and (i.cohort, d::date) not in (select cohort, day from cr_paid_day))
    select c.*, e.period_from, e.dates, r.price
    from claims c
      join cr_period e on e.cohort = c.cohort and e.from_at <= c.at and e.to_at > c.at
      join cr_price r on r.cohort = c.cohort and r.from_at <= c.at and r.to_at > c.at;
  analyze cr_claim;
end $$;

-- The exact amount as num / den, in minor units, with the formula in words.
create function amends.credit_run_owed() returns void language plpgsql as $$
declare
  ids regclass := pg_get_serial_sequence('credit_working', 'id');
begin
  create temp table cr_owed on commit drop as
    select w.*, nextval(ids) as working_id, x.num, x.den, x.formula, x.percent, x.claims,
           amends.credit_round(x.num, x.den, p.rounding) as rounded,
           div(w.price_micros * p.cap_percent, w.length * 100) as cap
    from cr_policy p cross join cr_worth w cross join lateral (
      select p.multiplier * w.priced_down, w.length * 10000, null::numeric, null::jsonb,
        format('%s x sum of (weight x seconds x price) / %s seconds of the period',
          trim_scale(p.multiplier), trim_scale(w.length * 0.000001))
      where p.model = 'prorata'
      union all
      select t.percent * w.price_micros, w.length * 100, t.percent, null,
        format('(1 - %s / %s seconds) is an uptime of %s %%: %s %% of the period''s price',
          trim_scale(w.down * 0.0000000001), trim_scale(w.entitled * 0.000001),
          trunc(100 - w.down / w.entitled / 100, 6), trim_scale(t.percent))
      from (select coalesce(max((t->>'percent')::numeric), 0) as percent
            from jsonb_array_elements(p.document->'tiers') as t
            where (w.entitled * 10000 - w.down) * 100
              < (t->>'uptime_below')::numeric * w.entitled * 10000) as t
      where p.model = 'tiered'
      union all
      select p.days * c.prices, w.dates, null, c.claims,
        format('%s day(s) x price / %s dates of the period, for %s instant(s)',
          trim_scale(p.days), w.dates, c.n)
      from (select sum(price) as prices, count(*) as n,
                   jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                     'at', amends.credit_instant(at), 'day', day, 'price_minor', price,
                     'affected', hit,
                     'incident', (select ref from incident where id = incident_id)))
                     order by at, incident_id) as claims
            from cr_claim c where c.cohort = w.cohort and c.period_from = w.period_from) as c
      where p.model = 'days' and c.n > 0
      union all
      select (p.document->'amounts'->>h.currency)::numeric, 1, null,
        jsonb_build_array(jsonb_build_object(
          'at', amends.credit_instant(c.at), 'price_minor', c.price, 'affected', c.hit)),
        'a fixed amount, once a run'
      from cr_claim c join cr_cohort h using (cohort)
      where p.model = 'fixed' and c.cohort = w.cohort and c.period_from = w.period_from
        and p.document->'amounts' ? h.currency
      union all
      select 0, 1, null, null, 'nothing is owed'
      where p.root is not null and not p.cumulative and not exists (
          select from cr_claim c where c.cohort = w.cohort and c.period_from = w.period_from)
      ) as x (num, den, percent, claims, formula);
  analyze cr_owed;
end $$;

-- One row per cohort and period that explains the exact amount.
create function amends.credit_run_working() returns void language plpgsql as $$
begin
  insert into credit_working (id, run_id, explain) overriding system value
    select o.working_id, p.run_id, jsonb_strip_nulls(jsonb_build_object(
      'policy', p.name, 'policy_version', p.version, 'model', p.model,
      'timezone', o.timezone, 'interval', case o.months when 1 then 'month' else 'year' end,
      'anchor', o.anchor,
      'period', jsonb_build_object('from', o.period_from, 'to', o.period_to,
        'from_at', amends.credit_instant(o.from_at), 'to_at', amends.credit_instant(o.to_at),
        'seconds', trim_scale(o.length * 0.000001)::text, 'dates', o.dates,
        'whole', case when (o.whole_from, o.whole_to) <> (o.period_from, o.period_to)
          then jsonb_build_object('from', o.whole_from, 'to', o.whole_to) end),
      'prices', o.prices, 'impacts', i.impacts, 'windows', o.windows, 'claims', o.claims,
      'earlier_runs', nullif(to_jsonb(o.runs), '[]'),
      'multiplier', case p.model when 'prorata' then trim_scale(p.multiplier)::text end,
      'days', case p.model when 'days' then trim_scale(p.days)::text end,
      'percent', trim_scale(o.percent)::text,
      'weighted_seconds', trim_scale(o.down * 0.0000000001)::text,
      'entitled_seconds', trim_scale(o.entitled * 0.000001)::text,
      'formula', o.formula,
      'exact', jsonb_build_object('numerator', trim_scale(o.num)::text,
        'denominator', trim_scale(o.den)::text, 'decimal', round(o.num / o.den, 12)::text),
      'rounding', p.rounding, 
      'rounded_minor', case when o.rounded <= 9223372036854775807 then o.rounded end,
      'rounded_beyond', case when o.rounded > 9223372036854775807 then o.rounded::text end,
      'cap_percent', trim_scale(p.cap_percent)::text, 'cap_minor', o.cap,
      'min_credit_minor', p.min_credit))
    from cr_owed o cross join cr_policy p
      cross join lateral (
        select jsonb_agg(jsonb_build_object('incident', n.ref, 'component', k.slug,
                 'level', e.level, 'weight_bp', e.weight,
                 'from', amends.credit_instant(e.from_at), 'to', amends.credit_instant(e.to_at))
                 order by e.from_at, e.to_at, k.slug, n.ref) as impacts
        from cr_incident_set w join cr_incident_set_window e using (incident_set)
          join incident n on n.id = e.incident_id join component k on k.id = e.component_id
        where w.cohort = o.cohort and w.incident_id is null and w.runs = o.runs
          and e.from_at < o.to_at and e.to_at > o.from_at) as i
    order by o.working_id;
end $$;

-- The complete arithmetic of a line.
create function amends.explain(in_line credit_line) returns jsonb language sql stable
  return (select w.explain || jsonb_build_object(
      'earlier_minor', in_line.earlier_minor, 'issued_minor', in_line.issued_minor,
      'amount_minor', in_line.amount_minor)
    from credit_working w where w.id = in_line.working_id);
