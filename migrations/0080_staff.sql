-- The people who post, approve and answer. Each acts under a key of their own that has no
-- secret, so that whatever names its author by a key names a person the same way.

alter table api_key alter column secret_sha256 drop not null; -- null: a person, who signs in
create table staff (
  id bigint generated always as identity primary key,
  login text not null unique,
  name text not null,
  email text,                         -- where reminders and test sends go
  phone text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  phone_hash bytea,                   -- as subscriber.address_hash, for suppression
  -- How they themselves hear of promised updates that are late, beside staff_email.
  alerts text[] not null default '{}' check (alerts <@ array['email', 'sms']),
  locale text not null default 'en',
  timezone text not null default 'UTC',
  roles text[] not null check (roles <@ array['viewer', 'responder', 'billing', 'approver', 'admin']),
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

-- Whose key it is: what a person's keys did, the person did.
alter table api_key add column staff_id bigint references staff;
create function key_person(p_key bigint) returns text language sql stable as
  $$ select coalesce('staff:' || staff_id, 'key:' || id) from api_key where id = p_key $$;

create table staff_session (
  token_hash bytea primary key,
  staff_id bigint not null references staff on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '12 hours'
);
create index staff_session_staff_idx on staff_session (staff_id);

-- A link to choose a password: for somebody new, or who forgot theirs. It works once.
create table staff_invitation (
  token_hash bytea primary key,
  staff_id bigint not null references staff on delete cascade,
  expires_at timestamptz not null default now() + interval '3 days'
);

-- Failed sign-ins of the last quarter of an hour, to slow down who guesses.
create table staff_attempt (
  at timestamptz not null default now(),
  login_hash bytea not null,
  peer_hash bytea not null
);
create index staff_attempt_at_idx on staff_attempt (at);

create function staff_create(p_login text, p_name text, p_email text, p_roles text[])
  returns bigint language plpgsql as $$
declare
  v_key bigint;
  v_id bigint;
begin
  insert into api_key (name, public_id, scopes) values (p_name, 'staff.' || p_login, '{}')
    returning id into v_key;
  insert into staff (login, name, email, roles, key_id)
    values (p_login, p_name, p_email, p_roles, v_key) returning id into v_id;
  update api_key set staff_id = v_id where id = v_key;
  return v_id;
end $$;
