-- One post-mortem of several incidents: an update of each, and one message to all who hear of
-- any of them.
alter table broadcast add incident_ids bigint[];        -- null: incident_id alone
alter table incident_update add told_by bigint references incident_update;  -- null: by itself

create or replace function digest_news(p_timezone text, p_day date)
returns table (update_id bigint, incident_id bigint) language sql stable as $$
  select u.id, u.incident_id from incident_update u
  where u.posted_at >= p_day::timestamp at time zone p_timezone
    and u.posted_at < (p_day + 1)::timestamp at time zone p_timezone
    and exists (select 1 from incident_update t join broadcast b on b.incident_id = t.incident_id
        and b.update_id = t.id and b.kind = 'update' and b.state <> 'cancelled'
      where t.id = coalesce(u.told_by, u.id))
$$;

-- The message is about the first incident, and goes to those of all. Returns the broadcast.
create function postmortem_post(p_incidents bigint[], p_body text, p_at timestamptz,
  p_notify boolean, p_actor bigint) returns bigint language plpgsql as $$
declare
  v_incident bigint;
  v_update bigint;
  v_lead bigint;
  v_id bigint;
begin
  foreach v_incident in array p_incidents loop
    select x.update_id into v_update from incident_post(v_incident, 'postmortem', p_body,
      greatest(p_at, (select max(posted_at) from incident_update where incident_id = v_incident)),
      '{}', '{}', false, null, p_actor) x;
    if v_lead is null then
      v_lead := v_update;
    else
      update incident_update set told_by = v_lead where id = v_update;
    end if;
  end loop;
  if p_notify then
    v_id := broadcast_create('update', null, p_incidents[1], v_lead, null, null, null, null, true,
      0, p_actor);
    update broadcast set incident_ids = p_incidents where id = v_id;
  end if;
  return v_id;
end $$;
