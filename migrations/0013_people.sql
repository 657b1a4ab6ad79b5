-- People: links by mail, keys with a maker, recovery codes, known devices, links that work once.

insert into broadcast_kind (kind, audience, recipient, priority) values
  ('invitation', null, 'staff', 0);

-- A link to choose a password, for new staff or after a loss. It works once. The token is signed
-- and not stored. Links that were sent before this migration have ended.
drop table staff_invitation;
create table staff_invitation (
  id bigint generated always as identity primary key,
  staff_id bigint not null references staff on delete cascade,
  broadcast_id bigint unique,         -- its mail; null: printed at the server for the first admin
  expires_at timestamptz not null default now() + interval '3 days'
);
create index staff_invitation_staff_idx on staff_invitation (staff_id);

-- The key with which this one was made; null: the command line of the server.
alter table api_key add column made_by bigint references api_key;

-- amends.staff_power finds the changes of a person's access.
create index audit_object_idx on audit (object, at);

-- Ten per person with a second factor, each good once instead of a code.
create table staff_recovery_code (
  staff_id bigint not null references staff on delete cascade,
  code_hash bytea not null,           -- keyed
  used_at timestamptz,
  primary key (staff_id, code_hash)
);

-- Failed sign-ins of the last hour, to slow down guessing.
drop table staff_attempt;
create table staff_attempt (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  login_hash bytea not null,
  peer_hash bytea not null,           -- of an IPv4 address or an IPv6 /64
  device_hash bytea                   -- null: no device that signed in as this person before
);
create index staff_attempt_at_idx on staff_attempt (at);

-- Links to manage a subscription that were used, until they expire.
create table reader_link_used (
  token_hash bytea primary key,
  expires_at timestamptz not null
);
create index reader_link_used_expires_idx on reader_link_used (expires_at);
