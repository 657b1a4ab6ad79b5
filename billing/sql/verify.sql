-- The books, recomputed for `amends ledger verify`. Each row returned breaks a rule; no row means
-- that nothing was changed outside the rules.

create function amends.ledger_faults_audit()
  returns table (place text, fault text) language sql stable as $$
  select 'audit ' || seq, case
      when seq <> before + 1 then 'the row before it is missing'
      else 'its hash does not follow from the row before and its own words' end
  from (select a.*, lag(seq, 1, 0::bigint) over w as before,
               sha256(coalesce(lag(hash) over w, '') || convert_to(concat_ws('|', seq,
                 extract(epoch from at), actor, action, object, detail), 'UTF8')) as wanted
        from audit a window w as (order by seq)) as x
  where hash <> wanted or seq <> before + 1
  order by seq
$$;

create function amends.ledger_faults_entries() returns table (place text, fault text)
  language sql stable as $$
  select * from (
    select 'ledger_entry ' || coalesce(min(e.id)::text, 'none') || ', credit ' || c.id,
           format('the entries of a credit of %s in state %s say %s', c.amount_minor, c.state,
             coalesce(string_agg(e.kind || ' ' || e.book || ' ' || e.amount_minor, ', '
               order by e.id), 'nothing'))
    from credit c left join ledger_entry e on e.credit_id = c.id
    group by c.id
    having array_agg((e.kind, e.book, e.account_id, e.currency::text, e.amount_minor)::text
             order by e.kind, e.book)
      is distinct from case
        when c.state in ('draft', 'void') then array['(,,,,)']
        else (select array_agg((k.kind, b.book, c.account_id, c.currency::text,
                k.sign * b.sign * c.amount_minor)::text order by k.kind, b.book)
              from (values ('issue', 1), ('reversal', -1)) as k (kind, sign)
                cross join (values ('credits_granted', -1), ('customer_balance', 1))
                  as b (book, sign)
              where k.kind = 'issue' or c.state = 'reversed') end
    order by c.id) as one
  union all
  select 'ledger_entry, ' || currency, format('its entries sum to %s, not to 0', sum(amount_minor))
  from ledger_entry group by currency having sum(amount_minor) <> 0
$$;

create function amends.ledger_faults_credits() returns table (place text, fault text)
  language sql stable as $$
  select 'credit ' || c.id, format('its lines sum to %s, not to %s',
           coalesce(sum(l.amount_minor), 0), c.amount_minor)
  from credit c left join credit_line l on l.credit_id = c.id
  group by c.id having coalesce(sum(l.amount_minor), 0) <> c.amount_minor
  order by c.id
$$;

-- Microseconds of a list of {from, to}, times the members of each that are named; exact.
create function amends.credit_weighed(in_list jsonb, in_one text default null,
  in_other text default null) returns numeric language sql immutable as $$
  select coalesce(sum(amends.credit_micros((w->>'from')::timestamptz, (w->>'to')::timestamptz)
    * coalesce((w->>in_one)::numeric, 1) * coalesce((w->>in_other)::numeric, 1)), 0)
  from jsonb_array_elements(in_list) as w
$$;

-- Compute a line again from the windows, prices and claims of its explanation, and the policy.
create function amends.credit_recompute(in_explain jsonb, in_document jsonb, in_currency text)
  returns jsonb language sql stable as $$
  with base as (
    select case when whole is null
             then amends.credit_micros((in_explain->'period'->>'from_at')::timestamptz,
               (in_explain->'period'->>'to_at')::timestamptz)
             else amends.credit_micros(
               amends.credit_midnight((whole->>'from')::date, in_explain->>'timezone'),
               amends.credit_midnight((whole->>'to')::date, in_explain->>'timezone')) end as length,
           amends.credit_weighed(in_explain->'windows', 'weight_bp') as down,
           amends.credit_weighed(in_explain->'prices') as entitled,
           amends.credit_weighed(in_explain->'prices', 'price_minor') as worth,
           (select sum((c->>'price_minor')::numeric)
            from jsonb_array_elements(in_explain->'claims') as c) as claimed,
           coalesce(whole->>'to', in_explain->'period'->>'to')::date
             - coalesce(whole->>'from', in_explain->'period'->>'from')::date as dates
    from (select in_explain->'period'->'whole' as whole) as p),
  tier as (
    select coalesce(max((t->>'percent')::numeric), 0) as percent
    from base, jsonb_array_elements(in_document->'tiers') as t
    where in_document->>'model' = 'tiered'
      and (entitled * 10000 - down) * 100 < (t->>'uptime_below')::numeric * entitled * 10000),
  exact as (
    select b.*, t.percent, case
        when in_explain->>'formula' = 'nothing is owed' then 0
        when in_document->>'model' = 'prorata' then (in_document->>'multiplier')::numeric
          * amends.credit_weighed(in_explain->'windows', 'weight_bp', 'price_minor')
        when in_document->>'model' = 'tiered' then t.percent * b.worth
        when in_document->>'model' = 'days' then (in_document->>'days')::numeric * b.claimed
        else (in_document->'amounts'->>in_currency)::numeric end as num, case
        when in_explain->>'formula' = 'nothing is owed' then 1
        when in_document->>'model' = 'prorata' then b.length * 10000
        when in_document->>'model' = 'tiered' then b.length * 100
        when in_document->>'model' = 'days' then b.dates
        else 1 end as den
    from base b, tier t),
  whole as (
    select x.*, amends.credit_round(num, den, in_document->>'rounding') as rounded,
           div(worth * (in_document->>'cap_percent')::numeric, length * 100) as cap
    from exact x)
  select in_explain || jsonb_strip_nulls(jsonb_build_object(
    'model', in_document->'model', 'rounding', in_document->'rounding',
    'multiplier', case in_document->>'model'
      when 'prorata' then trim_scale((in_document->>'multiplier')::numeric)::text end,
    'days', case in_document->>'model'
      when 'days' then trim_scale((in_document->>'days')::numeric)::text end,
    'percent', case in_document->>'model' when 'tiered' then trim_scale(percent)::text end,
    'weighted_seconds', trim_scale(down * 0.0000000001)::text,
    'entitled_seconds', trim_scale(entitled * 0.000001)::text,
    'exact', jsonb_build_object('numerator', trim_scale(num)::text,
      'denominator', trim_scale(den)::text, 'decimal', round(num / den, 12)::text),
    'rounded_minor', case when rounded <= 9223372036854775807 then rounded end,
    'rounded_beyond', case when rounded > 9223372036854775807 then rounded::text end,
    'cap_percent', trim_scale((in_document->>'cap_percent')::numeric)::text,
    'cap_minor', cap,
    'min_credit_minor', greatest((in_document->>'min_credit_minor')::bigint, 1),
    'amount_minor', least(rounded - (in_explain->>'earlier_minor')::numeric,
      cap - (in_explain->>'issued_minor')::numeric)))
  from whole
$$;

-- Lines that share a working and its amounts have the same explanation: one of them is computed.
create function amends.ledger_distinct_lines()
  returns table (place text, policy bigint, document jsonb, explain jsonb, currency text,
    earlier bigint, taken bigint, amount bigint) language sql stable as $$
  select format('credit_line %s %s', (l).credit_id, (l).period_from), p.id, p.document, w.explain,
         one.currency, (l).earlier_minor, (l).issued_minor, (l).amount_minor
  from (
    select distinct on (k.working_id, k.earlier_minor, k.issued_minor, k.amount_minor,
        c.currency, r.policy_id) k as l, c.currency::text, r.policy_id
    from credit_line k join credit c on c.id = k.credit_id join credit_run r on r.id = c.run_id
    order by k.working_id, k.earlier_minor, k.issued_minor, k.amount_minor, c.currency,
      r.policy_id, k.credit_id, k.period_from) as one
    join policy p on p.id = policy_id join credit_working w on w.id = (l).working_id
  order by p.id, (l).credit_id, (l).period_from
$$;

-- Those that the engine computed (cli/ledger/lines.c).
create function amends.ledger_lines()
  returns table (place text, policy bigint, document jsonb, explain jsonb, currency text,
    earlier bigint, taken bigint, amount bigint) language sql stable as $$
  select * from amends.ledger_distinct_lines() as d where d.explain ? 'steps'
$$;

-- Those of before, whose explanations have no steps.
create function amends.ledger_faults_lines()
  returns table (place text, fault text) language sql stable as $$
  select x.place, 'its amount does not follow from its explanation: ' || coalesce((
           select string_agg(format('%s is %s, recomputed %s', key, was.value, made.value), '; ')
           from jsonb_each(stored) as was join jsonb_each(again) as made using (key)
           where was.value <> made.value), 'the explanation is incomplete')
  from (
    select d.place, d.stored, amends.credit_recompute(d.stored, d.document, d.currency) as again
    from (select d.*, d.explain || jsonb_build_object('earlier_minor', d.earlier,
                   'issued_minor', d.taken, 'amount_minor', d.amount) as stored
          from amends.ledger_distinct_lines() as d where not d.explain ? 'steps') as d) as x
  where stored::text is distinct from again::text
$$;

create function amends.ledger_counts() returns json language sql stable
  return json_build_object('chain', (select count(*) from ledger_chain),
    'audit', (select count(*) from audit),
    'ledger_entries', (select count(*) from ledger_entry), 'credits', (select count(*) from credit),
    'lines', (select count(*) from credit_line));
