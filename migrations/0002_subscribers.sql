-- Accounts (who pays) and subscribers (who reads).

create table account (
  id bigint generated always as identity primary key,
  external_id text not null unique check (length(external_id) between 1 and 200),
  name text not null,
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  exponent smallint not null check (exponent between 0 and 4),
  timezone text not null,
  billing_interval text not null check (billing_interval in ('month', 'year')),
  anchor date not null,               -- the first period began at this local midnight
  plan text,
  changed_at timestamptz not null default now()
);

-- None listed: the account uses every component.
create table account_component (
  account_id bigint not null references account,
  component_id bigint not null references component,
  primary key (account_id, component_id)
);

-- Minor units per interval, from local midnight of valid_from until the next row.
create table account_price (
  account_id bigint not null references account,
  valid_from date not null,
  amount_minor bigint not null check (amount_minor >= 0),
  primary key (account_id, valid_from)
);

create table account_contact (
  id bigint generated always as identity primary key,
  account_id bigint not null references account,
  email text not null,                -- normalised
  name text,
  locale text not null default 'en',
  address_hash bytea not null,        -- as in subscriber, to find suppressions
  unique (account_id, email)
);

create type channel as enum ('email', 'sms', 'slack', 'teams', 'discord', 'webhook');
create type subscriber_state as enum ('pending', 'active', 'suppressed', 'unsubscribed');
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
  secret_sealed bytea,                -- webhook signing secret (AAD "subscriber:secret:" || id)
  state subscriber_state not null,
  state_reason text,
  locale text not null default 'en',
  timezone text not null default 'UTC',
  verbosity verbosity not null default 'every',
  account_id bigint references account,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  unique (channel, address_hash)
);
-- The fan-out walks this one: a range of ids of one channel.
create index subscriber_fanout_idx on subscriber (channel, id) where state = 'active';

create table subscription (
  subscriber_id bigint not null references subscriber on delete cascade,
  kind text not null check (kind in ('all', 'group', 'component', 'incident')),
  target_id bigint not null default 0, -- component_group, component or incident; 0 for all
  primary key (subscriber_id, kind, target_id)
);

-- Append-only: what was agreed to, in which words, from where.
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

-- Who must never be written to, kept after erasure: only the keyed hash.
create table suppression (
  address_hash bytea primary key,
  channel channel not null,
  reason text not null,               -- bounce, complaint, stop, manual, refused
  detail text,
  at timestamptz not null default now()
);
