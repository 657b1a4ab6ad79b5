-- Requests that components answered, as monitoring counted them.

-- Measurements of one component that have the same length and lie on one grid. Series that differ
-- in labels or scope are added up.
create table measurement_series (
  id bigint generated always as identity primary key,
  component_id bigint not null references component,
  labels jsonb not null default '{}',
  scope jsonb,                        -- as of an impact; null: everybody
  seconds integer not null check (seconds > 0), -- length of each
  phase integer not null check (phase >= 0 and phase < seconds), -- of the grid, since 1970
  key uuid not null,                  -- hash of labels and scope
  unique (component_id, seconds, phase, key)
);

-- The groups of the rules that judge a series.
create table measurement_series_group (
  series_id bigint not null references measurement_series on delete cascade,
  group_id bigint not null references alert_group on delete cascade,
  primary key (group_id, series_id)
);
create index measurement_series_group_idx on measurement_series_group (series_id);

-- Up to an hour of a series, or one measurement that is longer. Element n of the arrays is the nth
-- on the grid from from_at. A month (UTC) has a partition measurement_YYYYMM, made when needed.
create table measurement_block (
  series_id bigint not null references measurement_series on delete cascade,
  from_at timestamptz not null,
  total bigint[] not null,            -- null: not measured
  bad bigint[],                       -- null: none anywhere
  primary key (series_id, from_at)
) partition by range (from_at);

-- The lines of the request that is being stored, checked one by one.
create unlogged table measurement_stage (
  line bigint not null,
  field text,
  problem text,
  component_id bigint,
  from_at timestamptz,
  seconds integer,
  bad bigint,
  total bigint,
  labels jsonb,
  scope jsonb
);

-- Hours of a group in which measurements have changed since its bad minutes were computed.
create table bad_minute_due (
  group_id bigint not null references alert_group on delete cascade,
  hour timestamptz not null,
  primary key (group_id, hour)
);

-- Minutes in which too many requests failed, as the rule of the group says.
create table bad_minute (
  group_id bigint not null references alert_group on delete cascade,
  component_id bigint not null references component,
  at timestamptz not null,
  primary key (group_id, component_id, at)
);

-- Where Prometheus' remote write comes from, and which of its counters count requests.
create table measurement_source (
  id bigint generated always as identity primary key,
  name text not null unique check (name ~ '^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$'),
  former_names text[] not null default '{}', -- as of an alert_source
  match jsonb not null,               -- [{label, op, value}]: these series count requests,
  bad jsonb not null,                 -- and of them these count bad ones
  component_id bigint references component,
  component_label text,               -- or the label that has the slug of the component
  labels text[] not null default '{}', -- kept: series that differ in others are added up
  scope_labels text[] not null default '{}', -- their values are labels of the accounts concerned
  secret bytea not null,              -- sealed: the token
  previous_secret bytea,              -- as of an alert_source
  previous_until timestamptz,
  per_minute integer not null default 6000 check (per_minute > 0),
  minute timestamptz not null default '-infinity', -- that of `received`
  received integer not null default 0,
  last_at timestamptz,                -- of the last accepted request
  created_at timestamptz not null default now(),
  check ((component_id is null) <> (component_label is null))
);

-- The counters of a source, with their last sample. Those without a component count no requests.
create table measurement_counter (
  id bigint generated always as identity primary key,
  source_id bigint not null references measurement_source on delete cascade,
  hash bytea not null,                -- of all labels
  component_id bigint references component on delete cascade,
  labels jsonb not null default '{}',
  scope jsonb,
  bad boolean not null default false,
  at timestamptz not null,            -- of the sample; before the first, when it was found
  value bigint,                       -- null: no sample yet
  unique (source_id, hash)
);
create index measurement_counter_at_idx on measurement_counter (at);
