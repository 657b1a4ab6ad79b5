-- Slack as a second console: its users who are members of staff, and their unsent posts.

-- A row is kept when the link ends: a signed link that is older cannot make it again.
create table slack_link (
  id bigint generated always as identity primary key,
  team text not null,                 -- the workspace
  user_id text not null,
  user_name text not null,            -- as Slack named them when they asked for the link
  team_name text not null,
  staff_id bigint not null references staff on delete cascade,
  linked_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index slack_link_user_idx on slack_link (team, user_id) where ended_at is null;
create index slack_link_staff_idx on slack_link (staff_id);

-- A post between its form and its preview. The preview carries the id alone, because Slack limits
-- what a view carries; what was previewed is what is posted. Kept for a day.
create table slack_draft (
  id bigint generated always as identity primary key,
  staff_id bigint not null references staff on delete cascade,
  target text not null,               -- path of the API that it is for
  body jsonb not null,
  created_at timestamptz not null default now()
);
create index slack_draft_created_idx on slack_draft (created_at);

-- The messages of a card (notifier/sql/cards.sql).
create index broadcast_card_idx on broadcast ((extra->>'card'), id)
  where kind = 'staff' and extra->>'card' is not null;
