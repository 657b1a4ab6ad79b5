-- Functions through which tests/scenarios/credits/credit_worlds.js plays a random world: instants are
-- microseconds since 1970, dates are days since then. tests/bench/steps computes the runs that wait.
create schema play;

create function play.at(us bigint) returns timestamptz language sql immutable
  return timestamptz 'epoch' + make_interval(secs => us / 1000000)
    + (us % 1000000) * interval '1 microsecond';
create function play.us(at timestamptz) returns bigint language sql immutable
  return (extract(epoch from at) * 1000000)::bigint;
create function play.day(n integer) returns date language sql immutable
  return date '1970-01-01' + n;

create function play.impacts(ref text, impacts jsonb) returns void language plpgsql as $$
declare
  revision bigint;
begin
  insert into impact_revision (incident_id, reason)
    select id, 'correction' from incident i where i.ref = impacts.ref returning id into revision;
  update incident i set impact_revision_id = revision where i.ref = impacts.ref;
  insert into impact (revision_id, component_id, level, from_at, to_at)
    select revision, c.id, (m->>'level')::impact_level, play.at((m->>'from')::bigint),
           play.at((m->>'to')::bigint)
    from jsonb_array_elements(impacts.impacts) as m join component c on c.slug = m->>'component';
end $$;

create function play.terms(who text, terms jsonb) returns void language sql as $$
  delete from account_term where account_id = (select id from account where external_id = who);
  update account set changed_at = clock_timestamp() where external_id = who;
  insert into account_term
    select k.id, play.day((t->>'from')::integer), t->>'interval', play.day((t->>'anchor')::integer)
    from account k, jsonb_array_elements(terms) as t where k.external_id = who;
$$;

create function play.load(world jsonb) returns void language plpgsql as $$
declare
  i jsonb;
begin
  insert into component (slug, name)
    select s, s from jsonb_array_elements_text(world->'components') as s on conflict do nothing;
  insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor)
    select a->>'id', a->>'id', a->>'currency', 2, a->>'timezone', a->>'interval',
           play.day((a->>'anchor')::integer)
    from jsonb_array_elements(world->'accounts') as a;
  perform play.terms(a->>'id', a->'terms') from jsonb_array_elements(world->'accounts') as a
    where a->'terms' <> 'null';
  insert into account_price
    select k.id, play.day((p->>'from')::integer), (p->>'amount')::bigint
    from jsonb_array_elements(world->'accounts') as a join account k on k.external_id = a->>'id'
      cross join jsonb_array_elements(a->'prices') as p;
  insert into account_component
    select k.id, c.id
    from jsonb_array_elements(world->'accounts') as a join account k on k.external_id = a->>'id'
      cross join jsonb_array_elements_text(a->'components') as s join component c on c.slug = s;
  insert into policy (name, version, document)
    select p->>'name', (p->>'version')::integer, p - 'version'
    from jsonb_array_elements(world->'policies') as p;
  for i in select jsonb_array_elements(world->'incidents') loop
    insert into incident (ref, title, kind, state, announced_at, started_at)
      values (i->>'ref', i->>'ref', 'incident', 'resolved', play.at((i->>'announced')::bigint),
              play.at((i->>'started')::bigint));
    perform play.impacts(i->>'ref', i->'impacts');
  end loop;
  analyze component, account, account_price, account_component, policy, incident, impact;
end $$;

create function play.outcome(run bigint) returns jsonb language sql as $$
  select jsonb_build_object('run', run, 'state', r.state, 'failure', r.failure,
    'until', play.us(r.drafted_at)::text,
    'left_out', (select coalesce(jsonb_object_agg(a.external_id, x.reason), '{}')
      from credit_left_out x join account a on a.id = x.account_id where x.run_id = run),
    'workings', (select count(*) from credit_working w where w.run_id = run),
    'credits', (select coalesce(jsonb_object_agg(a.external_id, jsonb_build_object(
        'amount', c.amount_minor::text, 'weighted', (c.weighted_seconds * 10000000000)::bigint::text,
        'lines', (select jsonb_agg(jsonb_build_object('period', l.period_from - '1970-01-01',
                    'next', l.period_to - '1970-01-01', 'amount', l.amount_minor::text,
                    'cap', amends.explain(l)->>'cap_minor', 'taken', l.issued_minor::text)
                  order by l.period_from) from credit_line l where l.credit_id = c.id))), '{}')
      from credit c join account a on a.id = c.account_id where c.run_id = run),
    'excess', (select coalesce(jsonb_object_agg(external_id, xs), '{}') from (
        select a.external_id, jsonb_agg(jsonb_build_object('period', x.period_from - '1970-01-01',
                 'amount', x.amount_minor::text) order by x.period_from) as xs
        from credit_excess x join account a on a.id = x.account_id where x.run_id = run
        group by 1) as e))
  from credit_run r where r.id = run
$$;

-- A run over the incidents' present impacts that waits for its draft, as if drawn up at `until`.
create function play.draft(policy_name text, policy_version integer, refs jsonb, until bigint)
  returns bigint
  language plpgsql as $$
declare
  run bigint;
begin
  insert into credit_run (policy_id, reason, created_by, drafted_at)
    select id, 'test', 0, play.at(until) from policy where name = policy_name and version = policy_version
    returning id into run;
  insert into credit_run_incident
    select run, id, impact_revision_id from incident where refs ? ref;
  return run;
end $$;

create function play.reconcile(run bigint) returns bigint language plpgsql as $$
declare
  made bigint := amends.credit_run_reconcile(run, 0, 'test');
begin
  update credit_run r set drafted_at = root.drafted_at
    from credit_run root where r.id = made and root.id = r.reconciles;
  return made;
end $$;

create function play.again(run bigint) returns void language plpgsql as $$
begin
  update credit_run set state = 'computing' where id = run;
end $$;

-- What was issued since a draft of long ago would make it stale, so it becomes one of now.
create function play.issue(run bigint) returns void language plpgsql as $$
declare
  was timestamptz := (select drafted_at from credit_run where id = run);
begin
  if not exists (select from staff) then
    perform amends.staff_create('approver', 'Approver', null, '{approver}');
  end if;
  update credit_run set state = 'approved', approved_by = (select min(key_id) from staff),
    approved_at = now(),
    drafted_at = clock_timestamp() where id = run;
  perform amends.credit_run_issue(run);
  update credit_run set drafted_at = was where id = run;
end $$;

create function play.reverse(account text, run bigint) returns boolean language sql as $$
  select coalesce((select amends.credit_reverse(c.id, 'test', 'test') = 'reversed'
    from credit c join account a on a.id = c.account_id
    where a.external_id = account and c.run_id = run), false)
$$;

-- What is wrong with the books, in words; nothing when all is right.
create function play.books() returns setof text language sql as $$
  select format('credit %s is not the sum of its lines', c.id) from credit c
    where c.amount_minor <> (select sum(amount_minor) from credit_line l where l.credit_id = c.id)
  union all
  select format('the ledger of %s is off by %s', currency, sum(amount_minor)) from ledger_entry
    group by currency having sum(amount_minor) <> 0
  union all
  select format('the ledger says %s of credit %s in state %s', sum(e.amount_minor), c.id, c.state)
    from credit c left join ledger_entry e on e.credit_id = c.id and e.book = 'customer_balance'
    group by c.id having coalesce(sum(e.amount_minor), 0)
      <> case when c.state in ('issued', 'acknowledged') then c.amount_minor else 0 end
  union all
  select format('the reversal of credit %s mirrors nothing', r.credit_id) from ledger_entry r
    where r.kind = 'reversal' and not exists (
      select from ledger_entry i where i.credit_id = r.credit_id and i.kind = 'issue'
        and i.book = r.book and i.amount_minor = -r.amount_minor and i.id < r.id)
$$;

create function play.refuses(statement text) returns boolean language plpgsql as $$
begin
  execute statement;
  return false;
exception when restrict_violation then
  return true;
end $$;

-- Every account once more for each number.
create function play.clone(numbers integer[]) returns void language plpgsql as $$
declare
  n integer;
begin
  foreach n in array numbers loop
    insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor)
      select external_id || '-' || n, name, currency, exponent, timezone, billing_interval, anchor
      from account where external_id not like '%-%';
    insert into account_term
      select k.id, t.valid_from, t.billing_interval, t.anchor
      from account a join account_term t on t.account_id = a.id
        join account k on k.external_id = a.external_id || '-' || n;
    insert into account_price
      select k.id, p.valid_from, p.amount_minor from account a join account_price p on p.account_id = a.id
        join account k on k.external_id = a.external_id || '-' || n;
    insert into account_component
      select k.id, u.component_id from account a join account_component u on u.account_id = a.id
        join account k on k.external_id = a.external_id || '-' || n;
  end loop;
  analyze account, account_price, account_component;
end $$;
