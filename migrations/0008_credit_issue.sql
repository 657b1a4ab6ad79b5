-- Warnings of a draft, and what happens to a run and its credits afterwards.
-- Lock 4179: exclusive where the ledger and the feed grow, shared while a draft is computed.

create function credit_warn(run bigint, code text, text text, detail jsonb) returns void
  language sql
  begin atomic
    insert into credit_warning (run_id, code, text, detail) values (run, code, text, detail);
  end;

-- Where impacts and posts of incidents disagree, as of an instant that ends what is open. Of a
-- run, and of an incident before there is a run (GET /v1/incidents/{ref}/warnings).
create function credit_evidence_warnings(p_incidents bigint[], p_revisions bigint[],
  p_until timestamptz) returns table (code text, text text, detail jsonb) language sql stable as $$
  with window_ as (
    select e.incident_id, m.from_at, m.to_at, m.estimated
    from unnest(p_incidents, p_revisions) as e(incident_id, revision_id)
      join impact m using (revision_id)
    where m.level <> 'under_maintenance'),
  outage as (
    select incident_id, min(from_at) as from_at from window_
    where from_at < coalesce(to_at, p_until) group by 1),
  post as (
    select o.*, (select min(posted_at) from incident_update u
                 where u.incident_id = o.incident_id) as first_post from outage o),
  i as (
    select p.incident_id, n.ref, p.from_at, p.first_post - p.from_at as late,
           case when count(*) over () > 1 then ' of ' || n.ref else '' end as of_ref,
           case when count(*) over () > 1 then 'its' else 'the' end as its,
           bool_or(m.estimated) as estimated, bool_or(m.to_at is null) as open,
           bool_or(m.from_at <= p.first_post and p.first_post < coalesce(m.to_at, p_until))
             as inside
    from post p join incident n on n.id = p.incident_id
      join window_ m on m.incident_id = p.incident_id
    group by p.incident_id, p.from_at, p.first_post, n.ref)
  select w.code, w.text, w.detail || jsonb_build_object('incident', i.ref)
  from i cross join lateral (values
    (1, i.late > interval '0', 'impact_before_post', format(
      'an impact%s starts %s before %s first post', i.of_ref, credit_span(i.late), i.its),
      jsonb_build_object('seconds', extract(epoch from i.late)::bigint)),
    (2, i.late >= interval '0' and not i.inside, 'post_outside_impacts',
      format('the first post%s falls inside no impact window', i.of_ref), '{}'),
    (3, i.late < interval '0', 'post_before_impact', format(
      'the first post%s falls %s before its first impact window', i.of_ref,
      credit_span(-i.late)), jsonb_build_object('seconds', extract(epoch from -i.late)::bigint)),
    (4, i.estimated, 'estimate', format('an impact window%s is an estimate', i.of_ref), '{}'),
    (5, i.open, 'open_impact', format('an impact%s is still open; it counts until %s', i.of_ref,
      credit_instant(date_trunc('second', p_until))),
      jsonb_build_object('until', credit_instant(date_trunc('second', p_until))))
    ) as w(n, holds, code, text, detail)
  where w.holds order by i.from_at, i.incident_id, w.n
$$;

-- Where the evidence disagrees with itself. Reads the working tables of 0006.
create function credit_run_warnings(run bigint) returns void language plpgsql as $$
declare
  w record;
begin
  for w in
    select v.*
    from (select array_agg(incident_id) as incidents, array_agg(revision_id) as revisions,
                 max(until) as until from cr_pin where own) p
      cross join credit_evidence_warnings(p.incidents, p.revisions, p.until) with ordinality
        as v(code, text, detail, n)
    order by v.n
  loop
    perform credit_warn(run, w.code, w.text, w.detail);
  end loop;
  for w in
    select r.id, r.state, p.name, n.ref
    from credit_run_incident mine
      join credit_run_incident theirs on theirs.incident_id = mine.incident_id
      join credit_run r on r.id = theirs.run_id and r.state not in ('void', 'failed')
      join policy p on p.id = r.policy_id join incident n on n.id = mine.incident_id
    where mine.run_id = run and r.id <> run
      and r.id is distinct from (select root from cr_policy)
    order by r.id, n.ref
  loop
    perform credit_warn(run, 'overlap',
      format('run %s (%s, %s) also covers %s', w.id, w.name, w.state, w.ref),
      jsonb_build_object('run', w.id, 'policy', w.name, 'state', w.state, 'incident', w.ref));
  end loop;
  for w in
    select a.currency, count(distinct a.id) as accounts,
           round(sum(x.amount_minor) * 10::numeric ^ -a.exponent, a.exponent) as amount
    from credit_excess x join account a on a.id = x.account_id
    where x.run_id = run group by a.currency, a.exponent order by 1
  loop
    perform credit_warn(run, 'over_credited', format(
      'over-credited: %s account(s) hold %s %s more than is owed; nothing is taken back',
      w.accounts, w.amount, w.currency),
      jsonb_build_object('accounts', w.accounts, 'amount', w.amount::text, 'currency', w.currency));
  end loop;
  for w in
    select b.currency, sum(b.accounts) as accounts
    from cr_policy p cross join cr_base b
    where p.model = 'fixed' and not p.document->'amounts' ? b.currency
      and b.cohort in (select cohort from cr_claim) group by 1 order by 1
  loop
    perform credit_warn(run, 'no_amount', format(
      'the policy has no amount in %s: %s account(s) get nothing', w.currency, w.accounts),
      jsonb_build_object('accounts', w.accounts, 'currency', w.currency));
  end loop;
  for w in
    select count(*) as accounts, min(a.external_id) as example
    from cohort h join cr_member m on m.cohort_id = h.id join account a on a.id = m.account_id
    where h.price_from = '{}'
    having count(*) > 0
  loop
    perform credit_warn(run, 'no_price', format(
      '%s account(s) have no price at all and get nothing, such as %s', w.accounts, w.example),
      jsonb_build_object('accounts', w.accounts, 'account', w.example));
  end loop;
  for w in
    select count(*) as accounts, min(a.external_id) as example
    from cr_credit c join account a on a.id = c.account_id
    where not exists (select from account_contact k where k.account_id = c.account_id)
    having count(*) > 0
  loop
    perform credit_warn(run, 'no_contact', format(
      '%s credited account(s) have no contact to write to, such as %s', w.accounts, w.example),
      jsonb_build_object('accounts', w.accounts, 'account', w.example));
  end loop;
end $$;

-- A run whose credits moved since this one was drafted, so that its amounts would come out
-- otherwise now: lines or incidents of the same policy, or a cap that is used up.
create function credit_run_stale(run bigint) returns bigint language sql stable as $$
  with moved as (
    select o.run_id, o.account_id, o.id as credit_id, mine.id as mine_id
    from credit_run r
      join credit_feed f on f.at > r.drafted_at
      join credit o on o.id = f.credit_id and o.run_id <> r.id
      join credit mine on mine.run_id = r.id and mine.account_id = o.account_id
    where r.id = run)
  select m.run_id
  from moved m
    join credit_run r on r.id = run join policy p on p.id = r.policy_id
    join credit_run theirs on theirs.id = m.run_id join policy q on q.id = theirs.policy_id
  where p.name = q.name and exists (
      select from credit_run_incident x join credit_run_incident y using (incident_id)
      where x.run_id = run and y.run_id = m.run_id)
    or exists (
      select from credit_line mine
        join credit_line y using (account_id, period_from)
        join credit_working k on k.id = mine.working_id
      where mine.credit_id = m.mine_id and y.credit_id = m.credit_id
        and (p.name = q.name and p.document->>'model' in ('prorata', 'tiered')
          or mine.amount_minor > (k.explain->>'cap_minor')::numeric - (
            select sum(z.amount_minor) from credit_line z join credit c on c.id = z.credit_id
            where c.state in ('issued', 'acknowledged', 'applied')
              and z.account_id = mine.account_id and z.period_from = mine.period_from)))
  order by 1 limit 1
$$;

create function credit_run_fail(run bigint, why text) returns void language sql
  begin atomic
    update credit set state = 'void' where run_id = run;
    update credit_run set state = 'failed', failure = why where id = run;
  end;

-- approved -> issued, or failed when it went stale.
create function credit_run_issue(run bigint) returns void language plpgsql as $$
declare
  moved bigint;
  changed text;
  feed_end bigint;
  at_time timestamptz;
begin
  perform pg_advisory_xact_lock(4179);
  at_time := clock_timestamp();
  feed_end := (select coalesce(max(no), 0) from credit_feed);
  moved := credit_run_stale(run);
  if moved is not null then
    perform credit_run_fail(run, format(
      'credits of run %s were issued or reversed after this draft was computed, which would change '
      'its amounts; make a new run', moved));
    return;
  end if;
  changed := (select min(a.external_id) from credit c join account a on a.id = c.account_id
    where c.run_id = run and c.currency <> a.currency);
  if changed is not null then
    perform credit_run_fail(run, format(
      'account %s got another currency after this draft was computed; make a new run', changed));
    return;
  end if;
  update credit set state = 'issued', issued_at = at_time where run_id = run and state = 'draft';
  insert into ledger_entry (credit_id, kind, book, account_id, currency, amount_minor, at)
    select c.id, 'issue', b.book, c.account_id, c.currency, b.sign * c.amount_minor, at_time
    from credit c
      cross join (values ('credits_granted', -1), ('customer_balance', 1)) as b (book, sign)
    where c.run_id = run order by c.id;
  insert into credit_feed (no, credit_id, event, at)
    select feed_end + row_number() over (order by id), id, 'issued', at_time
    from credit where run_id = run order by id;
  update credit_run set state = 'issued', issued_at = at_time where id = run;
  insert into audit (actor, action, object, detail)
    select 'role:billing', 'credit_run.issue', 'credit_run:' || run, jsonb_build_object('totals',
      (select coalesce(jsonb_agg(t), '[]') from (
        select currency, count(*) as credits, sum(amount_minor) as amount_minor
        from credit where run_id = run group by 1 order by 1) as t));
end $$;

-- One step of a claimed run. What fails is written on the run, for staff to read.
create function credit_run_step(run bigint) returns text language plpgsql as $$
declare
  was text := (select state from credit_run where id = run for update);
begin
  perform set_config('jit', 'off', true), set_config('work_mem', '128MB', true);
  begin
    if was = 'computing' then
      perform credit_run_compute(run);
      update credit_run set state = 'draft' where id = run;
      insert into audit (actor, action, object, detail)
        select 'role:billing', 'credit_run.draft', 'credit_run:' || run,
               jsonb_build_object('credits', (select count(*) from credit where run_id = run));
    elsif was = 'approved' and credit_run_recheck(run) then
      perform credit_run_issue(run);
    end if;
  exception
    when serialization_failure or deadlock_detected or insufficient_resources then raise;
    when others then perform credit_run_fail(run, sqlerrm);
  end;
  perform pg_notify('credit_run_done', run::text);
  return (select state from credit_run where id = run);
end $$;

-- Void what is not issued yet. Answers 'void', 'missing', or the state that forbids it.
create function credit_run_void(run bigint, by_key bigint, actor text) returns text
  language plpgsql as $$
declare
  was text;
begin
  select state into was from credit_run where id = run for update;
  if was is null then
    return 'missing';
  elsif was in ('issued', 'void') then
    return was;
  end if;
  update credit set state = 'void' where run_id = run;
  update credit_run set state = 'void', voided_by = by_key, voided_at = now() where id = run;
  insert into audit (actor, action, object, detail)
    values (actor, 'credit_run.void', 'credit_run:' || run, jsonb_build_object('was', was));
  return 'void';
end $$;

-- Take an issued credit back by a mirrored entry. Answers 'reversed', 'missing', or the
-- state that forbids it.
create function credit_reverse(credit bigint, actor text, reason text) returns text
  language plpgsql as $$
declare
  was text;
  at_time timestamptz;
begin
  perform pg_advisory_xact_lock(4179);
  at_time := clock_timestamp();
  select c.state into was from credit c where c.id = credit_reverse.credit for update;
  if was is null then
    return 'missing';
  elsif was not in ('issued', 'acknowledged', 'applied') then
    return case was when 'reversed' then 'already reversed' else was end;
  end if;
  update credit c set state = 'reversed' where c.id = credit_reverse.credit;
  insert into ledger_entry (credit_id, kind, book, account_id, currency, amount_minor, at)
    select e.credit_id, 'reversal', e.book, e.account_id, e.currency, -e.amount_minor, at_time
    from ledger_entry e where e.credit_id = credit_reverse.credit and e.kind = 'issue';
  insert into credit_feed (no, credit_id, event, at)
    select coalesce(max(no), 0) + 1, credit_reverse.credit, 'reversed', at_time from credit_feed;
  insert into audit (actor, action, object, detail)
    values (actor, 'credit.reverse', 'credit:' || credit_reverse.credit,
      jsonb_build_object('was', was, 'reason', reason));
  return 'reversed';
end $$;
