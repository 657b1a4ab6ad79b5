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

create table broadcast (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('update', 'confirmation', 'notice', 'credit_notice')),
  lane smallint not null,             -- 0 confirmation, 1 incident, 2 digest, 3 notice
  state text not null default 'sending' check (state in (
    'held', 'sending', 'done', 'cancelled', 'superseded')),
  incident_id bigint references incident,
  update_id bigint references incident_update,
  credit_run_id bigint,               -- foreign key in 0004
  subscriber_id bigint,               -- of a confirmation: its only recipient
  subject text,                       -- of a notice
  body text,                          -- of a notice: Markdown with merge fields
  milestone boolean not null default true,
  upper_id bigint not null,           -- who came later is not in the audience
  not_before timestamptz not null default now(),
  created_by bigint,
  created_at timestamptz not null default now(),
  done_at timestamptz
);
create index broadcast_open_idx on broadcast (lane, id) where state in ('held', 'sending');
create index broadcast_incident_idx on broadcast (incident_id, id);

create table broadcast_channel (
  broadcast_id bigint not null references broadcast,
  channel channel not null,
  pos bigint not null default 0,      -- every id up to here is in some batch
  exhausted boolean not null default false,
  primary key (broadcast_id, channel)
);
create index broadcast_channel_open_idx on broadcast_channel (broadcast_id) where not exhausted;

create table batch (
  id bigint generated always as identity primary key,
  broadcast_id bigint not null references broadcast,
  channel channel not null,
  lo bigint not null,                 -- exclusive
  hi bigint not null,                 -- inclusive
  lease bigint not null,              -- fencing token: changes with every owner
  owner integer not null,             -- notifier
  leased_until timestamptz not null,
  orphan boolean not null default false  -- taken over at least once: anti-join what is settled
);
create index batch_broadcast_idx on batch (broadcast_id);
create sequence batch_lease;

-- accepted: the relay or endpoint took it. delivered: it said so later (SMS).
-- unknown: it may or may not have arrived and is not sent again.
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
  attempts smallint not null,
  due_at timestamptz not null,
  first_at timestamptz not null,      -- of the first attempt: expiry counts from it
  code smallint,
  reason text,
  possible_duplicate boolean not null default false,
  lease bigint,
  owner integer,
  leased_until timestamptz,
  primary key (broadcast_id, recipient_id)
);
create index delivery_retry_due_idx on delivery_retry (due_at);
