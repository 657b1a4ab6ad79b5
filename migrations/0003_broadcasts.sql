-- The fan-out. A broadcast is one message to an audience; each of its channels
-- has one range cursor; a batch is a leased range; a delivery is an outcome.

-- A running notifier process holds the session advisory lock (4177, id) for as
-- long as its database session lives: a batch whose owner's lock is free is orphaned.
create table notifier (
  id integer generated always as identity primary key,
  host text not null,
  pid integer not null,
  started_at timestamptz not null default now()
);

-- held -> sending (broadcast_release) -> done; held, sending -> cancelled (by staff: what
-- is with a relay ends as usual; who was not sent to gets no outcome).
create table broadcast (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('update', 'confirmation', 'notice', 'credit_notice')),
  lane smallint not null,             -- 0 confirmation, 1 incident, 2 digest, 3 notice
  state text not null default 'held' check (state in ('held', 'sending', 'done', 'cancelled')),
  incident_id bigint references incident,
  update_id bigint references incident_update,
  credit_run_id bigint,               -- foreign key in 0004
  subscriber_id bigint,               -- of a confirmation: its only recipient
  subject text,                       -- of a notice
  body text,                          -- of a notice: Markdown with merge fields
  extra jsonb,                        -- what else its template may read, the same for all
  milestone boolean not null default true,
  upper_id bigint not null,           -- who came later is not in the audience
  not_before timestamptz not null default now(),
  created_by bigint,
  created_at timestamptz not null default now(),
  done_at timestamptz
);
create index broadcast_open_idx on broadcast (lane, id) where state in ('held', 'sending');
create index broadcast_undone_idx on broadcast (id) where done_at is null;
create index broadcast_incident_idx on broadcast (incident_id, id);

-- A newer update of the incident sets newer_every (and newer_milestone when it is a
-- milestone): from then on those whom the newer one reaches settle as superseded here.
create table broadcast_channel (
  broadcast_id bigint not null references broadcast,
  channel channel not null,
  pos bigint not null default 0,      -- every id up to here is settled or in some batch
  exhausted boolean not null default false,
  newer_every boolean not null default false,
  newer_milestone boolean not null default false,
  claimed bigint not null default 0,  -- recipients found so far; the audience once exhausted
  primary key (broadcast_id, channel)
);
create index broadcast_channel_open_idx on broadcast_channel (broadcast_id) where not exhausted;

-- Either a range (lo, hi] of the audience, or a group of due retries: then lo = hi = 0
-- and its recipients are the delivery_retry rows with this batch_id.
create table batch (
  id bigint generated always as identity primary key,
  broadcast_id bigint not null references broadcast,
  channel channel not null,
  lo bigint not null,                 -- exclusive
  hi bigint not null,                 -- inclusive
  lease bigint not null,              -- fencing token: changes with every owner
  owner integer not null,             -- notifier
  leased_until timestamptz not null,  -- renewed while the owner lives: for owners that hang
  orphan boolean not null default false  -- taken over at least once: anti-join what is settled
);
create index batch_broadcast_idx on batch (broadcast_id);
create sequence batch_lease;

-- accepted: the relay or endpoint took it. delivered: it said so later (SMS).
-- unknown: it may or may not have arrived and is not sent again. An SMS is recorded
-- as unknown with reason 'sending' before it is sent.
create type delivery_state as enum (
  'accepted', 'delivered', 'failed', 'unknown', 'suppressed', 'superseded');

-- One narrow row a recipient, written once (an SMS moves on when its status
-- comes back). recipient_id is a subscriber, or an account_contact where the
-- broadcast is a credit_notice.
create table delivery (
  broadcast_id bigint not null,
  recipient_id bigint not null,
  settled_at timestamptz not null default now(),
  channel channel not null,
  state delivery_state not null,
  attempts smallint not null default 1,
  code smallint,                      -- SMTP reply, HTTP status
  reason text,                        -- machine-readable, null when accepted
  reference text,                     -- the provider's id of an SMS
  primary key (broadcast_id, recipient_id)
);
create index delivery_sms_reference_idx on delivery (reference) where reference is not null;

-- Not settled yet: what waits for another attempt. Mutable, and small.
create table delivery_retry (
  broadcast_id bigint not null references broadcast,
  recipient_id bigint not null,
  channel channel not null,
  attempts smallint not null,         -- made so far
  due_at timestamptz not null,
  first_at timestamptz not null,      -- of the first attempt: expiry counts from it
  code smallint,
  reason text,
  possible_duplicate boolean not null default false,
  batch_id bigint,                    -- the batch that is trying it now
  primary key (broadcast_id, recipient_id)
);
create index delivery_retry_due_idx on delivery_retry (due_at) where batch_id is null;
create index delivery_retry_batch_idx on delivery_retry (batch_id) where batch_id is not null;

-- An endpoint that keeps failing: since when. A success removes the row.
create table endpoint_failure (
  subscriber_id bigint primary key references subscriber on delete cascade,
  since timestamptz not null
);

-- Start a broadcast whose hold is over. Older updates of the incident learn that there
-- is a newer one. The update of their cursors waits for claims under way, so whoever
-- sees this broadcast as sending also sees every batch of the older ones.
create function broadcast_release(p_id bigint) returns void language plpgsql as $$
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
    where o.incident_id = b.incident_id and o.kind = 'update' and o.id < b.id
      and o.state in ('held', 'sending') and c.broadcast_id = o.id;
    -- What waits for another attempt is looked at now: most of it is superseded.
    update delivery_retry r set due_at = now()
    from broadcast o
    where o.incident_id = b.incident_id and o.kind = 'update' and o.id < b.id
      and o.state = 'sending' and r.broadcast_id = o.id and r.batch_id is null and r.due_at > now();
  end if;
  perform pg_notify('broadcast', p_id::text);
end $$;

-- The one way to make a broadcast; call it in the transaction that writes what it tells
-- of (the update with its impacts, the issued run, the pending subscriber). Returns its id.
--   p_kind 'update'        p_incident_id, p_update_id, p_milestone
--          'confirmation'  p_subscriber_id
--          'credit_notice' p_credit_run_id; p_subject, p_body optional
--          'notice'        p_subject, p_body: to all active subscribers
-- p_lane: 0 confirmation, 1 incident, 2 digest, 3 notice; null: by kind.
-- p_extra: an object that the template's context gets besides what the notifier reads.
create function broadcast_create(p_kind text, p_lane integer, p_incident_id bigint,
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
  from unnest(array['email', 'sms', 'slack', 'webhook']::channel[]) c
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
