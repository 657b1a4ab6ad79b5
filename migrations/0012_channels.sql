-- Every channel of the schema has its cursors.
create or replace function broadcast_create(p_kind text, p_lane integer, p_incident_id bigint,
  p_update_id bigint, p_credit_run_id bigint, p_subscriber_id bigint, p_subject text, p_body text,
  p_milestone boolean, p_hold_seconds integer, p_actor bigint, p_extra jsonb default null)
returns bigint language plpgsql as $$
declare
  v_upper bigint;
  v_id bigint;
begin
  v_upper := case p_kind
    when 'confirmation' then p_subscriber_id
    when 'credit_notice' then (select max(id) from account_contact)
    else (select max(id) from subscriber) end;
  insert into broadcast (kind, lane, incident_id, update_id, credit_run_id, subscriber_id, subject,
    body, extra, milestone, upper_id, not_before, created_by)
  values (p_kind,
    coalesce(p_lane, case p_kind when 'confirmation' then 0 when 'update' then 1 else 3 end),
    p_incident_id, p_update_id, p_credit_run_id, p_subscriber_id, p_subject, p_body, p_extra,
    coalesce(p_milestone, true), coalesce(v_upper, 0),
    now() + make_interval(secs => coalesce(p_hold_seconds, 0)), p_actor)
  returning id into v_id;
  insert into broadcast_channel (broadcast_id, channel, pos)
  select v_id, c, case p_kind when 'confirmation' then p_subscriber_id - 1 else 0 end
  from unnest(enum_range(null::channel)) c
  where case p_kind
    when 'confirmation' then c = (select channel from subscriber where id = p_subscriber_id)
    when 'credit_notice' then c = 'email'
    else exists (select 1 from subscriber s where s.channel = c and s.state = 'active') end;
  if coalesce(p_hold_seconds, 0) <= 0 then
    perform broadcast_release(v_id);
  else
    perform pg_notify('broadcast', v_id::text);
  end if;
  return v_id;
end $$;

-- Endpoints that ended: counted for /metrics.
create index subscriber_ended_idx on subscriber (channel, state_reason)
  where state = 'suppressed' and channel in ('slack', 'teams', 'discord', 'webhook');
