-- The SLA report: uptime of accounts by calendar window of their time zone and by component, and
-- what was credited for it. Seconds are exact; a percentage is cut off, so that one outage of a
-- microsecond keeps it below 100.
--
-- No policy is asked: a component is down in a partial or major outage, unless maintenance that was
-- announced before it began excuses it, and an account while any component that it uses is down.

-- Whether policies rate billing periods of an account that are not the months of the calendar.
create function amends.account_rates_periods(in_account account) returns boolean
  language sql stable as $$
  select exists (select from jsonb_to_recordset(amends.account_terms(in_account))
      as t("from" date, "interval" text, anchor date)
      where t.interval <> 'month' or extract(day from t.anchor) <> 1)
    and exists (select from (
        select distinct on (p.name) p.document from policy p where not p.helper
        order by p.name, p.version desc) n
      where coalesce(n.document->'window'->>'unit', 'billing') = 'billing'
        and amends.policy_takes(n.document, in_account)
        and amends.account_uses_any(in_account.id, array(select c.id from component c
          where n.document->'components' ? c.slug)))
$$;

create function amends.sla_seconds(in_spans tstzmultirange) returns numeric
  language sql stable strict parallel safe
  return (select trim_scale(coalesce(sum(extract(epoch from upper(s))
      - extract(epoch from lower(s))), 0)) from unnest(in_spans) as s);

-- "99.9537": four digits, never rounded up.
create function amends.sla_percent(in_down numeric, in_whole numeric) returns text
  language sql immutable strict parallel safe
  return trim_scale(div((in_whole - in_down) * 1000000, in_whole) / 10000)::text;

create function amends.sla_figures(in_down tstzmultirange, in_degraded tstzmultirange,
  in_maintenance tstzmultirange, in_span tstzrange) returns jsonb
  language sql stable strict parallel safe
  return (select jsonb_build_object('measured_seconds', whole::text,
      'maintenance_seconds', amends.sla_seconds(in_maintenance)::text,
      'degraded_seconds', amends.sla_seconds(in_degraded)::text, 'down_seconds', down::text,
      'uptime_percent', amends.sla_percent(down, whole))
    from (values (amends.sla_seconds(in_down), amends.sla_seconds(tstzmultirange(in_span))))
      as x (down, whole));

-- Windows of maintenance that was announced before it began, for accounts in these scopes. The
-- windows of an incident are joined first, so that splitting one changes nothing.
create function amends.sla_maintenance(in_until timestamptz, in_scoped bigint[])
  returns table (component_id bigint, windows tstzmultirange) language sql stable as $$
  with whole as (
    select m.incident_id, m.component_id,
           unnest(range_agg(tstzrange(m.from_at, coalesce(m.to_at, in_until)))) as span
    from amends.current_impact m
    where m.level = 'under_maintenance' and m.from_at < coalesce(m.to_at, in_until)
      and (m.scope is null or m.id = any (in_scoped))
    group by 1, 2)
  select w.component_id, range_agg(w.span)
  from whole w join incident i on i.id = w.incident_id
  where coalesce(i.announced_at, i.started_at) <= lower(w.span)
  group by 1
$$;

-- When each component was down, degraded and in announced maintenance, up to now, for accounts in
-- these scopes. An impact of weight 0 is none.
create function amends.sla_components(in_now timestamptz, in_scoped bigint[])
  returns table (id bigint, archived_at timestamptz, place bigint, slug text, name text,
    down tstzmultirange, degraded tstzmultirange, maintenance tstzmultirange)
  language sql stable as $$
  with hit as (
    select m.component_id, m.level <> 'degraded_performance' as down,
           range_agg(tstzrange(m.from_at, coalesce(m.to_at, in_now))) as spans
    from amends.current_impact m
    where m.level <> 'under_maintenance' and m.from_at < coalesce(m.to_at, in_now)
      and m.weight_bp is distinct from 0 and (m.scope is null or m.id = any (in_scoped))
    group by 1, 2)
  select c.id, c.archived_at, row_number() over (order by g.position nulls first, g.id, c.position,
           c.id), c.slug, c.name, x.down,
         coalesce(s.spans, '{}') - coalesce(w.windows, '{}') - x.down, coalesce(w.windows, '{}')
  from component c left join component_group g on g.id = c.group_id
    left join amends.sla_maintenance(in_now, in_scoped) w on w.component_id = c.id
    left join hit d on d.component_id = c.id and d.down
    left join hit s on s.component_id = c.id and not s.down
    cross join lateral (
      values (coalesce(d.spans, '{}') - coalesce(w.windows, '{}'))) as x (down)
$$;

-- The credits of accounts by window: a line belongs to the window of the first outage that it pays
-- for, and one without to the window in which its billing period begins. From the ledger: issued
-- and reversed; from billing: confirmed, and applied to an invoice.
create function amends.sla_credits(in_accounts bigint[], in_unit text)
  returns table (account_id bigint, window_from date, credits json) language sql stable as $$
  with line as (
    select l.account_id, l.amount_minor as minor, c.currency, c.exponent, c.state,
           coalesce(b.reversed, false) as reversed, (
             select n.window_from from amends.sla_windows(
               in_unit, amends.account_terms(a), d.day, d.day) n limit 1) as window_from
    from credit_line l join credit c on c.id = l.credit_id join account a on a.id = l.account_id
      join lateral (select bool_or(e.kind = 'reversal') as reversed from ledger_entry e
        where e.credit_id = c.id and e.book = 'customer_balance' having count(*) > 0) b on true
      cross join lateral (select min(coalesce(x->>'from', x->>'at')::timestamptz) as first_at
        from (select explain::jsonb from credit_working where id = l.working_id) as k
          cross join jsonb_array_elements(coalesce(k.explain->'windows', '[]')
            || coalesce(k.explain->'claims', '[]')) as x) w
      cross join lateral (values (least(greatest(
        coalesce((w.first_at at time zone a.timezone)::date, l.period_from), l.period_from),
        l.period_to - 1))) as d (day)
    where l.account_id = any (in_accounts)),
  summed as (
    select account_id, window_from, currency, exponent,
           sum(minor) as issued, sum(minor) filter (where reversed) as reversed,
           sum(minor) filter (where state in ('acknowledged', 'applied')) as confirmed,
           sum(minor) filter (where state = 'applied') as applied
    from line group by 1, 2, 3, 4)
  select account_id, window_from, json_agg(json_build_object('currency', currency,
      'exponent', exponent, 'owed_minor', amends.credit_sum(issued - coalesce(reversed, 0)),
      'issued_minor', amends.credit_sum(issued),
      'reversed_minor', amends.credit_sum(coalesce(reversed, 0)),
      'confirmed_minor', amends.credit_sum(coalesce(confirmed, 0)),
      'applied_minor', amends.credit_sum(coalesce(applied, 0))) order by currency)
  from summed group by 1, 2
$$;

-- The windows of accounts that contain the local dates from in_from to before in_to; null: the last
-- twelve months of windows up to today. A window begins no earlier than the account's first term,
-- and the last one is measured until now. Accounts with the same zone, start, components and, of
-- unit billing, terms are measured once.
create function amends.sla_report(in_accounts bigint[], in_unit text, in_from date, in_to date,
  in_now timestamptz)
  returns table (account_id bigint, windows json) language sql stable set jit = off as $$
  with scoped as materialized (
    select id, scope from amends.current_impact where scope is not null),
  asked as materialized (
    select a.id, a.timezone, coalesce((select min(t.valid_from) from account_term t
             where t.account_id = a.id), a.anchor) as since,
           case in_unit when 'billing' then amends.account_terms(a) else '[]' end as terms,
           array(select u.component_id from account_component u where u.account_id = a.id
             order by 1) as uses,
           array(select m.id from scoped m where amends.sla_is_in(m.scope, a) order by 1) as scoped
    from account a where a.id = any (in_accounts)),
  bounds as (
    select k.timezone, k.since, k.terms, k.uses, k.scoped, w.*,
           tstzrange(x.from_at, x.to_at) as span, x.to_at = in_now as open
    from (select distinct timezone, since, terms, uses, scoped from asked) as k
      cross join lateral (values (
        coalesce(in_to - 1, (in_now at time zone k.timezone)::date))) as l (last)
      cross join lateral amends.sla_windows(in_unit, k.terms, coalesce(in_from,
        (date_trunc(nullif(in_unit, 'billing'), l.last::timestamp) + amends.sla_step(in_unit)
          - interval '12 months')::date, (l.last - interval '11 months')::date), l.last) as w
      cross join lateral (values (
        amends.credit_midnight(greatest(w.window_from, k.since), k.timezone),
        least(amends.credit_midnight(w.window_to, k.timezone), in_now))) as x (from_at, to_at)
    where x.from_at < x.to_at),
  state as materialized (
    select k.scoped, c.* from (select distinct scoped from asked) as k
      cross join lateral amends.sla_components(in_now, k.scoped) as c),
  cell as (
    select b.timezone, b.since, b.terms, b.uses, b.scoped, b.window_from, b.window_to, b.open,
           b.span, s.place, s.slug, s.name, s.down * b.span::tstzmultirange as down,
           s.degraded * b.span::tstzmultirange as degraded,
           s.maintenance * b.span::tstzmultirange as maintenance
    from bounds b join state s on s.scoped = b.scoped and case b.uses
      when '{}' then coalesce(s.archived_at > lower(b.span), true) else s.id = any (b.uses) end),
  measured as materialized (
    select timezone, since, terms, uses, scoped, window_from, window_to, open,
           amends.sla_figures(range_agg(down), range_agg(degraded) - range_agg(down),
             range_agg(maintenance), span) as figures,
           jsonb_agg(jsonb_build_object('component', slug, 'name', name)
             || amends.sla_figures(down, degraded, maintenance, span) order by place) as components
    from cell group by timezone, since, terms, uses, scoped, window_from, window_to, open, span)
  select a.id, coalesce(json_agg(jsonb_build_object('from', m.window_from, 'to', m.window_to,
      'open', m.open) || m.figures || jsonb_build_object('components', m.components,
      'credits', coalesce(c.credits, '[]')) order by m.window_from)
      filter (where m.window_from is not null), '[]')
  from asked a
    left join measured m on (m.timezone, m.since, m.terms, m.uses, m.scoped)
      = (a.timezone, a.since, a.terms, a.uses, a.scoped)
    left join amends.sla_credits(in_accounts, in_unit) c
      on c.account_id = a.id and c.window_from = m.window_from
  group by a.id
$$;
