-- The outbox of an installation without a relay (decision 122): messages as their readers would
-- get them, bounded by age and number.

create table outbox_message (
  id bigint generated always as identity primary key,
  broadcast_id bigint not null,
  recipient_id bigint not null,
  -- Erasing a person erases the messages to them.
  subscriber_id bigint references subscriber on delete cascade,
  contact_id bigint references account_contact on delete cascade,
  channel channel not null,
  address text not null,              -- e-mail address, number, or a URL without its secret
  subject text not null,              -- one line for the list
  headers text not null,              -- of an HTTP request, without credentials
  body text not null,                 -- the mail as RFC 5322, the SMS, or the JSON of a post
  segments smallint,                  -- of an SMS
  at timestamptz not null default now(),
  unique (broadcast_id, recipient_id)
);
create index outbox_subscriber_idx on outbox_message (subscriber_id);
create index outbox_contact_idx on outbox_message (contact_id);

-- A row since a notifier first had a relay or an SMS provider: from then on nothing is captured
-- unless outbox = on.
create table relay_seen (
  singleton boolean primary key default true check (singleton),
  host text not null,
  at timestamptz not null default now()
);

-- Whether the process keeps messages in the outbox.
alter table notifier add column outbox boolean not null default false;
