-- Accounts that nothing in the arithmetic tells apart, so that a run computes them once. A row is
-- never changed; an account whose prices or components change gets another.
create table cohort (
  id bigint generated always as identity primary key,
  digest bytea not null unique,       -- sha256 of what follows
  timezone text not null,
  anchor date not null,
  billing_interval text not null,
  currency char(3) not null,
  exponent smallint not null,
  component_ids bigint[] not null,    -- ascending; empty: every component
  price_from date[] not null,         -- ascending
  price_minor bigint[] not null       -- of the same places
);

-- An account without a row changed since: the next draft finds its cohort.
create table cohort_member (
  account_id bigint primary key references account on delete cascade,
  cohort_id bigint not null references cohort
);

-- Give every account that has none its cohort.
create function cohort_refresh() returns void language plpgsql
  set jit = off set enable_nestloop = off as $$
begin
  create temp table cohort_found on commit drop as
    with described as (
      select a.id as account_id, a.timezone, a.anchor, a.billing_interval, a.currency, a.exponent,
             coalesce(u.ids, '{}') as component_ids, coalesce(p.dates, '{}') as price_from,
             coalesce(p.amounts, '{}') as price_minor
      from account a
        left join (select account_id, array_agg(component_id order by component_id) as ids
                   from account_component group by 1) u on u.account_id = a.id
        left join (select account_id, array_agg(valid_from order by valid_from) as dates,
                          array_agg(amount_minor order by valid_from) as amounts
                   from account_price group by 1) p on p.account_id = a.id
      where not exists (select from cohort_member m where m.account_id = a.id))
    select d.*, sha256(convert_to(concat_ws('|', timezone, anchor, billing_interval, currency,
             exponent, component_ids, price_from, price_minor), 'UTF8')) as digest
    from described d;
  insert into cohort (digest, timezone, anchor, billing_interval, currency, exponent, component_ids,
      price_from, price_minor)
    select distinct on (digest) digest, timezone, anchor, billing_interval, currency, exponent,
           component_ids, price_from, price_minor
    from cohort_found order by digest
    on conflict do nothing;
  insert into cohort_member (account_id, cohort_id)
    select f.account_id, c.id from cohort_found f join cohort c using (digest) order by 1
    on conflict do nothing;
  drop table cohort_found;
end $$;

create function cohort_leave() returns trigger language plpgsql as $$
begin
  delete from cohort_member where account_id in (select account_id from changed);
  return null;
end $$;
create trigger cohort_leave_new after insert on account_price referencing new table as changed
  for each statement execute function cohort_leave();
create trigger cohort_leave_changed after update on account_price referencing new table as changed
  for each statement execute function cohort_leave();
create trigger cohort_leave_old after delete on account_price referencing old table as changed
  for each statement execute function cohort_leave();
create trigger cohort_leave_new after insert on account_component referencing new table as changed
  for each statement execute function cohort_leave();
create trigger cohort_leave_old after delete on account_component referencing old table as changed
  for each statement execute function cohort_leave();

create function cohort_leave_account() returns trigger language plpgsql as $$
begin
  delete from cohort_member where account_id = old.id;
  return null;
end $$;
create trigger cohort_leave after update on account for each row
  when ((old.timezone, old.anchor, old.billing_interval, old.currency, old.exponent) is distinct from
    (new.timezone, new.anchor, new.billing_interval, new.currency, new.exponent))
  execute function cohort_leave_account();
