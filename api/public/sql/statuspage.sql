-- The documents of Statuspage's API v2 (/api/v2/*.json) and its history, so that existing clients
-- keep working.

create function amends.statuspage_group(in_group component_group) returns jsonb
  language plpgsql stable as $$
begin return (
  select jsonb_build_object('id', in_group.slug, 'name', amends.group_name(in_group), 'status', (
      select coalesce(max(m.level)::text, 'operational') from component c
        join amends.public_impact m on m.component_id = c.id and m.from_at <= now()
          and coalesce(m.to_at > now(), true)
      where c.group_id = in_group.id and c.archived_at is null),
    'created_at', amends.statuspage_time(min(c.created_at)),
    'updated_at', max(amends.statuspage_component(c, now()) ->> 'updated_at'),
    'position', in_group.position, 'description', in_group.description,
    'showcase', false, 'start_date', null, 'group_id', null, 'page_id', 'amends', 'group', true,
    'only_show_if_degraded', false,
    'components', jsonb_agg(c.slug order by c.position, c.id))
  from component c where c.group_id = in_group.id and c.archived_at is null
); end $$;

-- In the order of the page, then the groups: clients that name the first one that is down name a
-- component.
create function amends.statuspage_components() returns jsonb language plpgsql stable as $$
begin return (
  select coalesce(jsonb_agg(x.j order by x.is_group, x.place nulls first, x.group_id, x.position,
    x.id), '[]') from (
    select false as is_group, g.position as place, c.group_id, c.position, c.id,
      amends.statuspage_component(c, now()) as j
    from component c left join component_group g on g.id = c.group_id where c.archived_at is null
    union all
    select true, g.position, g.id, 0, 0, amends.statuspage_group(g) from component_group g
    where exists (select from component c where c.group_id = g.id and c.archived_at is null)) as x
); end $$;

-- Statuspage has no state for a cancelled maintenance, so its documents omit it.
create function amends.statuspage_list(in_kind text, in_states text[], in_url text) returns jsonb
  language plpgsql stable as $$
begin return (
  select coalesce(jsonb_agg(amends.statuspage_incident(i, in_url, now())
    order by i.started_at desc, i.id desc), '[]')
  from (select * from amends.public_incident where kind = in_kind and state = any (in_states)
        order by started_at desc, id desc limit 50) as x join incident i using (id)
); end $$;

-- in_brand and in_url go into the page member of a document.
create function amends.statuspage_page(in_brand text, in_url text) returns jsonb
  language plpgsql stable as $$
begin return (
  select jsonb_build_object('id', 'amends', 'name', in_brand, 'url', in_url,
    'time_zone', 'Etc/UTC', 'updated_at', amends.statuspage_time(coalesce(
      (select max(u.posted_at) from incident_update u
        join amends.public_incident i on i.id = u.incident_id), 'epoch'::timestamptz)))
); end $$;

-- "Nov <var data-var='date'>28</var>, <var data-var='time'>09:05</var>", as on Statuspage's page.
create function amends.statuspage_moment(in_at timestamptz, in_day boolean) returns text
  language sql stable as $$
  select case when in_day then to_char(in_at at time zone 'UTC',
      'Mon "<var data-var=''date''>"FMDD"</var>, "') else '' end
    || to_char(in_at at time zone 'UTC', '"<var data-var=''time''>"HH24:MI"</var>"')
$$;

create function amends.statuspage_period(in_from timestamptz, in_to timestamptz) returns text
  language sql stable as $$
  select amends.statuspage_moment(in_from, true) || case when in_to > in_from
      then ' - ' || amends.statuspage_moment(in_to, (in_from at time zone 'UTC')::date
        <> (in_to at time zone 'UTC')::date) else '' end || ' UTC'
$$;

create function amends.statuspage_month(in_month date, in_url text) returns jsonb
  language plpgsql stable as $$
begin return (
  select jsonb_build_object('name', to_char(in_month, 'FMMonth'),
    'year', extract(year from in_month)::integer, 'starts_on', extract(dow from in_month)::integer,
    'days', extract(day from in_month + interval '1 month - 1 day')::integer,
    'incidents', coalesce((select jsonb_agg(jsonb_build_object('code', i.ref, 'name', i.title,
        'message', (select u.body from incident_update u where u.incident_id = i.id
          order by u.posted_at desc, u.id desc limit 1),
        'impact', amends.statuspage_incident((select n from incident n where n.id = i.id), in_url,
          now()) ->> 'impact',
        'timestamp', amends.statuspage_period(i.started_at, i.resolved_at))
        order by i.started_at desc, i.id desc)
      from amends.public_incident i where i.state <> 'cancelled'
        and i.started_at >= in_month::timestamp at time zone 'UTC'
        and i.started_at < (in_month + interval '1 month') at time zone 'UTC'), '[]'))
); end $$;

-- /history.json?page=N: three months, the present one first.
create function amends.statuspage_history(in_page integer, in_brand text, in_url text)
  returns text language sql stable as $$
  select json_build_object('page', amends.statuspage_page(in_brand, in_url),
    'components', amends.statuspage_components(), 'show_component_filter', false,
    'months', (select json_agg(amends.statuspage_month((date_trunc('month',
        now() at time zone 'UTC') - make_interval(months => n))::date, in_url) order by n)
      from generate_series(3 * (in_page - 1), 3 * in_page - 1) n))::text
$$;

-- in_name names the document.
create function amends.statuspage(in_name text, in_brand text, in_url text) returns text
  language plpgsql stable as $$
declare
  page jsonb;
  status json;
  open_states constant text[] := array['investigating', 'identified', 'monitoring'];
  active_states constant text[] := array['in_progress', 'verifying'];
begin
  if in_name <> 'embed' then
    page := amends.statuspage_page(in_brand, in_url);
  end if;
  if in_name in ('status', 'summary', 'embed') then
    select row_to_json(s) into status from amends.statuspage_status(now()) s;
  end if;
  return case in_name
    when 'status' then json_build_object('page', page, 'status', status)
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
      'status', status)
    when 'embed' then json_build_object('name', in_brand, 'url', in_url,
      'indicator', status->>'indicator',
      'incidents', (select coalesce(json_agg(json_build_object('title', i.title, 'state', i.state,
          'url', in_url || '/incidents/' || i.ref) order by i.id desc), '[]')
        from amends.public_incident i where i.state = any (open_states || active_states)))
    end::text;
end $$;
