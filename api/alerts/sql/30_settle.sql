-- The scope of a group's impacts: that of its rule or else of its series, and the alerts' own
-- values of scope_labels. A
-- group that is older than its rule's group_by has them in its alerts only.
create function amends.alert_scope(in_group bigint) returns jsonb language sql stable as $$
  select case when r.scope_labels = '{}' then o.scope
    else coalesce(o.scope, '{}') || jsonb_build_object('labels', coalesce(o.scope->'labels', '{}')
      || (select jsonb_object_agg(l, coalesce(g.key->>l, (select min(a.labels->>l) from alert a
        where a.group_id = in_group), '')) from unnest(r.scope_labels) l)) end
  from alert_group g join alert_rule r on r.id = g.rule_id
    cross join lateral (select coalesce(r.scope, g.key->'scope') as scope) o
  where g.id = in_group
$$;

-- What the alerts of a group amount to at an instant, by cluster.
create function amends.alert_cluster(in_group bigint, in_now timestamptz) returns table (
  started_at timestamptz, ended_at timestamptz, span tstzrange, windows jsonb)
  language sql stable as $$
  select min(w.from_at), case when bool_and(w.to_at is not null) then max(w.to_at) end,
    tstzrange(min(w.from_at), case when bool_and(w.to_at is not null) then max(w.to_at) end, '[]'),
    jsonb_agg(jsonb_build_object('id', w.component_id, 'component', c.slug, 'level', r.level,
      'from', amends.instant(w.from_at), 'to', amends.instant(w.to_at),
      'scope', amends.alert_scope(in_group))
      order by w.from_at, c.slug)
  from amends.alert_window(in_group, in_now) w join component c on c.id = w.component_id
    join alert_group g on g.id = in_group join alert_rule r on r.id = g.rule_id
  where w.cluster is not null group by w.cluster
$$;

-- "API: partial outage", or the title of the rule's template.
create function amends.suggestion_title(in_group bigint, in_windows jsonb) returns text
  language sql stable as $$
  select left(coalesce(t.title, (select string_agg(distinct c.name, ', ')
      from jsonb_array_elements(in_windows) w join component c on c.id = (w->>'id')::bigint)
      || ': ' || translate(r.level::text, '_', ' ')), 250)
  from alert_group g join alert_rule r on r.id = g.rule_id
    left join incident_template t on t.id = r.template_id where g.id = in_group
$$;

create function amends.suggestion_report(in_suggestion suggestion, in_over boolean, in_url text)
  returns void language plpgsql as $$
declare
  v_page text := format('%s/staff/suggestions/%s', in_url, in_suggestion.id);
begin
  perform amends.staff_report(format('suggestion:%s%s', in_suggestion.id,
      case when in_over then ':over' else '' end),
    case when in_over then 'Alert over: ' else 'Suggested incident: ' end || in_suggestion.title,
    v_page,
    jsonb_strip_nulls(jsonb_build_object(
      'what', case when in_over then 'alerts_over' else 'suggestion' end,
      'sentences', case when not in_over then jsonb_build_array(
        case when in_suggestion.error_bp is null then 'suggestion_alert'
          else 'suggestion_measured' end,
        case when in_suggestion.publish_at is null then 'suggestion_waits'
          else 'suggestion_self' end) end,
      'publish_at', amends.instant(in_suggestion.publish_at),
      'card', 'suggestion:' || in_suggestion.id, 'id', in_suggestion.id,
      'title', in_suggestion.title, 'url', v_page, 'at', amends.instant(
        case when in_over then in_suggestion.ended_at else in_suggestion.started_at end))));
end $$;

-- The series by which a group judges the components of windows.
create function amends.group_series(in_group bigint, in_windows jsonb) returns bigint[]
  language sql stable as $$
  select coalesce(array_agg(s.id order by s.id), '{}')
  from measurement_series_group t join measurement_series s on s.id = t.series_id
  where t.group_id = in_group and s.component_id in (
    select (w->>'id')::bigint from jsonb_array_elements(in_windows) w)
$$;

-- Make or change one suggestion for a cluster. The threshold and series are those by which its
-- windows were judged, whatever becomes of the rule. Returns its id.
create function amends.suggestion_keep(in_group bigint, in_found bigint, in_started timestamptz,
  in_ended timestamptz, in_windows jsonb, in_now timestamptz, in_url text) returns bigint
  language plpgsql as $$
declare
  s suggestion;
  v_series bigint[] := amends.group_series(in_group, in_windows);
begin
  if in_found is not null then
    update suggestion set started_at = in_started, ended_at = in_ended, windows = in_windows,
      title = case state when 'pending' then amends.suggestion_title(in_group, in_windows)
        else title end,
      error_bp = (select r.error_bp from alert_group g join alert_rule r on r.id = g.rule_id
        where g.id = in_group)
      where id = in_found
        and (started_at, windows) is distinct from (in_started, in_windows);
    update suggestion set series = array(select unnest(series) union select unnest(v_series))
      where id = in_found and not series @> v_series;
    return in_found;
  end if;
  insert into suggestion (group_id, title, started_at, ended_at, windows, error_bp, series,
    publish_at)
  select in_group, amends.suggestion_title(in_group, in_windows), in_started, in_ended, in_windows,
    r.error_bp, v_series, case when r.archived_at is null
      then in_now + make_interval(mins => r.publish_after_minutes) end
  from alert_group g join alert_rule r on r.id = g.rule_id where g.id = in_group
  returning * into s;
  perform amends.suggestion_report(s, false, in_url);
  return s.id;
end $$;

-- Publish what is due, measure what is published, and report once that its alerts are over.
create function amends.suggestions_advance(in_group bigint, in_keep interval,
  in_now timestamptz, in_url text) returns void language plpgsql as $$
declare
  s suggestion;
begin
  for s in
    select x.* from suggestion x where x.group_id = in_group and x.state = 'pending'
      and x.publish_at <= in_now and x.ended_at is null
  loop
    perform amends.suggestion_publish(s.id, '{}', null);
  end loop;
  perform amends.incident_measure(x.incident_id) from suggestion x
    where x.group_id = in_group and x.incident_id is not null;
  for s in
    update suggestion x set over_at = in_now from incident i
    where x.group_id = in_group and x.over_at is null and x.ended_at + in_keep <= in_now
      and i.id = x.incident_id and i.state in ('investigating', 'identified', 'monitoring')
    returning x.*
  loop
    perform amends.suggestion_report(s, true, in_url);
  end loop;
end $$;

-- Bring the suggestions of a group in line with its events. Whatever the order in which the events
-- came, pending ones are the same afterwards; those that staff have decided keep their decision.
-- Incidents that ended a day ago are settled, until an event of that time comes.
create function amends.alert_group_settle(in_group bigint, in_now timestamptz, in_url text)
  returns void language plpgsql as $$
declare
  r alert_rule;
  v_before timestamptz;
  v_keep interval;
  c record;
  v_found bigint;
  v_kept bigint[] := array[]::bigint[];
begin
  select settled_before into v_before from alert_group where id = in_group for update;
  perform amends.bad_minutes_refresh(in_group);
  select x.* into r from alert_group g join alert_rule x on x.id = g.rule_id where g.id = in_group;
  v_keep := make_interval(secs => r.keep_firing_seconds);
  for c in select * from amends.alert_cluster(in_group, in_now) order by started_at loop
    v_found := (select s.id from suggestion s
      where s.group_id = in_group and s.id <> all (v_kept)
        and tstzrange(s.started_at, s.ended_at + v_keep, '[]') && c.span
      order by s.state = 'pending', s.id limit 1);
    v_kept := v_kept || amends.suggestion_keep(in_group, v_found, c.started_at, c.ended_at,
      c.windows, in_now, in_url);
  end loop;
  delete from suggestion where group_id = in_group and state = 'pending' and id <> all (v_kept)
    and coalesce(ended_at, 'infinity') >= v_before;
  perform amends.suggestions_advance(in_group, v_keep, in_now, in_url);
  update alert_group set settled_before = case when r.error_bp is null then greatest(
      settled_before, amends.alert_floor(in_group, in_now, settled_before,
        in_now - interval '1 day')) else '-infinity' end,
    check_at = (
    select min(at) from (
      select from_at + make_interval(secs => r.for_seconds) as at
        from amends.alert_window(in_group, in_now) where not ripe
      union all
      select open_until from amends.bad_episode(in_group, in_now) where to_at is null
      union all
      select unnest(array[s.ended_at + v_keep, case when s.state = 'pending' and s.ended_at is null
          then s.publish_at end]) from suggestion s where s.group_id = in_group
      union all
      select in_now + interval '5 seconds' from suggestion s
        join held_post_incident h on h.incident_id = s.incident_id where s.group_id = in_group) x
    where at > in_now)
    where id = in_group;
end $$;

-- Settle every group in which time alone has changed something. Returns the number. Any number of
-- notifiers may call it at once: each group is for one of them.
create function amends.alerts_due(in_now timestamptz, in_url text) returns bigint
  language plpgsql as $$
declare
  v_id bigint;
  n bigint := 0;
begin
  for v_id in
    select id from alert_group where check_at <= in_now
    order by check_at, id limit 100 for update skip locked
  loop
    perform amends.alert_group_settle(v_id, in_now, in_url);
    n := n + 1;
  end loop;
  return n;
end $$;
