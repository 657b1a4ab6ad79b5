-- The report of a run, for staff before approval and after issue.

create function amends.credit_report_plans(in_run bigint) returns json language sql stable as $$
  select coalesce(json_agg(t order by t.currency, t.plan), '[]') from (
    select c.currency, c.exponent, a.plan, count(*) as credits,
           amends.credit_sum(sum(c.amount_minor)) as amount_minor
    from credit c join account a on a.id = c.account_id
    where c.run_id = in_run group by 1, 2, 3) as t
$$;

create function amends.credit_report_distribution(in_run bigint) returns json
  language sql stable as $$
  select coalesce(json_agg(t order by t.currency), '[]') from (
    select currency, exponent, count(*) as credits, min(amount_minor) as least,
           percentile_disc(0.1) within group (order by amount_minor) as p10,
           percentile_disc(0.5) within group (order by amount_minor) as p50,
           percentile_disc(0.9) within group (order by amount_minor) as p90,
           percentile_disc(0.99) within group (order by amount_minor) as p99,
           max(amount_minor) as most
    from credit where run_id = in_run group by 1, 2) as t
$$;

-- Amounts in different currencies cannot be compared, so there are twenty per currency.
create function amends.credit_report_largest(in_run bigint) returns json language sql stable as $$
  select coalesce(json_agg(t order by t.currency, t.amount_minor desc, t.account), '[]') from (
    select a.external_id as account, a.name, a.plan, x.currency, x.exponent, x.amount_minor
    from (select *, row_number() over (partition by currency order by amount_minor desc, account_id)
                 as place
          from credit where run_id = in_run) as x join account a on a.id = x.account_id
    where x.place <= 20) as t
$$;

-- Accounts without a credit in the run, each with the first reason that applies.
create function amends.credit_report_left_out(in_run bigint) returns json language sql stable as $$
  with hit as (
    select distinct m.component_id
    from credit_run_incident i join impact m on m.revision_id = i.impact_revision_id
    where i.run_id = in_run and m.level <> 'under_maintenance'),
  left_out as (
    select a.id, a.external_id, case
        when x.reason is not null then x.reason
        when a.lines is null and not exists (select from account_price p where p.account_id = a.id
                         and p.amount_minor > 0) then 'no_price'
        when a.lines is null and exists (select from account_component u where u.account_id = a.id)
          and not exists (select from account_component u join hit using (component_id)
                          where u.account_id = a.id) then 'not_affected'
        when exists (select from credit_excess x where x.run_id = in_run and x.account_id = a.id)
          then 'over_credited'
        else 'nothing_owed' end as reason
    from account a left join credit_left_out x on x.run_id = in_run and x.account_id = a.id
    where not exists (select from credit c where c.run_id = in_run and c.account_id = a.id)),
  placed as (
    select *, row_number() over (partition by reason order by id) as place from left_out)
  select coalesce(json_agg(t order by t.reason), '[]') from (
    select reason, count(*) as accounts,
           json_agg(external_id order by place) filter (where place <= 20) as examples
    from placed group by 1) as t
$$;

-- Steps of 1, 2, 5, 10, 20 ... minor units from the smallest to the largest credit per currency,
-- including empty ones: [{currency, exponent, from_minor, to_minor, credits}].
create function amends.credit_report_histogram(in_run bigint) returns json language sql stable as $$
  with edge as materialized (
    select array_agg(m * 10::bigint ^ e order by e, m) as at
    from unnest(array[1, 2, 5]) as m, generate_series(0, 17) as e),
  counted as (
    select currency, exponent, width_bucket(amount_minor::numeric, edge.at::numeric[]) as step,
           count(*) as n
    from credit, edge where run_id = in_run group by 1, 2, 3),
  wide as (
    select currency, exponent, generate_series(min(step), max(step)) as step
    from counted group by 1, 2)
  select coalesce(json_agg(t order by t.currency, t.from_minor), '[]') from (
    select w.currency, w.exponent, edge.at[w.step]::bigint as from_minor,
           edge.at[w.step + 1]::bigint as to_minor, coalesce(n, 0) as credits
    from wide w cross join edge left join counted c using (currency, exponent, step)) as t
$$;

create function amends.credit_ageing_totals() returns json language sql stable as $$
  select coalesce(json_agg(t order by t.currency), '[]') from (
    select currency, exponent, count(*) as credits,
           amends.credit_sum(sum(amount_minor)) as amount_minor,
           amends.instant(min(issued_at)) as oldest_at,
           count(*) filter (where issued_at < now() - interval '1 day') as over_1_day,
           count(*) filter (where issued_at < now() - interval '7 days') as over_7_days,
           count(*) filter (where issued_at < now() - interval '30 days') as over_30_days
    from credit where open and state = 'issued' group by 1, 2) as t
$$;

create function amends.credit_ageing_oldest() returns json language sql stable as $$
  select coalesce(json_agg(t), '[]') from (
    select c.id as credit, a.external_id as account, c.run_id as run, c.currency, c.exponent,
           c.amount_minor, amends.instant(c.issued_at) as issued_at,
           floor(extract(epoch from now() - c.issued_at) / 86400)::integer as days
    from credit c join account a on a.id = c.account_id
    where c.open and c.state = 'issued' order by c.issued_at, c.id limit 100) as t
$$;
