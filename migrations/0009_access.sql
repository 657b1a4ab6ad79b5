-- Keys and their scopes, staff, sessions, and the audit log.

create table api_key (
  id bigint generated always as identity primary key,
  name text not null,
  public_id text not null unique,     -- the <id> of amends_<id>_<secret>
  secret_sha256 bytea,                -- null: a person, who signs in
  scopes text[] not null,             -- 'admin' has all
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  made_by bigint references api_key,  -- the key with which it was made; null: the command line
  account_id bigint references account, -- it opens this account's data alone; null: no such bound
  check (case when account_id is null then not scopes && array['account:read', 'account:claim']
    else scopes <@ array['account:read', 'account:claim'] end)
);

create index api_key_account_idx on api_key (account_id) where account_id is not null;

-- The people who post, approve and answer. Each acts under a key of their own that has no
-- secret, so that rows name a person as author in the same way as a key.
create table staff (
  id bigint generated always as identity primary key,
  login text not null unique,
  name text not null,
  email text,                         -- where reminders and test sends go
  phone text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  phone_hash bytea,                   -- as subscriber.address_hash, for suppression
  -- Their own channel for reports of late promised updates, beside staff_email.
  alerts text[] not null default '{}' check (alerts <@ array['email', 'sms']),
  locale text not null default 'en',
  timezone text not null default 'UTC',
  roles text[] not null check (
    roles <@ array['viewer', 'responder', 'billing', 'approver', 'admin']),
  password_hash text,                 -- argon2id (crypto_pwhash_str); null: none chosen yet
  totp_secret bytea,                  -- sealed; null: no second factor
  totp_pending bytea,                 -- sealed; shown, and not yet proven by a code
  totp_step bigint not null default 0, -- of the last code taken: each is good once
  oidc_subject text unique,           -- issuer, a space, sub
  key_id bigint not null unique references api_key,
  created_at timestamptz not null default now(),
  seen_at timestamptz,
  disabled_at timestamptz
);
-- The owner of the key: the actions of a key are those of its owner.
alter table api_key add column staff_id bigint references staff;

create table staff_session (
  token_hash bytea primary key,
  staff_id bigint not null references staff on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '12 hours'
);
create index staff_session_staff_idx on staff_session (staff_id);

-- A link to choose a password, for new staff or after a loss. It works once. The token is signed
-- and not stored.
create table staff_invitation (
  id bigint generated always as identity primary key,
  staff_id bigint not null references staff on delete cascade,
  broadcast_id bigint unique,         -- its mail; null: printed at the server for the first admin
  expires_at timestamptz not null default now() + interval '3 days'
);
create index staff_invitation_staff_idx on staff_invitation (staff_id);

-- Ten per person with a second factor, each good once instead of a code.
create table staff_recovery_code (
  staff_id bigint not null references staff on delete cascade,
  code_hash bytea not null,           -- keyed
  used_at timestamptz,
  primary key (staff_id, code_hash)
);

-- Failed sign-ins of the last hour, to slow down guessing.
create table staff_attempt (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  login_hash bytea not null,
  peer_hash bytea not null,           -- of an IPv4 address or an IPv6 /64
  device_hash bytea                   -- null: no device that signed in as this person before
);
create index staff_attempt_at_idx on staff_attempt (at);

-- Sign-ins by OpenID Connect in progress, against which the answer is checked. Each is valid once,
-- for ten minutes, and leads to a staff.oidc_subject or to a contact of an account.
create table oidc_sign_in (
  cookie_hash bytea primary key,      -- of a token that only the browser has
  state text not null,
  nonce text not null,
  verifier text not null,             -- RFC 7636; of no use without the code
  next text not null,                 -- page of the console to go on to; of an account, an incident
  expires_at timestamptz not null default now() + interval '10 minutes',
  account_id bigint references account on delete cascade -- whose page it opens; null: of staff
);
create index oidc_sign_in_expires_idx on oidc_sign_in (expires_at);

-- Written in the same transaction as the effect of the request.
create table idempotency (
  api_key_id bigint not null,
  key text not null,
  request_sha256 bytea not null,      -- verb, path and body
  status smallint not null,
  reply text,
  content_type text,
  created_at timestamptz not null default now(),
  primary key (api_key_id, key)
);

create table audit (
  seq bigint primary key,             -- gapless, set by the trigger under its lock
  at timestamptz not null default clock_timestamp(),
  actor text not null,                -- key:<public_id>, role:billing, link, cli
  action text not null,
  object text not null,
  detail jsonb,
  hash bytea not null                 -- sha256(previous hash || this row), set by the trigger
);
-- amends.staff_power finds the changes of a person's access.
create index audit_object_idx on audit (object, at);
