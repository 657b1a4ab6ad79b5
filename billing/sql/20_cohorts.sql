-- Accounts that are equal to the arithmetic but for labels, plan and earlier lines: stored cohorts.

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
      component_ids, price_from, price_minor, price_plan, terms, prices)
    select digest, timezone, currency, exponent, term_from, term_interval, term_anchor,
           component_ids, price_from, price_minor, price_plan,
           (select json_agg(json_build_object('from', t.f, 'interval', t.i, 'anchor', t.a)
              order by t.f)
            from unnest(term_from, term_interval, term_anchor) as t (f, i, a)),
           (select coalesce(json_agg(json_build_object('from', p.f, 'amount_minor', p.m,
              'plan', p.p)), '[]')
            from unnest(price_from, price_minor, price_plan) as p (f, m, p))
    from (select distinct on (digest) * from cohort_found order by digest) as x
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

-- The accounts of a run and their cohorts as of one instant: an import that commits meanwhile is
-- seen completely or not at all.
create function amends.credit_run_members() returns void language plpgsql as $$
declare
  one bigint := (select account_id from cr_policy);
  limited boolean := exists (select from credit_run_account join cr_policy using (run_id));
begin
  loop
    create temp table cr_member on commit drop as
      select a.id as account_id, m.cohort_id
      from account a left join cohort_member m on m.account_id = a.id
      where (one is null or a.id = one) and (not limited
        or a.id in (select x.account_id from credit_run_account x join cr_policy using (run_id)));
    exit when not exists (select from cr_member where cohort_id is null);
    drop table cr_member;
    perform amends.cohort_refresh();
  end loop;
  analyze cr_member;
end $$;
