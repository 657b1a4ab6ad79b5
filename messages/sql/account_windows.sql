-- The windows of an account: by the calendar of its time zone, and its billing periods.

create function amends.sla_step(in_unit text) returns interval
  language sql immutable strict parallel safe
  return case in_unit when 'month' then interval '1 month' when 'quarter' then interval '3 months'
    when 'year' then interval '1 year' end;

-- The terms of an account as its import has them: [{from, interval, anchor}].
create function amends.account_terms(in_account account) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('from', t.valid_from,
      'interval', t.billing_interval, 'anchor', t.anchor) order by t.valid_from),
    jsonb_build_array(jsonb_build_object('from', in_account.anchor,
      'interval', in_account.billing_interval, 'anchor', in_account.anchor)))
  from account_term t where t.account_id = in_account.id
$$;

-- By the calendar, whatever the days.
create function amends.months_between(in_from date, in_to date) returns integer
  language sql immutable strict parallel safe
  return (extract(year from in_to) - extract(year from in_from))::integer * 12
    + (extract(month from in_to) - extract(month from in_from))::integer;

-- The billing periods from the one that contains in_first to the one that contains in_last, counted
-- from the anchor of their term and cut where it begins and the next one does.
create function amends.billing_periods(in_terms jsonb, in_first date, in_last date)
  returns table (period_from date, period_to date) language sql immutable parallel safe as $$
  with term as (
    select t.from as begins, lead(t.from) over (order by t.from) as ends, t.anchor,
      case t.interval when 'year' then 12 else 1 end as step
    from jsonb_to_recordset(in_terms) as t("from" date, "interval" text, anchor date)),
  counted as (
    select t.*, amends.months_between(t.anchor, greatest(t.begins, in_first)) as low,
      amends.months_between(t.anchor, least(t.ends, in_last)) as high
    from term t where t.begins <= in_last and coalesce(t.ends > in_first, true))
  select greatest(p.begins, c.begins), least(p.ends, c.ends)
  from counted c
    cross join generate_series(greatest(c.low / c.step - 1, 0), c.high / c.step + 1) as k
    cross join lateral (values ((c.anchor + make_interval(months => k * c.step))::date,
      (c.anchor + make_interval(months => (k + 1) * c.step))::date)) as p (begins, ends)
  where p.begins <= in_last and p.ends > in_first and p.ends > c.begins
    and coalesce(p.begins < c.ends, true)
$$;

-- Windows from the one that contains in_first to the one that contains in_last: by the calendar, or
-- of unit billing, the periods of the terms.
create function amends.sla_windows(in_unit text, in_terms jsonb, in_first date, in_last date)
  returns table (window_from date, window_to date) language sql immutable parallel safe as $$
  select w::date, (w + s.step)::date
  from (values (amends.sla_step(in_unit))) as s (step)
    cross join lateral generate_series(
      date_trunc(nullif(in_unit, 'billing'), in_first::timestamp), in_last::timestamp, s.step) as w
  union all
  select p.* from amends.billing_periods(in_terms, in_first, in_last) p where in_unit = 'billing'
$$;
