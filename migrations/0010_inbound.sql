-- Inbound messages: returned mail, and SMS that ask for help.

-- Soft bounces (full mailboxes and the like) of an address suppress it from the
-- soft_count-th message within soft_days on. One row.
create table bounce_rule (
  singleton boolean primary key default true check (singleton),
  soft_count integer not null default 3 check (soft_count between 1 and 100),
  soft_days integer not null default 14 check (soft_days between 1 and 365)
);
insert into bounce_rule default values;

-- Returned mail, once per message. hard: the address does not exist. soft: a temporary failure.
-- message: this message was refused. complaint: the reader marked it as spam.
create table bounce (
  broadcast_id bigint not null,
  recipient_id bigint not null,
  class text not null check (class in ('hard', 'soft', 'message', 'complaint')),
  address_hash bytea not null,
  status text,                        -- RFC 3463
  diagnostic text,
  at timestamptz not null default now(),
  primary key (broadcast_id, recipient_id, class)
);
create index bounce_address_idx on bounce (address_hash, at);

-- All inbound mail, by kind and result.
create table inbound_count (
  kind text not null,                 -- bounce, complaint, auto_reply, other
  result text not null,               -- suppressed, counted, noted, repeated, ignored, forged,
                                      -- expired, unknown
  n bigint not null default 0,
  last_at timestamptz not null default now(),
  primary key (kind, result)
);

-- The time of the last answer per number: one per day and number, and a hundred per hour in all.
create table sms_help (
  address_hash bytea primary key,
  at timestamptz not null default now()
);
