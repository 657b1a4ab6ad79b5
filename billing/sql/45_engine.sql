-- Runs that billing/engine computes (billing/compute.c): those with anything that the functions of
-- 40_weight to 60_lines do not know. SQL pins the evidence and groups accounts; the engine gives
-- the lines of each group; SQL writes them.
--
-- Working tables besides those of 10_evidence.sql:
--   cr_group   accounts that are equal to this run, with the lowest of them
-- and cr_cohort, cr_line, cr_total as 60_lines.sql has them, a cohort and share being a group.

-- A number as the models of SQL read it; null: a ratio such as 10/3.
create function amends.credit_number(in_text text) returns numeric
  language sql immutable strict parallel safe
  return case when in_text !~ '/' then in_text::numeric end;

-- Whether a policy says something that only the engine computes.
create function amends.policy_needs_engine(in_document jsonb) returns boolean
  language sql immutable parallel safe
  return in_document ?| array['applies', 'base', 'window', 'below', 'beyond', 'measure', 'grace',
      'claim', 'at_least', 'min_credit', 'caps', 'remedy']
    or in_document->>'model' = 'steps'
    or amends.credit_number(in_document->>'multiplier') is null
    or in_document ? 'days' and amends.credit_number(in_document->>'days') is null
    or amends.credit_number(in_document->>'cap_percent') is null
    or exists (select from jsonb_array_elements(in_document->'tiers') as t
      where not t ?& array['uptime_below', 'percent']
        or t ?| array['days', 'hours', 'amounts', 'down_from_seconds']
        or amends.credit_number(t->>'percent') is null
        or amends.credit_number(t->>'uptime_below') is null);

-- Whether the engine computes a run: by its policy, its evidence, or accounts with price lines.
create function amends.credit_run_needs_engine(in_run bigint) returns boolean
  language sql stable as $$
  select amends.policy_needs_engine(p.document)
    or exists (select from account where lines is not null)
    or exists (select from amends.current_impact
      where level = 'under_maintenance' and scope is not null)
    or exists (
      select from credit_run_incident x join impact m on m.revision_id = x.impact_revision_id
      where (m.weight_bp is not null or m.scope is not null)
        and (x.run_id = in_run or x.run_id in (
          select o.id from credit_run o join policy v on v.id = o.policy_id
          where v.name = p.name and o.state = 'issued')))
  from credit_run r join policy p on p.id = r.policy_id where r.id = in_run
$$;

-- The names by which evidence and policy tell accounts apart: keys of labels, single accounts.
create function amends.credit_run_traits(out out_keys text[], out out_named text[],
  out out_plans boolean) language plpgsql stable as $$
begin
  with scoped as (
    select m.scope from cr_pin p join impact m using (revision_id) where m.scope is not null
    union all
    select scope from amends.current_impact
    where level = 'under_maintenance' and scope is not null
    union all
    select scope from measurement, cr_policy where scope is not null and document ? 'measure'),
  said as (
    select jsonb_object_keys(coalesce(document->'applies'->'labels', '{}')) as key from cr_policy
    union select jsonb_object_keys(coalesce(scope->'labels', '{}')) from scoped),
  named as (
    select a->>'account' as account
    from scoped cross join jsonb_array_elements(coalesce(scope->'accounts', '[]')) as a
    union
    select jsonb_object_keys(r.reports) from cr_pin p join impact_revision r on r.id = p.revision_id
    union
    select a.external_id
    from cr_policy y cross join claim k join claim_incident x on x.claim_id = k.id
      join account a on a.id = k.account_id
    where y.document ? 'claim' and x.incident_id in (select incident_id from cr_pin))
  select (select coalesce(array_agg(key), '{}') from said),
         (select coalesce(array_agg(account), '{}') from named),
         (select coalesce(document->'applies' ? 'plans', false) from cr_policy)
    into out_keys, out_named, out_plans;
end $$;

-- Standing lines of an account, as the engine reads them.
create function amends.credit_held(in_account bigint) returns json language plpgsql stable as $$
begin
  return (
    select json_agg(json_strip_nulls(json_build_object('run', l.run_id, 'from', l.period_from, 'to',
      l.period_to, 'start', w.explain->'period'->>'from_at', 'amount_minor', l.amount_minor,
      'currency', c.currency, 'same', p.name = y.name,
      'family', y.root in (r.id, r.reconciles),
      'before', r.issued_at < coalesce(y.root_issued_at, 'infinity'),
      'days', (select json_agg(k->>'day') from jsonb_array_elements(w.explain->'claims') as k
               where k ? 'day'),
      'reach', (select amends.credit_instant(max(coalesce((x->>'to')::timestamptz,
          (x->>'at')::timestamptz + interval '1 microsecond')))
        from jsonb_array_elements(coalesce(w.explain->'windows', '[]')
          || coalesce(w.explain->'claims', '[]')) as x)))
      order by l.run_id, l.period_from)
    from cr_policy y cross join credit_line l join credit c on c.id = l.credit_id
      join credit_run r on r.id = l.run_id join policy p on p.id = r.policy_id
      join credit_working w on w.id = l.working_id
    where l.account_id = in_account and l.run_id <> y.run_id
      and c.state in ('issued', 'acknowledged', 'applied'));
end $$;

-- Group the accounts: by cohort, by what evidence and policy tell apart, and by earlier lines.
create function amends.credit_run_groups() returns void language plpgsql
  set enable_nestloop = off as $$
declare
  t record;
begin
  select * into t from amends.credit_run_traits();
  create temp table cr_traits on commit drop as
    with held as (
      select l.account_id, string_agg(concat_ws(':', l.run_id, l.period_from, l.period_to,
               l.amount_minor, c.currency, l.working_id), ',' order by l.run_id, l.period_from)
               as lines
      from credit_line l join credit c on c.id = l.credit_id
      where c.state in ('issued', 'acknowledged', 'applied')
        and l.run_id <> (select run_id from cr_policy)
      group by 1)
    select m.account_id, m.cohort_id, concat_ws('|',
             case when t.out_plans then a.plan end,
             case when t.out_keys <> '{}' then (select jsonb_object_agg(key, value)
               from jsonb_each(a.labels) where key = any (t.out_keys)) end,
             a.lines, case when a.external_id = any (t.out_named) then a.id end, h.lines) as trait
    from cr_member m join account a on a.id = m.account_id
      left join held h on h.account_id = m.account_id;
  create temp table cr_group on commit drop as
    select cohort_id, trait, min(account_id) as account_id, count(*) as accounts,
           row_number() over (order by min(account_id)) as share
    from cr_traits group by 1, 2;
  analyze cr_traits;
  analyze cr_group;
end $$;

-- The first part of computing a run: everything that the engine asks for, in working tables.
create function amends.credit_run_engine_begin(in_run bigint) returns void language plpgsql as $$
begin
  perform amends.credit_run_evidence(in_run);
  perform amends.credit_run_members();
  perform amends.credit_run_groups();
  create temp table cr_left_out (account_id bigint) on commit drop;
  create temp table cr_cohort (cohort bigint, currency text, exponent smallint) on commit drop;
  create temp table cr_line (share bigint, cohort bigint, period_from date, period_to date,
    working_id bigint, rounded numeric, cap numeric, weighted_seconds numeric, earlier numeric,
    issued numeric, difference numeric, amount numeric, explain jsonb) on commit drop;
  create temp table cr_total (share bigint, cohort bigint, amount numeric,
    weighted_seconds numeric) on commit drop;
  create temp table cr_claim (cohort bigint) on commit drop;
  create temp table cr_base (cohort bigint, currency text, accounts bigint) on commit drop;
end $$;

create function amends.credit_impacts(in_revision bigint, in_until timestamptz) returns json
  language sql stable as $$
  select coalesce(json_agg(json_strip_nulls(json_build_object('component', c.slug,
    'level', m.level, 'from', amends.credit_instant(m.from_at),
    'to', amends.credit_instant(coalesce(m.to_at, in_until)), 'weight_bp', m.weight_bp,
    'scope', m.scope)) order by m.id), '[]')
  from impact m join component c on c.id = m.component_id
  where m.revision_id = in_revision and m.from_at < coalesce(m.to_at, in_until)
$$;

create function amends.credit_incidents(in_run bigint) returns json language plpgsql stable as $$
begin
  return (
    select coalesce(json_agg(json_strip_nulls(json_build_object('ref', i.ref,
      'impacts', amends.credit_impacts(p.revision_id, p.until),
      'reported_at', amends.credit_instant(r.reported_at),
      'reports', (select json_object_agg(key, amends.credit_instant(value::timestamptz))
                  from jsonb_each_text(r.reports)))) order by i.id), '[]')
    from cr_pin p join incident i on i.id = p.incident_id
      left join impact_revision r on r.id = p.revision_id
    where p.run_id = in_run);
end $$;

-- The evidence of a run in the form of billing/engine/evidence/read.h: claims and measurements as
-- of the draft.
create function amends.credit_run_engine_evidence() returns json language plpgsql stable as $$
begin
  return (
    select json_build_object(
      'reconciles', y.root is not null,
      'incidents', amends.credit_incidents(y.run_id),
      'earlier', (select coalesce(json_agg(json_build_object('id', e.run_id,
          'incidents', amends.credit_incidents(e.run_id)) order by e.run_id), '[]')
        from (select distinct run_id from cr_pin where not own) as e),
      'maintenance', (select coalesce(json_agg(json_build_object('ref', i.ref,
          'announced_at', amends.credit_instant(coalesce(i.announced_at, i.started_at)),
          'impacts', amends.credit_impacts(i.impact_revision_id, d.drafted_at)) order by i.id),
          '[]')
        from incident i where i.id in (
          select incident_id from amends.current_impact where level = 'under_maintenance')),
      'claims', (select coalesce(json_agg(json_build_object('account', a.external_id,
          'at', amends.credit_instant(k.at), 'incidents', (
            select json_agg(i.ref) from claim_incident x join incident i on i.id = x.incident_id
            where x.claim_id = k.id)) order by k.id), '[]')
        from claim k join account a on a.id = k.account_id
        where y.document ? 'claim' and k.created_at <= d.drafted_at and exists (
          select from claim_incident x join cr_pin using (incident_id) where x.claim_id = k.id)),
      'measurements', (select coalesce(json_agg(json_strip_nulls(json_build_object(
          'component', c.slug, 'from', amends.credit_instant(m.from_at),
          'to', amends.credit_instant(m.to_at), 'good', m.good, 'total', m.total,
          'scope', m.scope)) order by m.from_at, m.id), '[]')
        from measurement m join component c on c.id = m.component_id
        where y.document->'measure'->>'source' = 'requests' and m.created_at <= d.drafted_at
          and (d.period_from is null or m.from_at >= d.period_from)
          and (d.period_to is null or m.from_at < d.period_to)))
    from cr_policy y join credit_run d on d.id = y.run_id);
end $$;

-- The groups, each as one account with its standing lines.
create function amends.credit_run_engine_groups()
  returns table (share bigint, account json, held json) language plpgsql stable as $$
begin
  return query
    select g.share, json_strip_nulls(json_build_object('external_id', a.external_id,
      'currency', a.currency, 'timezone', a.timezone, 'plan', a.plan, 'labels', a.labels,
      'lines', a.lines,
      'terms', (select json_agg(json_build_object('from', t.f, 'interval', t.i, 'anchor', t.a)
          order by t.f)
        from unnest(h.term_from, h.term_interval, h.term_anchor) as t (f, i, a)),
      'prices', (select json_agg(json_build_object('from', p.f, 'amount_minor', p.m, 'plan', p.p))
        from unnest(h.price_from, h.price_minor, h.price_plan) as p (f, m, p)),
      'components', (select coalesce(json_agg(c.slug), '[]') from component c
        where c.id = any (h.component_ids)))), amends.credit_held(a.id)
    from cr_group g join account a on a.id = g.account_id join cohort h on h.id = g.cohort_id
    where a.lines is not null or h.price_from <> '{}'
    order by g.share;
end $$;

-- Take results of the engine: [{share, currency, left_out, seconds, lines, excess}].
create function amends.credit_run_engine_take(in_results jsonb) returns void language plpgsql as $$
begin
  insert into cr_left_out
    select t.account_id from jsonb_to_recordset(in_results) as r(share bigint, left_out text)
      join cr_group g using (share) join cr_traits t using (cohort_id, trait)
    where r.left_out is not null;
  insert into cr_cohort
    select r.share, r.currency, case r.currency when 'DAY' then 2 else a.exponent end
    from jsonb_to_recordset(in_results) as r(share bigint, currency text)
      join cr_group g using (share) join account a on a.id = g.account_id;
  insert into cr_line
    select r.share, r.share, l.from, l.to, null, null, l.cap, l.seconds, l.earlier, l.taken,
           coalesce(l.amount, -l.excess), coalesce(l.amount, -l.excess), l.explain
    from jsonb_to_recordset(in_results) as r(share bigint, lines jsonb)
      cross join jsonb_to_recordset(r.lines) as l("from" date, "to" date, cap numeric,
        seconds numeric, earlier numeric, taken numeric, amount numeric, excess numeric,
        explain jsonb);
  insert into cr_total
    select r.share, r.share, sum(l.amount), r.seconds
    from jsonb_to_recordset(in_results) as r(share bigint, seconds numeric, lines jsonb)
      cross join jsonb_to_recordset(r.lines) as l(amount numeric)
    where l.amount is not null group by r.share, r.seconds;
end $$;

-- From groups to accounts, as credit_run_accounts.
create function amends.credit_run_engine_accounts() returns void language plpgsql as $$
begin
  create temp view cr_account as
    select t.account_id, g.share, g.share in (select share from cr_total) as paid
    from cr_group g join cr_traits t using (cohort_id, trait)
    where g.share in (select share from cr_line);
end $$;

create function amends.credit_run_engine_forget() returns void language plpgsql as $$
begin
  drop view if exists cr_account;
  drop table cr_policy, cr_prior, cr_pin, cr_outage, cr_member, cr_traits, cr_group, cr_left_out,
    cr_cohort, cr_line, cr_total, cr_claim, cr_base;
end $$;

-- Before the engine computes a draft: nothing is left of an earlier try.
create function amends.credit_run_engine_draft(in_run bigint) returns void language plpgsql as $$
begin
  perform set_config('jit', 'off', true), set_config('work_mem', '128MB', true);
  perform pg_advisory_xact_lock_shared(amends.lock_key('ledger'));
  perform amends.credit_run_clear(in_run);
  update credit_run set drafted_at = clock_timestamp() where id = in_run and drafted_at is null;
  perform amends.credit_run_engine_begin(in_run);
end $$;

-- After it: write the draft.
create function amends.credit_run_engine_write(in_run bigint) returns void language plpgsql as $$
declare
  ids regclass := pg_get_serial_sequence('credit_working', 'id');
begin
  analyze cr_line;
  analyze cr_total;
  perform amends.credit_run_engine_accounts();
  update cr_line set working_id = nextval(ids) where explain is not null;
  insert into credit_working (id, run_id, explain) overriding system value
    select working_id, in_run, explain from cr_line where explain is not null order by working_id;
  perform amends.credit_run_write(in_run);
  perform amends.credit_run_warnings(in_run);
  perform amends.credit_run_engine_forget();
  drop table cr_credit;
end $$;
