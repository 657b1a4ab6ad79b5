-- A run and its credits after the draft.
-- Lock "ledger": exclusive where the ledger and the feed grow, shared while a draft is computed.

-- The incident of a run whose evidence was retracted after it was pinned; null: none.
create function amends.credit_run_retracted(in_run bigint) returns text language sql stable as $$
  select min(i.ref) from credit_run_incident x join incident i on i.id = x.incident_id
  where x.run_id = in_run and i.state = 'retracted'
    and x.impact_revision_id is distinct from i.impact_revision_id
$$;

create function amends.credit_run_fail(in_run bigint, in_why text) returns void language sql
  begin atomic
    update credit set state = 'void' where run_id = in_run;
    update credit_run set state = 'failed', failure = in_why where id = in_run;
  end;

-- Fail a run that is not issued yet and uses evidence that was retracted. False: it does not.
create function amends.credit_run_fail_retracted(in_run bigint) returns boolean
  language plpgsql as $$
declare
  v_ref text := amends.credit_run_retracted(in_run);
begin
  if v_ref is not null then
    perform amends.credit_run_fail(in_run, format(
      'incident %s was retracted after its impacts were taken as evidence; make a new run', v_ref));
  end if;
  return v_ref is not null;
end $$;

-- approved -> issued, or failed. Whether the draft still holds is checked before, under the same
-- lock (credit_run_judge). A run that was just drafted is not in the statistics: the planner takes
-- it for one row, and would look up each account by itself.
create function amends.credit_run_issue(in_run bigint) returns void language plpgsql
  set enable_nestloop = off as $$
declare
  changed text;
  feed_end bigint;
  at_time timestamptz;
begin
  perform pg_advisory_xact_lock(amends.lock_key('ledger'));
  at_time := clock_timestamp();
  feed_end := (select coalesce(max(no), 0) from credit_feed);
  if amends.credit_run_fail_retracted(in_run) then
    return;
  end if;
  changed := (select min(a.external_id) from credit c join account a on a.id = c.account_id
    where c.run_id = in_run and c.currency not in (a.currency, 'DAY'));
  if changed is not null then
    perform amends.credit_run_fail(in_run, format(
      'account %s got another currency after this draft was computed; make a new run', changed));
    return;
  end if;
  -- The keys are checked before the credits change: a check then finds its row at once.
  set constraints all deferred;
  insert into ledger_entry (credit_id, kind, book, account_id, currency, amount_minor, at)
    select c.id, 'issue', b.book, c.account_id, c.currency, b.sign * c.amount_minor, at_time
    from credit c
      cross join (values ('credits_granted', -1), ('customer_balance', 1)) as b (book, sign)
    where c.run_id = in_run;
  insert into credit_feed (no, credit_id, event, at)
    select feed_end + row_number() over (order by id), id, 'issued', at_time
    from credit where run_id = in_run;
  perform amends.credit_check_keys();
  update credit set state = 'issued', issued_at = at_time where run_id = in_run and state = 'draft';
  update credit_run set state = 'issued', issued_at = at_time where id = in_run;
end $$;

-- Whether the input of the draft may have changed since. The margin of an hour allows for
-- transactions, whose rows carry the time at which they began.
create function amends.credit_run_inputs_moved(in_run bigint) returns boolean
  language sql stable as $$
  select exists (select from account where changed_at > r.drafted_at - interval '1 hour')
    or exists (select from impact_revision where created_at > r.drafted_at - interval '1 hour')
  from credit_run r where r.id = in_run
$$;

-- Whether any credit was issued or reversed since the draft.
create function amends.credit_run_feed_moved(in_run bigint) returns boolean
  language sql stable as $$
  select coalesce((select at from credit_feed order by no desc limit 1) > drafted_at, false)
  from credit_run where id = in_run
$$;

-- Whether the lines of a draft are those that the working tables say it would have now: equal if
-- both sums of hashes are.
create function amends.credit_run_differs(in_run bigint) returns boolean language plpgsql as $$
begin
  return (
    with stored as (
      select account_id, period_from, period_to, trim_scale(amount_minor) as minor, weighted_seconds
      from credit_line where run_id = in_run),
    computed as (
      select a.account_id, l.period_from, l.period_to, trim_scale(l.amount), l.seconds
      from cr_account a join cr_line l using (share) where l.kind = 'paid'),
    summed as (
      select count(*) as n, sum(hashtextextended(s::text, 0)::numeric) as total from stored s
      union
      select count(*), sum(hashtextextended(c::text, 0)::numeric) from computed c)
    select count(*) > 1 from summed);
end $$;

-- The first run whose credits, issued or reversed since the draft, concern an account whose lines
-- would be others now; null if none does.
create function amends.credit_run_mover(in_run bigint) returns bigint language plpgsql as $$
begin
  return (
    with stored as (
      select account_id, period_from, trim_scale(amount_minor) as minor
      from credit_line where run_id = in_run),
    computed as (
      select a.account_id, l.period_from, trim_scale(l.amount)
      from cr_account a join cr_line l using (share) where l.kind = 'paid'),
    other as (
      (table stored except table computed) union all (table computed except table stored))
    select min(c.run_id)
    from credit_run r join credit_feed f on f.at > r.drafted_at
      join credit c on c.id = f.credit_id and c.run_id <> r.id
    where r.id = in_run and c.account_id in (select account_id from other));
end $$;

-- Whether anything that a draft read may be different now. Nothing is issued or reversed between
-- this check and the issue.
create function amends.credit_run_moved(in_run bigint) returns boolean language plpgsql as $$
begin
  perform pg_advisory_xact_lock(amends.lock_key('ledger'));
  return amends.credit_run_inputs_moved(in_run) or amends.credit_run_feed_moved(in_run);
end $$;

-- Compare the draft with the working tables. False if its lines would be others, lower or higher:
-- the run has then failed.
create function amends.credit_run_judge(in_run bigint) returns boolean language plpgsql as $$
declare
  mover bigint;
begin
  perform amends.credit_run_accounts();
  if not amends.credit_run_differs(in_run) then
    return true;
  end if;
  mover := amends.credit_run_mover(in_run);
  if mover is not null then
    perform amends.credit_run_fail(in_run, format(
      'credits of run %s were issued or reversed after this draft was computed, which would change '
      'its amounts; make a new run', mover));
  else
    perform amends.credit_run_fail(in_run,
      'accounts, prices or maintenance changed after this draft was computed, which would change '
      'its amounts; make a new run');
  end if;
  return false;
end $$;

-- Record a step in the audit log, at the end of its transaction: everyone who writes to the log
-- waits for it.
create function amends.credit_run_record(in_run bigint) returns void language sql as $$
  insert into audit (actor, action, object, detail)
    select 'role:billing', 'credit_run.' || case state when 'issued' then 'issue' else 'draft' end,
      'credit_run:' || id, case state when 'issued' then jsonb_build_object('totals',
        (select coalesce(jsonb_agg(t), '[]') from (
          select currency, count(*) as credits, sum(amount_minor) as amount_minor
          from credit where run_id = in_run group by 1 order by 1) as t))
      else jsonb_build_object('credits', (select count(*) from credit where run_id = in_run)) end
    from credit_run where id = in_run and state in ('draft', 'issued')
$$;

-- computing -> draft, or failed.
create function amends.credit_run_drafted(in_run bigint) returns void language plpgsql as $$
begin
  if not amends.credit_run_fail_retracted(in_run) then
    update credit_run set state = 'draft' where id = in_run;
  end if;
end $$;

-- Void a run that is not issued yet. Returns 'void', 'missing', or the state that forbids it.
create function amends.credit_run_void(in_run bigint, in_key bigint, in_actor text) returns text
  language plpgsql as $$
declare
  was text;
begin
  select state into was from credit_run where id = in_run for update;
  if was is null then
    return 'missing';
  elsif was in ('issued', 'void') then
    return was;
  end if;
  update credit set state = 'void' where run_id = in_run;
  update credit_run set state = 'void', voided_by = in_key, voided_at = now() where id = in_run;
  insert into audit (actor, action, object, detail)
    values (in_actor, 'credit_run.void', 'credit_run:' || in_run, jsonb_build_object('was', was));
  return 'void';
end $$;

-- Reverse an issued credit by a mirrored entry. Returns 'reversed', 'missing', or the state that
-- forbids it.
create function amends.credit_reverse(in_credit bigint, in_actor text, in_reason text) returns text
  language plpgsql as $$
declare
  was text;
  at_time timestamptz;
begin
  perform pg_advisory_xact_lock(amends.lock_key('ledger'));
  at_time := clock_timestamp();
  select c.state into was from credit c where c.id = in_credit for update;
  if was is null then
    return 'missing';
  elsif was not in ('issued', 'acknowledged', 'applied') then
    return case was when 'reversed' then 'already reversed' else was end;
  end if;
  update credit c set state = 'reversed' where c.id = in_credit;
  insert into ledger_entry (credit_id, kind, book, account_id, currency, amount_minor, at)
    select e.credit_id, 'reversal', e.book, e.account_id, e.currency, -e.amount_minor, at_time
    from ledger_entry e where e.credit_id = in_credit and e.kind = 'issue';
  insert into credit_feed (no, credit_id, event, at)
    select coalesce(max(no), 0) + 1, in_credit, 'reversed', at_time from credit_feed;
  insert into audit (actor, action, object, detail)
    values (in_actor, 'credit.reverse', 'credit:' || in_credit,
      jsonb_build_object('was', was, 'reason', in_reason));
  return 'reversed';
end $$;
