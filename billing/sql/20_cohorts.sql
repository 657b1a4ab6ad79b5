-- Accounts that are equal to the arithmetic: the stored cohorts, and those of a run.

-- Assign a cohort to every account without one.
create function amends.cohort_refresh() returns void language plpgsql
  set jit = off set enable_nestloop = off as $$
begin
  create temp table cohort_found on commit drop as
    with described as (
      select a.id as account_id, a.timezone, a.currency, a.exponent,
             coalesce(t.dates, array[a.anchor]) as term_from,
             coalesce(t.intervals, array[a.billing_interval]) as term_interval,
             coalesce(t.anchors, array[a.anchor]) as term_anchor,
             coalesce(u.ids, '{}') as component_ids, coalesce(p.dates, '{}') as price_from,
             coalesce(p.amounts, '{}') as price_minor, coalesce(p.plans, '{}') as price_plan
      from account a
        left join (select account_id, array_agg(valid_from order by valid_from) as dates,
                          array_agg(billing_interval order by valid_from) as intervals,
                          array_agg(anchor order by valid_from) as anchors
                   from account_term group by 1) t on t.account_id = a.id
        left join (select account_id, array_agg(component_id order by component_id) as ids
                   from account_component group by 1) u on u.account_id = a.id
        left join (select account_id, array_agg(valid_from order by valid_from) as dates,
                          array_agg(amount_minor order by valid_from) as amounts,
                          array_agg(plan order by valid_from) as plans
                   from account_price group by 1) p on p.account_id = a.id
      where not exists (select from cohort_member m where m.account_id = a.id))
    select d.*, sha256(convert_to(concat_ws('|', timezone, currency, exponent, term_from,
             term_interval, term_anchor, component_ids, price_from, price_minor, price_plan),
             'UTF8')) as digest
    from described d;
  insert into cohort (digest, timezone, currency, exponent, term_from, term_interval, term_anchor,
      component_ids, price_from, price_minor, price_plan)
    select distinct on (digest) digest, timezone, currency, exponent, term_from, term_interval,
           term_anchor, component_ids, price_from, price_minor, price_plan
    from cohort_found order by digest
    on conflict do nothing;
  insert into cohort_member (account_id, cohort_id)
    select f.account_id, c.id from cohort_found f join cohort c using (digest) order by 1
    on conflict do nothing;
  drop table cohort_found;
end $$;

create function amends.cohort_leave() returns trigger language plpgsql as $$
begin
  delete from cohort_member where account_id in (select account_id from changed);
  return null;
end $$;

create trigger cohort_leave_new after insert on account_price referencing new table as changed
  for each statement execute function amends.cohort_leave();
create trigger cohort_leave_changed after update on account_price referencing new table as changed
  for each statement execute function amends.cohort_leave();
create trigger cohort_leave_old after delete on account_price referencing old table as changed
  for each statement execute function amends.cohort_leave();
create trigger cohort_leave_new after insert on account_component referencing new table as changed
  for each statement execute function amends.cohort_leave();
create trigger cohort_leave_old after delete on account_component referencing old table as changed
  for each statement execute function amends.cohort_leave();
create trigger cohort_leave_new after insert on account_term referencing new table as changed
  for each statement execute function amends.cohort_leave();
create trigger cohort_leave_changed after update on account_term referencing new table as changed
  for each statement execute function amends.cohort_leave();
create trigger cohort_leave_old after delete on account_term referencing old table as changed
  for each statement execute function amends.cohort_leave();

create function amends.cohort_leave_account() returns trigger language plpgsql as $$
begin
  delete from cohort_member where account_id = old.id;
  return null;
end $$;

create trigger cohort_leave after update on account for each row
  when ((old.timezone, old.anchor, old.billing_interval, old.currency, old.exponent)
    is distinct from (new.timezone, new.anchor, new.billing_interval, new.currency, new.exponent))
  execute function amends.cohort_leave_account();

-- All accounts and their cohorts as of one instant: an import that commits meanwhile is seen
-- completely or not at all.
create function amends.credit_run_members() returns void language plpgsql as $$
begin
  loop
    create temp table cr_member on commit drop as
      select a.id as account_id, m.cohort_id
      from account a left join cohort_member m on m.account_id = a.id
      where coalesce((select r.account_id from credit_run r join cr_policy p on p.run_id = r.id),
        a.id) = a.id;
    exit when not exists (select from cr_member where cohort_id is null);
    drop table cr_member;
    perform amends.cohort_refresh();
  end loop;
  analyze cr_member;
end $$;

-- Accounts with earlier lines. past: the lowest account with the same lines of this policy; taken:
-- the lowest account with the same lines of all policies; 0: no line.
create function amends.credit_run_past() returns void language plpgsql as $$
declare
  lo date := (select min(from_at) from cr_outage)::date - 2;
  hi date := (select max(to_at) from cr_outage)::date + 2;
begin
  -- Lines of windows that are gone since the terms changed may begin in any of the present ones.
  create temp table cr_stray on commit drop as
    with held as (
      select l.account_id, m.cohort_id, l.period_from, l.period_to
      from account a join credit_line l on l.account_id = a.id
        join credit_run r on r.id = l.run_id and r.drafted_at < a.changed_at
        join cr_member m on m.account_id = a.id
      where l.period_from between lo - 366 and hi + 366),
    gone as (
      select d.* from (select distinct cohort_id, period_from, period_to from held) as d
        join cohort h on h.id = d.cohort_id
      where amends.credit_window_end(h.term_from, h.term_interval, h.term_anchor, d.period_from,
        d.period_to) is null)
    select distinct account_id, period_from
    from held join gone using (cohort_id, period_from, period_to);
  create temp table cr_taken on commit drop as
    select l.account_id, l.period_from, sum(l.amount_minor) as minor
    from credit_line l join credit c on c.id = l.credit_id
    where c.state in ('issued', 'acknowledged', 'applied')
      and l.run_id <> (select run_id from cr_policy)
      and (l.period_from <= hi and l.period_to >= lo
        or (l.account_id, l.period_from) in (select account_id, period_from from cr_prior)
        or (l.account_id, l.period_from) in (select account_id, period_from from cr_stray))
    group by 1, 2;
  create temp table cr_past on commit drop as
    with own as (
      -- Lines of the same amounts may have been for other dates.
      select account_id, string_agg(concat_ws(':', run_id, period_from, period_to, amount_minor,
               case when (select per from cr_policy) = 'affected_day' then working_id end),
               ',' order by run_id, period_from) as key
      from cr_prior group by 1),
    whole as (
      select account_id, string_agg(period_from || ':' || minor, ',' order by period_from) as key
      from cr_taken group by 1)
    select account_id,
           case when o.key is null then 0
             else min(account_id) over (partition by o.key) end as past,
           case when w.key is null then 0
             else min(account_id) over (partition by w.key) end as taken
    from own o full join whole w using (account_id);
  create index on cr_taken (account_id);
  analyze cr_taken;
  analyze cr_past;
end $$;

-- This run's cohorts: the stored ones, without the components that were not hit, split by the
-- earlier lines of their accounts. An account that cannot be owed anything has none.
create function amends.credit_run_cohorts() returns void language plpgsql as $$
begin
  create temp table cr_base on commit drop as
    with grouped as (
      select m.cohort_id, coalesce(p.past, 0) as past, coalesce(p.taken, 0) as taken,
             count(*) as accounts
      from cr_member m left join cr_past p using (account_id) group by 1, 2, 3),
    restricted as (
      select g.*, h.component_ids = '{}' as uses_all, array(
          select id from unnest(h.component_ids) as id
          where id in (select component_id from cr_impact_window)) as component_ids,
        h.price_from, h.price_minor, h.timezone, h.term_from, h.term_interval, h.term_anchor,
        h.currency, h.exponent
      from grouped g join cohort h on h.id = g.cohort_id),
    asked as (
      select *, price_from <> '{}' and (uses_all or component_ids <> '{}'
          or (select audience from cr_policy) = 'all'
          or past in (select account_id from cr_prior)) as asked
      from restricted),
    ranked as (
      select *, dense_rank() over (order by timezone, term_from, term_interval, term_anchor,
               currency, exponent, uses_all, component_ids, price_from, price_minor, past) as cohort
      from asked)
    select *, dense_rank() over (order by cohort, taken) as share from ranked;
  analyze cr_base;

  create temp table cr_cohort on commit drop as
    select distinct on (cohort) cohort, past, timezone, term_from, term_interval, term_anchor,
           currency, exponent, uses_all, component_ids, price_from, price_minor
    from cr_base where asked order by cohort;
  alter table cr_cohort add primary key (cohort);

  create temp table cr_term on commit drop as
    select c.cohort, c.past, c.timezone, t.*
    from cr_cohort c
      cross join lateral amends.credit_terms(c.term_from, c.term_interval, c.term_anchor) as t;

  -- There is no period before the first term, so no price either.
  create temp table cr_price on commit drop as
    select c.cohort, p.price,
           amends.credit_midnight(greatest(p.valid_from, c.term_from[1]), c.timezone) as from_at,
           amends.credit_midnight(lead(p.valid_from, 1, 'infinity')
             over (partition by c.cohort order by p.valid_from), c.timezone) as to_at
    from cr_cohort c cross join unnest(c.price_from, c.price_minor) as p (valid_from, price);
  delete from cr_price where from_at >= to_at or price = 0;
  create index on cr_price (cohort);
  analyze cr_cohort;
  analyze cr_term;
  analyze cr_price;

  create temp table cr_done on commit drop as
    select distinct c.cohort, i.incident_id
    from cr_prior p join cr_cohort c on c.past = p.account_id
      join credit_run_incident i on i.run_id = p.run_id
    where not (select cumulative from cr_policy) and p.family is not true
      and p.issued_at < coalesce((select root_issued_at from cr_policy), 'infinity');

  create temp table cr_paid_day on commit drop as
    select distinct c.cohort, (k->>'day')::date as day
    from cr_prior p join cr_cohort c on c.past = p.account_id
      join credit_working w on w.id = p.working_id
      cross join jsonb_array_elements(w.explain->'claims') as k
    where (select per from cr_policy) = 'affected_day' and p.family is not true and k ? 'day';
end $$;
