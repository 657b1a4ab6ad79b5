-- A new revision of an incident's impacts, with the reports of the one before where none are given.
create function amends.impact_revise(in_incident bigint, in_reason text, in_actor bigint,
  in_reports jsonb default '{}') returns bigint language sql as $$
  insert into impact_revision (incident_id, reason, created_by, reported_at, reports)
    select in_incident, in_reason, in_actor,
           coalesce((in_reports->>'reported_at')::timestamptz, r.reported_at),
           coalesce(in_reports->'reports', r.reports, '{}')
    from incident i left join impact_revision r on r.id = i.impact_revision_id
    where i.id = in_incident
    returning id
$$;

-- Write a new revision of the impacts, if anything changes: listed components take their level from
-- in_at on, in_end closes all open impacts, and in_void also removes future ones. An impact that
-- would end before it began is dropped.
create function amends.impact_change(in_incident bigint, in_components bigint[], in_levels text[],
  in_end boolean, in_void boolean, in_at timestamptz, in_actor bigint) returns void
  language plpgsql as $$
declare
  v_revision bigint;
begin
  if not exists (
    select from amends.current_impact m where m.incident_id = in_incident
      and (m.to_at is null and (in_end or exists (
          select from unnest(in_components, in_levels) u(component_id, level)
          where u.component_id = m.component_id and u.level <> m.level::text))
        or in_void and m.from_at >= in_at)
    union all
    select from unnest(in_components, in_levels) u(component_id, level)
    where u.level <> 'operational' and not exists (
      select from amends.current_impact m where m.incident_id = in_incident and m.to_at is null
        and m.component_id = u.component_id and m.level::text = u.level)) then
    return;
  end if;
  v_revision := amends.impact_revise(in_incident, 'post', in_actor);
  with u as (select * from unnest(in_components, in_levels) u(component_id, level)),
    old as (select m.*, m.to_at is null and (in_end or exists (select from u
          where u.component_id = m.component_id and u.level <> m.level::text))
        or in_void and m.from_at >= in_at as ends
      from amends.current_impact m where m.incident_id = in_incident)
  insert into impact (revision_id, component_id, level, from_at, to_at, estimated, weight_bp, scope,
      measured)
  select v_revision, component_id, level, from_at, case when ends then in_at else to_at end,
      estimated, weight_bp, scope, measured
    from old where not (ends and from_at >= in_at)
  union all
  select v_revision, component_id, level::impact_level, in_at, null, false, null,
      (select scope from incident where id = in_incident), false
    from u where level <> 'operational' and not exists (
      select from old where old.component_id = u.component_id and old.to_at is null
        and old.level::text = u.level);
  update incident set impact_revision_id = v_revision where id = in_incident;
end $$;

-- Change the plan of a maintenance that has not begun: add the listed components, and remove those
-- listed as operational.
create function amends.maintenance_plan(in_incident bigint, in_components bigint[],
  in_levels text[]) returns void language sql as $$
  delete from maintenance_component m where m.incident_id = in_incident
    and exists (select from unnest(in_components, in_levels) u(component_id, level)
      where u.component_id = m.component_id and u.level = 'operational');
  insert into maintenance_component (incident_id, component_id)
    select in_incident, u.component_id from unnest(in_components, in_levels) u(component_id, level)
    where u.level <> 'operational' on conflict do nothing;
$$;

-- The only way to post: the update, the impacts that it opens or closes, promises, the
-- incident's state and the broadcast. The caller has checked that the state belongs to the kind.
--   in_components, in_levels  changes as of now; for a scheduled maintenance, the plan, which takes
--                             effect when it begins
--   in_due                    when the next update is promised; null: no promise
--   in_auto                   the automatic step
--   in_impact_at              when its impacts begin or end; null: in_at
--   in_update_id              a reserved id; null: the next one
--   in_submitted_at           when staff submitted it, if it was held
--   in_translations           of the body: {"de": {"body": ...}}
--   in_affected_body          what the affected read instead; null: the body
create function amends.incident_post(in_incident bigint, in_state text, in_body text,
  in_at timestamptz, in_components bigint[], in_levels text[], in_notify boolean,
  in_due timestamptz, in_actor bigint, in_auto text default null,
  in_impact_at timestamptz default null, in_update_id bigint default null,
  in_submitted_at timestamptz default null, in_translations jsonb default '{}',
  in_affected_body text default null,
  out out_update_id bigint, out out_broadcast_id bigint) language plpgsql as $$
declare
  i incident;
  v_first boolean;
  v_at timestamptz := coalesce(in_impact_at, in_at);
  v_end boolean := in_state in ('resolved', 'completed', 'cancelled');
  v_milestone boolean;
begin
  select * into i from incident where id = in_incident for no key update;
  v_first := not exists (select from incident_update u where u.incident_id = in_incident);
  v_milestone := v_first or v_end or in_state in ('postmortem', 'in_progress')
    or coalesce(in_auto = 'rescheduled', false);
  out_update_id := coalesce(
    in_update_id, nextval(pg_get_serial_sequence('incident_update', 'id')));
  insert into incident_update (id, incident_id, state, body, posted_at, milestone, created_by, auto,
    submitted_at, translations, affected_body) overriding system value
  values (out_update_id, in_incident, in_state, in_body, in_at, v_milestone, in_actor, in_auto,
    in_submitted_at, coalesce(in_translations, '{}'), in_affected_body);
  if in_state = 'scheduled' then
    perform amends.maintenance_plan(in_incident, in_components, in_levels);
    perform amends.impact_change(
      in_incident, '{}', '{}', i.state <> 'scheduled', false, v_at, in_actor);
  elsif v_end then
    perform amends.impact_change(
      in_incident, '{}', '{}', true, in_state = 'cancelled', v_at, in_actor);
  else
    if i.state = 'scheduled' then
      select in_components || coalesce(array_agg(m.component_id), '{}'),
          in_levels || coalesce(array_agg('under_maintenance'::text), '{}')
        into in_components, in_levels
        from maintenance_component m
        where m.incident_id = in_incident and m.component_id <> all (in_components);
    end if;
    perform amends.impact_change(
      in_incident, in_components, in_levels, false, false, v_at, in_actor);
  end if;
  update incident set state = in_state, resolved_at = case
      when v_end then v_at
      when in_state = 'postmortem' then coalesce(resolved_at, in_at) end
    where id = in_incident;
  update promise set met_at = in_at where incident_id = in_incident and met_at is null;
  if in_due is not null then
    insert into promise (incident_id, update_id, due_at)
      values (in_incident, out_update_id, in_due);
  end if;
  if in_notify then
    out_broadcast_id := amends.broadcast_create('update', in_incident, out_update_id,
      in_milestone => v_milestone, in_actor => in_actor);
    perform amends.component_update_post(out_update_id);
  end if;
end $$;

-- The public incidents of a post-mortem of several, [{ref, title, in}] in the order of the post;
-- null for other posts. in: their translations.
create function amends.postmortem_covers(in_update bigint) returns jsonb language sql stable as $$
  select case when count(*) > 1 then jsonb_agg(jsonb_build_object('ref', i.ref,
    'title', i.title, 'in', i.translations::text) order by u.id) end
  from incident_update me
    join incident_update u on coalesce(me.told_by, me.id) in (u.id, u.told_by)
    join amends.public_incident i on i.id = u.incident_id
  where me.id = in_update and me.state = 'postmortem'
$$;

-- Post one post-mortem of several incidents: an update of each, and one message to all subscribers
-- of any of them. The message is about the first. Returns the broadcast.
create function amends.postmortem_post(in_incidents bigint[], in_body text, in_translations jsonb,
  in_at timestamptz, in_notify boolean, in_actor bigint) returns bigint language plpgsql as $$
declare
  v_incident bigint;
  v_update bigint;
  v_lead bigint;
  v_id bigint;
begin
  foreach v_incident in array in_incidents loop
    select x.out_update_id into v_update
    from amends.incident_post(v_incident, 'postmortem', in_body,
      greatest(in_at, (select max(posted_at) from incident_update where incident_id = v_incident)),
      '{}', '{}', false, null, in_actor, in_translations => in_translations) x;
    if v_lead is null then
      v_lead := v_update;
    else
      update incident_update set told_by = v_lead where id = v_update;
    end if;
  end loop;
  if in_notify then
    v_id := amends.broadcast_create('update', in_incidents[1], v_lead, in_actor => in_actor);
    update broadcast set incident_ids = in_incidents where id = v_id;
  end if;
  return v_id;
end $$;
