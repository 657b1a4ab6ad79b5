-- Contradictions within the evidence.

create function amends.credit_warn(in_run bigint, in_code text, in_text text, in_detail jsonb)
  returns void language sql
  begin atomic
    insert into credit_warning (run_id, code, text, detail)
      values (in_run, in_code, in_text, in_detail);
  end;

-- "2026-03-03 10:00-10:40, 11:05-11:10" in UTC.
create function amends.credit_windows_text(in_windows tstzmultirange) returns text
  language sql stable as $$
  select string_agg(case when day is distinct from before then day || ' ' else '' end
      || to_char(lower(w) at time zone 'UTC', 'HH24:MI-')
      || case when upper(w) - lower(w) < interval '1 day' then ''
           else to_char(upper(w) at time zone 'UTC', 'YYYY-MM-DD ') end
      || to_char(upper(w) at time zone 'UTC', 'HH24:MI'), ', ' order by w)
  from (
    select w, to_char(lower(w) at time zone 'UTC', 'YYYY-MM-DD') as day,
      lag(to_char(lower(w) at time zone 'UTC', 'YYYY-MM-DD')) over (order by w) as before
    from unnest(in_windows) w) x
$$;

create function amends.credit_seconds(in_windows tstzmultirange) returns bigint
  language sql immutable as $$
  select coalesce(extract(epoch from sum(upper(w) - lower(w))), 0)::bigint
  from unnest(in_windows) w
$$;

-- "22 minutes are not stated"; null below a minute, since measurements are by minutes.
create function amends.credit_minutes_text(in_seconds bigint, in_how text) returns text
  language sql immutable as $$
  select case when in_seconds >= 120 then format('%s minutes are not %s', in_seconds / 60, in_how)
    when in_seconds >= 60 then format('1 minute is not %s', in_how) end
$$;

-- Where the windows that impacts state differ from those that monitoring measured, by component.
-- Components that nobody measures differ from nothing.
create function amends.credit_measured_warnings(in_incidents bigint[], in_revisions bigint[],
  in_until timestamptz) returns table (incident_id bigint, from_at timestamptz, text text,
  detail jsonb) language plpgsql stable as $$
begin
  return query
    with asked as (select * from unnest(in_incidents, in_revisions) as e(incident, revision)),
    stated as (
      select a.incident, m.component_id, range_agg(tstzrange(m.from_at,
          coalesce(m.to_at, in_until))) as w
      from asked a join impact m on m.revision_id = a.revision
      where m.level <> 'under_maintenance' and m.from_at < coalesce(m.to_at, in_until)
      group by 1, 2),
    measured as (
      select a.incident, m.component_id, range_agg(tstzrange(m.from_at,
          coalesce(m.to_at, in_until))) as w
      from asked a cross join lateral amends.incident_measured(a.incident) m
      where m.from_at < coalesce(m.to_at, in_until) group by 1, 2),
    compared as (
      select m.incident, m.component_id, s.w as stated, m.w as measured,
        amends.credit_seconds(m.w - coalesce(s.w, '{}')) as unstated,
        amends.credit_seconds(coalesce(s.w, '{}') - m.w) as unmeasured
      from measured m left join stated s using (incident, component_id)),
    said as (
      select x.*, c.slug, concat_ws(', ', amends.credit_minutes_text(x.unstated, 'stated'),
        amends.credit_minutes_text(x.unmeasured, 'measured')) as difference
      from compared x join component c on c.id = x.component_id)
    select x.incident, lower(coalesce(x.stated, x.measured)), format('%s: %s, measured %s UTC: %s',
        x.slug, coalesce('stated ' || amends.credit_windows_text(x.stated), 'not stated'),
        amends.credit_windows_text(x.measured), x.difference),
      jsonb_strip_nulls(jsonb_build_object('component', x.slug,
        'stated', amends.credit_windows_text(x.stated),
        'measured', amends.credit_windows_text(x.measured),
        'unstated_seconds', x.unstated, 'unmeasured_seconds', x.unmeasured))
    from said x where x.difference <> '';
end $$;

-- Contradictions between impacts, posts and measurements of incidents, as of an instant that ends
-- open impacts.
-- Used for a run, and for an incident without a run (GET /v1/incidents/{ref}/warnings).
create function amends.credit_evidence_warnings(in_incidents bigint[], in_revisions bigint[],
  in_until timestamptz) returns table (code text, text text, detail jsonb) language sql stable as $$
  with window_ as (
    select e.incident_id, m.from_at, m.to_at, m.estimated
    from unnest(in_incidents, in_revisions) as e(incident_id, revision_id)
      join impact m using (revision_id)
    where m.level <> 'under_maintenance'),
  outage as (
    select incident_id, min(from_at) as from_at from window_
    where from_at < coalesce(to_at, in_until) group by 1),
  post as (
    select o.*, (select min(coalesce(u.submitted_at, u.posted_at)) from incident_update u
                 where u.incident_id = o.incident_id) as first_post from outage o),
  i as (
    select p.incident_id, n.ref, p.from_at, p.first_post - p.from_at as late,
           case when count(*) over () > 1 then ' of ' || n.ref else '' end as of_ref,
           case when count(*) over () > 1 then 'its' else 'the' end as its,
           bool_or(m.estimated) as estimated, bool_or(m.to_at is null) as open,
           bool_or(m.from_at <= p.first_post and p.first_post < coalesce(m.to_at, in_until))
             as inside
    from post p join incident n on n.id = p.incident_id
      join window_ m on m.incident_id = p.incident_id
    group by p.incident_id, p.from_at, p.first_post, n.ref),
  measured as (
    select m.*, n.ref from amends.credit_measured_warnings(in_incidents, in_revisions, in_until) m
      join incident n on n.id = m.incident_id),
  found as (
  select i.from_at, i.incident_id, w.n, w.code, w.text,
    w.detail || jsonb_build_object('incident', i.ref) as detail
  from i cross join lateral (values
    (1, i.late > interval '0', 'impact_before_post', format(
      'an impact%s starts %s before %s first post', i.of_ref, amends.credit_span(i.late), i.its),
      jsonb_build_object('seconds', extract(epoch from i.late)::bigint)),
    (2, i.late >= interval '0' and not i.inside, 'post_outside_impacts',
      format('the first post%s falls inside no impact window', i.of_ref), '{}'),
    (3, i.late < interval '0', 'post_before_impact', format(
      'the first post%s falls %s before its first impact window', i.of_ref,
      amends.credit_span(-i.late)),
      jsonb_build_object('seconds', extract(epoch from -i.late)::bigint)),
    (4, i.estimated, 'estimate', format('an impact window%s is an estimate', i.of_ref), '{}'),
    (5, i.open, 'open_impact', format('an impact%s is still open; it counts until %s', i.of_ref,
      amends.instant(date_trunc('second', in_until))),
      jsonb_build_object('until', amends.instant(date_trunc('second', in_until))))
    ) as w(n, holds, code, text, detail)
  where w.holds
  union all
  select from_at, incident_id, 6, 'measured_differs', text,
    detail || jsonb_build_object('incident', ref)
  from measured)
  select code, text, detail from found order by from_at, incident_id, n, text
$$;

-- Reads the working tables.
create function amends.credit_run_warnings(in_run bigint) returns void language plpgsql as $$
declare
  w record;
begin
  for w in
    select v.*
    from (select array_agg(incident_id) as incidents, array_agg(revision_id) as revisions,
                 max(until) as until from cr_pin where own) p
      cross join amends.credit_evidence_warnings(p.incidents, p.revisions, p.until) with ordinality
        as v(code, text, detail, n)
    order by v.n
  loop
    perform amends.credit_warn(in_run, w.code, w.text, w.detail);
  end loop;
  for w in
    select r.id, r.state, p.name, n.ref
    from credit_run_incident mine
      join credit_run_incident theirs on theirs.incident_id = mine.incident_id
      join credit_run r on r.id = theirs.run_id and r.state not in ('void', 'failed')
      join policy p on p.id = r.policy_id join incident n on n.id = mine.incident_id
    where mine.run_id = in_run and r.id <> in_run
      and r.id is distinct from (select root from cr_policy)
    order by r.id, n.ref
  loop
    perform amends.credit_warn(in_run, 'overlap',
      format('run %s (%s, %s) also covers %s', w.id, w.name, w.state, w.ref),
      jsonb_build_object('run', w.id, 'policy', w.name, 'state', w.state, 'incident', w.ref));
  end loop;
  for w in
    select a.currency, count(distinct a.id) as accounts,
           round(sum(x.amount_minor) * 10::numeric ^ -a.exponent, a.exponent) as amount
    from credit_excess x join account a on a.id = x.account_id
    where x.run_id = in_run group by a.currency, a.exponent order by 1
  loop
    perform amends.credit_warn(in_run, 'over_credited', format(
      'over-credited: %s account(s) hold %s %s more than is owed; nothing is taken back',
      w.accounts, w.amount, w.currency),
      jsonb_build_object('accounts', w.accounts, 'amount', w.amount::text, 'currency', w.currency));
  end loop;
  for w in
    select x.currency, sum(g.accounts) as accounts
    from cr_answer x join cr_group g using (share)
    where x.word = 'no_amount' group by 1 order by 1
  loop
    perform amends.credit_warn(in_run, 'no_amount', format(
      'the policy has no amount in %s: %s account(s) get nothing', w.currency, w.accounts),
      jsonb_build_object('accounts', w.accounts, 'currency', w.currency));
  end loop;
  for w in
    select count(*) as accounts, min(a.external_id) as example
    from cohort h join cr_member m on m.cohort_id = h.id join account a on a.id = m.account_id
    where h.price_from = '{}' and a.lines is null
    having count(*) > 0
  loop
    perform amends.credit_warn(in_run, 'no_price', format(
      '%s account(s) have no price at all and get nothing, such as %s', w.accounts, w.example),
      jsonb_build_object('accounts', w.accounts, 'account', w.example));
  end loop;
  for w in
    select count(*) as accounts, min(a.external_id) as example
    from cohort h join cr_member m on m.cohort_id = h.id join account a on a.id = m.account_id
    where h.price_from[1] < h.term_from[1]
    having count(*) > 0
  loop
    perform amends.credit_warn(in_run, 'price_before_anchor', format(
      '%s account(s) have a price before their first period, when nothing is owed, such as %s',
      w.accounts, w.example), jsonb_build_object('accounts', w.accounts, 'account', w.example));
  end loop;
  for w in
    select count(*) as accounts, min(a.external_id) as example
    from credit_left_out x join account a on a.id = x.account_id
    where x.run_id = in_run and x.reason = 'terms_changed'
    having count(*) > 0
  loop
    perform amends.credit_warn(in_run, 'terms_changed', format(
      '%s account(s) hold credits for periods that their terms no longer have, and get nothing, '
      'such as %s', w.accounts, w.example),
      jsonb_build_object('accounts', w.accounts, 'account', w.example));
  end loop;
  for w in
    select count(*) as accounts, min(a.external_id) as example
    from cr_credit c join account a on a.id = c.account_id
    where not exists (select from account_contact k where k.account_id = c.account_id)
    having count(*) > 0
  loop
    perform amends.credit_warn(in_run, 'no_contact', format(
      '%s credited account(s) have no contact to write to, such as %s', w.accounts, w.example),
      jsonb_build_object('accounts', w.accounts, 'account', w.example));
  end loop;
end $$;
