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

-- Count a request of a source. False: it has sent too many in this minute.
create function amends.alert_source_count(in_source bigint) returns boolean language sql as $$
  update alert_source set received = case when minute = date_trunc('minute', now())
      then received + 1 else 1 end, minute = date_trunc('minute', now()), last_at = now()
  where id = in_source returning received <= per_minute
$$;

-- Store alerts, [{fingerprint, labels, title, text, starts_at, ends_at}], and settle the groups
-- that they concern. Returns {received, matched}.
create function amends.alert_receive(in_source bigint, in_alerts jsonb, in_url text)
  returns jsonb language plpgsql as $$
declare
  e record;
  a alert;
  m record;
  v_groups bigint[] := array[]::bigint[];
  v_group bigint;
  n bigint := 0;
begin
  perform from alert_source where id = in_source for update;
  for e in
    select * from jsonb_to_recordset(in_alerts) x(fingerprint text, labels jsonb, title text,
      "text" text, starts_at timestamptz, ends_at timestamptz)
  loop
    insert into alert as o (source_id, fingerprint, labels, title, body)
      values (in_source, e.fingerprint, e.labels, e.title, e.text)
      on conflict (source_id, fingerprint) do update
        set labels = greatest(o.labels, excluded.labels), title = greatest(o.title, excluded.title),
            body = greatest(o.body, excluded.body)
      returning * into a;
    if a.group_id is null or exists (select from alert_group g join alert_rule r
        on r.id = g.rule_id where g.id = a.group_id and r.archived_at is not null) then
      select * into m from amends.alert_rule_for(in_source, a.labels);
      if found then
        insert into alert_group (rule_id, key) values (m.rule_id, m.key)
          on conflict (rule_id, key) do update set key = excluded.key returning id into a.group_id;
        update alert set group_id = a.group_id, component_id = m.component_id where id = a.id;
      end if;
    end if;
    insert into alert_event (alert_id, at, firing)
      select a.id, at, firing from (values (e.starts_at, true), (e.ends_at, false)) x(at, firing)
      where at is not null on conflict do nothing;
    if a.group_id is not null then
      n := n + 1;
      v_groups := v_groups || a.group_id;
    end if;
  end loop;
  for v_group in select distinct g from unnest(v_groups) g order by g loop
    perform amends.alert_group_settle(v_group, now(), in_url);
  end loop;
  return jsonb_build_object('received', jsonb_array_length(in_alerts), 'matched', n);
end $$;
