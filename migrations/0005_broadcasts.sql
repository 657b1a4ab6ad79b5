-- The fan-out. A broadcast is one message to an audience; each of its channels
-- has one range cursor; a batch is a leased range; a delivery is an outcome.

-- A running notifier process holds the session advisory lock ("notifier", id) for as
-- long as its database session lives: a batch whose owner's lock is free is orphaned.
create table notifier (
  id integer generated always as identity primary key,
  host text not null,
  pid integer not null,
  started_at timestamptz not null default now(),
  outbox boolean not null default false -- it keeps messages in the outbox
);

-- The kinds of broadcast, as messages/kind.c has them. audience: where the notifier finds the
-- recipients, range by range; null: they are in delivery_retry from the start. recipient: the table
-- of a recipient_id, and so the address of the message.
create table broadcast_kind (
  kind text primary key,
  audience text check (audience in (
    'incident', 'told', 'subscribers', 'digest', 'subscriber', 'contacts')),
  recipient text not null check (recipient in (
    'subscriber', 'former', 'owner', 'contact', 'staff', 'address')),
  priority smallint not null          -- 0 confirmation, 1 incident, 2 digest, 3 notice
);
insert into broadcast_kind (kind, audience, recipient, priority) values
  ('update', 'incident', 'subscriber', 1),
  ('reminder', 'incident', 'subscriber', 1),
  ('notice', 'subscribers', 'subscriber', 3),
  ('digest', 'digest', 'subscriber', 2),
  ('confirmation', 'subscriber', 'subscriber', 0),
  ('manage', 'subscriber', 'subscriber', 0),
  ('moved', null, 'former', 0),
  ('endpoint', null, 'owner', 0),
  ('credit_notice', 'contacts', 'contact', 3),
  ('credit_test', null, 'address', 0),
  ('credit_answer', null, 'contact', 0),
  ('claim_answer', null, 'contact', 0),
  ('account_link', null, 'contact', 0),
  ('account_invitation', null, 'address', 0),
  ('sla_report', null, 'contact', 3),
  ('credit_event', null, 'subscriber', 1),
  ('staff', null, 'staff', 0),
  ('invitation', null, 'staff', 0),
  ('component_update', null, 'subscriber', 1),
  -- The correction of a retraction goes to those who were sent a message about the incident.
  ('retraction', 'told', 'subscriber', 1),
  ('help', null, 'address', 0),
  ('post_test', null, 'address', 0);

-- held -> sending (broadcast_release) -> done; held, sending -> cancelled (by staff: messages in
-- flight end as usual; the other recipients get no outcome).
-- Staff broadcasts are held until a notifier has filled in the recipients (notifier/queue/staff.h).
create table broadcast (
  id bigint generated always as identity primary key,
  kind text not null references broadcast_kind,
  priority smallint not null,         -- of its kind
  state text not null default 'held' check (state in ('held', 'sending', 'done', 'cancelled')),
  incident_id bigint references incident,
  update_id bigint references incident_update,
  credit_run_id bigint references credit_run,
  subscriber_id bigint,               -- of a confirmation: its only recipient
  subject text,                       -- of a notice
  body text,                          -- of a notice: Markdown with merge fields
  extra jsonb,                        -- more values for its template, the same for all
  milestone boolean not null default true,
  upper_id bigint not null,           -- later subscribers are not in the audience
  not_before timestamptz not null default now(),
  created_by bigint,
  created_at timestamptz not null default now(),
  done_at timestamptz,
  digest_zone text,
  digest_day date,
  incident_ids bigint[],              -- of a post-mortem of several; null: incident_id alone
  about text,                         -- 'review:17', 'ageing:2026-11-22': reported to staff once
  per_minute integer check (per_minute > 0)
);
create index broadcast_open_idx on broadcast (priority, id) where state in ('held', 'sending');
create index broadcast_undone_idx on broadcast (id) where done_at is null;
create index broadcast_incident_idx on broadcast (incident_id, id);
create unique index broadcast_digest_idx on broadcast (digest_zone, digest_day)
  where kind = 'digest';
create index broadcast_letter_idx on broadcast (subscriber_id, created_at)
  where subscriber_id is not null;
create unique index broadcast_about_idx on broadcast (about) where about is not null;
create index broadcast_staff_idx on broadcast (id) where kind = 'staff' and state = 'held';
create index broadcast_help_idx on broadcast (done_at) where kind = 'help' and extra ? 'to';
-- A subscriber's deliveries are found broadcast by broadcast, newest first, through the primary
-- key of delivery: an index by recipient would be written for every message. Broadcasts to another
-- single recipient are skipped.
create index broadcast_shared_idx on broadcast (id) where subscriber_id is null;

-- A newer update of the incident sets newer_every (and newer_milestone when it is a
-- milestone): from then on recipients of the newer one settle as superseded here.
create table broadcast_cursor (
  broadcast_id bigint not null references broadcast,
  channel channel not null,
  pos bigint not null default 0,      -- every id up to here is settled or in some batch
  exhausted boolean not null default false,
  newer_every boolean not null default false,
  newer_milestone boolean not null default false,
  claimed bigint not null default 0,  -- recipients found so far; the audience once exhausted
  trouble text,                       -- held: the relay's reply to the refused mails
  forced boolean not null default false, -- set by staff: never held
  primary key (broadcast_id, channel)
);
create index broadcast_cursor_open_idx on broadcast_cursor (broadcast_id) where not exhausted;

-- Of a broadcast to some only: the subscribers of accounts in its scope, or of the audience of a
-- notice, written with the broadcast and removed when it is done. For an update, subscriptions,
-- mutes and verbosity still decide.
create table broadcast_scope (
  broadcast_id bigint not null references broadcast,
  channel channel not null,
  subscriber_id bigint not null,
  primary key (broadcast_id, channel, subscriber_id)
);

-- A time zone with daily readers, and the last day whose digest was made or skipped.
create table digest_zone (
  timezone text primary key,
  day date not null
);

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
  leased_until timestamptz not null,  -- renewed by a live owner; ends for one that hangs
  orphan boolean not null default false  -- taken over at least once: anti-join settled recipients
);
create index batch_broadcast_idx on batch (broadcast_id);
create sequence batch_lease;

-- Recipients that wait for another attempt. Mutable, and small.
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
  replay boolean not null default false, -- sent even if there is a newer update
  primary key (broadcast_id, recipient_id)
);
create index delivery_retry_due_idx on delivery_retry (due_at) where batch_id is null;
create index delivery_retry_batch_idx on delivery_retry (batch_id) where batch_id is not null;

-- An endpoint that keeps failing: since when. A success removes the row.
create table endpoint_failure (
  subscriber_id bigint primary key references subscriber on delete cascade,
  since timestamptz not null
);

-- Reports of the notifiers about themselves, once per second while they have work. Unlogged: only
-- the current state matters, and a crash of the server may empty it.
create unlogged table sender_status (
  notifier integer not null,          -- notifier.id of the process
  channel text not null,
  host text not null,                 -- relay, host or SMS provider; '' for hosts without a row
  window_size integer not null,       -- connections or transfers that may be open at once
  in_flight integer not null,         -- messages on their way
  waiting integer not null,           -- recipients claimed for the channel and not begun
  unsettled integer not null,         -- of the process: begun, and not committed as an outcome
  rate_limited boolean not null,      -- a configured rate holds it back
  trouble text,                       -- the complaint of the other side, in a few words
  at timestamptz not null default now(),
  primary key (notifier, channel, host)
);

-- One limit per relay that all notifiers share (smtp_rate): until when its messages are
-- leased. Unlogged: a crash of the server may forget it, which costs 200 ms of the limit.
create unlogged table rate_limit (
  relay text primary key,             -- host:port
  free_at timestamptz not null default now()
);

-- Segments handed to the provider, each attempt counted, and those the budget refused.
create table sms_month (
  month date primary key,             -- its first day, in UTC
  segments bigint not null default 0 check (segments >= 0),
  refused bigint not null default 0 check (refused >= 0)
);
