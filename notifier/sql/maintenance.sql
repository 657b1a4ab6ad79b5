-- The automatic steps of planned maintenance.

-- Post an automatic step.
create function amends.maintenance_post(in_incident incident, in_state text, in_auto text,
  in_body text, in_now timestamptz, in_impact_at timestamptz) returns void language sql as $$
  select amends.incident_post(in_incident.id, in_state, in_body, greatest(in_now,
      (select max(posted_at) from incident_update where incident_id = in_incident.id)),
    '{}', '{}', in_incident.auto_notify, null, null, in_auto, in_impact_at)
$$;

-- Remind once, unless an update was posted since: readers know of it then.
create function amends.maintenance_remind(in_incident incident, in_now timestamptz) returns void
  language plpgsql as $$
begin
  update incident set reminded_at = in_now where id = in_incident.id;
  if in_incident.auto_notify and not exists (select from incident_update
      where incident_id = in_incident.id and posted_at > in_incident.scheduled_from
        - make_interval(mins => in_incident.reminder_minutes)) then
    perform amends.broadcast_create('reminder', in_incident.id,
      (select max(id) from incident_update where incident_id = in_incident.id));
  end if;
end $$;

-- Take every step that is due at an instant, one per maintenance. Returns the number. Any number of
-- notifiers may call it at once: each row is for one of them. Steps missed while none ran are made
-- up for with the times of the plan. Work that staff began after its window must be ended by staff.
-- While a post about the maintenance is held, its steps wait.
create function amends.maintenance_due(in_now timestamptz) returns bigint language plpgsql as $$
declare
  i incident;
  v_verify timestamptz;
  n bigint := 0;
begin
  for i in
    select * from incident
    where scheduled_from is not null and state in ('scheduled', 'in_progress', 'verifying')
      and (state = 'scheduled' and (auto_start and scheduled_from <= in_now
          or reminder_minutes > 0 and reminded_at is null and in_now < scheduled_from
            and scheduled_from - make_interval(mins => reminder_minutes) <= in_now)
        or state <> 'scheduled' and auto_complete
          and scheduled_until - case when state = 'in_progress'
            then make_interval(mins => verify_minutes) else interval '0' end <= in_now
          and not exists (select from incident_update u where u.incident_id = incident.id
            and u.state = 'in_progress' and u.auto is null and u.posted_at >= scheduled_until))
    order by id limit 100 for no key update skip locked
  loop
    continue when exists (select from held_post_incident where incident_id = i.id);
    v_verify := greatest(i.scheduled_from,
      i.scheduled_until - make_interval(mins => i.verify_minutes));
    if i.state = 'scheduled' and in_now < i.scheduled_from then
      perform amends.maintenance_remind(i, in_now);
    elsif i.state = 'scheduled' then
      perform amends.maintenance_post(i, 'in_progress', 'started', 'The planned work has begun.',
        in_now, i.scheduled_from);
    elsif in_now < i.scheduled_until then
      perform amends.maintenance_post(i, 'verifying', 'verifying',
        'The work is done. We are checking the result.', in_now, v_verify);
    else
      perform amends.maintenance_post(i, 'completed', 'completed', 'The planned work is completed.',
        in_now, i.scheduled_until);
    end if;
    n := n + 1;
  end loop;
  return n;
end $$;
