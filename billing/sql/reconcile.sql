-- After a correction of impacts, run the same policy version over the same incidents as they are
-- now and pay the difference to the issued credits. Nothing is taken back.

-- Returns the id of the new run; null unless the run is issued.
create function amends.credit_run_reconcile(in_run bigint, in_key bigint, in_reason text)
  returns bigint language plpgsql as $$
declare
  made bigint;
begin
  insert into credit_run (policy_id, period_from, period_to, reason, created_by, reconciles,
      account_id)
    select r.policy_id, r.period_from, r.period_to, in_reason, in_key,
           coalesce(r.reconciles, r.id), r.account_id
    from credit_run r where r.id = in_run and r.state = 'issued'
    returning id into made;
  insert into credit_run_incident (run_id, incident_id, impact_revision_id)
    select made, i.id, i.impact_revision_id
    from credit_run_incident x join incident i on i.id = x.incident_id
    where made is not null
      and x.run_id = (select reconciles from credit_run where id = made);
  insert into credit_run_account (run_id, account_id)
    select made, x.account_id from credit_run_account x
    where made is not null and x.run_id = (select reconciles from credit_run where id = made);
  return made;
end $$;

-- The sum of the differences of a correcting run, by currency.
create function amends.credit_difference_totals(in_run bigint) returns json
  language sql stable as $$
  select coalesce(json_agg(t order by t.currency), '[]') from (
    select a.currency, a.exponent, count(distinct a.id) as accounts,
           sum(d.owed_minor) as owed_minor, sum(d.issued_minor) as issued_minor,
           sum(d.owed_minor - d.issued_minor) filter (where d.owed_minor > d.issued_minor)
             as under_minor,
           sum(d.issued_minor - d.owed_minor) filter (where d.owed_minor < d.issued_minor)
             as over_minor,
           sum(d.payable_minor) as payable_minor
    from credit_difference d join account a on a.id = d.account_id
    where d.run_id = in_run group by 1, 2) as t
$$;

-- The accounts with the greatest differences between credited and owed, greatest first.
create function amends.credit_difference_accounts(in_run bigint, in_most bigint) returns json
  language sql stable as $$
  select coalesce(json_agg(t), '[]') from (
    select a.external_id as account, a.currency, a.exponent, p.name as policy,
           sum(d.owed_minor) as owed_minor, sum(d.issued_minor) as issued_minor,
           sum(d.owed_minor - d.issued_minor) as difference_minor,
           sum(d.payable_minor) as payable_minor,
           json_agg(json_build_object('period_from', d.period_from, 'owed_minor', d.owed_minor,
             'issued_minor', d.issued_minor, 'payable_minor', d.payable_minor)
             order by d.period_from) as periods
    from credit_difference d join account a on a.id = d.account_id
      join credit_run r on r.id = d.run_id join policy p on p.id = r.policy_id
    where d.run_id = in_run
    group by a.id, p.name
    order by max(abs(d.owed_minor - d.issued_minor)) desc, a.external_id limit in_most) as t
$$;
