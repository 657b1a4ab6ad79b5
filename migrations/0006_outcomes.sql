-- Outcomes are by far the most numerous rows, so they are partitioned by ranges of broadcasts,
-- which are in order of time, and old ones are removed by dropping a table (decision 90). Settling
-- and reading name the broadcast and touch one partition.

-- accepted: the relay or endpoint took it. delivered: the provider reported it later (SMS).
-- unknown: it may or may not have arrived and is not sent again. An SMS is recorded
-- as unknown with reason 'sending' before it is sent.
create type delivery_state as enum (
  'accepted', 'delivered', 'failed', 'unknown', 'suppressed', 'superseded');

-- One narrow row per recipient, written once (that of an SMS changes when its status arrives).
-- recipient_id is a subscriber, or an account_contact if the broadcast is a credit_notice.
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
) partition by range (broadcast_id);
create index delivery_sms_reference_idx on delivery (reference) where reference is not null;
-- Live counts of a broadcast count rows by the primary key, in whose order they are stored.
-- Outcomes other than the common one are counted in an index that the common one does not touch.
create index delivery_other_idx on delivery (broadcast_id, channel, state)
  where channel <> 'email' or state <> 'accepted';

-- Partition delivery_<lo> holds the outcomes of broadcasts from lo on and before hi.
create table delivery_range (
  lo bigint primary key,
  hi bigint unique check (hi > lo)    -- null: the last one, without an upper bound
);
insert into delivery_range values (0, 101), (101, null);
create table delivery_0 partition of delivery for values from (minvalue) to (101);
create table delivery_101 partition of delivery for values from (101) to (maxvalue);

-- The number of outcomes that were dropped.
create table delivery_tally (
  broadcast_id bigint not null references broadcast,
  channel channel not null,
  state delivery_state not null,
  n bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (broadcast_id, channel, state)
);

-- The outbox of an installation without a relay (decision 122): messages as their readers would
-- get them, bounded by age and number.

create table outbox_message (
  id bigint generated always as identity primary key,
  broadcast_id bigint not null,
  recipient_id bigint not null,
  -- Erasing a person erases the messages to them.
  subscriber_id bigint references subscriber on delete cascade,
  contact_id bigint references account_contact on delete cascade,
  channel channel not null,
  address text not null,              -- e-mail address, number, or a URL without its secret
  subject text not null,              -- one line for the list
  headers text not null,              -- of an HTTP request, without credentials
  body text not null,                 -- the mail as RFC 5322, the SMS, or the JSON of a post
  segments smallint,                  -- of an SMS
  at timestamptz not null default now(),
  unique (broadcast_id, recipient_id)
);
create index outbox_subscriber_idx on outbox_message (subscriber_id);
create index outbox_contact_idx on outbox_message (contact_id);

-- A row since a notifier first had a relay or an SMS provider: from then on nothing is captured
-- unless outbox = on.
create table relay_seen (
  singleton boolean primary key default true check (singleton),
  host text not null,
  at timestamptz not null default now()
);
