-- What staff begin an incident from, so that nobody searches for words at three in the morning.
create table incident_template (
  id bigint generated always as identity primary key,
  name text not null unique check (length(name) between 1 and 100),
  kind text not null check (kind in ('incident', 'maintenance')),
  title text not null check (length(title) between 1 and 250),
  state text not null,
  body text not null,                 -- Markdown
  next_update_minutes integer check (next_update_minutes > 0),
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now()
);

create table incident_template_component (
  template_id bigint not null references incident_template on delete cascade,
  component_id bigint not null references component,
  level text not null,                -- of impact_level, or operational
  primary key (template_id, component_id)
);
