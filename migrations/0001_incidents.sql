-- Components, incidents with their impacts, and updates about them. Translations are texts for
-- readers of other languages, {"de": {"title": ...}} (templates/translation.h).

create table component_group (
  id bigint generated always as identity primary key,
  slug text not null unique check (length(slug) between 1 and 100),
  name text check (length(name) between 1 and 100), -- null: the slug, spoken
  description text check (length(description) between 1 and 500),
  position bigint not null default 1, -- among the groups
  translations jsonb not null default '{}'
);

create table component (
  id bigint generated always as identity primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$'),
  name text not null check (length(name) between 1 and 200),
  group_id bigint references component_group,
  description text check (length(description) between 1 and 500),
  position bigint not null default 1, -- in its group
  only_show_if_degraded boolean not null default false,
  archived_at timestamptz,            -- null: readers see it and can subscribe to it
  translations jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index component_group_idx on component (group_id);

create type impact_level as enum (
  'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance');

-- A maintenance has a window and can take its steps automatically. Impacts decide credits, so it
-- has none before the work begins.
create table incident (
  id bigint generated always as identity primary key,
  ref text not null unique check (ref ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
  title text not null check (length(title) between 1 and 250),
  kind text not null check (kind in ('incident', 'maintenance')),
  state text not null check (state in (
    'investigating', 'identified', 'monitoring', 'resolved', 'postmortem',
    'scheduled', 'in_progress', 'verifying', 'completed', 'cancelled', 'retracted')),
  announced_at timestamptz,           -- of a maintenance: when it was announced
  started_at timestamptz not null,    -- of the first update
  resolved_at timestamptz,
  created_at timestamptz not null default now(),
  impact_revision_id bigint,          -- the current one; foreign key below
  scheduled_from timestamptz,
  scheduled_until timestamptz,
  auto_start boolean not null default true,     -- in_progress at scheduled_from
  auto_complete boolean not null default true,  -- completed at scheduled_until
  auto_notify boolean not null default true,    -- automatic steps notify subscribers
  verify_minutes integer not null default 0,    -- length of verifying before the end
  reminder_minutes integer not null default 0,  -- before the start; 0: none
  reminded_at timestamptz,
  -- An incident posted by mistake: no page, feed, uptime or credit knows it. Its posts and impacts
  -- stay for the audit.
  retracted_at timestamptz,
  translations jsonb not null default '{}',     -- of the title
  -- affected: only subscribers of accounts in scope hear of it, and nothing public shows it. both:
  -- it is public; those in scope read the text for the affected, and other accounts hear nothing.
  audience text not null default 'public' check (audience in ('public', 'affected', 'both')),
  scope jsonb,                        -- of the impacts that posts open, as of an impact
  check ((state = 'retracted') = (retracted_at is not null)),
  check (scheduled_until > scheduled_from),
  check (scheduled_from is null or kind = 'maintenance'),
  check (verify_minutes >= 0 and reminder_minutes >= 0)
);
create index incident_planned_idx on incident (id)
  where scheduled_from is not null and state in ('scheduled', 'in_progress', 'verifying');

create table incident_update (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident,
  state text not null,
  body text not null,                 -- Markdown
  posted_at timestamptz not null,
  milestone boolean not null,         -- sent to readers of `milestones`
  created_by bigint,                  -- api_key
  created_at timestamptz not null default now(),
  -- The key of a text in "auto" of templates/labels that replaces the body in the reader's
  -- language; body is the English text.
  auto text check (auto in ('started', 'verifying', 'completed', 'rescheduled')),
  edited_at timestamptz,
  -- When staff submitted it, if it was held: evidence is compared with this, because the undo
  -- window is no delay of theirs.
  submitted_at timestamptz,
  told_by bigint references incident_update, -- of a post-mortem of several incidents
  affected_body text,                 -- what the affected read instead of the body; null: the body
  translations jsonb not null default '{}'   -- of the body and of affected_body
);
create index incident_update_incident_idx on incident_update (incident_id, id);
create index incident_update_posted_idx on incident_update (posted_at);
create index incident_update_told_by_idx on incident_update (told_by) where told_by is not null;

-- Impacts decide credits. A correction is a new revision of the whole set; rows are never edited in
-- place.
create table impact_revision (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident,
  reason text not null,               -- post, correction, retraction or measured (alerts)
  created_by bigint,
  reported_at timestamptz,            -- when customers reported the outage
  reports jsonb not null default '{}', -- {external id of an account: when it reported}
  created_at timestamptz not null default now()
);
create index impact_revision_incident_idx on impact_revision (incident_id);

create table impact (
  id bigint generated always as identity primary key,
  revision_id bigint not null references impact_revision,
  component_id bigint not null references component,
  level impact_level not null,
  from_at timestamptz not null,
  to_at timestamptz,                  -- null: still open
  estimated boolean not null default false,
  measured boolean not null default false, -- its times are those of an alert
  weight_bp smallint check (weight_bp between 0 and 10000), -- null: by level
  scope jsonb,                        -- {labels, accounts: [{account, share_bp}], share_bp}
  check (to_at > from_at)
);
create index impact_revision_idx on impact (revision_id);
alter table incident add foreign key (impact_revision_id) references impact_revision;

-- The components of a plan. Kept afterwards, because their subscribers were notified of it.
create table maintenance_component (
  incident_id bigint not null references incident,
  component_id bigint not null references component,
  primary key (incident_id, component_id)
);

-- "Next update by": kept by the next update of the incident (incident_post). If that is late, staff
-- get a report when it is due and again at doubling intervals.
create table promise (
  id bigint generated always as identity primary key,
  incident_id bigint not null references incident,
  update_id bigint not null references incident_update,
  due_at timestamptz not null,
  met_at timestamptz,
  reminded_at timestamptz,
  reminders integer not null default 0,  -- number sent
  remind_at timestamptz                  -- the next one; null: at due_at
);
create index promise_open_idx on promise (due_at) where met_at is null;
create index promise_remind_idx on promise (coalesce(remind_at, due_at)) where met_at is null;

-- Templates for incidents, so that staff need not search for words at three in the morning.
create table incident_template (
  id bigint generated always as identity primary key,
  name text not null unique check (length(name) between 1 and 100),
  kind text not null check (kind in ('incident', 'maintenance')),
  title text not null check (length(title) between 1 and 250),
  state text not null,
  body text not null,                 -- Markdown
  next_update_minutes integer check (next_update_minutes > 0),
  translations jsonb not null default '{}', -- of the title and the body
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now()
);

create table incident_template_component (
  template_id bigint not null references incident_template on delete cascade,
  component_id bigint not null references component,
  level text not null,                -- of impact_level, or operational
  primary key (template_id, component_id)
);

-- A post that waits for the end of its undo window. It is a request and nothing more: what it
-- writes is written when it is published, in one transaction (amends.held_post_publish), so no
-- reader can see a part of it before, and one that is undone leaves no trace but this row and the
-- audit log.
-- held -> published, undone (by staff), or failed (it could no longer be applied).
create table held_post (
  id bigint generated always as identity primary key,
  action text not null check (action in (
    'incident', 'update', 'edit', 'impacts', 'schedule', 'postmortem')),
  incident_ids bigint[] not null,     -- empty: it opens the incident
  ref text not null,                  -- of the first incident
  title text not null,                -- of the first incident
  document jsonb not null,            -- what amends.post_apply writes
  state text not null default 'held' check (state in ('held', 'published', 'undone', 'failed')),
  publish_at timestamptz not null,
  created_by bigint,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by bigint,                    -- who undid it or published it early
  update_id bigint,                   -- of the update; reserved while it is held
  broadcast_id bigint,
  failure text
);
create index held_post_due_idx on held_post (publish_at) where state = 'held';
-- The name of an incident that is not open yet is taken.
create unique index held_post_ref_idx on held_post (ref)
  where state = 'held' and action = 'incident';

-- While a post about an incident is held, nothing else about it can be posted or corrected.
create table held_post_incident (
  incident_id bigint primary key references incident,
  held_post_id bigint not null references held_post
);
create index held_post_incident_post_idx on held_post_incident (held_post_id);

-- The look of the public page, one row: a draft that staff edit and preview, and what is published.
-- Both are checked by the api (api/brand): accent, accent_dark, support_url, header_links,
-- footer_links and the paths of logo, logo_dark, favicon and social_image.
create table brand (
  id boolean primary key default true check (id),
  draft jsonb not null default '{}',
  published jsonb not null default '{}',
  published_at timestamptz
);
insert into brand default values;

-- Served as /brand/<type>/<name>; name is a hash of the bytes, so a path never changes its content.
create table brand_image (
  type text not null check (type in ('png', 'svg')),
  name text not null check (name ~ '^[0-9a-f]{32}$'),
  bytes bytea not null check (octet_length(bytes) <= 1048576),
  primary key (type, name)
);
