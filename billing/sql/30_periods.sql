-- Billing periods: the terms of an account and the windows that they make of its time.

-- Terms as rows; valid_to is where the next one begins.
create function amends.credit_terms(in_from date[], in_interval text[], in_anchor date[])
  returns table (valid_from date, valid_to date, months integer, anchor date)
  language sql immutable parallel safe as $$
  select t.valid_from, lead(t.valid_from, 1, 'infinity') over (order by t.valid_from),
         case t.billing_interval when 'month' then 1 else 12 end, t.anchor
  from unnest(in_from, in_interval, in_anchor) as t (valid_from, billing_interval, anchor)
$$;

-- The periods of a term that may touch two dates or lie between them, or nearly: each as its whole
-- counted from the anchor, and cut to the term.
create function amends.credit_periods(in_valid_from date, in_valid_to date, in_months integer,
  in_anchor date, in_lo date, in_hi date)
  returns table (whole_from date, whole_to date, period_from date, period_to date)
  language sql immutable parallel safe as $$
  select p.whole_from, p.whole_to, greatest(p.whole_from, in_valid_from),
         least(p.whole_to, in_valid_to)
  from generate_series(
      greatest(amends.credit_months(in_anchor, greatest(in_lo, in_valid_from)) / in_months - 1, 0),
      amends.credit_months(in_anchor, least(in_hi, in_valid_to)) / in_months + 1) as k
    cross join lateral (values ((in_anchor + make_interval(months => k * in_months))::date,
      (in_anchor + make_interval(months => (k + 1) * in_months))::date)) as p (whole_from, whole_to)
  where p.whole_from < in_valid_to and p.whole_to > in_valid_from
$$;

-- The end of the window that a line of these dates has today; null if it is none of the windows any
-- more. A window cut short by a later term is still that window.
create function amends.credit_window_end(in_from date[], in_interval text[], in_anchor date[],
  in_line_from date, in_line_to date) returns date language sql immutable parallel safe
  return (select p.period_to
    from amends.credit_terms(in_from, in_interval, in_anchor) as t
      cross join lateral amends.credit_periods(t.valid_from, t.valid_to, t.months, t.anchor,
        in_line_from, in_line_from) as p
    where p.period_from = in_line_from
      and (p.period_to = in_line_to
        or p.period_to < least(in_line_to, p.whole_to) and in_line_to <= p.whole_to));

-- Leave out accounts one of whose standing lines of the policy lies in a window that their terms no
-- longer have: what it paid for could be paid again in the new windows. The same holds where a
-- later term cut off time that a run over one of the incidents paid for.
create function amends.credit_run_terms() returns void language plpgsql as $$
begin
  create temp table cr_left_out on commit drop as
    with held as (
      select distinct m.cohort_id, p.period_from, p.period_to
      from cr_prior p join cr_member m using (account_id)),
    judged as (
      select d.*, h.timezone, amends.credit_window_end(h.term_from, h.term_interval, h.term_anchor,
               d.period_from, d.period_to) as ends
      from held d join cohort h on h.id = d.cohort_id)
    select distinct p.account_id
    from judged j join cr_member m using (cohort_id)
      join cr_prior p using (account_id, period_from, period_to)
    where j.ends is null or j.ends < j.period_to
      and p.run_id in (select e.run_id from cr_pin e join cr_pin o using (incident_id)
                       where o.own and not e.own)
      and exists (
        select from credit_working w cross join lateral jsonb_array_elements(
            coalesce(w.explain->'windows', '[]') || coalesce(w.explain->'claims', '[]')) as x
          cross join amends.credit_midnight(j.ends, j.timezone) as cut
        where w.id = p.working_id
          and ((x->>'to')::timestamptz > cut or (x->>'at')::timestamptz >= cut));
  delete from cr_member where account_id in (select account_id from cr_left_out);
end $$;

-- Periods that the outages of this run touch, and those of earlier lines that it may correct: lines
-- of a run that shares an incident with this one. Its length and dates are those of the whole
-- period, whose rates a cut one keeps.
create function amends.credit_run_periods() returns void language plpgsql as $$
declare
  lo timestamptz := (select min(from_at) from cr_outage);
  hi timestamptz := (select max(to_at) from cr_outage);
begin
  create temp table cr_period on commit drop as
    with corrected as (
      select distinct c.cohort, p.period_from as day
      from cr_prior p join cr_cohort c on c.past = p.account_id
      where p.family or (select cumulative from cr_policy) and p.run_id in (
        select e.run_id from cr_pin e join cr_pin o using (incident_id)
        where o.own and not e.own)),
    placed as (
      select t.cohort, t.past, t.timezone, t.months, t.anchor, p.*,
             amends.credit_midnight(p.period_from, t.timezone) as from_at,
             amends.credit_midnight(p.period_to, t.timezone) as to_at
      from cr_term t cross join lateral amends.credit_periods(t.valid_from, t.valid_to, t.months,
        t.anchor, (lo at time zone t.timezone)::date, (hi at time zone t.timezone)::date) as p),
    asked as (
      select * from placed where from_at < hi and to_at > lo
      union
      select t.cohort, t.past, t.timezone, t.months, t.anchor, p.*,
             amends.credit_midnight(p.period_from, t.timezone),
             amends.credit_midnight(p.period_to, t.timezone)
      from corrected d join cr_term t
          on t.cohort = d.cohort and t.valid_from <= d.day and t.valid_to > d.day
        cross join lateral amends.credit_periods(t.valid_from, t.valid_to, t.months, t.anchor,
          d.day, d.day) as p
      where p.period_from = d.day)
    select p.*, p.whole_to - p.whole_from as dates,
           amends.credit_micros(amends.credit_midnight(p.whole_from, p.timezone),
             amends.credit_midnight(p.whole_to, p.timezone)) as length,
           case when (select cumulative from cr_policy) then array(
             select r.run_id from cr_prior r
             where r.account_id = p.past and r.period_from = p.period_from
             order by 1) else '{}' end as runs
    from asked p;
  create index on cr_period (cohort);
  analyze cr_period;
end $$;
