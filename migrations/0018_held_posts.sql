-- Posts with an undo window, and retraction.

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

-- When staff submitted the update, if it was held: evidence is compared with this, because the
-- undo window is no delay of theirs.
alter table incident_update add column submitted_at timestamptz;

-- An incident posted by mistake: no page, feed, uptime or credit knows it. Its posts and impacts
-- stay for the audit.
alter table incident drop constraint incident_state_check;
alter table incident add constraint incident_state_check check (state in (
  'investigating', 'identified', 'monitoring', 'resolved', 'postmortem',
  'scheduled', 'in_progress', 'verifying', 'completed', 'cancelled', 'retracted'));
alter table incident add column retracted_at timestamptz;
alter table incident add check ((state = 'retracted') = (retracted_at is not null));

-- The correction of a retraction goes to those who were sent a message about the incident.
alter table broadcast_kind drop constraint broadcast_kind_audience_check;
alter table broadcast_kind add constraint broadcast_kind_audience_check check (audience in (
  'incident', 'told', 'subscribers', 'digest', 'subscriber', 'contacts'));
insert into broadcast_kind (kind, audience, recipient, priority)
  values ('retraction', 'told', 'subscriber', 1);
