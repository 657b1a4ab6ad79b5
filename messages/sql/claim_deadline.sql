-- Until when an account can claim credit for an incident, by the policies that ask for a claim.

-- The newest version of each policy that pays only those who claim; if any of them is published at
-- /sla, those alone, as customers know no other.
create function amends.claim_policies()
  returns table (id bigint, name text, version integer, document jsonb) language sql stable as $$
  with newest as (
    select distinct on (p.name) p.id, p.name, p.version, p.document
    from policy p where not p.helper order by p.name, p.version desc),
  asking as (
    select n.*, exists (select from published_policy u where u.name = n.name) as published
    from newest n where n.document ? 'claim')
  select a.id, a.name, a.version, a.document from asking a
  where a.published or not exists (select from asking where published)
$$;

-- The day after the last of the window of an account that contains a date; before its first term,
-- of that date.
create function amends.claim_window_end(in_account bigint, in_unit text, in_day date)
  returns date language sql stable as $$
  select coalesce(min(w.window_to), in_day + 1)
  from account a cross join lateral amends.sla_windows(coalesce(in_unit, 'billing'),
    amends.account_terms(a), in_day, in_day) w
  where a.id = in_account
$$;

-- Whether a policy can pay an account: its labels match, and the account or one of its prices has a
-- plan of the policy.
create function amends.policy_takes(in_document jsonb, in_account account) returns boolean
  language sql stable as $$
  select amends.sla_is_in(jsonb_build_object('labels',
      coalesce(in_document->'applies'->'labels', '{}')), in_account)
    and (not coalesce(in_document->'applies' ? 'plans', false)
      or in_document->'applies'->'plans' ? in_account.plan
      or exists (select from account_price p where p.account_id = in_account.id
        and in_document->'applies'->'plans' ? p.plan)
      or exists (select from jsonb_path_query(in_account.lines, '$[*].prices[*].plan') n
        where in_document->'applies'->'plans' @> n))
$$;

-- Whether a policy pays for an outage of this incident: of one of its components, or of any.
create function amends.policy_counts(in_document jsonb, in_incident bigint) returns boolean
  language sql stable as $$
  select coalesce(in_document->'components', '[]') = '[]'
    or exists (select from amends.current_impact m join component c on c.id = m.component_id
      where m.incident_id = in_incident and m.level <> 'under_maintenance'
        and in_document->'components' ? c.slug)
$$;

-- The last date to claim each of these incidents, by policy that can pay the account for it, in the
-- zone of the policy's windows; null while the outage goes on, and none without an outage. An
-- incident that spans windows is counted by its last outage second. days and from_what: the
-- policy's within_days and from.
create function amends.claim_deadlines(in_account bigint, in_incidents bigint[])
  returns table (incident_id bigint, policy text, until date, zone text, days integer,
    from_what text)
  language plpgsql stable as $$
begin
  return query with ended as (
    select m.incident_id, case when bool_and(m.to_at is not null)
             then max(m.to_at) - interval '1 microsecond' end as last_at
    from amends.current_impact m
    where m.incident_id = any (in_incidents) and m.level <> 'under_maintenance'
      and m.from_at < coalesce(m.to_at, 'infinity')
    group by 1),
  asked as (
    select p.name, coalesce(p.document->'window'->>'timezone', a.timezone) as zone,
           p.document->'window'->>'unit' as unit, p.document->'claim'->>'from' as from_what,
           (p.document->'claim'->>'within_days')::integer as days, p.document
    from amends.claim_policies() p cross join account a
    where a.id = in_account and amends.policy_takes(p.document, a))
  select e.incident_id, q.name,
    case when q.from_what = 'window_end'
      then amends.claim_window_end(in_account, q.unit, d.day) - 1 else d.day end + q.days, q.zone,
    q.days, coalesce(q.from_what, 'incident_end')
  from ended e join asked q on amends.policy_counts(q.document, e.incident_id)
    cross join lateral (values ((e.last_at at time zone q.zone)::date)) as d (day);
end $$;

-- The last instant of the last date to claim.
create function amends.claim_last(in_until date, in_zone text) returns timestamptz
  language sql immutable as $$
  select amends.credit_midnight(in_until + 1, in_zone) - interval '1 second'
$$;

-- Whether mails about an update say how to claim: it opens or resolves an incident, and a policy
-- asks for claims.
create function amends.update_asks_claims(in_update bigint) returns boolean
  language plpgsql stable as $$
begin
  return exists (select from incident_update u join incident i on i.id = u.incident_id
      where u.id = in_update and i.kind = 'incident' and (u.state = 'resolved'
        or not exists (select from incident_update f
          where f.incident_id = i.id and f.id < u.id)))
    and exists (select from amends.claim_policies());
end $$;

-- The claims that subscribers can make for the incident of an update, by their account: those of
-- accounts that it concerns, if a policy asks them for a claim and the time has not ended. The
-- contact with the address of the subscriber, if any. claim: {until}, an instant, or while the
-- outage goes on {days, from}, of the policy that asks soonest; {}: without a limit.
create function amends.claims_to(in_update bigint, in_subscribers bigint[])
  returns table (subscriber bigint, account bigint, contact bigint, until timestamptz, claim text)
  language plpgsql stable strict as $$
begin
  return query
    with mine as materialized (
      select u.incident_id, s.account_id from incident_update u cross join (
        select distinct x.account_id from subscriber x
        where x.id = any (in_subscribers) and x.account_id is not null) s
      where u.id = in_update and amends.incident_concerns(u.incident_id, s.account_id)),
    due as materialized (
      select m.account_id, d.* from mine m cross join lateral (
        select amends.claim_last(d.until, d.zone) as at, d.days, d.from_what
        from amends.claim_deadlines(m.account_id, array[m.incident_id]) d
        order by 1, d.days, d.from_what limit 1) d
      where d.at is null or d.at > now())
    select s.id, d.account_id, k.id, d.at, jsonb_strip_nulls(case when d.at is not null
        then jsonb_build_object('until', amends.instant(d.at))
        else jsonb_build_object('days', d.days,
          'from', case when d.days is not null then d.from_what end) end)::text
    from subscriber s join due d on d.account_id = s.account_id
      left join account_contact k on k.account_id = s.account_id
        and k.address_hash = s.address_hash
    where s.id = any (in_subscribers);
end $$;
