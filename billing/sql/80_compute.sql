-- Compute a run, as rows or only to compare.

-- Compute the lines of a run into working tables.
create function amends.credit_run_rate(in_run bigint) returns void language plpgsql as $$
begin
  perform amends.credit_run_evidence(in_run);
  perform amends.credit_run_impact_windows();
  perform amends.credit_run_members();
  perform amends.credit_run_terms();
  perform amends.credit_run_past();
  perform amends.credit_run_cohorts();
  perform amends.credit_run_periods();
  perform amends.credit_run_incident_sets();
  perform amends.credit_run_weighted_intervals();
  perform amends.credit_run_downtime();
  perform amends.credit_run_claims();
  perform amends.credit_run_owed();
  perform amends.credit_run_lines();
  perform amends.credit_run_accounts();
end $$;

create function amends.credit_run_forget() returns void language plpgsql as $$
begin
  drop view cr_account;
  drop table cr_policy, cr_prior, cr_pin, cr_outage, cr_impact_window, cr_member, cr_left_out,
    cr_stray, cr_taken, cr_past, cr_base, cr_cohort, cr_term, cr_price, cr_done, cr_paid_day,
    cr_period,
    cr_incident_set, cr_incident_set_pin, cr_incident_set_window, cr_weighted_interval, cr_down,
    cr_worth, cr_claim, cr_owed, cr_line, cr_total, cr_owner;
end $$;

-- Delete what an earlier try of a draft left.
create function amends.credit_run_clear(in_run bigint) returns void language plpgsql as $$
begin
  if exists (select from credit_run where id = in_run and drafted_at is not null) then
    delete from credit_line where run_id = in_run;
    delete from credit where run_id = in_run;
    delete from credit_working where run_id = in_run;
    delete from credit_excess where run_id = in_run;
    delete from credit_left_out where run_id = in_run;
    delete from credit_warning where run_id = in_run;
    delete from credit_difference where run_id = in_run;
  end if;
end $$;

-- Compute a draft. Doing it again gives the same result, but only the tables' owner may: the roles
-- cannot delete what a draft has.
create function amends.credit_run_compute(in_run bigint) returns void language plpgsql as $$
begin
  -- Shared against credit_run_issue: credits that this draft does not see are issued after
  -- drafted_at.
  perform pg_advisory_xact_lock_shared(amends.lock_key('ledger'));
  perform amends.credit_run_clear(in_run);
  update credit_run set drafted_at = clock_timestamp() where id = in_run and drafted_at is null;
  perform amends.credit_run_rate(in_run);
  perform amends.credit_run_working();
  perform amends.credit_run_write(in_run);
  perform amends.credit_run_warnings(in_run);
  perform amends.credit_run_forget();
  drop table cr_credit;
end $$;
