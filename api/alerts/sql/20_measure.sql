-- The windows of an open incident's alerts become its measured impacts. Where staff have corrected
-- the impacts since, or the incident has ended, the windows stay as they are. False: a post about
-- the incident is held, so it must be tried again.
create function amends.incident_measure(in_incident bigint, in_actor bigint default null)
  returns boolean language plpgsql as $$
declare
  i incident;
  v_impacts jsonb;
  v_old jsonb;
begin
  select * into i from incident where id = in_incident for no key update;
  if i.state in ('resolved', 'postmortem', 'completed', 'cancelled', 'retracted') or exists (
      select from impact_revision where id = i.impact_revision_id and reason = 'correction') then
    return true;
  elsif exists (select from held_post_incident where incident_id = in_incident) then
    return false;
  end if;
  with measured as (
    select (w->>'id')::bigint as component_id, w from suggestion s,
      jsonb_array_elements(s.windows) w where s.incident_id = in_incident),
  impact as (
    select jsonb_build_object('id', m.component_id, 'level', m.level, 'from', m.from_at,
        'to', m.to_at, 'estimated', m.estimated, 'measured', m.measured,
        'weight_bp', m.weight_bp, 'scope', m.scope) as one,
      m.measured and m.component_id in (select component_id from measured) as replaced
    from amends.current_impact m where m.incident_id = in_incident)
  select (select jsonb_agg(one order by one) from impact),
    (select jsonb_agg(one order by one) from (
      select one from impact where not replaced
      union
      select jsonb_build_object('id', component_id, 'level', w->'level',
        'from', (w->>'from')::timestamptz, 'to', (w->>'to')::timestamptz, 'estimated', false,
        'measured', true, 'weight_bp', null, 'scope', w->'scope') from measured) x)
    into v_old, v_impacts;
  if v_impacts is distinct from v_old then
    perform amends.impacts_replace(in_incident, jsonb_strip_nulls(v_impacts), 'measured', in_actor);
  end if;
  return true;
end $$;

-- A window that a post of the same publication has opened is the measured one, so the posted one
-- is removed.
create function amends.suggestion_take_over(in_suggestion suggestion) returns void
  language plpgsql as $$
begin
  perform amends.impacts_replace(in_suggestion.incident_id, '[]', 'measured',
    in_suggestion.decided_by);
  perform amends.incident_measure(in_suggestion.incident_id, in_suggestion.decided_by);
end $$;

create function amends.suggestion_ref(in_at timestamptz) returns text language sql volatile as $$
  select to_char(in_at at time zone 'UTC', 'YYYY-MM-DD') || '-' || substr(md5(random()::text), 1, 6)
$$;

-- The number of accounts that windows concern; null: a window has no scope.
create function amends.windows_accounts(in_windows jsonb) returns bigint language sql stable as $$
  select case when bool_and(coalesce(w->'scope', 'null') <> 'null') then (
    select count(distinct a.id) from jsonb_array_elements(in_windows) v
      cross join lateral amends.scope_accounts(v->'scope') as a(id)
    where amends.account_uses_any(a.id, array[(v->>'id')::bigint])) end
  from jsonb_array_elements(in_windows) w
$$;

-- What the first post of a suggested incident says: of its rule's template, or by itself.
create function amends.suggestion_post(in_suggestion suggestion) returns jsonb
  language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object('title', in_suggestion.title,
    'state', coalesce(t.state, 'investigating'), 'body', coalesce(t.body,
      'Our monitoring reports a problem. We are investigating.'),
    'next_update_minutes', t.next_update_minutes, 'translations', nullif(t.translations, '{}'),
    'audience', r.audience, 'affected_body', r.affected_body))
  from alert_group g join alert_rule r on r.id = g.rule_id
    left join incident_template t on t.id = r.template_id and t.kind = 'incident'
  where g.id = in_suggestion.group_id
$$;

-- Publish a suggested incident: the post, and the windows as measured. in_post: {title, state,
-- body, audience, affected_body ('': none), translations, posted_at, notify}, which replace those
-- that it suggests. The incident has the scope of the windows, so that those whom they concern are
-- told. Null: it is pending no longer.
create function amends.suggestion_publish(in_id bigint, in_post jsonb, in_actor bigint)
  returns text language plpgsql as $$
declare
  s suggestion;
  p jsonb;
  v_ref text := amends.suggestion_ref(
    coalesce(amends.document_time(in_post, 'posted_at'), now()));
begin
  select * into s from suggestion where id = in_id and state = 'pending' for update;
  if not found then
    return null;
  end if;
  p := amends.suggestion_post(s) || in_post;
  perform amends.post_submit('incident', '{}', v_ref, p->>'title',
    jsonb_strip_nulls(jsonb_build_object('kind', 'incident', 'announce', false,
      'state', p->>'state', 'body', p->>'body', 'audience', p->>'audience',
      'affected_body', case when p->>'audience' = 'both'
        then nullif(p->>'affected_body', '') end,
      'posted_at', p->'posted_at',
      'scope', s.windows->0->'scope',
      'notify', coalesce((p->>'notify')::boolean, true),
      'next_update_minutes', p->'next_update_minutes',
      'titles', amends.translations_of(p->'translations', '{title}'),
      'translations', amends.translations_of(p->'translations', '{body, affected_body}'),
      'components', (select jsonb_agg(distinct jsonb_build_object('id', w->'id',
        'component', w->'component', 'level', w->'level'))
        from jsonb_array_elements(s.windows) w))), null, 0, in_actor);
  update suggestion set state = 'published', decided_at = now(), decided_by = in_actor,
    incident_id = (select id from incident where ref = v_ref)
    where id = in_id returning * into s;
  perform amends.suggestion_take_over(s);
  return v_ref;
end $$;

-- {"de": {"title": ...}}: only these of the translations of several texts; null: none.
create function amends.translations_of(in_translations jsonb, in_texts text[]) returns jsonb
  language sql immutable as $$
  select jsonb_object_agg(t.key, (select jsonb_object_agg(x.key, x.value)
    from jsonb_each(t.value) x where x.key = any (in_texts)))
  from jsonb_each(in_translations) t where t.value ?| in_texts
$$;

-- Merge a suggested incident into an open one, or (no incident) dismiss it. False: it is pending
-- no longer.
create function amends.suggestion_decide(in_id bigint, in_incident bigint, in_actor bigint)
  returns boolean language plpgsql as $$
begin
  update suggestion set state = case when in_incident is null then 'dismissed' else 'merged' end,
    incident_id = in_incident, decided_at = now(), decided_by = in_actor
    where id = in_id and state = 'pending';
  if not found then
    return false;
  end if;
  if in_incident is not null then
    perform amends.incidents_lock(array[in_incident]);
    perform amends.incident_measure(in_incident, in_actor);
  end if;
  return true;
end $$;

-- Resolve the incident of a suggestion whose alerts are over. in_post: {body, notify}. Null: it
-- has none that is open, or an alert fires.
create function amends.suggestion_resolve(in_id bigint, in_post jsonb, in_actor bigint)
  returns text language plpgsql as $$
declare
  i incident;
begin
  select x.* into i from suggestion s join incident x on x.id = s.incident_id
    where s.id = in_id and s.over_at is not null
      and x.state in ('investigating', 'identified', 'monitoring');
  if not found then
    return null;
  end if;
  perform amends.post_submit('update', array[i.id], i.ref, i.title, jsonb_build_object(
    'state', 'resolved', 'body', coalesce(in_post->>'body', 'This incident has been resolved.'),
    'components', '[]'::jsonb, 'notify', coalesce((in_post->>'notify')::boolean, true)),
    null, 0, in_actor);
  return i.ref;
end $$;
