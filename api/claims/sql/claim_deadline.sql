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

-- The day after the last of the window of an account that contains a date: a calendar window, or
-- the billing period, counted from the anchor of its term and cut where the next term begins.
create function amends.claim_window_end(in_account bigint, in_unit text, in_day date)
  returns date language plpgsql stable as $$
declare
  t record;
begin
  if in_unit in ('month', 'quarter', 'year') then
    return (date_trunc(in_unit, in_day::timestamp) + amends.sla_step(in_unit))::date;
  end if;
  select coalesce(x.anchor, a.anchor) as anchor,
      case coalesce(x.billing_interval, a.billing_interval) when 'month' then 1 else 12 end as step,
      (select min(valid_from) from account_term
        where account_id = a.id and valid_from > in_day) as next
    from account a left join lateral (select * from account_term
      where account_id = a.id and valid_from <= in_day order by valid_from desc limit 1) x on true
    where a.id = in_account into t;
  return least(t.next, (
    select min(p.ends)
    from (values (extract(year from age(in_day, t.anchor))::integer * 12
        + extract(month from age(in_day, t.anchor))::integer)) as m (months)
      cross join generate_series(m.months / t.step - 1, m.months / t.step + 2) as k
      cross join lateral (values ((t.anchor + make_interval(months => k * t.step))::date))
        as p (ends)
    where p.ends > in_day));
end $$;

-- The last date to claim each of these incidents, by policy, in the zone of the policy's windows;
-- null while the outage goes on, and none without an outage. An incident that spans windows is
-- counted by its last outage second.
create function amends.claim_deadlines(in_account bigint, in_incidents bigint[])
  returns table (incident_id bigint, policy text, until date, zone text)
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
           (p.document->'claim'->>'within_days')::integer as days
    from amends.claim_policies() p cross join account a where a.id = in_account)
  select e.incident_id, q.name,
    case when q.from_what = 'window_end'
      then amends.claim_window_end(in_account, q.unit, d.day) - 1 else d.day end + q.days, q.zone
  from ended e cross join asked q
    cross join lateral (values ((e.last_at at time zone q.zone)::date)) as d (day);
end $$;

-- The deadlines of a claim, the first of them, and whether it came after all of them.
create function amends.claim_dates(in_claim claim, out out_list json, out out_first date,
  out out_late boolean) language plpgsql stable as $$
begin
  select coalesce(json_agg(json_build_object('incident', i.ref, 'policy', d.policy,
      'until', d.until, 'timezone', d.zone) order by d.until, i.ref, d.policy), '[]'),
    min(d.until), coalesce(bool_and((in_claim.at at time zone d.zone)::date > d.until), false)
  from amends.claim_deadlines(in_claim.account_id, array(
      select x.incident_id from claim_incident x where x.claim_id = in_claim.id)) d
    join incident i on i.id = d.incident_id
    into out_list, out_first, out_late;
end $$;

-- When these incidents affected an account, by component: their impacts on components that it uses
-- and in whose scope it is, as they are known now.
create function amends.claim_windows(in_account bigint, in_incidents bigint[]) returns json
  language plpgsql stable as $$
begin
  return (select coalesce(json_agg(json_build_object('incident', m.ref, 'component', c.slug,
      'name', c.name, 'level', m.level, 'from', amends.credit_instant(m.from_at),
      'to', amends.credit_instant(m.to_at)) order by m.from_at, c.slug, m.id), '[]')
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
      cross join lateral (values (amends.credit_midnight(n.until + 1, n.zone)
        - interval '1 second')) as e (at)
    order by o.began desc, i.id desc;
end $$;
