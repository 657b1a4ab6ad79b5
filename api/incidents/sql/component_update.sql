-- Statuspage's webhooks about components: one per component whose status an update changes, to the
-- endpoints in its format that subscribe to the component. Other formats have the levels in the
-- message about the update.

create function amends.component_update_readers(in_component component) returns bigint[]
  language sql stable as $$
  select coalesce(array_agg(s.id order by s.id), '{}') from subscriber s
  where s.format = 'statuspage' and s.state = 'active' and s.channel = 'webhook'
    and exists (select from subscription x where x.subscriber_id = s.id and (x.kind = 'all'
      or (x.kind = 'component' and x.target_id = in_component.id)
      or (x.kind = 'group' and x.target_id = in_component.group_id)))
    and not exists (select from mute z where z.subscriber_id = s.id and z.kind = 'component'
      and z.target_id = in_component.id)
    and not exists (select from suppression u where u.address_hash = s.address_hash)
$$;

-- The level of a component by the other incidents at the time of an update.
create function amends.component_elsewhere(in_component bigint, in_update incident_update)
  returns impact_level language sql stable as $$
  select max(m.level) from amends.public_impact m
  where m.component_id = in_component and m.incident_id <> in_update.incident_id
    and m.from_at <= in_update.posted_at and coalesce(m.to_at > in_update.posted_at, true)
$$;

-- in_changes: statuspage_affected of the update.
create function amends.component_update_send(in_update incident_update, in_changes jsonb)
  returns void language plpgsql as $$
declare
  v_change record;
  v_readers bigint[];
begin
  if not exists (select from subscriber where format = 'statuspage' and state = 'active')
    or exists (select from incident i
      where i.id = in_update.incident_id and i.audience <> 'public') then
    return;
  end if;
  for v_change in
    select c, coalesce(greatest(o.level, x.old)::text, 'operational') as old,
      coalesce(greatest(o.level, x.new)::text, 'operational') as new
    from jsonb_array_elements(in_changes) a join component c on c.slug = a ->> 'code',
      lateral (select nullif(a ->> 'old_status', 'operational')::impact_level as old,
        nullif(a ->> 'new_status', 'operational')::impact_level as new) x,
      lateral (select amends.component_elsewhere(c.id, in_update) as level) o
    where greatest(o.level, x.old) is distinct from greatest(o.level, x.new)
  loop
    v_readers := amends.component_update_readers(v_change.c);
    if v_readers <> '{}' then
      perform amends.broadcast_to('component_update', 'webhook', v_readers, jsonb_build_object(
        'page', amends.statuspage_badge(in_update.posted_at),
        'component_update', jsonb_build_object('id', in_update.id || '-' || (v_change.c).slug,
          'created_at', amends.statuspage_time(in_update.posted_at),
          'component_id', (v_change.c).slug, 'old_status', v_change.old,
          'new_status', v_change.new),
        'component', amends.statuspage_component(v_change.c, in_update.posted_at)));
    end if;
  end loop;
end $$;

create function amends.component_update_post(in_update bigint) returns void language sql as $$
  select amends.component_update_send(u, amends.statuspage_affected(u,
    coalesce((select max(x.posted_at) from incident_update x
      where x.incident_id = u.incident_id and x.id < u.id), '-infinity')))
  from incident_update u where u.id = in_update
$$;

-- The end of what an incident did to its components, for its retraction: computed before its
-- impacts are removed.
create function amends.component_update_end(in_incident bigint) returns jsonb
  language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('code', c.slug, 'old_status', m.level,
    'new_status', 'operational')), '[]')
  from (select component_id, max(level) as level from amends.current_impact
    where incident_id = in_incident and from_at <= now() and coalesce(to_at > now(), true)
    group by component_id) m join component c on c.id = m.component_id
$$;
