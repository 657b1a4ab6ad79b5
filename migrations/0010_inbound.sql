-- Inbound messages: returned mail, SMS that ask for help, and alerts of monitoring.

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
  kind text not null,                 -- bounce, complaint, auto_reply, other, alert
  result text not null,               -- suppressed, counted, noted, repeated, ignored, forged,
                                      -- expired, unknown, received (an alert)
  n bigint not null default 0,
  last_at timestamptz not null default now(),
  primary key (kind, result)
);

-- The time of the last answer per number: one per day and number, and a hundred per hour in all.
create table sms_help (
  address_hash bytea primary key,
  at timestamptz not null default now()
);

-- Where alerts come from. The format is a document (templates/alerts/*.json), or the source's
-- own.
create table alert_source (
  id bigint generated always as identity primary key,
  name text not null check (name ~ '^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$'),
  former_names text[] not null default '{}', -- whose URLs still work
  format text not null,
  document jsonb,                     -- null: that of the executable
  secret bytea not null,              -- sealed: the token, or the key of the signature
  previous_secret bytea,              -- before the last rotation, which works,
  previous_until timestamptz,         -- too, until then
  topics text[] not null default '{}', -- of Amazon SNS: those allowed
  per_minute integer not null default 600 check (per_minute > 0),
  minute timestamptz not null default '-infinity', -- that of `received`
  received integer not null default 0,
  last_at timestamptz,                -- of the last accepted request
  created_at timestamptz not null default now(),
  archived_at timestamptz             -- sends no more; its alerts stay
);
create unique index alert_source_name_idx on alert_source (name) where archived_at is null;

-- Which component an alert concerns, and how. The first that matches, by position, decides.
create table alert_rule (
  id bigint generated always as identity primary key,
  name text not null check (length(name) between 1 and 100),
  position bigint not null default 1,
  source_id bigint references alert_source, -- null: every source
  match jsonb not null default '[]',  -- [{label, op, value}], all must hold
  component_id bigint references component,
  component_label text,               -- or the label that has the slug of the component
  level impact_level not null,
  scope jsonb,                        -- of the impact
  scope_labels text[] not null default '{}', -- among group_by: their values limit the scope, too
  audience text not null default 'public' check (audience in ('public', 'affected', 'both')),
  affected_body text,                 -- of both: what the affected read
  severity text,
  template_id bigint references incident_template on delete set null,
  group_by text[] not null default '{}', -- alerts with the same values make one incident
  delay_seconds integer not null default 0 check (delay_seconds >= 0), -- of the source itself
  for_seconds integer not null default 0 check (for_seconds >= 0),
  keep_firing_seconds integer not null default 0 check (keep_firing_seconds >= 0),
  publish_after_minutes integer check (publish_after_minutes >= 0), -- null: never by itself
  error_bp integer check (error_bp between 1 and 10000), -- of measured requests; null: of alerts
  bad_minutes integer check (bad_minutes > 0), -- minutes at that ratio,
  of_minutes integer check (of_minutes between bad_minutes and 1440), -- within this many minutes
  least_requests bigint check (least_requests > 0), -- fewer in a minute say nothing
  created_by bigint,
  created_at timestamptz not null default now(),
  archived_at timestamptz,            -- matches nothing any more
  check (case when error_bp is null
    then (component_id is null) <> (component_label is null)
      and num_nonnulls(bad_minutes, of_minutes, least_requests) = 0
    else num_nonnulls(component_id, component_label, source_id) = 0
      and num_nonnulls(bad_minutes, of_minutes, least_requests) = 3 end)
);
create unique index alert_rule_name_idx on alert_rule (name) where archived_at is null;

-- The alerts of one cause.
create table alert_group (
  id bigint generated always as identity primary key,
  rule_id bigint not null references alert_rule on delete cascade,
  key jsonb not null,                 -- {label: value} of group_by
  check_at timestamptz,               -- when time alone changes something; null: never
  settled_before timestamptz not null default '-infinity', -- earlier events change nothing
  unique (rule_id, key)
);
create index alert_group_due_idx on alert_group (check_at) where check_at is not null;

create table alert (
  id bigint generated always as identity primary key,
  source_id bigint not null references alert_source,
  fingerprint text not null,
  since timestamptz not null default '-infinity', -- when the rule of the one before was removed
  labels jsonb not null,
  title text not null,
  body text not null,
  group_id bigint references alert_group on delete set null, -- null: no rule matches
  component_id bigint references component,
  firing_since timestamptz,           -- null: it does not fire
  created_at timestamptz not null default now(),
  unique (source_id, fingerprint, since)
);
create index alert_group_idx on alert (group_id);
create index alert_firing_idx on alert (group_id, component_id, firing_since)
  where firing_since is not null;

-- What was reported, a set: an event that comes twice or late changes nothing but what it says.
-- Windows are computed from it (amends.alert_window).
create table alert_event (
  alert_id bigint not null references alert on delete cascade,
  at timestamptz not null,
  firing boolean not null,            -- else resolved
  primary key (alert_id, at, firing)
);
create index alert_event_at_idx on alert_event (at);

-- A suggested incident: nothing of it is public.
-- pending -> published, merged (into an incident) or dismissed.
create table suggestion (
  id bigint generated always as identity primary key,
  group_id bigint not null references alert_group on delete cascade,
  state text not null default 'pending' check (
    state in ('pending', 'published', 'merged', 'dismissed')),
  title text not null,
  started_at timestamptz not null,
  ended_at timestamptz,               -- null: an alert fires
  windows jsonb not null,             -- [{id, component, level, from, to, scope}]
  error_bp integer,                   -- of measured requests: the threshold by which it was made,
  series bigint[] not null default '{}', -- and the measurement_series that it judged
  publish_at timestamptz,             -- by itself; null: never
  incident_id bigint references incident,
  created_at timestamptz not null default now(),
  decided_at timestamptz,
  decided_by bigint,                  -- null: by itself
  over_at timestamptz,                -- when staff were told that it is over
  check ((state in ('published', 'merged')) = (incident_id is not null))
);
create index suggestion_group_idx on suggestion (group_id);
create index suggestion_pending_idx on suggestion (id) where state = 'pending';
create index suggestion_incident_idx on suggestion (incident_id);
