-- Retraction of an incident that was posted by mistake.

-- The issued runs whose credits used an incident: [{run, policy, currency, exponent, credits,
-- amount_minor}], without credits that were reversed.
create function amends.incident_credits(in_incident bigint) returns json language sql stable as $$
  select coalesce(json_agg(t order by t.run, t.currency), '[]') from (
    select r.id as run, p.name as policy, c.currency, c.exponent, count(*) as credits,
           sum(c.amount_minor) as amount_minor
    from credit_run_incident x join credit_run r on r.id = x.run_id and r.state = 'issued'
      join policy p on p.id = r.policy_id
      join credit c on c.run_id = r.id and c.state in ('issued', 'acknowledged', 'applied')
    where x.incident_id = in_incident
    group by r.id, p.name, c.currency, c.exponent) as t
$$;

-- Remove an incident from pages, feeds, uptime and evidence: its state is 'retracted', its impacts
-- are an empty revision, messages not begun are cancelled, drafts that used it have failed. Issued
-- credits stay. Its posts and earlier revisions stay for the audit.
--   in_body    the correction, in_translations its translations
--   in_notify  send it to those who were sent a message; webhooks get theirs in any case, because a
--              program keeps the incident open otherwise
create function amends.incident_retract(in_incident bigint, in_body text, in_translations jsonb,
  in_notify boolean, in_actor bigint, out out_broadcast_id bigint, out out_failed bigint[])
  language plpgsql as $$
declare
  v_at timestamptz;
  v_update bigint;
  v_ends jsonb := amends.component_update_end(in_incident);
begin
  perform amends.incidents_lock(array[in_incident]);
  v_at := greatest(now(),
    (select max(posted_at) from incident_update where incident_id = in_incident));
  insert into incident_update (incident_id, state, body, translations, posted_at, milestone,
    created_by)
  values (in_incident, 'retracted', in_body, coalesce(in_translations, '{}'), v_at, true, in_actor)
  returning id into v_update;
  perform amends.impacts_replace(in_incident, '[]', 'retraction', in_actor);
  update incident set state = 'retracted', retracted_at = v_at,
    resolved_at = coalesce(resolved_at, v_at) where id = in_incident;
  update promise set met_at = v_at where incident_id = in_incident and met_at is null;
  update broadcast set state = 'cancelled'
    where incident_id = in_incident and state in ('held', 'sending')
      and coalesce(incident_ids, array[incident_id]) = array[in_incident];
  out_failed := array(
    select r.id from credit_run r where r.state in ('draft', 'approved')
      and amends.credit_run_retracted(r.id) is not null order by r.id for update);
  perform amends.credit_run_fail_retracted(id) from unnest(out_failed) as id;
  if exists (select from broadcast b where b.incident_id = in_incident)
    or exists (select from broadcast b where in_incident = any (b.incident_ids)) then
    -- Held for a moment, because housekeeping lets it wait for the messages in flight.
    out_broadcast_id := amends.broadcast_create('retraction', in_incident, v_update,
      in_hold_seconds => 1, in_actor => in_actor);
    delete from broadcast_cursor
      where broadcast_id = out_broadcast_id and not in_notify and channel <> 'webhook';
    perform amends.component_update_send(u, v_ends) from incident_update u where u.id = v_update;
  end if;
end $$;
