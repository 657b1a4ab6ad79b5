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

-- Lines for the engine to compute again (cli/ledger/lines.c). Those that share a working and its
-- amounts have the same explanation: one of them stands for all.
create function amends.ledger_lines()
  returns table (place text, policy bigint, document jsonb, explain text, currency text,
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

create function amends.ledger_counts() returns json language sql stable
  return json_build_object('chain', (select count(*) from ledger_chain),
    'audit', (select count(*) from audit),
    'ledger_entries', (select count(*) from ledger_entry), 'credits', (select count(*) from credit),
    'lines', (select count(*) from credit_line));
