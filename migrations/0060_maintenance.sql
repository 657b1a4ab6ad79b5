-- Planned maintenance: a window, what it touches, and what happens by itself. Impacts stay
-- the truth for money, so none is there before the work begins.

alter table incident drop constraint incident_state_check;
alter table incident add constraint incident_state_check check (state in (
  'investigating', 'identified', 'monitoring', 'resolved', 'postmortem',
  'scheduled', 'in_progress', 'verifying', 'completed', 'cancelled'));
alter table incident
  add scheduled_from timestamptz,
  add scheduled_until timestamptz,
  add auto_start boolean not null default true,     -- in_progress at scheduled_from
  add auto_complete boolean not null default true,  -- completed at scheduled_until
  add auto_notify boolean not null default true,    -- subscribers hear of what goes by itself
  add verify_minutes integer not null default 0,    -- verifying for so long before the end
  add reminder_minutes integer not null default 0,  -- before the start; 0: none
  add reminded_at timestamptz,
  add check (scheduled_until > scheduled_from),
  add check (scheduled_from is null or kind = 'maintenance'),
  add check (verify_minutes >= 0 and reminder_minutes >= 0);
create index incident_planned_idx on incident (id)
  where scheduled_from is not null and state in ('scheduled', 'in_progress', 'verifying');

-- What a plan will touch. Kept afterwards: subscribers of a component heard of it.
create table maintenance_component (
  incident_id bigint not null references incident,
  component_id bigint not null references component,
  primary key (incident_id, component_id)
);

create index impact_revision_incident_idx on impact_revision (incident_id);

-- What an incident is about, for its audience: every revision, and the plan.
create view incident_component as
  select v.incident_id, m.component_id
  from impact_revision v join impact m on m.revision_id = v.id
  union
  select incident_id, component_id from maintenance_component;

-- auto: which text stands for the body, in the reader's language ("auto" in templates/labels);
-- body is the English one.
alter table incident_update
  add auto text check (auto in ('started', 'verifying', 'completed', 'rescheduled')),
  add edited_at timestamptz;

alter table broadcast drop constraint broadcast_kind_check;
alter table broadcast add constraint broadcast_kind_check check (kind in ('update',
  'confirmation', 'manage', 'notice', 'credit_notice', 'digest', 'endpoint', 'moved', 'reminder'));

-- A newer update of the incident also overtakes a reminder.
create or replace function broadcast_release(p_id bigint) returns void language plpgsql as $$
declare
  b broadcast;
begin
  update broadcast set state = 'sending' where id = p_id and state = 'held' returning * into b;
  if not found then
    return;
  end if;
  if b.kind = 'update' then
    perform 1 from incident where id = b.incident_id for no key update;
    update broadcast_channel c
    set newer_every = true, newer_milestone = c.newer_milestone or b.milestone
    from broadcast o
    where o.incident_id = b.incident_id and o.kind in ('update', 'reminder') and o.id < b.id
      and o.state in ('held', 'sending') and c.broadcast_id = o.id;
    -- What waits for another attempt is looked at now: most of it is superseded.
    update delivery_retry r set due_at = now()
    from broadcast o
    where o.incident_id = b.incident_id and o.kind in ('update', 'reminder') and o.id < b.id
      and o.state = 'sending' and r.broadcast_id = o.id and r.batch_id is null and r.due_at > now();
  end if;
  perform pg_notify('broadcast', p_id::text);
end $$;

-- A new revision of the impacts, if anything changes: what is listed takes its level from p_at
-- on, p_end closes all that is open, p_void also forgets what lies ahead. An impact that would
-- end before it began never was.
create function impact_change(p_incident bigint, p_components bigint[], p_levels text[],
  p_end boolean, p_void boolean, p_at timestamptz, p_actor bigint) returns void
  language plpgsql as $$
declare
  v_revision bigint;
begin
  if not exists (
    select from current_impact m where m.incident_id = p_incident
      and (m.to_at is null and (p_end or exists (
          select from unnest(p_components, p_levels) u(component_id, level)
          where u.component_id = m.component_id and u.level <> m.level::text))
        or p_void and m.from_at >= p_at)
    union all
    select from unnest(p_components, p_levels) u(component_id, level)
    where u.level <> 'operational' and not exists (
      select from current_impact m where m.incident_id = p_incident and m.to_at is null
        and m.component_id = u.component_id and m.level::text = u.level)) then
    return;
  end if;
  insert into impact_revision (incident_id, reason, created_by)
    values (p_incident, 'post', p_actor) returning id into v_revision;
  with u as (select * from unnest(p_components, p_levels) u(component_id, level)),
    old as (select m.*, m.to_at is null and (p_end or exists (select from u
          where u.component_id = m.component_id and u.level <> m.level::text))
        or p_void and m.from_at >= p_at as ends
      from current_impact m where m.incident_id = p_incident)
  insert into impact (revision_id, component_id, level, from_at, to_at, estimated)
  select v_revision, component_id, level, from_at, case when ends then p_at else to_at end,
      estimated
    from old where not (ends and from_at >= p_at)
  union all
  select v_revision, component_id, level::impact_level, p_at, null, false
    from u where level <> 'operational' and not exists (
      select from old where old.component_id = u.component_id and old.to_at is null
        and old.level::text = u.level);
  update incident set impact_revision_id = v_revision where id = p_incident;
end $$;

-- The plan of a maintenance that has not begun: what is listed is added, or with the level
-- operational left out.
create function maintenance_plan(p_incident bigint, p_components bigint[], p_levels text[])
returns void language sql as $$
  delete from maintenance_component m where m.incident_id = p_incident
    and exists (select from unnest(p_components, p_levels) u(component_id, level)
      where u.component_id = m.component_id and u.level = 'operational');
  insert into maintenance_component (incident_id, component_id)
    select p_incident, u.component_id from unnest(p_components, p_levels) u(component_id, level)
    where u.level <> 'operational' on conflict do nothing;
$$;

-- The one way to post: the update, the impacts that it opens or closes, promises, the
-- incident's state and the broadcast. The caller has checked that the state is one of the kind.
--   p_components, p_levels  what changes now; of a maintenance that is scheduled: the plan,
--                           which takes effect when it begins
--   p_hold_seconds          the broadcast may be cancelled for so long
--   p_due                   the next update is promised by then; null: no promise
--   p_auto, p_impact_at     what happened by itself, and since when (null: p_at)
create function incident_post(p_incident bigint, p_state text, p_body text, p_at timestamptz,
  p_components bigint[], p_levels text[], p_notify boolean, p_due timestamptz, p_actor bigint,
  p_hold_seconds integer default 0, p_auto text default null, p_impact_at timestamptz default null,
  out update_id bigint, out broadcast_id bigint) language plpgsql as $$
declare
  i incident;
  v_first boolean;
  v_at timestamptz := coalesce(p_impact_at, p_at);
  v_end boolean := p_state in ('resolved', 'completed', 'cancelled');
  v_milestone boolean;
begin
  select * into i from incident where id = p_incident for no key update;
  v_first := not exists (select from incident_update u where u.incident_id = p_incident);
  v_milestone := v_first or v_end or p_state in ('postmortem', 'in_progress')
    or coalesce(p_auto = 'rescheduled', false);
  insert into incident_update (incident_id, state, body, posted_at, milestone, created_by, auto)
    values (p_incident, p_state, p_body, p_at, v_milestone, p_actor, p_auto)
    returning id into update_id;
  if p_state = 'scheduled' then
    perform maintenance_plan(p_incident, p_components, p_levels);
    perform impact_change(p_incident, '{}', '{}', i.state <> 'scheduled', false, v_at, p_actor);
  elsif v_end then
    perform impact_change(p_incident, '{}', '{}', true, p_state = 'cancelled', v_at, p_actor);
  else
    if i.state = 'scheduled' then
      select p_components || coalesce(array_agg(m.component_id), '{}'),
          p_levels || coalesce(array_agg('under_maintenance'::text), '{}')
        into p_components, p_levels
        from maintenance_component m
        where m.incident_id = p_incident and m.component_id <> all (p_components);
    end if;
    perform impact_change(p_incident, p_components, p_levels, false, false, v_at, p_actor);
  end if;
  update incident set state = p_state, resolved_at = case
      when v_end then v_at
      when p_state = 'postmortem' then coalesce(resolved_at, p_at) end
    where id = p_incident;
  update promise set met_at = p_at where incident_id = p_incident and met_at is null;
  if p_due is not null then
    insert into promise (incident_id, update_id, due_at) values (p_incident, update_id, p_due);
  end if;
  if p_notify then
    broadcast_id := broadcast_create('update', null, p_incident, update_id, null, null, null,
      null, v_milestone, p_hold_seconds, p_actor);
  end if;
end $$;

-- Something that goes by itself.
create function maintenance_post(i incident, p_state text, p_auto text, p_body text,
  p_now timestamptz, p_impact_at timestamptz) returns void language sql as $$
  select incident_post(i.id, p_state, p_body, greatest(p_now, (select max(posted_at)
      from incident_update where incident_id = i.id)), '{}', '{}', i.auto_notify, null, null, 0,
    p_auto, p_impact_at)
$$;

-- Remind, once and only of what was not spoken of since: then readers know already.
create function maintenance_remind(i incident, p_now timestamptz) returns void
  language plpgsql as $$
begin
  update incident set reminded_at = p_now where id = i.id;
  if i.auto_notify and not exists (select from incident_update where incident_id = i.id
      and posted_at > i.scheduled_from - make_interval(mins => i.reminder_minutes)) then
    perform broadcast_create('reminder', 1, i.id, (select max(id) from incident_update
      where incident_id = i.id), null, null, null, null, true, 0, null);
  end if;
end $$;

-- Take every step that is due at an instant, one a maintenance; returns how many. Any number
-- of notifiers may call it at once: each row is for one of them. What was missed while none ran
-- is made up for with the times of the plan. Work that staff began behind its window ends by hand.
create function maintenance_due(p_now timestamptz) returns bigint language plpgsql as $$
declare
  i incident;
  v_verify timestamptz;
  n bigint := 0;
begin
  for i in
    select * from incident
    where scheduled_from is not null and state in ('scheduled', 'in_progress', 'verifying')
      and (state = 'scheduled' and (auto_start and scheduled_from <= p_now
          or reminder_minutes > 0 and reminded_at is null and p_now < scheduled_from
            and scheduled_from - make_interval(mins => reminder_minutes) <= p_now)
        or state <> 'scheduled' and auto_complete
          and scheduled_until - case when state = 'in_progress'
            then make_interval(mins => verify_minutes) else interval '0' end <= p_now
          and not exists (select from incident_update u where u.incident_id = incident.id
            and u.state = 'in_progress' and u.auto is null and u.posted_at >= scheduled_until))
    order by id limit 100 for no key update skip locked
  loop
    v_verify := greatest(i.scheduled_from,
      i.scheduled_until - make_interval(mins => i.verify_minutes));
    if i.state = 'scheduled' and p_now < i.scheduled_from then
      perform maintenance_remind(i, p_now);
    elsif i.state = 'scheduled' then
      perform maintenance_post(i, 'in_progress', 'started', 'The planned work has begun.',
        p_now, i.scheduled_from);
    elsif p_now < i.scheduled_until then
      perform maintenance_post(i, 'verifying', 'verifying',
        'The work is done. We are checking the result.', p_now, v_verify);
    else
      perform maintenance_post(i, 'completed', 'completed', 'The planned work is completed.',
        p_now, i.scheduled_until);
    end if;
    n := n + 1;
  end loop;
  return n;
end $$;

-- A cancelled maintenance has no word in Statuspage's documents: it is not in them.
create or replace function statuspage_incident(i incident, url text) returns jsonb
  language sql stable as $$
  select jsonb_build_object('id', i.ref, 'name', i.title, 'status', i.state,
    'created_at', i.created_at, 'updated_at', max(u.posted_at), 'started_at', i.started_at,
    'monitoring_at', min(u.posted_at) filter (where u.state = 'monitoring'),
    'resolved_at', i.resolved_at, 'impact', coalesce((
      select case max(m.level) when 'major_outage' then 'major'
        when 'under_maintenance' then case i.kind when 'maintenance' then 'maintenance'
          else 'minor' end
        else 'minor' end
      from current_impact m where m.incident_id = i.id having count(*) > 0),
      case i.kind when 'maintenance' then 'maintenance' else 'none' end),
    'shortlink', url || '/incidents/' || i.ref, 'page_id', 'amends',
    'incident_updates', coalesce(jsonb_agg(jsonb_build_object('id', u.id::text,
      'status', u.state, 'body', u.body, 'incident_id', i.ref, 'created_at', u.created_at,
      'updated_at', coalesce(u.edited_at, u.created_at), 'display_at', u.posted_at,
      'affected_components', null,
      'deliver_notifications', exists (select from broadcast b where b.update_id = u.id),
      'custom_tweet', null, 'tweet_id', null) order by u.id desc), '[]'),
    'components', (select coalesce(jsonb_agg(statuspage_component(c)::jsonb order by c.name), '[]')
      from component c
      where c.id in (select m.component_id from current_impact m where m.incident_id = i.id
        union select m.component_id from maintenance_component m where m.incident_id = i.id)))
    || case i.kind when 'maintenance' then (
        select jsonb_build_object(
          'scheduled_for', coalesce(i.scheduled_from, min(m.from_at), i.started_at),
          'scheduled_until', coalesce(i.scheduled_until, i.scheduled_from, max(m.to_at),
            min(m.from_at), i.started_at))
        from current_impact m where m.incident_id = i.id)
      else '{}'::jsonb end
  from incident_update u where u.incident_id = i.id
$$;
