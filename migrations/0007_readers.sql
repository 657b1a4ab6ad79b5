-- Actions of readers: subscribe, request a link, pause, mute, move, unsubscribe.

-- A request of the public form, written alike for every address and settled afterwards by
-- signup_settle, so that an answer reveals nothing, not even by its time. The form is deleted once
-- it is settled; the hashes stay for a day, for the limits.
create table signup (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  kind text not null check (kind in (
    'subscribe', 'manage', 'move', 'slack', 'password', 'account_link', 'account_invite')),
  peer_hash bytea not null,           -- keyed hash of the caller's IP address
  address_hash bytea not null,
  form jsonb,                         -- null once settled
  done_at timestamptz,
  channel channel not null default 'email'
);
create index signup_open_idx on signup (id) where done_at is null;
create index signup_at_idx on signup (at);

-- A session opened by a manage link, valid for an hour.
create table reader_session (
  token_hash bytea primary key,
  subscriber_id bigint not null references subscriber on delete cascade,
  expires_at timestamptz not null default now() + interval '1 hour'
);

-- A session of a contact on the page of an account, opened by a link, valid for a day. No contact:
-- the link is the account's own. A browser has one token for the sessions of all its accounts.
create table account_session (
  id bigint generated always as identity primary key,
  token_hash bytea not null,
  account_id bigint not null references account on delete cascade,
  contact_id bigint references account_contact on delete cascade,
  expires_at timestamptz not null default now() + interval '1 day'
);
create index account_session_token_idx on account_session (token_hash);
create index account_session_account_idx on account_session (account_id);
create index account_session_contact_idx on account_session (contact_id);

-- Links to the page of an account that were made before this time open nothing. No row: all do.
create table account_link_cut (
  account_id bigint primary key references account on delete cascade,
  at timestamptz not null
);

-- The OpenID provider of an account, by which its contacts sign in to its page.
create table account_oidc (
  account_id bigint primary key references account on delete cascade,
  issuer text not null,
  client_id text not null,
  client_secret bytea not null,       -- sealed
  changed_at timestamptz not null default now()
);

-- Somebody whom a contact of the account asked to become one, too; the link of the mail makes them.
create table account_invitation (
  id bigint generated always as identity primary key,
  account_id bigint not null references account on delete cascade,
  email text not null,                -- normalised
  name text,
  locale text not null,
  address_hash bytea not null,
  broadcast_id bigint unique,         -- its mail
  expires_at timestamptz not null default now() + interval '7 days',
  unique (account_id, address_hash)
);

-- A move to another address of the same channel. pending_id is a subscriber of its own until
-- the new address is confirmed, and deleted afterwards; the row stays for a week, so that the link
-- in that message still shows the result. The old address is kept as long, to be notified.
create table move (
  pending_id bigint primary key,
  subscriber_id bigint not null references subscriber on delete cascade,
  sealed bytea,                       -- the new URL (AAD "subscriber:address:" || subscriber_id)
  at timestamptz not null default now(),
  done_at timestamptz,
  broadcast_id bigint,                -- the message to the old address
  old_address text,
  old_sealed bytea
);
create index move_subscriber_idx on move (subscriber_id);
create index move_broadcast_idx on move (broadcast_id);

-- Attempts to enter a code from an SMS, by the keyed hash of the number and of the caller.
create table code_try (
  hash bytea primary key,
  n integer not null default 1 check (n > 0),  -- since then, a quarter of an hour
  since timestamptz not null default now()
);

-- Links to manage a subscription that were used, until they expire.
create table reader_link_used (
  token_hash bytea primary key,
  expires_at timestamptz not null
);
create index reader_link_used_expires_idx on reader_link_used (expires_at);
