-- Imports of accounts: staged, compared and written as sets, all lines or none.

-- The contacts of each line. removed_at: when their account removed them, if the line does not
-- restore them; they stay out.
create view amends.account_stage_contact as
  select s.line, s.external_id, x.place - 1 as place, x.email, x.name, x.locale,
    decode(x.hash, 'hex') as address_hash, coalesce(x.restore, false) as restore,
    case when x.restore is not true then g.removed_at end as removed_at
  from account_stage s
    cross join lateral rows from (jsonb_to_recordset(s.contacts)
      as (email text, name text, locale text, hash text, restore boolean)) with ordinality
      as x (email, name, locale, hash, restore, place)
    left join (select a.external_id, r.address_hash, r.removed_at
      from account_contact_removed r join account a on a.id = r.account_id) g
      on g.external_id = s.external_id and g.address_hash = decode(x.hash, 'hex')
  where s.problem is null;

-- The outcome of each line, and the fields that it would change. It compares with cohorts, so every
-- account must have one (cohort_refresh).
create view amends.account_verdict as
with staged as (
  select s.*, coalesce(s.component_ids, '{}') as components, p.price_from, p.price_minor,
         p.price_plan, k.people, t.term_from, t.term_interval, t.term_anchor
  from account_stage s
    cross join lateral (
      select coalesce(array_agg(x.from order by x.from), array[s.anchor]) as term_from,
             coalesce(array_agg(x.interval order by x.from), array[s.billing_interval])
               as term_interval,
             coalesce(array_agg(x.anchor order by x.from), array[s.anchor]) as term_anchor
      from jsonb_to_recordset(s.terms) as x("from" date, "interval" text, anchor date)) t
    cross join lateral (
      select coalesce(array_agg(x.from order by x.from), '{}') as price_from,
             coalesce(array_agg(x.amount_minor order by x.from), '{}') as price_minor,
             coalesce(array_agg(x.plan order by x.from), '{}') as price_plan
      from jsonb_to_recordset(s.prices) as x("from" date, amount_minor bigint, plan text)) p
    left join (
      select x.line, array_agg((x.email, x.name, x.locale)::text order by x.email) as people
      from amends.account_stage_contact x where x.removed_at is null group by 1) k using (line)
  where s.problem is null),
known as (
  select account_id, array_agg((email, name, locale)::text order by email) as people
  from account_contact where not own group by 1)
select s.line, s.external_id, a.id as account_id, s.components, s.price_from, s.price_minor,
  s.price_plan, s.term_from,
  array_remove(array[
    case when a.name <> s.name then 'name' end,
    case when a.plan is distinct from s.plan then 'plan' end,
    case when a.currency <> s.currency then 'currency' end,
    case when a.timezone <> s.timezone then 'timezone' end,
    case when a.billing_interval <> s.billing_interval then 'interval' end,
    case when a.anchor <> s.anchor then 'anchor' end,
    case when (h.term_from, h.term_interval, h.term_anchor)
        is distinct from (s.term_from, s.term_interval, s.term_anchor)
        and (s.terms is not null or (h.term_from, h.term_interval, h.term_anchor)
          is distinct from (array[a.anchor], array[a.billing_interval], array[a.anchor]))
      then 'terms' end,
    case when (h.price_from, h.price_minor, h.price_plan)
        is distinct from (s.price_from, s.price_minor, s.price_plan) then 'prices' end,
    case when a.lines is distinct from s.lines then 'lines' end,
    case when a.labels is distinct from coalesce(s.labels, '{}') then 'labels' end,
    case when h.component_ids <> s.components then 'components' end,
    case when k.people is distinct from s.people then 'contacts' end], null) as changes
from staged s left join account a using (external_id)
  left join cohort_member m on m.account_id = a.id left join cohort h on h.id = m.cohort_id
  left join known k on k.account_id = a.id;

-- Compare an import without writing it: the number of lines that are created, updated, unchanged
-- and wrong, and the first hundred changes and errors.
create function amends.account_import_compare(out out_created bigint, out out_updated bigint,
  out out_unchanged bigint, out out_invalid bigint, out out_changes json, out out_errors json)
  language sql set work_mem = '128MB' set jit = off set enable_nestloop = off as $$
  with judged as materialized (
    select line, external_id, changes, case when account_id is null then 'created'
        when changes = '{}' then 'unchanged' else 'updated' end as outcome
    from amends.account_verdict),
  faults as materialized (
    select line, field, problem as detail from account_stage where problem is not null)
  select count(*) filter (where outcome = 'created'), count(*) filter (where outcome = 'updated'),
    count(*) filter (where outcome = 'unchanged'), (select count(*) from faults),
    (select coalesce(json_agg(c order by c.line), '[]') from (
        select line, external_id, outcome,
          case outcome when 'created' then '{}' else changes end as fields
        from judged where outcome <> 'unchanged' order by line limit 100) c),
    (select coalesce(json_agg(e order by e.line), '[]') from (
        select * from faults order by line limit 100) e)
  from judged;
$$;

-- The number of contacts who stay out because their account removed them; and the first hundred
-- warnings: of a price before the first period of its account, and of such contacts.
create function amends.account_import_warnings(out out_skipped bigint, out out_warnings json)
  language sql set enable_nestloop = off as $$
  with gone as materialized (
    select line, external_id, format('contacts[%s].email', place) as field,
      format('%s was removed by the account on %s and stays out; "restore": true brings it back',
        email, (removed_at at time zone 'UTC')::date) as detail
    from amends.account_stage_contact where removed_at is not null)
  select (select count(*) from gone), coalesce(json_agg(w order by w.line, w.field), '[]')
  from (select line, external_id, 'prices' as field,
        format('the price from %s begins before the first period, on %s; until then nothing is '
          'owed', price_from[1], term_from[1]) as detail
      from amends.account_verdict where price_from[1] < term_from[1]
    union all table gone
    order by 1, 3 limit 100) as w
$$;

-- Extend letters about credits that are held or being sent to contacts added since: a contact whose
-- address changed would get none otherwise, because the old row is deleted.
create function amends.credit_letters_widen() returns void language sql as $$
  with under_way as (
    update broadcast b set upper_id = k.most
      from (select max(id) as most from account_contact) k
      where b.kind = 'credit_notice' and b.state in ('held', 'sending') and b.upper_id < k.most
      returning b.id)
  update broadcast_cursor c set exhausted = false from under_way u
    where c.broadcast_id = u.id and c.exhausted
$$;

-- Write the new and changed lines. Returns the number of lines created, updated and unchanged. A
-- contact keeps its id as long as its address stays, because deliveries refer to it. Nested loops
-- are off: tables that were just filled have no statistics yet, the planner takes them for small,
-- and its nested loops took minutes for 5,000 accounts.
create function amends.account_import_write(out out_created bigint, out out_updated bigint,
  out out_unchanged bigint)
  language plpgsql set work_mem = '128MB' set jit = off set enable_nestloop = off as $$
begin
  create temp table account_judged on commit drop as
    select line, external_id, account_id, components, price_from, price_minor, price_plan, changes
    from amends.account_verdict;
  select count(*) filter (where account_id is null),
         count(*) filter (where account_id is not null and changes <> '{}'),
         count(*) filter (where account_id is not null and changes = '{}')
    into out_created, out_updated, out_unchanged from account_judged;
  delete from account_judged where account_id is not null and changes = '{}';
  insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor,
      plan, labels, lines)
    select s.external_id, s.name, s.currency, s.exponent, s.timezone, s.billing_interval, s.anchor,
           s.plan, coalesce(s.labels, '{}'), s.lines
    from account_judged j join account_stage s using (line)
    where j.account_id is null order by line;
  update account a set name = s.name, currency = s.currency, exponent = s.exponent,
      timezone = s.timezone, billing_interval = s.billing_interval, anchor = s.anchor,
      plan = s.plan, labels = coalesce(s.labels, '{}'), lines = s.lines, changed_at = now()
    from account_judged j join account_stage s using (line) where a.id = j.account_id;
  delete from account_price where account_id in (select account_id from account_judged);
  delete from account_term where account_id in (select account_id from account_judged);
  delete from account_component where account_id in (select account_id from account_judged);
  delete from account_contact c using account_judged j join account_stage s using (line)
    where c.account_id = j.account_id and not c.own and not exists (
      select from jsonb_to_recordset(s.contacts) as x(email text) where x.email = c.email);
  update account_judged j set account_id = a.id
    from account a where j.account_id is null and a.external_id = j.external_id;
  insert into account_price (account_id, valid_from, amount_minor, plan)
    select j.account_id, p.valid_from, p.amount_minor, p.plan
    from account_judged j, unnest(j.price_from, j.price_minor, j.price_plan)
      as p (valid_from, amount_minor, plan)
    order by 1;
  insert into account_term (account_id, valid_from, billing_interval, anchor)
    select j.account_id, x.from, x.interval, x.anchor
    from account_judged j join account_stage s using (line),
      jsonb_to_recordset(s.terms) as x("from" date, "interval" text, anchor date)
    order by 1;
  insert into account_component (account_id, component_id)
    select j.account_id, c from account_judged j, unnest(j.components) as c order by 1;
  insert into account_contact (account_id, email, name, locale, address_hash)
    select j.account_id, x.email, x.name, x.locale, x.address_hash
    from account_judged j join amends.account_stage_contact x using (line)
    where x.removed_at is null order by 1
    on conflict (account_id, email) do update set name = excluded.name, locale = excluded.locale,
      address_hash = excluded.address_hash, own = false;
  delete from account_contact_removed r using account_judged j, amends.account_stage_contact x
    where x.line = j.line and x.restore and r.account_id = j.account_id
      and r.address_hash = x.address_hash;
  perform amends.credit_letters_widen();
  drop table account_judged;
  perform amends.cohort_refresh();
end $$;
