-- The public state in the words of Statuspage's API v2, for its documents (/api/v2/*.json) and for
-- webhooks in its format. Ids are ours, as text. in_at is the instant to describe: now, or that of
-- an update, so that a webhook that is sent again has the same body.

-- "2013-01-15T05:06:00.123Z": clients parse the milliseconds with a fixed format.
create function amends.statuspage_time(in_at timestamptz) returns text language sql stable as $$
  select to_char(date_trunc('milliseconds', in_at) at time zone 'UTC',
    'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Statuspage has no cancelled maintenance and no retracted incident; webhooks end them.
create function amends.statuspage_state(in_state text) returns text language sql immutable as $$
  select case in_state when 'cancelled' then 'completed' when 'retracted' then 'resolved'
    else in_state end
$$;

create function amends.statuspage_level(in_component bigint, in_at timestamptz) returns text
  language plpgsql stable as $$
begin return (
  select coalesce(max(m.level)::text, 'operational') from amends.public_impact m
  where m.component_id = in_component and m.from_at <= in_at and coalesce(m.to_at > in_at, true)
); end $$;

-- Atlassian's "Incident impact": minor for degraded performance, major for a partial outage,
-- critical for a major one.
create function amends.statuspage_impact(in_level impact_level) returns text
  language sql immutable as $$
  select case in_level when 'degraded_performance' then 'minor' when 'partial_outage' then 'major'
    when 'major_outage' then 'critical' when 'under_maintenance' then 'maintenance'
    else 'none' end
$$;

-- Atlassian's "Top-level status" over all components: their worst status decides, and whether all
-- of them have it. An open incident without an impact is minor.
create function amends.statuspage_status(in_at timestamptz)
  returns table (indicator text, description text) language sql stable as $$
  with c as (select coalesce(max(m.level)::text, 'operational') as level from component p
    left join amends.public_impact m on m.component_id = p.id and m.from_at <= in_at
      and coalesce(m.to_at > in_at, true)
    where p.archived_at is null group by p.id),
  n as (select count(*) filter (where level <> 'operational') as broken,
      bool_and(level = 'major_outage') as all_down, bool_or(level = 'major_outage') as down,
      bool_and(level = 'partial_outage') as all_partly, bool_or(level = 'partial_outage') as partly,
      bool_and(level = 'degraded_performance') as all_slow,
      bool_or(level = 'degraded_performance') as slow,
      bool_or(level = 'under_maintenance') as maintained,
      exists (select from amends.public_incident i where i.kind = 'incident'
        and i.started_at <= in_at and coalesce(i.resolved_at > in_at, true)) as open from c)
  select (x.words)[1], (x.words)[2] from n, lateral (select case
    when n.all_down then array['critical', 'Major System Outage']
    when n.down or n.all_partly then array['major', 'Partial System Outage']
    when n.partly then array['minor', 'Minor Service Outage']
    when n.all_slow then array['minor', 'Degraded System Service']
    when n.slow then array['minor', 'Partially Degraded Service']
    when n.open then array['minor', 'Minor Service Outage']
    when n.maintained then array['maintenance', 'Service Under Maintenance']
    else array['none', 'All Systems Operational'] end as words) as x
$$;

create function amends.statuspage_component(in_component component, in_at timestamptz)
  returns jsonb language plpgsql stable as $$
begin return (
  select jsonb_build_object('id', in_component.slug, 'name', in_component.name,
    'status', amends.statuspage_level(in_component.id, in_at),
    'created_at', amends.statuspage_time(in_component.created_at),
    'updated_at', amends.statuspage_time(greatest(in_component.created_at,
      (select max(v.created_at) from impact m join impact_revision v on v.id = m.revision_id
          join amends.public_incident i on i.id = v.incident_id
        where m.component_id = in_component.id and v.created_at <= in_at))),
    'position', in_component.position, 'description', in_component.description,
    'showcase', false, 'start_date', null,
    'group_id', (select g.slug from component_group g where g.id = in_component.group_id),
    'page_id', 'amends', 'group', false,
    'only_show_if_degraded', in_component.only_show_if_degraded)
); end $$;

-- The components of an incident's impacts and of its plan.
create function amends.statuspage_parts(in_incident bigint) returns setof component
  language sql stable as $$
  select * from component where id in (
    select component_id from amends.current_impact where incident_id = in_incident
    union select component_id from maintenance_component where incident_id = in_incident)
$$;

-- The components of an incident, each with its level in it at an update and at the one before.
create function amends.statuspage_affected(in_update incident_update, in_before timestamptz)
  returns jsonb language plpgsql stable as $$
begin return (
  select jsonb_agg(jsonb_build_object('code', c.slug, 'name', c.name,
      'old_status', coalesce(x.old::text, 'operational'),
      'new_status', coalesce(x.new::text, 'operational')) order by c.name, c.id)
  from amends.statuspage_parts(in_update.incident_id) c,
    lateral (select
        max(m.level) filter (where m.from_at <= in_before and coalesce(m.to_at > in_before, true))
          as old,
        max(m.level) filter (where m.from_at <= in_update.posted_at
          and coalesce(m.to_at > in_update.posted_at, true)) as new
      from amends.current_impact m
      where m.incident_id = in_update.incident_id and m.component_id = c.id) x
); end $$;

-- in_upto: describe the incident as of this update (null: all updates). reminder_intervals is null
-- because reminders of promised updates go to staff, not to subscribers.
create function amends.statuspage_incident(in_incident incident, in_url text, in_at timestamptz,
  in_upto bigint default null) returns jsonb language plpgsql stable as $$
begin return (
  with u as (
    select x.*, lag(x.posted_at, 1, '-infinity') over (order by x.posted_at, x.id) as before
    from incident_update x
    where x.incident_id = in_incident.id and (in_upto is null or x.id <= in_upto)),
  i as (select amends.statuspage_state(case when in_upto is null then in_incident.state
      else (select state from u order by id desc limit 1) end) as state)
  select jsonb_build_object('id', in_incident.ref, 'name', in_incident.title,
    'status', i.state, 'created_at', amends.statuspage_time(min(u.posted_at)),
    'updated_at', amends.statuspage_time(max(case when u.edited_at <= in_at then u.edited_at
      else u.posted_at end)),
    'started_at', amends.statuspage_time(in_incident.started_at),
    'monitoring_at',
    amends.statuspage_time(min(u.posted_at) filter (where u.state in ('monitoring', 'verifying'))),
    'resolved_at', case when i.state in ('resolved', 'postmortem', 'completed')
      then amends.statuspage_time(in_incident.resolved_at) end,
    'impact', case in_incident.kind when 'maintenance' then 'maintenance' else
      amends.statuspage_impact((select max(m.level) from amends.current_impact m
        where m.incident_id = in_incident.id and m.from_at <= in_at)) end,
    'shortlink', in_url || '/incidents/' || in_incident.ref, 'page_id', 'amends',
    'reminder_intervals', null,
    'incident_updates', jsonb_agg(jsonb_build_object('id', u.id::text,
      'status', amends.statuspage_state(u.state),
      'body', u.body, 'incident_id', in_incident.ref,
      'created_at', amends.statuspage_time(u.posted_at),
      'updated_at', amends.statuspage_time(case when u.edited_at <= in_at then u.edited_at
        else u.posted_at end),
      'display_at', amends.statuspage_time(u.posted_at),
      'affected_components', amends.statuspage_affected(x, u.before),
      'deliver_notifications', exists (select from broadcast b where b.update_id = u.id),
      'custom_tweet', null, 'tweet_id', null) order by u.posted_at desc, u.id desc),
    'components', coalesce((select jsonb_agg(amends.statuspage_component(c, in_at)
        order by c.name, c.id)
      from amends.statuspage_parts(in_incident.id) c), '[]'))
    || case in_incident.kind when 'maintenance' then (
        select jsonb_build_object(
          'scheduled_for', amends.statuspage_time(coalesce(
            in_incident.scheduled_from, min(m.from_at), in_incident.started_at)),
          'scheduled_until', amends.statuspage_time(coalesce(in_incident.scheduled_until,
            in_incident.scheduled_from, max(m.to_at), min(m.from_at), in_incident.started_at)))
        from amends.current_impact m where m.incident_id = in_incident.id)
      else '{}' end
  from u join incident_update x on x.id = u.id cross join i
  group by i.state
); end $$;

-- The member page of a webhook.
create function amends.statuspage_badge(in_at timestamptz) returns jsonb language sql stable as $$
  select jsonb_build_object('id', 'amends', 'status_indicator', indicator,
    'status_description', description) from amends.statuspage_status(in_at)
$$;

-- The members page and incident of a webhook about an update.
create function amends.statuspage_webhook(in_update bigint, in_url text)
  returns table (page text, incident text) language sql stable as $$
  select amends.statuspage_badge(u.posted_at)::text,
    (amends.statuspage_incident(i, in_url, u.posted_at, u.id) || jsonb_build_object(
      'organization_id', 'amends', 'backfilled', false, 'impact_override', null,
      'metadata', '{}'::jsonb, 'scheduled_auto_in_progress', i.auto_start,
      'scheduled_auto_completed', i.auto_complete,
      'scheduled_remind_prior', i.reminder_minutes > 0,
      'scheduled_reminded_at', case when i.reminded_at <= u.posted_at
        then amends.statuspage_time(i.reminded_at) end,
      'scheduled_for', amends.statuspage_time(i.scheduled_from),
      'scheduled_until', amends.statuspage_time(i.scheduled_until),
      'postmortem_body', case u.state when 'postmortem' then u.body end,
      'postmortem_body_last_updated_at', case u.state when 'postmortem'
        then amends.statuspage_time(u.posted_at) end,
      'postmortem_published_at', case u.state when 'postmortem'
        then amends.statuspage_time(u.posted_at) end,
      'postmortem_ignored', false, 'postmortem_notified_subscribers', u.state = 'postmortem',
      'postmortem_notified_twitter', false))::text
  from incident_update u join incident i on i.id = u.incident_id
  where u.id = in_update
$$;
