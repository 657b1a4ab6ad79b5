-- The ledger's chain (core/ledger) and the states that follow from it.

create trigger append_only before update or delete on ledger_chain
  for each statement execute function amends.refuse_change();

-- Events that the tables tell of and no entry does. Billing pins them when it begins the chain;
-- afterwards there are none.
create function amends.ledger_chain_absent()
  returns table (kind text, object bigint, ids bigint[]) language sql stable as $$
  with run as (
    select 'draft' as kind, id from credit_run where drafted_at is not null
      union select 'draft', run_id from credit
      union select 'draft', run_id from credit_line
      union select 'draft', run_id from credit_working
      union select 'draft', run_id from credit_excess
      union select 'draft', run_id from credit_left_out
      union select 'draft', run_id from credit_difference
      union select 'draft', run_id from credit_warning
    union all select 'approve', id from credit_run
      where approved_by is not null or approved_at is not null or alone
    union all (select 'issue', id from credit_run where issued_at is not null
      union select 'issue', c.run_id from ledger_entry e join credit c on c.id = e.credit_id
        where e.kind = 'issue'
      union select 'issue', c.run_id from credit_feed f join credit c on c.id = f.credit_id
        where f.event = 'issued')
    union all select 'void', id from credit_run
      where voided_by is not null or voided_at is not null
    union all select 'fail', id from credit_run where failure is not null
    union all (select 'reverse', credit_id from ledger_entry where kind = 'reversal'
      union select 'reverse', credit_id from credit_feed where event = 'reversed')),
  entry as (
    select kind, id from ledger_chain, unnest(ids) as id),
  one as (
    select 'acknowledge' as kind, id from credit_warning
      where acknowledged_by is not null or acknowledged_at is not null
    union all select 'ack', credit_id from credit_ack
    union all select 'applied', credit_id from credit_ack where applied_at is not null),
  lone as (
    select kind, id, (row_number() over (partition by kind order by id) - 1) / 10000 as chunk
    from (select kind, id from one except select kind, id from entry) as x),
  absent as (
    select kind, id as object, '{}'::bigint[] as ids from (
      select kind, id from run
      except select kind, object from ledger_chain where object is not null) as x
    union all
    select kind, null, array_agg(id order by id) from lone group by kind, chunk)
  select a.kind, a.object, a.ids from absent a
    join unnest(array['draft', 'acknowledge', 'approve', 'issue', 'void', 'fail', 'ack',
      'applied', 'reverse']) with ordinality as o (kind, n) using (kind)
  order by o.n, a.object, a.ids
$$;

create function amends.ledger_faults_absent() returns table (place text, fault text)
  language sql stable as $$
  select case when kind in ('ack', 'applied') then 'credit_ack ' || ids[1]
      when kind = 'acknowledge' then 'credit_warning ' || ids[1]
      when kind = 'reverse' then 'credit ' || object else 'credit_run ' || object end
    || case when cardinality(ids) > 1 then ' and ' || cardinality(ids) - 1 || ' more' else '' end,
    format('no entry "%s" of ledger_chain says so', kind)
  from amends.ledger_chain_absent()
$$;

-- Columns that change from event to event follow from the entries and from the rows they pin.
create function amends.ledger_faults_states() returns table (place text, fault text)
  language sql stable as $$
  with said as (
    select object as id, array_agg(kind) as kinds from ledger_chain
    where kind in ('draft', 'approve', 'issue', 'void', 'fail') group by 1),
  run as (
    select r.id, r.state, r.issued_at, case when 'void' = any(kinds) then 'void'
      when 'fail' = any(kinds) then 'failed' when 'issue' = any(kinds) then 'issued'
      when 'approve' = any(kinds) then 'approved' when 'draft' = any(kinds) then 'draft'
      else 'computing' end as wanted
    from credit_run r left join said using (id)),
  one as (
    select c.id, c.state, c.issued_at, r.issued_at as wanted_at, case
      when r.wanted in ('void', 'failed') then 'void' when r.wanted <> 'issued' then 'draft'
      when exists (select from credit_feed f where f.credit_id = c.id and f.event = 'reversed')
        then 'reversed'
      when k.applied_at is not null then 'applied' when k.credit_id is not null then 'acknowledged'
      else 'issued' end as wanted
    from credit c join run r on r.id = c.run_id left join credit_ack k on k.credit_id = c.id)
  select 'credit_run ' || id, format('its state is %s, and ledger_chain says %s', state, wanted)
  from run where state <> wanted
  union all
  select 'credit ' || id, format('its state is %s, and run, feed and acks say %s', state, wanted)
  from one where state <> wanted
  union all
  select 'credit ' || id, format('its issued_at is %s, and that of its run %s',
    coalesce(issued_at::text, 'null'), coalesce(wanted_at::text, 'null'))
  from one where issued_at is distinct from wanted_at
$$;
