-- Imports of subscribers: one at a time, read into a stage, judged and written as sets. Rows of
-- import_line and import_undo are written by the import that they name, a row per line: a foreign
-- key would look it up each time.

create table subscriber_import (
  id bigint generated always as identity primary key,
  -- waiting -> reading -> comparing -> writing -> done, or refused (lines were wrong and nothing
  -- was written), or failed for another reason; any that runs -> cancelled; done -> undoing ->
  -- undone, or done again. See import_state().
  state text not null default 'waiting' check (state in ('waiting', 'reading', 'comparing',
    'writing', 'done', 'refused', 'failed', 'cancelled', 'undoing', 'undone')),
  dry_run boolean not null,
  skip_invalid boolean not null,      -- leave wrong lines out instead of refusing all
  actor text not null,
  started_at timestamptz not null default now(),
  done_at timestamptz,
  applied_at timestamptz,             -- changed_at of every subscriber that it wrote
  undone_at timestamptz,
  undone_by text,
  rows bigint not null default 0,     -- read so far
  created bigint not null default 0,
  changed bigint not null default 0,
  unchanged bigint not null default 0,
  duplicate bigint not null default 0,
  opted_out bigint not null default 0,
  suppressed bigint not null default 0,
  invalid bigint not null default 0,
  unlisted bigint not null default 0, -- invalid lines that import_line lacks
  removed bigint not null default 0,  -- by the undo
  restored bigint not null default 0,
  kept bigint not null default 0,     -- not undone, because changed since
  first_id bigint,                    -- of the subscribers that it made
  last_id bigint,
  imported_as bigint references subscriber_import, -- of a dry run: the import that wrote its lines
  error text,
  cancelled_by text,                  -- who asked to cancel what runs
  backend integer,                    -- pid of the session that works, to cancel it
  undone_rows bigint not null default 0 -- by the undo that runs
);

-- The lines of a dry run, sealed (AAD "import_file:" || import_id || ":" || piece), until they
-- are imported, or for a day (forget_expired).
create table import_file (
  import_id bigint not null references subscriber_import,
  piece bigint not null check (piece >= 0),
  octets bigint not null check (octets > 0),
  sealed bytea not null,
  kept_at timestamptz not null default now(),
  primary key (import_id, piece)
);
alter table import_file alter column sealed set storage external;  -- sealed bytes do not shrink

-- The lines of the import that runs, normalised and checked one by one. Emptied afterwards.
create unlogged table import_stage (
  line bigint not null,
  channel channel,
  address text,                       -- as subscriber.address
  hash bytea,
  sealed bytea,                       -- of a URL or bot, AAD "import:address:" || line
  secret bytea,                       -- AAD "import:secret:" || line
  state subscriber_state,
  state_reason text,
  letter boolean,                     -- gets a request to confirm
  locale text,
  timezone text,
  verbosity verbosity,
  paused_until timestamptz,
  account text,
  chosen text[],                      -- 'component:ID', 'group:ID', 'incident:ID', 'all:0'
  muted text[],
  format text,
  owner text,
  consent_source text,
  consent_at timestamptz,
  consents jsonb,                     -- instead: [{action, wording, source, at}]
  created_at timestamptz,
  field text,                         -- the wrong field
  problem text
);

-- The outcomes of lines: all of a dry run, otherwise those that are neither created nor unchanged.
-- Kept for thirty days.
create table import_line (
  import_id bigint not null,
  line bigint not null,
  outcome text not null,
  address text,
  field text,
  detail text
);
create index import_line_idx on import_line (import_id, line);

-- Subscribers before an import changed them. Kept for thirty days.
create table import_undo (
  import_id bigint not null,
  subscriber_id bigint not null,
  before jsonb not null,
  primary key (import_id, subscriber_id)
);
