-- The world of tests/cases: case_file (name, document) and account_file (document) hold the
-- files; policies are there already. Everything else is made from them.

insert into component (slug, name)
  select distinct slug, slug from (
    select jsonb_array_elements_text(document->'components') from account_file
    union select jsonb_array_elements_text(document->'components') from case_file) as x (slug);

insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor)
  select document->>'external_id', document->>'name', document->>'currency',
         case document->>'currency' when 'JPY' then 0 when 'KWD' then 3 else 2 end,
         document->>'timezone', document->>'interval', (document->>'anchor')::date
  from account_file order by 1;
insert into account_price
  select a.id, (p->>'from')::date, (p->>'amount_minor')::bigint
  from account_file f join account a on a.external_id = f.document->>'external_id'
    cross join jsonb_array_elements(f.document->'prices') as p;
insert into account_contact (account_id, email, address_hash)
  select a.id, c->>'email', decode('00', 'hex')
  from account_file f join account a on a.external_id = f.document->>'external_id'
    cross join jsonb_array_elements(f.document->'contacts') as c;
insert into account_component
  select a.id, c.id
  from account_file f join account a on a.external_id = f.document->>'external_id'
    cross join jsonb_array_elements_text(f.document->'components') as used (slug)
    join component c using (slug);

create table case_incident as
  select f.name, coalesce(i->>'ref', f.name) as ref, i->'posts' as posts, i->'impacts' as impacts,
         null::timestamptz as announced_at
  from case_file f
    cross join jsonb_array_elements(
      coalesce(f.document->'incidents', jsonb_build_array(f.document))) as i
  union all
  select null, m->>'ref', '[]', m->'impacts', (m->>'announced_at')::timestamptz
  from (select document->'maintenance' from case_file) as x (m) where m is not null;

insert into incident (ref, title, kind, state, announced_at, started_at)
  select ref, ref, case when name is null then 'maintenance' else 'incident' end, 'resolved',
         announced_at, (impacts->0->>'from')::timestamptz
  from case_incident order by name nulls last, ref;
insert into incident_update (incident_id, state, body, posted_at, milestone)
  select i.id, p->>'state', p->>'body', (p->>'at')::timestamptz, true
  from case_incident c join incident i using (ref)
    cross join jsonb_array_elements(c.posts) with ordinality as u (p, n)
  order by i.id, n;
insert into impact_revision (incident_id, reason) select id, 'post' from incident;
update incident i set impact_revision_id = r.id from impact_revision r where r.incident_id = i.id;
insert into impact (revision_id, component_id, level, from_at, to_at, estimated)
  select i.impact_revision_id, k.id, (m->>'level')::impact_level, (m->>'from')::timestamptz,
         (m->>'to')::timestamptz, coalesce((m->>'estimated')::boolean, false)
  from case_incident c join incident i using (ref)
    cross join jsonb_array_elements(c.impacts) as m join component k on k.slug = m->>'component';

create table expected as
  select * from jsonb_to_recordset((select document from expected_file))
    as x ("case" text, policy text, account text, currency text, amount_minor bigint,
          weighted_seconds numeric, lines jsonb);

-- A run over the incidents with these refs, as the API makes it; its id.
create function new_run(policy_name text, refs text[]) returns bigint language plpgsql as $$
declare
  run bigint;
begin
  insert into credit_run (policy_id, reason, created_by)
    select id, 'test', 0 from policy where name = policy_name order by version desc limit 1
    returning id into run;
  insert into credit_run_incident
    select run, id, impact_revision_id from incident where ref = any (refs);
  return run;
end $$;

create function case_refs(case_name text) returns text[] language sql
  return (select array_agg(ref) from case_incident where name = case_name);

-- One that waits for its draft.
create function draft(policy_name text, refs text[]) returns bigint language sql
  return new_run(policy_name, refs);

-- Approve a draft, which then waits for its issue.
create function approve(run bigint) returns bigint language plpgsql as $$
begin
  if not exists (select from staff) then
    perform amends.staff_create('approver', 'Approver', null, '{approver}');
  end if;
  update credit_run set state = 'approved', approved_by = (select min(key_id) from staff),
    approved_at = now() where id = run;
  return run;
end $$;

create function issue(run bigint) returns bigint language sql return approve(run);

-- Runs that are drafted and issued, one after another.
create table planned (run bigint);
create function plan(policy_name text, refs text[]) returns void language sql
  as 'insert into planned values (new_run(policy_name, refs))';
create function approve_planned(in_run bigint) returns boolean language sql as $$
  with p as (delete from planned where run = in_run returning run)
  select coalesce((select approve(run) from p) is not null, false)
$$;

-- A run's credits and lines in the form of the expected file, without the names of the run.
create function outcome(run bigint) returns table (
    account text, currency text, amount_minor bigint, weighted_seconds numeric, lines jsonb)
  language sql as $$
  select a.external_id, c.currency::text, c.amount_minor, c.weighted_seconds,
         (select jsonb_agg(jsonb_build_object('amount_minor', l.amount_minor,
                   'period', jsonb_build_array(l.period_from, l.period_to)) order by l.period_from)
          from credit_line l where l.credit_id = c.id)
  from credit c join account a on a.id = c.account_id where c.run_id = run
$$;

-- What differs from the expected file, in words; nothing when all is as expected.
create function differences(run bigint, case_name text, policy_name text) returns setof text
  language sql as $$
  select format('%s: expected %s, got %s', account, e, g)
  from (select account, to_jsonb(x) - '{case,policy,account}'::text[] as e from expected x
        where x."case" = case_name and x.policy = policy_name) as e
    full join (select account, to_jsonb(x) - '{account}'::text[] as g from outcome(run) as x) as g
      using (account)
  where e is distinct from g
$$;
