-- Who may do what, and what they did.

create table api_key (
  id bigint generated always as identity primary key,
  name text not null,
  public_id text not null unique,     -- the <id> of amends_<id>_<secret>
  secret_sha256 bytea not null,
  scopes text[] not null,             -- 'admin' has all
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);

-- The api remembers keys for a moment: who ends one, or changes what it may, says so.
create function api_key_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('api_key_changed', '');
  return null;
end $$;

create trigger api_key_changed
  after delete or update of secret_sha256, scopes, expires_at, revoked_at on api_key
  for each statement execute function api_key_changed();

-- Written in the transaction of what the request did.
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

create function audit_chain() returns trigger language plpgsql as $$
declare
  last record;
begin
  perform pg_advisory_xact_lock(4178);
  select seq, hash into last from audit order by seq desc limit 1;
  new.seq := coalesce(last.seq, 0) + 1;
  new.hash := sha256(coalesce(last.hash, '') || convert_to(
    concat_ws('|', new.seq, extract(epoch from new.at), new.actor, new.action, new.object, new.detail),
    'UTF8'));
  return new;
end $$;
create trigger audit_chain before insert on audit for each row execute function audit_chain();

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on audit
  for each statement execute function refuse_change();
create trigger append_only before update or delete on ledger_entry
  for each statement execute function refuse_change();
create trigger append_only before update or delete on consent
  for each statement execute function refuse_change();
create trigger append_only before update or delete on credit_feed
  for each statement execute function refuse_change();
