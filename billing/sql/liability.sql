-- What open incidents would cost: an estimate for staff, no part of the books (decision 154).
-- billing/liability/ groups accounts by the functions of a run and computes them again and again.

-- Whether this session is the one that estimates. It stays so until it ends.
create function amends.liability_lead() returns boolean language sql as $$
  select exists (select from pg_locks
      where locktype = 'advisory' and pid = pg_backend_pid() and granted and objsubid = 1
        and classid::bigint = 0 and objid::bigint = amends.lock_key('liability'))
    or pg_try_advisory_lock(amends.lock_key('liability'))
$$;

-- Incidents with an estimate to make: the open ones, and once more each that was or whose impacts
-- were corrected since.
create function amends.liability_incidents()
  returns table (incident bigint, revision bigint, open boolean) language sql stable as $$
  select i.id, i.impact_revision_id, x.open
  from incident i cross join lateral (
    select exists (select from impact m where m.revision_id = i.impact_revision_id
        and m.level <> 'under_maintenance' and (i.resolved_at is null or m.to_at is null))
      and i.retracted_at is null as open) as x
  where (i.resolved_at is null or exists (
      select from amends.current_impact m where m.incident_id = i.id and m.to_at is null))
    and x.open or exists (select from liability l where l.incident_id = i.id
      and (l.open or l.revision_id <> i.impact_revision_id))
  order by i.id
$$;

-- The newest version of each policy that counts outages of the incident's components. Measured
-- requests belong to no incident.
create function amends.liability_policies(in_incident bigint)
  returns table (policy bigint, name text, version bigint, document jsonb)
  language sql stable as $$
  select id, p.name, p.version, p.document
  from (select distinct on (y.name) y.id, y.name, y.version, y.document
        from policy y where not y.helper order by y.name, y.version desc) as p
  where p.document->'measure'->>'source' is distinct from 'requests'
    and (coalesce(p.document->'components', '[]') = '[]' or exists (
      select from incident i join impact m on m.revision_id = i.impact_revision_id
        join component c on c.id = m.component_id
      where i.id = in_incident and p.document->'components' ? c.slug))
  order by p.name
$$;

-- Grows with every change of what groups accounts. The statistics of PostgreSQL count rows when
-- their transaction has ended, so no trigger is needed; they may be seconds late.
create function amends.liability_changes() returns bigint language sql stable as $$
  select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint from pg_stat_user_tables
  where schemaname = 'public' and relname in ('account', 'account_component', 'account_price',
    'account_term', 'claim', 'claim_incident', 'component', 'credit', 'impact')
$$;

-- Accounts and evidence of a run for the incident into the working tables of 10_evidence.sql,
-- without a run. Returns the number of groups.
create function amends.liability_begin(in_policy bigint, in_incident bigint) returns bigint
  language plpgsql as $$
begin
  perform set_config('jit', 'off', true), set_config('work_mem', '128MB', true);
  create temp table cr_policy on commit drop as
    select 0::bigint as run_id, null::bigint as account_id, p.name, p.document,
           null::bigint as root, null::timestamptz as root_issued_at
    from policy p where p.id = in_policy;
  create temp table cr_pin on commit drop as
    select 0::bigint as run_id, i.id as incident_id, i.impact_revision_id as revision_id,
           now() as until, true as own
    from incident i where i.id = in_incident
    union all
    select e.*, false
    from cr_policy y cross join lateral amends.credit_standing_pins(y.name) e;
  perform amends.credit_run_members();
  perform amends.credit_run_groups();
  return (select count(*) from cr_group);
end $$;

create function amends.liability_forget() returns void language plpgsql as $$
begin
  drop table cr_policy, cr_pin, cr_member, cr_trait, cr_group;
end $$;

-- As amends.credit_run_question, with open impacts open: the reader says until when they count.
create function amends.liability_question() returns json language plpgsql stable as $$
begin
  return json_build_object('incidents', amends.credit_incidents(0, true),
    'earlier', amends.credit_earlier(), 'maintenance', amends.credit_maintenance(null),
    'claims', amends.credit_claims('infinity'));
end $$;

-- Keep an estimate, and report to staff, once each, which amounts it passes.
create function amends.liability_put(in_incident bigint, in_revision bigint,
    in_at timestamptz, in_open boolean, in_policies jsonb) returns void language plpgsql as $$
declare
  w record;
begin
  insert into liability as l (incident_id, revision_id, at, open, policies)
    select id, in_revision, in_at, in_open and retracted_at is null, in_policies
    from incident where id = in_incident
    on conflict (incident_id) do update
      set revision_id = excluded.revision_id, at = excluded.at, open = excluded.open,
        policies = excluded.policies;
  for w in
    select i.ref, i.title, p->>'policy' as policy, a.currency, a.amount_minor as most,
           (s->>'amount_minor')::numeric / power(10::numeric, (s->>'exponent')::integer) as owed,
           a.amount_minor / power(10::numeric, (s->>'exponent')::integer) as bound,
           (s->>'exponent')::integer as exponent
    from incident i cross join jsonb_array_elements(in_policies) as p
      cross join jsonb_array_elements(p->'sums') as s
      join liability_alert a on a.currency = s->>'currency'
    where i.id = in_incident and in_open and (s->>'amount_minor')::bigint >= a.amount_minor
    order by a.currency, (s->>'amount_minor')::bigint desc
  loop
    perform amends.staff_report(
      concat_ws(':', 'liability', in_incident, w.currency, w.most),
      format('%s: about %s %s owed', w.title, round(w.owed, w.exponent), w.currency),
      format(E'Incident %s is estimated to owe %s %s under policy %s; you asked to be told from '
        '%s %s on.', w.ref, round(w.owed, w.exponent), w.currency, w.policy,
        round(w.bound, w.exponent), w.currency),
      jsonb_build_object('what', 'liability', 'incident', w.ref, 'title', w.title,
        'policy', w.policy, 'currency', w.currency, 'amount', round(w.owed, w.exponent)::text,
        'bound', round(w.bound, w.exponent)::text));
  end loop;
end $$;
