-- Posts: written at once, or held for an undo window and then written as one.

-- The instant of a member of a document; null if it has none.
create function amends.document_time(in_document jsonb, in_name text) returns timestamptz
  language sql immutable as $$ select (in_document->>in_name)::timestamptz $$;

-- Set the plan of a maintenance. Subscribers reminded of a previous start are reminded again.
create function amends.schedule_set(in_incident bigint, in_schedule jsonb) returns void
  language sql as $$
  update incident set
    reminded_at = case when scheduled_from = amends.document_time(in_schedule, 'scheduled_from')
      then reminded_at end,
    scheduled_from = amends.document_time(in_schedule, 'scheduled_from'),
    scheduled_until = amends.document_time(in_schedule, 'scheduled_until'),
    auto_start = (in_schedule->>'auto_start')::boolean,
    auto_complete = (in_schedule->>'auto_complete')::boolean,
    auto_notify = (in_schedule->>'auto_notify')::boolean,
    verify_minutes = (in_schedule->>'verify_minutes')::integer,
    reminder_minutes = (in_schedule->>'reminder_minutes')::integer
  where id = in_incident
$$;

-- Replace the impacts of an incident by a new revision.
create function amends.impacts_replace(in_incident bigint, in_impacts jsonb, in_reason text,
  in_actor bigint, in_reports jsonb default '{}') returns void language plpgsql as $$
declare
  v_revision bigint := amends.impact_revise(in_incident, in_reason, in_actor, in_reports);
begin
  insert into impact (revision_id, component_id, level, from_at, to_at, estimated, weight_bp, scope,
      measured)
    select v_revision, (m->>'id')::bigint, (m->>'level')::impact_level,
      amends.document_time(m, 'from'), amends.document_time(m, 'to'), (m->>'estimated')::boolean,
      (m->>'weight_bp')::smallint, m->'scope',
      coalesce((m->>'measured')::boolean, false)
    from jsonb_array_elements(in_impacts) with ordinality as x(m, n) order by n;
  update incident set impact_revision_id = v_revision where id = in_incident;
end $$;

-- Write the update of a document. Without a time of its own, a held post has the time at which it
-- is published, and its impacts begin or end when it was submitted: the undo window makes no
-- outage longer or shorter.
create function amends.update_apply(in_post held_post, in_incident bigint, in_at timestamptz,
  out out_update_id bigint, out out_broadcast_id bigint) language plpgsql as $$
declare
  d jsonb := in_post.document;
  v_submitted timestamptz := amends.document_time(d, 'submitted_at');
begin
  select x.out_update_id, x.out_broadcast_id into out_update_id, out_broadcast_id
  from amends.incident_post(in_incident, d->>'state', d->>'body', in_at,
    array(select (c->>'id')::bigint from jsonb_array_elements(d->'components')
      with ordinality as e(c, n) order by n),
    array(select c->>'level' from jsonb_array_elements(d->'components')
      with ordinality as e(c, n) order by n),
    (d->>'notify')::boolean, in_at + make_interval(mins => (d->>'next_update_minutes')::integer),
    in_post.created_by, in_auto => d->>'auto', in_impact_at => least(v_submitted, in_at),
    in_update_id => in_post.update_id, in_submitted_at => v_submitted,
    in_translations => d->'translations', in_affected_body => d->>'affected_body') x;
end $$;

-- Write what a post says, now. The caller holds the incidents' locks or creates the incident.
create function amends.post_apply(in_post held_post, out out_update_id bigint,
  out out_broadcast_id bigint) language plpgsql as $$
declare
  d jsonb := in_post.document;
  v_incident bigint := in_post.incident_ids[1];
  v_at timestamptz := coalesce(amends.document_time(d, 'posted_at'), greatest(now(),
    amends.document_time(d, 'submitted_at'), (select max(posted_at) from incident_update
      where incident_id = any (in_post.incident_ids))));
  v_announced_at timestamptz := case when (d->>'announce')::boolean then v_at
    else amends.document_time(d, 'announced_at') end;
begin
  if in_post.action = 'incident' then
    insert into incident (ref, title, translations, kind, state, announced_at, started_at,
      audience, scope)
    values (in_post.ref, in_post.title, coalesce(d->'titles', '{}'), d->>'kind', d->>'state',
      v_announced_at, v_at, coalesce(d->>'audience', 'public'),
      nullif(d->'scope', 'null'))
    returning id into v_incident;
  elsif in_post.action = 'schedule' then
    update incident set title = in_post.title, announced_at = v_announced_at,
      translations = coalesce(d->'titles', translations)
    where id = v_incident;
  end if;
  if d ? 'schedule' then
    perform amends.schedule_set(v_incident, d->'schedule');
  end if;
  if d ? 'state' then
    select * into out_update_id, out_broadcast_id
      from amends.update_apply(in_post, v_incident, v_at);
  elsif in_post.action = 'edit' then
    update incident_update set body = coalesce(d->>'body', body),
      affected_body = nullif(coalesce(d->>'affected_body', affected_body), ''),
      translations = coalesce(d->'translations', translations),
      auto = case when not d ? 'body' then auto end,
      edited_at = case when d ?| '{body,affected_body}' then now() else edited_at end
      where id = in_post.update_id;
    out_update_id := in_post.update_id;
  elsif in_post.action = 'impacts' then
    perform amends.impacts_replace(v_incident, d->'impacts', 'correction', in_post.created_by,
      coalesce(d->'reports', '{}'));
  elsif in_post.action = 'postmortem' then
    out_broadcast_id := amends.postmortem_post(in_post.incident_ids, d->>'body',
      d->'translations', v_at, (d->>'notify')::boolean, in_post.created_by);
  end if;
end $$;

-- Lock incidents for a change. Refuse it while a post about one of them is held, because that post
-- was written about the incident as it is now, and after a retraction.
create function amends.incidents_lock(in_incidents bigint[]) returns void language plpgsql as $$
declare
  h held_post;
  v_ref text;
begin
  perform from incident where id = any (in_incidents) order by id for no key update;
  select p.* into h from held_post_incident x join held_post p on p.id = x.held_post_id
    where x.incident_id = any (in_incidents) limit 1;
  if found then
    raise exception 'post % to this incident is held until %: undo it or publish it first',
      h.id, amends.instant(h.publish_at);
  end if;
  v_ref := (select min(ref) from incident where id = any (in_incidents) and state = 'retracted');
  if v_ref is not null then
    raise exception 'incident "%" was retracted', v_ref;
  end if;
end $$;

-- Post at once, or hold the post. in_update: the update that is edited.
create function amends.post_submit(in_action text, in_incidents bigint[], in_ref text,
  in_title text, in_document jsonb, in_update bigint, in_hold_seconds bigint, in_actor bigint,
  out out_update_id bigint, out out_broadcast_id bigint, out out_held_post_id bigint,
  out out_publish_at timestamptz) language plpgsql as $$
declare
  h held_post;
begin
  perform amends.incidents_lock(in_incidents);
  h.action := in_action;
  h.incident_ids := in_incidents;
  h.ref := in_ref;
  h.title := in_title;
  h.document := in_document;
  h.update_id := in_update;
  h.created_by := in_actor;
  if coalesce(in_hold_seconds, 0) <= 0 then
    select * into out_update_id, out_broadcast_id from amends.post_apply(h);
    return;
  end if;
  out_update_id := case when in_action in ('incident', 'update')
    then nextval(pg_get_serial_sequence('incident_update', 'id')) else in_update end;
  insert into held_post (action, incident_ids, ref, title, document, publish_at, created_by,
    update_id)
  values (in_action, in_incidents, in_ref, in_title, in_document,
    now() + make_interval(secs => in_hold_seconds), in_actor, out_update_id)
  returning id, publish_at into out_held_post_id, out_publish_at;
  insert into held_post_incident (incident_id, held_post_id)
    select unnest(in_incidents), out_held_post_id;
end $$;

-- Publish a held post. Returns its state; null if it has ended already. One that can no longer be
-- applied has failed, and staff get a report; trouble that passes is raised.
create function amends.held_post_publish(in_id bigint, in_actor bigint default null) returns text
  language plpgsql as $$
declare
  h held_post;
  r record;
begin
  select * into h from held_post where id = in_id and state = 'held' for update;
  if not found then
    return null;
  end if;
  delete from held_post_incident where held_post_id = in_id;
  begin
    perform from incident where id = any (h.incident_ids) order by id for no key update;
    r := amends.post_apply(h);
    update held_post set state = 'published', ended_at = now(), ended_by = in_actor,
      update_id = coalesce(r.out_update_id, update_id), broadcast_id = r.out_broadcast_id
    where id = in_id;
    return 'published';
  exception when integrity_constraint_violation or data_exception or raise_exception then
    update held_post set state = 'failed', ended_at = now(), failure = sqlerrm where id = in_id;
    perform amends.staff_report('held_post:' || in_id, 'Post not published: ' || h.title,
      format('The held post %s about "%s" could not be published: %s', in_id, h.title, sqlerrm),
      jsonb_build_object('what', 'held_post', 'title', h.title, 'trouble', sqlerrm));
    return 'failed';
  end;
end $$;

-- Publish every held post whose undo window has ended. Returns the number. Any number of notifiers
-- and apis may call it at once: each row is for one of them.
create function amends.held_posts_publish() returns bigint language plpgsql as $$
declare
  v_id bigint;
  n bigint := 0;
begin
  for v_id in
    select id from held_post where state = 'held' and publish_at <= now()
    order by publish_at, id limit 100 for update skip locked
  loop
    perform amends.held_post_publish(v_id);
    n := n + 1;
  end loop;
  return n;
end $$;

-- Undo a held post. False: it has ended already.
create function amends.held_post_undo(in_id bigint, in_actor bigint) returns boolean
  language plpgsql as $$
begin
  update held_post set state = 'undone', ended_at = now(), ended_by = in_actor
    where id = in_id and state = 'held';
  if not found then
    return false;
  end if;
  delete from held_post_incident where held_post_id = in_id;
  return true;
end $$;
