-- What a claim and the customer's page say of deadlines and outage windows.

-- The deadlines of a claim, the first of them (its date, and the last instant of it), and whether
-- the claim came after all of them.
create function amends.claim_dates(in_claim claim, out out_list json, out out_first date,
  out out_due timestamptz, out out_late boolean) language plpgsql stable as $$
begin
  select coalesce(json_agg(json_build_object('incident', i.ref, 'policy', d.policy,
      'until', d.until, 'timezone', d.zone) order by d.until, i.ref, d.policy), '[]'),
    min(d.until), min(amends.claim_last(d.until, d.zone)),
    coalesce(bool_and((in_claim.at at time zone d.zone)::date > d.until), false)
  from amends.claim_deadlines(in_claim.account_id, array(
      select x.incident_id from claim_incident x where x.claim_id = in_claim.id)) d
    join incident i on i.id = d.incident_id
    into out_list, out_first, out_due, out_late;
end $$;

-- Claims that wait for a decision: all, those whose deadline has passed, those with one in a week,
-- and the days since the oldest was made.
create function amends.claims_waiting(out out_all bigint, out out_passed bigint,
  out out_soon bigint, out out_days bigint) language plpgsql stable as $$
begin
  select count(*), count(*) filter (where d.out_due < now()),
      count(*) filter (where d.out_due between now() and now() + interval '7 days'),
      coalesce(floor(extract(epoch from now() - min(k.at)) / 86400), 0)
    from claim k cross join lateral amends.claim_dates(k) d where k.state in ('open', 'accepted')
    into out_all, out_passed, out_soon, out_days;
end $$;

-- When these incidents affected an account, by component: their impacts on components that it uses
-- and in whose scope it is, as they are known now.
create function amends.claim_windows(in_account bigint, in_incidents bigint[]) returns json
  language plpgsql stable as $$
begin
  return (select coalesce(json_agg(json_build_object('incident', m.ref, 'component', c.slug,
      'name', c.name, 'level', m.level, 'from', amends.instant(m.from_at),
      'to', amends.instant(m.to_at)) order by m.from_at, c.slug, m.id), '[]')
  from account a cross join amends.current_impact m join component c on c.id = m.component_id
  where a.id = in_account and m.incident_id = any (in_incidents)
    and (m.scope is null or amends.sla_is_in(m.scope, a))
    and (not exists (select from account_component u where u.account_id = a.id)
      or exists (select from account_component u
        where u.account_id = a.id and u.component_id = m.component_id)));
end $$;

-- The incidents that an account can choose to claim, newest first: the outages of half a year, with
-- the last instant to claim each by the policy that asks soonest, and what is known of it: whether
-- it hit the account, whether a claim names it, and the newest credit of the account for it. No
-- deadline: no policy asks for claims, or the outage goes on.
create function amends.claim_choices(in_account bigint)
  returns table (id bigint, ref text, title text, title_in text, from_at timestamptz,
    until_at timestamptz, late boolean, hit boolean, claimed boolean, credit bigint)
  language plpgsql stable as $$
begin
  return query
    with outage as (
      select m.incident_id, min(m.from_at) as began
      from amends.current_impact m join amends.standing_incident i on i.id = m.incident_id
      where m.level <> 'under_maintenance' and m.from_at < coalesce(m.to_at, 'infinity')
        and amends.incident_shown(i.id, in_account)
      group by 1 having min(m.from_at) > now() - interval '180 days'
      order by 2 desc limit 24),
    known as (
      select d.incident_id, min(d.until) as until, min(d.zone) as zone
      from amends.claim_deadlines(in_account, array(select incident_id from outage)) d group by 1)
    select i.id, i.ref, i.title, i.translations::text, o.began, e.at, coalesce(e.at < now(), false),
      amends.claim_windows(in_account, array[i.id])::text <> '[]',
      exists (select from claim k join claim_incident x on x.claim_id = k.id
        where k.account_id = in_account and x.incident_id = i.id and k.state <> 'declined'),
      (select max(c.id) from credit c join credit_line l on l.credit_id = c.id
        where c.account_id = in_account and c.state in ('issued', 'acknowledged', 'applied')
          and amends.explain(l)->'impacts' @> jsonb_build_array(
            jsonb_build_object('incident', i.ref)))
    from outage o join incident i on i.id = o.incident_id
      left join known n on n.incident_id = i.id
      cross join lateral (values (amends.claim_last(n.until, n.zone))) as e (at)
    order by o.began desc, i.id desc;
end $$;
