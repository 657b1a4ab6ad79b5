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

-- The components of an update with their status before and after it, over all incidents.
create function amends.component_change(in_update incident_update)
  returns table (component component, old_status text, new_status text) language sql stable as $$
  select c, greatest(o.level, nullif(a ->> 'old_status', 'operational')::impact_level)::text,
    greatest(o.level, nullif(a ->> 'new_status', 'operational')::impact_level)::text
  from jsonb_array_elements(amends.statuspage_affected(in_update,
      coalesce((select max(x.posted_at) from incident_update x
        where x.incident_id = in_update.incident_id and x.id < in_update.id), '-infinity'))) a
    join component c on c.slug = a ->> 'code',
    lateral (select max(m.level) as level from amends.current_impact m
      where m.component_id = c.id and m.incident_id <> in_update.incident_id
        and m.from_at <= in_update.posted_at
        and coalesce(m.to_at > in_update.posted_at, true)) o
$$;

create function amends.component_update_send(in_update bigint) returns void
  language plpgsql as $$
declare
  v_change record;
  v_readers bigint[];
  u incident_update;
begin
  if not exists (select from subscriber where format = 'statuspage' and state = 'active') then
    return;
  end if;
  select * into strict u from incident_update where id = in_update;
  for v_change in select x.component as c, coalesce(x.old_status, 'operational') as old,
      coalesce(x.new_status, 'operational') as new
    from amends.component_change(u) x where x.old_status is distinct from x.new_status loop
    v_readers := amends.component_update_readers(v_change.c);
    if v_readers <> '{}' then
      perform amends.broadcast_to('component_update', 'webhook', v_readers, jsonb_build_object(
        'page', amends.statuspage_badge(u.posted_at),
        'component_update', jsonb_build_object('id', u.id || '-' || (v_change.c).slug,
          'created_at', amends.statuspage_time(u.posted_at),
          'component_id', (v_change.c).slug, 'old_status', v_change.old,
          'new_status', v_change.new),
        'component', amends.statuspage_component(v_change.c, u.posted_at)));
    end if;
  end loop;
end $$;
