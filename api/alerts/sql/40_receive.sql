-- The rule that takes an alert, and the component that it names; no row: none does. A rule takes no
-- alert that lacks one of its scope_labels.
create function amends.alert_rule_for(in_source bigint, in_labels jsonb) returns table (
  rule_id bigint, component_id bigint, key jsonb) language sql stable as $$
  select r.id, c.id, coalesce((select jsonb_object_agg(l, coalesce(in_labels->>l, ''))
    from unnest(r.group_by) l), '{}')
  from alert_rule r join component c
    on c.id = r.component_id or c.slug = in_labels->>r.component_label
  where r.archived_at is null and r.error_bp is null
    and (r.source_id is null or r.source_id = in_source)
    and not exists (select from unnest(r.scope_labels) l where coalesce(in_labels->>l, '') = '')
    and c.archived_at is null and amends.alert_matches(in_labels, r.match)
  order by r.position, r.id limit 1
$$;

-- Why the first rule that matches the labels of an alert does not take it, {rule, because, label,
-- value}; null: none matches. A rule for every alert of another source is no miss.
create function amends.alert_missed(in_source bigint, in_labels jsonb) returns jsonb
  language sql stable as $$
  select jsonb_strip_nulls(case
    when r.source_id <> in_source then
      jsonb_build_object('rule', r.name, 'because', 'source', 'value', s.name)
    when lacks.label is not null then
      jsonb_build_object('rule', r.name, 'because', 'scope_label', 'label', lacks.label)
    when r.component_id is null and coalesce(in_labels->>r.component_label, '') = '' then
      jsonb_build_object('rule', r.name, 'because', 'component_label', 'label', r.component_label)
    else jsonb_build_object('rule', r.name, 'because', 'component', 'label', r.component_label,
      'value', coalesce(c.slug, in_labels->>r.component_label)) end)
  from alert_rule r left join alert_source s on s.id = r.source_id
    left join component c on c.id = r.component_id
    cross join lateral (select min(l) as label from unnest(r.scope_labels) l
      where coalesce(in_labels->>l, '') = '') lacks
  where r.archived_at is null and r.error_bp is null and amends.alert_matches(in_labels, r.match)
    and (r.match <> '[]' or coalesce(r.source_id = in_source, true))
  order by coalesce(r.source_id <> in_source, false), r.position, r.id limit 1
$$;

-- Remove a source, with the rules that take only its alerts; its alerts stay for their incidents.
-- Nothing that it alone suggested is published by itself. False: none has the name.
create function amends.alert_source_end(in_name text) returns boolean language plpgsql as $$
declare
  v_id bigint;
begin
  update alert_source set archived_at = now(), secret = '', previous_secret = null
    where name = in_name and archived_at is null returning id into v_id;
  perform amends.alert_rule_end(r.id) from alert_rule r
    where r.source_id = v_id and r.archived_at is null;
  update suggestion s set publish_at = null
  where s.state = 'pending'
    and exists (select from alert a where a.group_id = s.group_id and a.source_id = v_id)
    and not exists (select from alert a join alert_source o on o.id = a.source_id
      where a.group_id = s.group_id and o.archived_at is null);
  return v_id is not null;
end $$;

-- Count a request of a source. False: it has sent too many in this minute.
create function amends.alert_source_count(in_source bigint) returns boolean language sql as $$
  update alert_source set received = case when minute = date_trunc('minute', now())
      then received + 1 else 1 end, minute = date_trunc('minute', now()), last_at = now()
  where id = in_source returning received <= per_minute
$$;

-- The row of an alert for what began at an instant. What began after its rule was removed is for
-- the next rule, in a row of its own, so that what the first one suggested keeps its alerts.
create function amends.alert_row(in_source bigint, in_alert alert, in_at timestamptz)
  returns bigint language plpgsql as $$
declare
  v_since timestamptz;
  v_id bigint;
begin
  select coalesce(r.archived_at, a.since) into v_since
  from alert a left join alert_group g on g.id = a.group_id
    left join alert_rule r on r.id = g.rule_id and r.archived_at <= in_at
  where a.source_id = in_source and a.fingerprint = in_alert.fingerprint and a.since <= in_at
  order by a.since desc limit 1;
  insert into alert as o (source_id, fingerprint, since, labels, title, body)
    values (in_source, in_alert.fingerprint, coalesce(v_since, '-infinity'), in_alert.labels,
      in_alert.title, in_alert.body)
    on conflict (source_id, fingerprint, since) do update
      set labels = greatest(o.labels, excluded.labels), title = greatest(o.title, excluded.title),
          body = greatest(o.body, excluded.body)
    returning id into v_id;
  return v_id;
end $$;

-- Find a rule for an alert that has none. True: it has one now, and had events before.
create function amends.alert_match(in_alert bigint) returns boolean language plpgsql as $$
declare
  m record;
  v_group bigint;
begin
  select r.* into m from alert a, amends.alert_rule_for(a.source_id, a.labels) r
    where a.id = in_alert and a.group_id is null;
  if not found then
    return false;
  end if;
  insert into alert_group (rule_id, key) values (m.rule_id, m.key)
    on conflict (rule_id, key) do update set key = excluded.key returning id into v_group;
  update alert set group_id = v_group, component_id = m.component_id where id = in_alert;
  return exists (select from alert_event where alert_id = in_alert);
end $$;

-- Store events of an alert. out_from, out_to: its start and end, if they are news. A group that
-- gets events of a time that was settled is settled anew.
create function amends.alert_event_store(in_alert bigint, in_from timestamptz, in_to timestamptz,
  out out_id bigint, out out_group bigint, out out_moved boolean, out out_from timestamptz,
  out out_to timestamptz) language plpgsql as $$
begin
  out_id := in_alert;
  out_moved := amends.alert_match(in_alert);
  select group_id into out_group from alert where id = in_alert;
  with event as (
    insert into alert_event (alert_id, at, firing)
      select in_alert, at, firing from (values (in_from, true), (in_to, false)) x(at, firing)
      where at is not null on conflict do nothing returning at, firing)
    select min(at) filter (where firing), min(at) filter (where not firing)
      into out_from, out_to from event;
  if out_from is not null or out_to is not null then
    update alert set firing_since = (
      select min(e.at) from alert_event e where e.alert_id = in_alert and e.firing
        and e.at >= coalesce((select max(r.at) from alert_event r
          where r.alert_id = in_alert and not r.firing), '-infinity'))
      where id = in_alert;
  end if;
  update alert_group set settled_before = '-infinity' where id = out_group
    and (out_moved or least(out_from, out_to) < settled_before) and settled_before > '-infinity';
end $$;

-- Store an alert. Its end is that of all its rows that may fire.
create function amends.alert_store(in_source bigint, in_alert alert, in_from timestamptz,
  in_to timestamptz) returns table (out_id bigint, out_group bigint, out_moved boolean,
  out_from timestamptz, out_to timestamptz) language sql as $$
  select e.* from amends.alert_row(in_source, in_alert, coalesce(in_from, in_to, now())) as first,
    lateral (select first as id union select id from alert where source_id = in_source
        and fingerprint = in_alert.fingerprint and since <= in_to order by id) a,
    lateral amends.alert_event_store(a.id, case when a.id = first then in_from end, in_to) e
$$;

-- Whether a new start or end of an alert leaves the windows of its group as they are: it starts in
-- an open window, and ends while another alert of the component fires.
create function amends.alert_is_covered(in_alert bigint, in_from timestamptz, in_to timestamptz)
  returns boolean language sql stable as $$
  select (in_from is null or exists (
      select from suggestion s, jsonb_array_elements(s.windows) w
      where s.group_id = a.group_id and s.ended_at is null and w->>'to' is null
        and (w->>'id')::bigint = a.component_id
        and (w->>'from')::timestamptz <= in_from - make_interval(secs => r.delay_seconds)))
    and (in_to is null or exists (select from alert b
      where b.group_id = a.group_id and b.component_id = a.component_id and b.id <> a.id
        and b.firing_since <= in_to))
  from alert a join alert_group g on g.id = a.group_id join alert_rule r on r.id = g.rule_id
  where a.id = in_alert
$$;

-- Store alerts, [{fingerprint, labels, title, text, starts_at, ends_at}], and settle the groups
-- whose windows they change. Returns {received, matched}.
create function amends.alert_receive(in_source bigint, in_alerts jsonb, in_url text)
  returns jsonb language plpgsql as $$
declare
  v_stored jsonb;
  v_group bigint;
begin
  perform from alert_source where id = in_source for update;
  select jsonb_agg(to_jsonb(s) || jsonb_build_object('place', x.place)) into v_stored
  from rows from (jsonb_to_recordset(in_alerts) as (fingerprint text, labels jsonb, title text,
      "text" text, starts_at timestamptz, ends_at timestamptz)) with ordinality
      x(fingerprint, labels, title, "text", starts_at, ends_at, place)
    cross join lateral amends.alert_store(in_source, row(null, null, x.fingerprint, null, x.labels,
      x.title, x."text", null, null, null, null)::alert, x.starts_at, x.ends_at) s;
  for v_group in
    select distinct (s->>'out_group')::bigint as g from jsonb_array_elements(v_stored) s
    where s->>'out_group' is not null order by g
  loop
    perform from alert_group where id = v_group for update;
    if exists (select from jsonb_to_recordset(v_stored) x(out_id bigint, out_group bigint,
          out_moved boolean, out_from timestamptz, out_to timestamptz)
        where out_group = v_group and (out_moved or num_nonnulls(out_from, out_to) > 0
          and not amends.alert_is_covered(out_id, out_from, out_to))) then
      perform amends.alert_group_settle(v_group, now(), in_url);
    end if;
  end loop;
  return jsonb_build_object('received', jsonb_array_length(in_alerts), 'matched', (
    select count(distinct s->'place') from jsonb_array_elements(v_stored) s
    where s->>'out_group' is not null));
end $$;
