-- Subscribers, their consents, and suppressed addresses.

-- Those of the executable and those of channel documents (messages/channel.h), whose names the
-- database does not know.
create domain channel as text collate "C" check (value <> '' and length(value) <= 30);
create type subscriber_state as enum ('pending', 'active', 'suppressed', 'unsubscribed', 'paused');
create type verbosity as enum ('every', 'milestones', 'daily');

-- One address on one channel. E-mail addresses and telephone numbers stand in
-- `address`; a URL is a secret, so `address` holds a redacted form of it and
-- `sealed` the URL itself (AAD: "subscriber:address:" || id).
create table subscriber (
  id bigint generated always as identity primary key,
  channel channel not null,
  address text not null,
  address_hash bytea not null,        -- keyed hash of the normalised address
  sealed bytea,
  secret_sealed bytea,                -- a webhook's signing secret, a bot's token or a browser's
                                      -- keys (AAD "subscriber:secret:" || id)
  state subscriber_state not null,
  state_reason text,
  locale text not null default 'en',
  timezone text not null default 'UTC',
  verbosity verbosity not null default 'every',
  account_id bigint references account,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  paused_until timestamptz,
  format text not null default 'amends' check (format in ('amends', 'statuspage')),
  owner text,                         -- e-mail address of the owner of an endpoint
  import_id bigint,                   -- the import that created it
slack_team text,                    -- the workspace of a Slack bot (T...), null: unknown
  -- Of an imported subscriber who consented elsewhere: when, and where if the file has it.
  -- consent_log shows it as a row of consent. If the subscriber is deleted or moves to another
  -- address, it becomes that row; until then nothing changes it.
  agreed_at timestamptz,
  agreed_source text,
  -- The fan-out walks ranges of (channel, id) in subscriber_fanout_idx. An index that also begins
  -- with the channel but continues with the hash can serve such a range only by reading the whole
  -- channel, and the planner, which does not know the range, sometimes took it. With the hash
  -- first, the index finds an address equally well.
  unique (address_hash, channel)
);
create index subscriber_statuspage_idx on subscriber (id)
  where format = 'statuspage' and state = 'active';
create index subscriber_fanout_idx on subscriber (channel, id) where state = 'active';
-- Removed endpoints, counted for /metrics.
create index subscriber_ended_idx on subscriber (channel, state_reason)
  where state = 'suppressed' and channel not in ('email', 'sms');
create index subscriber_account_idx on subscriber (account_id) where account_id is not null;
create index subscriber_daily_idx on subscriber (timezone)
  where verbosity = 'daily' and state = 'active';
create index subscriber_pending_idx on subscriber (changed_at) where state = 'pending';

-- subscriber_id is a foreign key by trigger (api/subscribers/sql/subscription.sql).
create table subscription (
  subscriber_id bigint not null,
  kind text not null check (kind in ('all', 'group', 'component', 'incident', 'credits')),
  target_id bigint not null default 0, -- component_group, component or incident; 0 for all
  primary key (subscriber_id, kind, target_id)
);
create index subscription_credits_idx on subscription (subscriber_id) where kind = 'credits';

-- Subscribed incidents and components of which a subscriber gets no messages.
create table mute (
  subscriber_id bigint not null references subscriber on delete cascade,
  kind text not null check (kind in ('incident', 'component')),
  target_id bigint not null,
  at timestamptz not null default now(),
  primary key (subscriber_id, kind, target_id)
);

-- Append-only: each consent with the wording that was shown and its source.
create table consent (
  id bigint generated always as identity primary key,
  subscriber_id bigint,
  address_hash bytea not null,
  action text not null,               -- subscribed, confirmed, unsubscribed, erased ...
  wording text not null,              -- version of the text that was shown
  source text not null,               -- api, page, one-click, import, sms
  actor text,
  at timestamptz not null default now()
);
create index consent_subscriber_idx on consent (subscriber_id);

-- Suppressed addresses, kept after erasure as keyed hashes alone.
create table suppression (
  address_hash bytea primary key,
  channel channel not null,
  reason text not null,               -- bounce, complaint, stop, manual, refused
  detail text,
  at timestamptz not null default now(),
  actor text,                         -- the person who added it by hand
  note text,
  import_id bigint,
  broadcast_id bigint                 -- the message that was refused or came back
);
create index suppression_broadcast_idx on suppression (broadcast_id)
  where broadcast_id is not null;
create index suppression_at_idx on suppression (at desc, address_hash);
