-- The public state as the documents of Statuspage's API v2 (/api/v2/*.json), so that
-- existing clients keep working. Ids are ours, as text.

create function amends.statuspage_level(in_component bigint) returns text language sql stable as $$
  select coalesce(max(m.level)::text, 'operational') from amends.current_impact m
  where m.component_id = in_component and m.from_at <= now() and coalesce(m.to_at > now(), true)
$$;

-- The worst open impact: critical if every component is down, major for any major outage.
create function amends.statuspage_indicator() returns text language sql stable as $$
  with c as (select amends.statuspage_level(id) as level from component)
  select case
    when count(*) > 0 and bool_and(level = 'major_outage') then 'critical'
    when bool_or(level = 'major_outage') then 'major'
    when bool_or(level in ('partial_outage', 'degraded_performance'))
      or exists (select from incident where kind = 'incident'
        and state in ('investigating', 'identified', 'monitoring')) then 'minor'
    when bool_or(level = 'under_maintenance') then 'maintenance'
    else 'none' end
  from c
$$;

create function amends.statuspage_component(in_component component) returns json
  language sql stable as $$
  select json_build_object('id', in_component.slug, 'name', in_component.name,
    'status', amends.statuspage_level(in_component.id), 'created_at', in_component.created_at,
    'updated_at', coalesce((select max(v.created_at)
      from impact m join impact_revision v on v.id = m.revision_id
        join amends.public_incident i on i.id = v.incident_id
      where m.component_id = in_component.id), in_component.created_at),
    'position', in_component.id, 'description', null, 'showcase', false, 'start_date', null,
    'group_id', (select g.slug from component_group g where g.id = in_component.group_id),
    'page_id', 'amends', 'group', false, 'only_show_if_degraded', false)
$$;

create function amends.statuspage_components() returns json language sql stable as $$
  select coalesce(json_agg(x.j order by x.name), '[]') from (
    select c.name, amends.statuspage_component(c) as j from component c
    union all
    select g.slug, json_build_object('id', g.slug, 'name', g.slug, 'status', (
        select coalesce(max(m.level)::text, 'operational') from component c
          join amends.current_impact m on m.component_id = c.id and m.from_at <= now()
            and coalesce(m.to_at > now(), true)
        where c.group_id = g.id),
      'created_at', (select min(c.created_at) from component c where c.group_id = g.id),
      'updated_at', (select max(c.created_at) from component c where c.group_id = g.id),
      'position', 0, 'description', null, 'showcase', false, 'start_date', null,
      'group_id', null, 'page_id', 'amends', 'group', true, 'only_show_if_degraded', false,
      'components', (select json_agg(c.slug order by c.id) from component c
                     where c.group_id = g.id))
    from component_group g where exists (select from component c where c.group_id = g.id)) as x
$$;

-- Statuspage has no state for a cancelled maintenance, so its documents omit it.
create function amends.statuspage_incident(in_incident incident, in_url text) returns jsonb
  language sql stable as $$
  select jsonb_build_object('id', in_incident.ref, 'name', in_incident.title,
    'status', in_incident.state, 'created_at', in_incident.created_at,
    'updated_at', max(u.posted_at), 'started_at', in_incident.started_at,
    'monitoring_at', min(u.posted_at) filter (where u.state = 'monitoring'),
    'resolved_at', in_incident.resolved_at, 'impact', coalesce((
      select case max(m.level) when 'major_outage' then 'major'
        when 'under_maintenance' then case in_incident.kind when 'maintenance' then 'maintenance'
          else 'minor' end
        else 'minor' end
      from amends.current_impact m where m.incident_id = in_incident.id having count(*) > 0),
      case in_incident.kind when 'maintenance' then 'maintenance' else 'none' end),
    'shortlink', in_url || '/incidents/' || in_incident.ref, 'page_id', 'amends',
    'incident_updates', coalesce(jsonb_agg(jsonb_build_object('id', u.id::text,
      'status', u.state, 'body', u.body, 'incident_id', in_incident.ref, 'created_at', u.created_at,
      'updated_at', coalesce(u.edited_at, u.created_at), 'display_at', u.posted_at,
      'affected_components', null,
      'deliver_notifications', exists (select from broadcast b where b.update_id = u.id),
      'custom_tweet', null, 'tweet_id', null) order by u.id desc), '[]'),
    'components',
      (select coalesce(jsonb_agg(amends.statuspage_component(c)::jsonb order by c.name), '[]')
      from component c
      where c.id in (
        select m.component_id from amends.current_impact m where m.incident_id = in_incident.id
        union select m.component_id from maintenance_component m
        where m.incident_id = in_incident.id)))
    || case in_incident.kind when 'maintenance' then (
        select jsonb_build_object(
          'scheduled_for', coalesce(
            in_incident.scheduled_from, min(m.from_at), in_incident.started_at),
          'scheduled_until', coalesce(in_incident.scheduled_until, in_incident.scheduled_from,
            max(m.to_at), min(m.from_at), in_incident.started_at))
        from amends.current_impact m where m.incident_id = in_incident.id)
      else '{}'::jsonb end
  from incident_update u where u.incident_id = in_incident.id
$$;

create function amends.statuspage_list(in_kind text, in_states text[], in_url text) returns jsonb
  language sql stable as $$
  select coalesce(jsonb_agg(amends.statuspage_incident(i, in_url)
    order by i.started_at desc, i.id desc), '[]')
  from (select * from incident where kind = in_kind and state = any (in_states)
        order by started_at desc, id desc limit 50) as x join incident i using (id)
$$;

create function amends.statuspage_status() returns json language sql stable as $$
  select json_build_object('indicator', case x when 'maintenance' then 'none' else x end,
    'description', case x when 'none' then 'All Systems Operational'
      when 'maintenance' then 'Service Under Maintenance' when 'minor' then 'Minor Service Outage'
      when 'major' then 'Partial System Outage' else 'Major Service Outage' end)
  from amends.statuspage_indicator() x
$$;

-- in_name names the document; in_brand and in_url go into its page member.
create function amends.statuspage(in_name text, in_brand text, in_url text) returns text
  language plpgsql stable as $$
declare
  page json := json_build_object('id', 'amends', 'name', in_brand, 'url', in_url,
    'time_zone', 'Etc/UTC', 'updated_at', coalesce(
      (select max(u.posted_at) from incident_update u
        join amends.public_incident i on i.id = u.incident_id), 'epoch'::timestamptz));
  open_states constant text[] := array['investigating', 'identified', 'monitoring'];
  active_states constant text[] := array['in_progress', 'verifying'];
begin
  return case in_name
    when 'status' then json_build_object('page', page, 'status', amends.statuspage_status())
    when 'components' then json_build_object('page', page,
      'components', amends.statuspage_components())
    when 'incidents' then json_build_object('page', page, 'incidents',
      amends.statuspage_list('incident', open_states || '{resolved,postmortem}', in_url))
    when 'unresolved' then json_build_object('page', page, 'incidents',
      amends.statuspage_list('incident', open_states, in_url))
    when 'maintenances' then json_build_object('page', page, 'scheduled_maintenances',
      amends.statuspage_list('maintenance', active_states || '{scheduled,completed}', in_url))
    when 'upcoming' then json_build_object('page', page, 'scheduled_maintenances',
      amends.statuspage_list('maintenance', '{scheduled}', in_url))
    when 'active' then json_build_object('page', page, 'scheduled_maintenances',
      amends.statuspage_list('maintenance', active_states, in_url))
    when 'summary' then json_build_object('page', page,
      'components', amends.statuspage_components(),
      'incidents', amends.statuspage_list('incident', open_states, in_url),
      'scheduled_maintenances',
      amends.statuspage_list('maintenance', active_states || '{scheduled}', in_url),
      'status', amends.statuspage_status())
    when 'embed' then json_build_object('name', in_brand, 'url', in_url,
      'indicator', amends.statuspage_indicator(),
      'incidents', (select coalesce(json_agg(json_build_object('title', i.title, 'state', i.state,
          'url', in_url || '/incidents/' || i.ref) order by i.id desc), '[]')
        from incident i where i.state = any (open_states || active_states)))
    end::text;
end $$;
