-- What a run is computed from (billing/compute.c): its policy and the evidence that it pins. SQL
-- pins evidence, groups accounts and writes rows; billing/engine computes the lines of each group.
--
-- Working tables live for the transaction:
--   cr_policy   the run and its policy, one row     cr_member   account -> cohort as stored
--   cr_pin      evidence: impact revisions          cr_trait    what else tells accounts apart
--   cr_group    accounts that are equal to the run  cr_answer   group -> currency, seconds, reasons
--   cr_line     a group's lines, excess included    cr_credit   account -> credit

-- The evidence of issued runs of a policy, by name, with any credit that stands.
create function amends.credit_standing_pins(in_policy text)
  returns table (run_id bigint, incident_id bigint, revision_id bigint, until timestamptz)
  language sql stable as $$
  select i.run_id, i.incident_id, i.impact_revision_id, r.drafted_at
  from credit_run r join policy p on p.id = r.policy_id
    join credit_run_incident i on i.run_id = r.id
  where p.name = in_policy and r.state = 'issued'
    and exists (select from credit c
      where c.run_id = r.id and c.state in ('issued', 'acknowledged', 'applied'))
$$;

create function amends.credit_run_evidence(in_run bigint) returns void language plpgsql as $$
begin
  create temp table cr_policy on commit drop as
    select r.id as run_id, r.account_id, p.name, p.document, r.reconciles as root,
           (select o.issued_at from credit_run o where o.id = r.reconciles) as root_issued_at
    from credit_run r join policy p on p.id = r.policy_id where r.id = in_run;

  -- An open impact counts until the time of the draft.
  create temp table cr_pin on commit drop as
    select i.run_id, i.incident_id, i.impact_revision_id as revision_id,
           r.drafted_at as until, true as own
    from credit_run r join credit_run_incident i on i.run_id = r.id where r.id = in_run
    union all
    select e.*, false
    from cr_policy y cross join lateral amends.credit_standing_pins(y.name) e
    where e.run_id <> in_run;
end $$;
