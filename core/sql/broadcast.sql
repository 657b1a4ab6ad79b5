-- Start a broadcast whose hold is over. Older updates of the incident, and reminders of it, are
-- marked as having a newer one. The update of their cursors waits for claims in progress, so a
-- session that sees this broadcast as sending also sees every batch of the older ones.
create function amends.broadcast_release(in_id bigint) returns void language plpgsql as $$
declare
  b broadcast;
begin
  update broadcast set state = 'sending' where id = in_id and state = 'held' returning * into b;
  if not found then
    return;
  end if;
  if b.kind = 'update' then
    perform 1 from incident where id = b.incident_id for no key update;
    update broadcast_cursor c
    set newer_every = true, newer_milestone = c.newer_milestone or b.milestone
    from broadcast o join broadcast_kind k on k.kind = o.kind and k.audience = 'incident'
    where o.incident_id = b.incident_id and o.id < b.id and o.state in ('held', 'sending')
      and c.broadcast_id = o.id;
    -- Make retries due now: most of them are superseded.
    update delivery_retry r set due_at = now()
    from broadcast o join broadcast_kind k on k.kind = o.kind and k.audience = 'incident'
    where o.incident_id = b.incident_id and o.id < b.id and o.state = 'sending'
      and r.broadcast_id = o.id and r.batch_id is null and r.due_at > now()
      and r.due_at < 'infinity';
  end if;
  perform pg_notify('broadcast', in_id::text);
end $$;

-- Restrict a broadcast to the subscribers of these accounts.
create function amends.broadcast_restrict(in_id bigint, in_accounts bigint[]) returns void
  language sql as $$
  insert into broadcast_scope (broadcast_id, channel, subscriber_id)
    select in_id, channel, id from subscriber where account_id = any (in_accounts)
$$;

-- Create a broadcast whose recipients are found in ranges while it is sent. Call it in the
-- transaction that writes what the broadcast reports (the update with its impacts, the issued run,
-- the pending subscriber). Returns its id.
--   in_kind 'update'         in_incident_id, in_update_id, in_milestone
--           'confirmation', 'manage'  in_subscriber_id
--           'credit_notice'  in_credit_run_id; in_subject, in_body optional
--           'notice'         in_subject, in_body: to all active subscribers
-- in_extra: an object added to the template's context.
create function amends.broadcast_create(in_kind text, in_incident_id bigint default null,
  in_update_id bigint default null, in_credit_run_id bigint default null,
  in_subscriber_id bigint default null, in_subject text default null, in_body text default null,
  in_milestone boolean default true, in_hold_seconds integer default 0,
  in_actor bigint default null, in_extra jsonb default null) returns bigint language plpgsql as $$
declare
  k broadcast_kind;
  v_id bigint;
begin
  select * into strict k from broadcast_kind where kind = in_kind;
  insert into broadcast (kind, priority, incident_id, update_id, credit_run_id, subscriber_id,
    subject, body, extra, milestone, upper_id, not_before, created_by)
  values (k.kind, k.priority, in_incident_id, in_update_id, in_credit_run_id, in_subscriber_id,
    in_subject, in_body, in_extra, coalesce(in_milestone, true), coalesce(case k.audience
      when 'subscriber' then in_subscriber_id
      when 'contacts' then (select max(id) from account_contact)
      else (select max(id) from subscriber) end, 0),
    now() + make_interval(secs => coalesce(in_hold_seconds, 0)), in_actor)
  returning id into v_id;
  insert into broadcast_cursor (broadcast_id, channel, pos)
  select v_id, c, case k.audience when 'subscriber' then in_subscriber_id - 1 else 0 end
  from amends.broadcast_channels(k.audience, in_subscriber_id) c;
  if k.audience = 'incident' and exists (select from incident i
      where i.id = in_incident_id and i.audience <> 'public') then
    perform amends.broadcast_restrict(v_id, array(
      select amends.incident_accounts(in_incident_id)));
  end if;
  if coalesce(in_hold_seconds, 0) <= 0 then
    perform amends.broadcast_release(v_id);
  else
    perform pg_notify('broadcast', v_id::text);
  end if;
  return v_id;
end $$;

-- The channels that have recipients. A step in subscriber_fanout_idx finds the next one.
create function amends.broadcast_channels(in_audience text, in_subscriber_id bigint)
returns setof channel language sql stable as $$
  with recursive c as (
    select min(channel)::channel as channel from subscriber where state = 'active'
      and coalesce(in_audience not in ('subscriber', 'contacts'), true)
    union all
    select (select min(s.channel) from subscriber s where s.state = 'active'
      and s.channel > c.channel)::channel from c where c.channel is not null)
  select channel from c where channel is not null
  union all
  select channel from subscriber where in_audience = 'subscriber' and id = in_subscriber_id
  union all select 'email'::channel where in_audience = 'contacts'
$$;

-- Create a broadcast to recipients that are known now. Returns its id.
create function amends.broadcast_to(in_kind text, in_channel channel, in_recipients bigint[],
  in_extra jsonb default null, in_subscriber_id bigint default null,
  in_credit_run_id bigint default null, in_subject text default null, in_body text default null,
  in_actor bigint default null) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  insert into broadcast (kind, priority, state, credit_run_id, subscriber_id, subject, body, extra,
    upper_id, created_by)
  select kind, priority, 'sending', in_credit_run_id, in_subscriber_id, in_subject, in_body,
    in_extra, 0, in_actor from broadcast_kind where kind = in_kind returning id into strict v_id;
  insert into broadcast_cursor (broadcast_id, channel, exhausted, claimed)
  values (v_id, in_channel, true, cardinality(in_recipients));
  insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at)
  select v_id, id, in_channel, 0, now(), now() from unnest(in_recipients) as id;
  perform pg_notify('broadcast', v_id::text);
  return v_id;
end $$;
