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
