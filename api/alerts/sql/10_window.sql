-- Alerts: events become windows of components, and windows become suggested incidents.

-- Whether labels have what every matcher asks for. A label that is missing is ''. Regular
-- expressions match the whole value, as in Alertmanager.
create function amends.alert_matches(in_labels jsonb, in_match jsonb) returns boolean
  language sql immutable as $$
  select not exists (
    select from jsonb_to_recordset(in_match) m(label text, op text, value text, "values" jsonb),
      lateral (select coalesce(in_labels->>m.label, '') as given) g
    where not case m.op
      when '=' then given = coalesce(value, '')
      when '!=' then given <> coalesce(value, '')
      when '=~' then given ~ ('^(?:' || value || ')$')
      when '!~' then given !~ ('^(?:' || value || ')$')
      else m."values" ? given end)
$$;

-- Null, or why it is no regular expression.
create function amends.alert_regex_fault(in_regex text) returns text language plpgsql as $$
begin
  perform '' ~ ('^(?:' || in_regex || ')$');
  return null;
exception when invalid_regular_expression then
  return regexp_replace(sqlerrm, '^invalid regular expression: ', '');
end $$;

-- When the alerts of a group fired, by events from in_since on. An alert fires from its first event
-- after a resolution until the next resolution. At one instant the resolution comes first.
create function amends.alert_episode(in_group bigint, in_since timestamptz) returns table (
  component_id bigint, from_at timestamptz, to_at timestamptz) language sql stable as $$
  with event as (
    select a.id, a.component_id, e.at, e.firing,
      count(*) filter (where not e.firing) over (partition by a.id order by e.at, e.firing) as n
    from alert a join alert_event e on e.alert_id = a.id
    where a.group_id = in_group and e.at >= in_since),
  fired as (
    select id, component_id, n, min(at) as from_at from event where firing group by 1, 2, 3)
  select f.component_id, f.from_at, r.at
  from fired f left join event r on r.id = f.id and not r.firing and r.n = f.n + 1
$$;

-- The spans of a group by component. Pauses shorter than keep_firing_seconds are no end, so a span
-- is that much longer than its window. A source that waits delay_seconds before it fires reports a
-- start that is later by that.
create function amends.alert_span(in_group bigint, in_now timestamptz, in_since timestamptz)
  returns table (component_id bigint, span tstzrange) language sql stable as $$
  select e.component_id, unnest(range_agg(tstzrange(
    e.from_at - make_interval(secs => r.delay_seconds),
    e.to_at + make_interval(secs => r.keep_firing_seconds))))
  from (select * from amends.alert_episode(in_group, in_since) union all
      select component_id, from_at, to_at from amends.bad_episode(in_group, in_now)) e,
    alert_group g join alert_rule r on r.id = g.rule_id
  where g.id = in_group group by 1
$$;

-- The start of the first incident, of those that began at in_since or later, that lasted until
-- in_before; in_before if there is none.
create function amends.alert_floor(in_group bigint, in_now timestamptz, in_since timestamptz,
  in_before timestamptz) returns timestamptz language sql stable as $$
  select least(in_before, min(lower(i)) filter (where upper_inf(i) or upper(i) >= in_before))
  from (select unnest(range_agg(span)) as i
    from amends.alert_span(in_group, in_now, in_since)) x
$$;

-- The windows of a group that are not settled for good, by component and in order: a window shorter
-- than for_seconds is none (yet, where to_at is null). cluster numbers the windows of one incident.
create function amends.alert_window(in_group bigint, in_now timestamptz) returns table (
  cluster bigint, component_id bigint, from_at timestamptz, to_at timestamptz, ripe boolean)
  language sql stable as $$
  with rule as (
    select make_interval(secs => r.for_seconds) as least, g.settled_before,
      make_interval(secs => r.keep_firing_seconds) as keep
    from alert_group g join alert_rule r on r.id = g.rule_id where g.id = in_group),
  long as (
    select j.component_id, j.span, upper(j.span) - rule.keep as to_at,
      coalesce(upper(j.span) - rule.keep, in_now) - lower(j.span) >= rule.least as ripe
    from rule, amends.alert_span(in_group, in_now, rule.settled_before) j),
  incident as (
    select span, row_number() over (order by span) as n
    from (select unnest(range_agg(span)) as span from long where ripe) x)
  select i.n, w.component_id, lower(w.span), w.to_at, w.ripe
  from long w left join incident i on w.ripe and w.span <@ i.span
  where w.ripe or w.to_at is null
$$;
