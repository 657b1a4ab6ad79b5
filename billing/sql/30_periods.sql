-- Periods that the outages of this run touch, and those of earlier lines that it may correct: lines
-- of a run that shares an incident with this one.
create function amends.credit_run_periods() returns void language plpgsql as $$
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
        greatest(amends.credit_months(s.anchor, lo, s.timezone) / s.months - 1, 0),
        amends.credit_months(s.anchor, hi, s.timezone) / s.months + 1) as k),
    placed as (
      select d.cohort, d.past, d.period_from, d.period_to,
             amends.credit_midnight(d.period_from, d.timezone) as from_at,
             amends.credit_midnight(d.period_to, d.timezone) as to_at
      from dated d
      where amends.credit_midnight(d.period_from, d.timezone) < hi
        and amends.credit_midnight(d.period_to, d.timezone) > lo
      union
      select c.cohort, c.past, p.period_from, p.period_to,
             amends.credit_midnight(p.period_from, c.timezone),
             amends.credit_midnight(p.period_to, c.timezone)
      from cr_prior p join cr_cohort c on c.past = p.account_id
      where p.family or (select cumulative from cr_policy) and p.run_id in (
        select e.run_id from cr_pin e join cr_pin o using (incident_id)
        where o.own and not e.own))
    select p.*, p.period_to - p.period_from as dates,
           amends.credit_micros(p.from_at, p.to_at) as length,
           case when (select cumulative from cr_policy) then array(
             select r.run_id from cr_prior r
             where r.account_id = p.past and r.period_from = p.period_from
             order by 1) else '{}' end as runs
    from placed p;
  create index on cr_period (cohort);
  analyze cr_period;
end $$;
