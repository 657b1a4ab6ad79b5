-- The cost that a policy would have had: a run that is computed and rolled back. Its policy has its
-- own name, so that lines of the real one are not subtracted; caps count all standing lines.

create function amends.policy_trial_begin(
    in_document jsonb, in_from timestamptz, in_to timestamptz, in_key bigint) returns bigint
  language plpgsql as $$
declare
  made bigint;
begin
  with p as (
    insert into policy (name, version, document)
      values ('dry-run.' || gen_random_uuid(), 1, in_document) returning id)
  insert into credit_run (policy_id, period_from, period_to, reason, created_by)
    select id, in_from, in_to, 'a dry run', in_key from p returning id into made;
  insert into credit_run_incident (run_id, incident_id, impact_revision_id)
    select distinct made, i.id, i.impact_revision_id
    from incident i join impact m on m.revision_id = i.impact_revision_id
    where m.from_at < in_to
      and coalesce(m.to_at, 'infinity') > in_from
      and m.level <> 'under_maintenance';
  return made;
end $$;

create function amends.policy_trial_totals(in_run bigint) returns json language sql stable as $$
  select coalesce(json_agg(t order by t.month, t.currency, t.plan), '[]') from (
    select to_char(l.period_from, 'YYYY-MM') as month, c.currency, c.exponent, a.plan,
           count(distinct c.id) as credits,
           amends.credit_sum(sum(l.amount_minor)) as amount_minor
    from credit_line l join credit c on c.id = l.credit_id join account a on a.id = c.account_id
    where l.run_id = in_run group by 1, 2, 3, 4) as t
$$;

-- The worked example of a policy: an account of its own, with one outage, in a run for it alone.
-- The component is new, so no maintenance excuses it; its name is that of one which counts.
create function amends.policy_example_begin(in_document jsonb, in_price bigint, in_currency text,
    in_exponent integer, in_level text, in_from timestamptz, in_seconds bigint, in_key bigint)
  returns bigint language plpgsql as $$
declare
  v_slug text := 'example-' || substr(gen_random_uuid()::text, 1, 8);
  v_component bigint;
  v_incident bigint;
  v_revision bigint;
  v_account bigint;
  made bigint;
begin
  insert into component (slug, name)
    select v_slug, coalesce((select name from component
      where archived_at is null and (in_document->'components' = '[]'
        or slug in (select jsonb_array_elements_text(in_document->'components')))
      order by group_id nulls first, position, id limit 1), 'API') returning id into v_component;
  insert into incident (ref, title, kind, state, started_at)
    values (v_slug, 'example', 'incident', 'resolved', in_from) returning id into v_incident;
  insert into impact_revision (incident_id, reason) values (v_incident, 'post')
    returning id into v_revision;
  insert into impact (revision_id, component_id, level, from_at, to_at)
    values (v_revision, v_component, in_level::impact_level, in_from,
      in_from + make_interval(secs => in_seconds));
  update incident set impact_revision_id = v_revision where id = v_incident;
  insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor)
    values (v_slug, 'example', in_currency, in_exponent, 'UTC', 'month',
      date_trunc('year', in_from)::date) returning id into v_account;
  insert into account_price (account_id, valid_from, amount_minor)
    values (v_account, date_trunc('year', in_from)::date, in_price);
  with p as (
    insert into policy (name, version, document)
      values (v_slug, 1, in_document || case when in_document->'components' = '[]' then '{}'
        else jsonb_build_object('components', array[v_slug]) end) returning id)
  insert into credit_run (policy_id, reason, created_by, account_id)
    select id, 'an example', in_key, v_account from p returning id into made;
  insert into credit_run_incident (run_id, incident_id, impact_revision_id)
    values (made, v_incident, v_revision);
  return made;
end $$;

-- The currency of most accounts, for an example.
create function amends.usual_currency() returns text language sql stable as $$
  select coalesce((select currency from cohort group by 1 order by count(*) desc, 1 limit 1), 'USD')
$$;
