-- Approval: by another person than the drafter, unless the totals are small (approval_total); and
-- of what the draft says today, not of what it said when somebody looked at it.

alter table credit_run drop constraint credit_run_check;
alter table credit_run add column alone boolean not null default false;
alter table credit_run add constraint credit_run_two_check check (approved_by <> created_by or alone);

-- May anything that the draft was computed from have changed since? An hour's margin, because
-- what another transaction wrote is dated by its beginning.
create function credit_run_inputs_moved(run bigint) returns boolean language sql stable as $$
  select exists (select from account where changed_at > r.drafted_at - interval '1 hour')
    or exists (select from impact_revision where created_at > r.drafted_at - interval '1 hour')
  from credit_run r where r.id = run
$$;

-- Every amount of a run, in one word.
create function credit_run_fingerprint(run bigint) returns text language sql stable as $$
  select count(*) || ':' || coalesce(sum(hashtextextended(concat_ws('|', account_id, period_from,
    amount_minor, trim_scale(weighted_seconds)), 0)::numeric), 0)
  from credit_line where run_id = run
$$;

-- Compute an approved run once more, as of the time of its draft, and roll that back. False when
-- the amounts came out otherwise: then the run has failed.
create function credit_run_recheck(run bigint) returns boolean language plpgsql as $$
declare
  drafted text;
  today text;
begin
  if credit_run_stale(run) is not null or not credit_run_inputs_moved(run) then
    return true;
  end if;
  drafted := credit_run_fingerprint(run);
  begin
    perform credit_run_compute(run);
    raise exception using errcode = 'AM001', message = credit_run_fingerprint(run);
  exception when sqlstate 'AM001' then
    today := sqlerrm;
  end;
  if drafted = today then
    return true;
  end if;
  perform credit_run_fail(run, 'accounts, prices or maintenance changed after this draft was '
    'computed, which would change its amounts; make a new run');
  return false;
end $$;
