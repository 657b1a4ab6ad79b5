-- The cost that a policy would have had: a run that is computed and rolled back. Its policy has its
-- own name, so that lines of the real one are not subtracted; caps count all standing lines.

create function amends.policy_trial_begin(
    in_document jsonb, in_from timestamptz, in_to timestamptz, in_key bigint) returns bigint
  language plpgsql as $$
declare
  made bigint;
  most interval := current_setting('statement_timeout')::interval;
begin
  -- The time of a statement is that of all, since the computation has many.
  if most > interval '0' then
    perform set_config('amends.until', (clock_timestamp() + most)::text, true);
  end if;
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

-- The currency of most accounts, for an example.
create function amends.usual_currency() returns text language sql stable as $$
  select coalesce((select currency from cohort group by 1 order by count(*) desc, 1 limit 1), 'USD')
$$;
