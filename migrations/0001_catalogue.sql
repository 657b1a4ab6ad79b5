-- What can break, what broke, and what was said about it.

create table component_group (
  id bigint generated always as identity primary key,
  slug text not null unique check (length(slug) between 1 and 100)
);

create table component (
  id bigint generated always as identity primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$'),
  name text not null check (length(name) between 1 and 200),
  group_id bigint references component_group,
  created_at timestamptz not null default now()
);
create index component_group_idx on component (group_id);

create type impact_level as enum (
  'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance');

create table incident (
  id bigint generated always as identity primary key,
  ref text not null unique check (ref ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
  title text not null check (length(title) between 1 and 250),
  kind text not null check (kind in ('incident', 'maintenance')),
  state text not null check (state in (
    'investigating', 'identified', 'monitoring', 'resolved', 'postmortem',
    'scheduled', 'in_progress', 'verifying', 'completed')),
  announced_at timestamptz,           -- of a maintenance: when customers were told
  started_at timestamptz not null,    -- of the first update
  resolved_at timestamptz,
  created_at timestamptz not null default now(),
  impact_revision_id bigint           -- the current one; foreign key below
);

create table incident_update (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident,
  state text not null,
  body text not null,                 -- Markdown
  posted_at timestamptz not null,
  milestone boolean not null,         -- what a `milestones` reader gets
  created_by bigint,                  -- api_key
  created_at timestamptz not null default now()
);
create index incident_update_incident_idx on incident_update (incident_id, id);

-- Impacts are the truth for money. A correction is a new revision of the whole
-- set; rows are never edited in place.
create table impact_revision (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident,
  reason text not null,               -- 'post' or 'correction'
  created_by bigint,
  created_at timestamptz not null default now()
);

create table impact (
  id bigint generated always as identity primary key,
  revision_id bigint not null references impact_revision,
  component_id bigint not null references component,
  level impact_level not null,
  from_at timestamptz not null,
  to_at timestamptz,                  -- null: still open
  estimated boolean not null default false,
  check (to_at > from_at)
);
create index impact_revision_idx on impact (revision_id);
alter table incident add foreign key (impact_revision_id) references impact_revision;

create view current_impact as
  select i.id as incident_id, i.ref, i.kind, i.announced_at, m.id, m.component_id, m.level,
         m.from_at, m.to_at, m.estimated
  from incident i join impact m on m.revision_id = i.impact_revision_id;

-- "Next update by": met by the next update of the incident.
create table promise (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident,
  update_id bigint not null references incident_update,
  due_at timestamptz not null,
  met_at timestamptz,
  reminded_at timestamptz
);
create index promise_open_idx on promise (due_at) where met_at is null;
