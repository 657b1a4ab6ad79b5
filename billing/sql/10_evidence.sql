-- The arithmetic of credits, set-based. credit_run_compute turns one run into credits and lines;
-- it works on cohorts (accounts that are equal to the arithmetic) and joins the accounts only at
-- the end. Everything is numeric: exact amounts stay fractions (num / den) until they are
-- rounded, once.
--
-- Working tables live for the transaction:
--   cr_policy   the run and its policy, one row         cr_pin     evidence: impact revisions
--   cr_prior    earlier lines of this policy            cr_left_out accounts whose terms changed
--   cr_impact_window      impacts that count, maintenance cut out
--   cr_stray    lines of periods that are gone
--   cr_taken    what all policies gave, by period       cr_past    accounts with either of them
--   cr_member   account -> cohort as stored             cr_base    the same -> cohort and share
--   cr_cohort   this run's cohorts                      cr_price   cohort's prices as instants
--   cr_term     cohort's terms                          cr_paid_day  dates already paid for
--   cr_period   cohort's billing periods in question    cr_owed    exact amount: cohort, period
--   cr_incident_set       a cohort and the incidents that are rated together
--   cr_weighted_interval  where W(t) > 0 in an incident set
--   cr_line     a share's amounts per period            cr_credit  account -> credit
--
-- The accounts of a cohort have the same exact amounts. Those of a share also have the same lines,
-- because other policies gave them the same.

create function amends.credit_run_evidence(in_run bigint) returns void language plpgsql as $$
begin
  create temp table cr_policy on commit drop as
    select r.id as run_id, p.name, p.version, p.document,
           p.document->>'model' as model, p.document->>'per' as per,
           p.document->>'audience' as audience, p.document->>'rounding' as rounding,
           amends.credit_number(p.document->>'multiplier') as multiplier,
           amends.credit_number(p.document->>'days') as days,
           amends.credit_number(p.document->>'cap_percent') as cap_percent,
           (p.document->>'min_block_seconds')::numeric * 1000000 as min_block,
           greatest((p.document->>'min_credit_minor')::bigint, 1) as min_credit,
           (p.document->>'model') in ('prorata', 'tiered', 'steps') as cumulative,
           r.reconciles as root,
           (select o.issued_at from credit_run o where o.id = r.reconciles) as root_issued_at
    from credit_run r join policy p on p.id = r.policy_id where r.id = in_run;

  create temp table cr_prior on commit drop as
    select l.account_id, l.run_id, l.period_from, l.period_to, l.amount_minor, l.working_id,
           r.issued_at,
           (select root from cr_policy) in (r.id, r.reconciles) as family
    from policy p
      join credit_run r on r.policy_id = p.id and r.state = 'issued' and r.id <> in_run
      join credit c on c.run_id = r.id and c.state in ('issued', 'acknowledged', 'applied')
      join credit_line l on l.credit_id = c.id
    where p.name = (select name from cr_policy);
  create index on cr_prior (account_id);
  analyze cr_prior;

  -- An open impact counts until the time of the draft.
  create temp table cr_pin on commit drop as
    select i.run_id, i.incident_id, i.impact_revision_id as revision_id,
           r.drafted_at as until, r.id = in_run as own
    from credit_run_incident i join credit_run r on r.id = i.run_id
    where r.id = in_run or r.id in (select run_id from cr_prior);

  -- The whole outage, regardless of weight: its start is the instant for `audience: all`, and its
  -- span bounds the periods in question.
  create temp table cr_outage on commit drop as
    select p.run_id, p.incident_id, min(m.from_at) as from_at,
           max(coalesce(m.to_at, p.until)) as to_at
    from cr_pin p join impact m using (revision_id)
    where p.own and m.level <> 'under_maintenance' and m.from_at < coalesce(m.to_at, p.until)
    group by 1, 2;
end $$;
