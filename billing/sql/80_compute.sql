-- The parts of computing a run around the engine (billing/compute.c).

-- The accounts and evidence of a run into working tables.
create function amends.credit_run_begin(in_run bigint) returns void language plpgsql as $$
begin
  perform set_config('jit', 'off', true), set_config('work_mem', '128MB', true);
  -- Explanations are compressed, and pglz takes as long as reading them.
  perform set_config('default_toast_compression', 'lz4', true)
    from pg_settings where name = 'default_toast_compression' and 'lz4' = any (enumvals);
  perform amends.credit_run_evidence(in_run);
  perform amends.credit_run_members();
  perform amends.credit_run_groups();
  perform amends.credit_run_answers();
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

-- Begin a draft. Doing it again gives the same result, but only the tables' owner may: the roles
-- cannot delete what a draft has.
create function amends.credit_run_draft(in_run bigint) returns void language plpgsql as $$
begin
  -- Shared against credit_run_issue: credits that this draft does not see are issued after
  -- drafted_at.
  perform pg_advisory_xact_lock_shared(amends.lock_key('ledger'));
  perform amends.credit_run_clear(in_run);
  update credit_run set drafted_at = clock_timestamp() where id = in_run and drafted_at is null;
  perform amends.credit_run_begin(in_run);
end $$;

create function amends.credit_run_forget() returns void language plpgsql as $$
begin
  drop view if exists cr_account;
  drop table cr_policy, cr_pin, cr_member, cr_trait, cr_group, cr_answer, cr_line;
end $$;

-- Write the draft that the engine computed.
create function amends.credit_run_finish(in_run bigint) returns void language plpgsql as $$
begin
  perform amends.credit_run_accounts();
  perform amends.credit_run_write(in_run);
  perform amends.credit_run_warnings(in_run);
  perform amends.credit_run_forget();
  drop table cr_credit;
end $$;
