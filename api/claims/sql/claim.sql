-- Customers claim credit for incidents; staff answer with a run, which is approved like any other,
-- or with a reason (decision 152).

-- Called by the customer's page. Returns the id of the claim, and 'opened', 'known' (a claim for
-- one of these incidents is under way) or 'many' (the limit is five per day and account).
create function amends.claim_open(in_account bigint, in_contact bigint, in_incidents bigint[],
  in_text text, in_actor text default 'link', out out_claim bigint, out out_word text)
  language plpgsql as $$
declare
  a account;
begin
  select * into a from account where id = in_account for update;
  out_word := case
    when exists (select from claim k join claim_incident x on x.claim_id = k.id
      where k.account_id = in_account and k.state in ('open', 'accepted', 'drafted')
        and x.incident_id = any (in_incidents)) then 'known'
    when (select count(*) from claim where account_id = in_account and created_by is null
      and created_at > now() - interval '1 day') >= 5 then 'many'
    else 'opened' end;
  if out_word <> 'opened' then
    return;
  end if;
  insert into claim (account_id, contact_id, at, text)
    values (in_account, in_contact, now(), in_text) returning id into out_claim;
  insert into claim_incident (claim_id, incident_id) select out_claim, unnest(in_incidents);
  insert into audit (actor, action, object)
    values (in_actor, 'claim.create', 'claim:' || out_claim);
  perform amends.staff_report('claim:' || out_claim, 'A customer claims credit',
    format(E'%s (%s), claim %s:\n\n%s', a.name, a.external_id, out_claim,
      regexp_replace(in_text, '^', '> ', 'gn')),
    jsonb_build_object('what', 'claim', 'name', a.name, 'account', a.external_id,
      'claim', out_claim, 'message', regexp_replace(in_text, '^', '> ', 'gn')));
end $$;

-- Reply to the contact who claimed, or to all contacts of the account if that one no longer exists.
create function amends.claim_reply(in_claim bigint) returns void language sql as $$
  select amends.broadcast_to('claim_answer', 'email',
    array(select c.id from account_contact c where c.id = k.contact_id
      or (c.account_id = k.account_id
        and not exists (select from account_contact x where x.id = k.contact_id))),
    jsonb_build_object('id', k.id, 'credited', k.state = 'credited', 'message', k.answer,
      'account', a.name))
  from claim k join account a on a.id = k.account_id where k.id = in_claim
$$;

-- The run that decides accepted claims: for their incidents and accounts, by the newest version of
-- a policy. Null without such a policy.
create function amends.claim_run(in_claims bigint[], in_policy text, in_reason text,
  in_actor bigint) returns bigint language plpgsql as $$
declare
  v_run bigint;
begin
  insert into credit_run (policy_id, reason, created_by)
    select id, in_reason, in_actor from policy where name = in_policy and not helper
    order by version desc limit 1 returning id into v_run;
  insert into credit_run_incident (run_id, incident_id, impact_revision_id)
    select distinct v_run, i.id, i.impact_revision_id
    from claim_incident x join incident i on i.id = x.incident_id
    where x.claim_id = any (in_claims) and v_run is not null;
  insert into credit_run_account (run_id, account_id)
    select distinct v_run, account_id from claim
    where id = any (in_claims) and v_run is not null;
  update claim set state = 'drafted', run_id = v_run
    where id = any (in_claims) and v_run is not null;
  return v_run;
end $$;

-- A run that decides claims was issued, or dropped. Any other run that pays an account for all
-- incidents of a claim, by a policy that asks for it, decides that claim, too.
create function amends.claim_follow() returns trigger language plpgsql as $$
begin
  if new.state <> 'issued' then
    update claim set state = 'accepted', run_id = null where run_id = new.id and state = 'drafted';
    return new;
  end if;
  update claim k set state = 'credited', run_id = new.id,
      decided_at = coalesce(k.decided_at, now())
    from credit c, policy p
    where c.run_id = new.id and c.account_id = k.account_id and p.id = new.policy_id
      and p.document ? 'claim' and k.state in ('open', 'accepted')
      and k.created_at <= new.drafted_at
      and not exists (select from claim_incident x where x.claim_id = k.id and not exists (
        select from credit_run_incident i
        where i.run_id = new.id and i.incident_id = x.incident_id));
  update claim k set
      state = case when exists (select from credit c
        where c.run_id = new.id and c.account_id = k.account_id) then 'credited' else 'open' end
    where run_id = new.id and state = 'drafted';
  perform amends.claim_reply(id) from claim
    where run_id = new.id and state = 'credited' and answer is not null;
  update claim set run_id = null, answer = null, decided_by = null, decided_at = null
    where run_id = new.id and state = 'open';
  return new;
end $$;

create trigger claim_follow after update of state on credit_run for each row
  when (new.state in ('issued', 'void', 'failed')) execute function amends.claim_follow();

-- A run for one claim alone, to be computed and rolled back.
create function amends.claim_trial_begin(in_claim bigint, in_policy text, in_key bigint)
  returns bigint language sql as $$
  with made as (
    insert into credit_run (policy_id, reason, created_by, account_id)
      select p.id, 'a dry run', in_key, k.account_id
      from claim k cross join policy p where k.id = in_claim and p.name = in_policy and not p.helper
      order by p.version desc limit 1 returning id)
  insert into credit_run_incident (run_id, incident_id, impact_revision_id)
    select made.id, i.id, i.impact_revision_id
    from made cross join claim_incident x join incident i on i.id = x.incident_id
    where x.claim_id = in_claim
  returning run_id
$$;

-- Forget the files of claims that were answered before in_before.
create function amends.claim_forget(in_before timestamptz)
  returns bigint language sql security definer set search_path = public, pg_temp as $$
  with gone as (
    update claim_evidence e set sealed = null from claim k
    where k.id = e.claim_id and e.sealed is not null and k.state in ('declined', 'credited')
      and k.decided_at < in_before returning 1)
  select count(*) from gone
$$;
