-- Groups: accounts that a run cannot tell apart. billing/engine computes one of each.

-- What evidence and policy tell accounts apart by: labels that they want, single accounts, account
-- lists, plans. Few, although the planner expects many: the tables to hash them would be of 30 MB.
create function amends.credit_run_traits(out out_labels jsonb[], out out_named text[],
  out out_lists text[], out out_plans boolean) language plpgsql stable
  set enable_hashagg = off as $$
begin
  with scoped as (
    select m.scope from cr_pin p join impact m using (revision_id) where m.scope is not null
    union all
    select scope from amends.current_impact
    where level = 'under_maintenance' and scope is not null
    union all
    select scope from measurement_series, cr_policy
    where scope is not null and document ? 'measure'),
  said as (
    select document->'applies'->'labels' as labels from cr_policy
    union select scope->'labels' from scoped),
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
  select (select coalesce(array_agg(labels order by labels), '{}') from said
           where jsonb_typeof(labels) = 'object' and labels <> '{}'),
         (select coalesce(array_agg(account), '{}') from named),
         (select coalesce(array_agg(distinct scope->>'list'), '{}') from scoped
           where scope->>'list' is not null),
         (select coalesce(document->'applies' ? 'plans', false) from cr_policy)
    into out_labels, out_named, out_lists, out_plans;
end $$;

-- Group the accounts: by cohort, by what evidence and policy tell apart, and by earlier lines. Only
-- accounts with a trait have a row of their own, so that a run over a million without costs little.
create function amends.credit_run_groups() returns void language plpgsql
  set enable_nestloop = off as $$
declare
  asked record;
  keys text[];
  one bigint := (select account_id from cr_policy);
  this_run bigint := (select run_id from cr_policy);
  this_policy text := (select name from cr_policy);
  lo date;
  hi date;
begin
  -- Lines of other policies count where they are in a window or its year, at most; those of this
  -- policy always.
  select coalesce(min(m.from_at)::date - 800, '-infinity'),
         coalesce(max(coalesce(m.to_at, p.until))::date + 800, 'infinity') into lo, hi
  from cr_pin p join impact m using (revision_id)
  where p.incident_id in (select incident_id from cr_pin where own)
    and not (select document ? 'measure' from cr_policy);
  select * into asked from amends.credit_run_traits();
  keys := array(select distinct k from unnest(asked.out_labels) w, jsonb_object_keys(w) k);
  create temp table cr_trait on commit drop as
    with held as (
      select l.account_id, string_agg(concat_ws(':', l.run_id, l.period_from, l.period_to,
               l.amount_minor, c.currency, l.working_id), ',' order by l.run_id, l.period_from)
               as lines
      from credit_line l join credit c on c.id = l.credit_id
      where c.state in ('issued', 'acknowledged', 'applied') and l.run_id <> this_run
        and (one is null or l.account_id = one)
        and (l.period_from between lo and hi or l.run_id in (
          select r.id from credit_run r join policy p on p.id = r.policy_id
          where p.name = this_policy))
      group by 1),
    listed as (
      select m.account_id, jsonb_object_agg(l.name, m.share_bp) as shares
      from account_list l join account_list_member m on m.list_id = l.id
      where l.name = any (asked.out_lists) and (one is null or m.account_id = one) group by 1),
    -- Not the labels themselves, of which each account may have others, but which rules they meet.
    labelled as (
      select a.id as account_id,
        (select jsonb_object_agg(key, value) from jsonb_each(a.labels)
          where key = any (keys)) as own
      from account a where keys <> '{}' and a.labels <> '{}' and (one is null or a.id = one)),
    met as (
      select own, (select string_agg(n::text, ',' order by n)
          from unnest(asked.out_labels) with ordinality as w (want, n)
          where amends.labels_match(want, own)) as rules
      from (select distinct own from labelled) as x),
    told as (
      select a.id as account_id, row(case when asked.out_plans then a.plan end,
               m.rules, a.lines, case when a.external_id = any (asked.out_named) then a.id end,
               d.shares)::text as said
      from account a left join listed d on d.account_id = a.id
        left join labelled o on o.account_id = a.id left join met m on m.own = o.own
      where (asked.out_plans or m.rules is not null or a.lines is not null
          or a.external_id = any (asked.out_named) or d.account_id is not null)
        and (one is null or a.id = one))
    select account_id, row(told.said, held.lines)::text as trait, held.lines is not null as holds
    from told full join held using (account_id);
  analyze cr_trait;
  create temp table cr_group on commit drop as
    select m.cohort_id, coalesce(t.trait, '') as trait, min(m.account_id) as account_id,
           count(*) as accounts, coalesce(bool_or(t.holds), false) as holds,
           row_number() over (order by min(m.account_id)) as share
    from cr_member m left join cr_trait t using (account_id) group by 1, 2;
  create unique index on cr_group (share);
  analyze cr_group;
end $$;

-- Standing lines of an account, as the engine reads them.
create function amends.credit_held(in_account bigint, in_run bigint, in_policy text, in_root bigint,
  in_root_issued_at timestamptz) returns json language sql stable as $$
  select json_agg(json_build_object('run', l.run_id, 'from', l.period_from, 'to', l.period_to,
      'start', w.explain->'period'->>'from_at', 'amount_minor', l.amount_minor,
      'currency', c.currency, 'same', p.name = in_policy,
      'family', in_root in (r.id, r.reconciles),
      'before', r.issued_at < coalesce(in_root_issued_at, 'infinity'),
      'days', (select json_agg(k->>'day') from jsonb_array_elements(w.explain->'claims') as k
               where k ? 'day'),
      'reach', (select amends.instant(max(coalesce((x->>'to')::timestamptz,
          (x->>'at')::timestamptz + interval '1 microsecond')))
        from jsonb_array_elements(coalesce(w.explain->'windows', '[]')
          || coalesce(w.explain->'claims', '[]')) as x))
      order by l.run_id, l.period_from)
  from credit_line l join credit c on c.id = l.credit_id
    join credit_run r on r.id = l.run_id join policy p on p.id = r.policy_id
    cross join lateral (select k.explain::jsonb from credit_working k
      where k.id = l.working_id) as w
  where l.account_id = in_account and l.run_id <> in_run
    and c.state in ('issued', 'acknowledged', 'applied')
$$;

-- Groups behind a number, each as one account with its standing lines. Plans are kept for the
-- session, so none may read a whole table that was small once. amends.until: give up then.
create function amends.credit_run_questions(in_after bigint, in_most bigint)
  returns table (share bigint, accounts bigint, account json, held json)
  language plpgsql stable set enable_seqscan = off as $$
begin
  if clock_timestamp() > nullif(current_setting('amends.until', true), '')::timestamptz then
    raise query_canceled using message = 'the computation takes longer than it may';
  end if;
  return query
    select g.share, g.accounts, json_build_object('external_id', a.external_id,
      'currency', a.currency, 'timezone', a.timezone, 'plan', a.plan, 'labels', a.labels,
      'lines', a.lines, 'lists', (select jsonb_object_agg(l.name, m.share_bp)
        from account_list_member m join account_list l on l.id = m.list_id
        where m.account_id = a.id),
      'terms', h.terms, 'prices', h.prices,
      'components', (select json_agg(c.slug) from component c
        where c.id = any (h.component_ids))),
      case when g.holds then
        amends.credit_held(a.id, y.run_id, y.name, y.root, y.root_issued_at) end
    from cr_policy y cross join cr_group g join account a on a.id = g.account_id
      join cohort h on h.id = g.cohort_id
    where g.share > in_after order by g.share limit in_most;
end $$;
