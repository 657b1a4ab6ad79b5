-- Money. Nothing here is updated in amount or deleted: a void or a reversal is
-- a mirrored entry.

create table policy (
  id bigint generated always as identity primary key,
  name text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
  version integer not null,
  document jsonb not null,            -- complete: every field, defaults filled in
  created_at timestamptz not null default now(),
  created_by bigint,
  helper boolean not null default false, -- of one further credit (a review's); lists leave it out
  unique (name, version)
);

-- Which version of a policy the page /sla explains, and in which currency its example is.
create table published_policy (
  name text primary key,
  policy_id bigint not null references policy,
  title text not null,
  translations jsonb not null default '{}', -- of the title
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  published_at timestamptz not null default now()
);

create table credit_run (
  id bigint generated always as identity primary key,
  policy_id bigint not null references policy,
  state text not null default 'computing' check (state in (
    'computing', 'draft', 'approved', 'issued', 'void', 'failed')),
  period_from timestamptz,            -- if the run was requested by period
  period_to timestamptz,
  reason text not null,
  failure text,                       -- the reason if state is failed
  created_by bigint not null,
  created_at timestamptz not null default now(),
  drafted_at timestamptz,
  approved_by bigint,
  approved_at timestamptz,
  issued_at timestamptz,
  voided_by bigint,
  voided_at timestamptz,
  reconciles bigint references credit_run, -- the corrected run; never itself a correction
  alone boolean not null default false,    -- its totals are small: the drafter may approve it
  account_id bigint references account,    -- of a run for one account only
  constraint credit_run_two_check check (approved_by <> created_by or alone)
);
create index credit_run_reconciles_idx on credit_run (reconciles) where reconciles is not null;
create index credit_run_work_idx on credit_run (id) where state in ('computing', 'approved');

-- The windows for which the schedule of a policy made its run, once each.
create table scheduled_window (
  policy text not null,               -- its name: versions share it
  from_day date not null,
  to_day date not null,               -- the day after the last
  run_id bigint references credit_run, -- null: no incident hit the window
  made_at timestamptz not null default now(),
  primary key (policy, from_day, to_day)
);
create unique index scheduled_window_run_idx on scheduled_window (run_id);

-- Further runs of such a window: for incidents that were published or changed after its run.
create table late_run (
  run_id bigint primary key references credit_run,
  policy text not null,
  from_day date not null,
  to_day date not null,
  foreign key (policy, from_day, to_day) references scheduled_window
);
create index late_run_window_idx on late_run (policy, from_day);

-- The evidence, pinned: a later correction of impacts does not change a run.
create table credit_run_incident (
  run_id bigint not null references credit_run,
  incident_id bigint not null references incident,
  impact_revision_id bigint references impact_revision,
  primary key (run_id, incident_id)
);

create table credit_warning (
  id bigint generated always as identity primary key,
  run_id bigint not null references credit_run,
  code text not null,
  text text not null,                 -- in English
  detail jsonb not null default '{}', -- its values, for a text in another language
  acknowledged_by bigint,
  acknowledged_at timestamptz
);
create index credit_warning_run_idx on credit_warning (run_id);

-- The keys of rows that a run writes by the hundred thousand are deferrable: they are checked at
-- its end (credit_check_keys).
create table credit (
  id bigint generated always as identity primary key,
  run_id bigint not null references credit_run deferrable,
  account_id bigint not null references account deferrable,
  amount_minor bigint not null check (amount_minor > 0),
  currency char(3) not null,
  exponent smallint not null,
  weighted_seconds numeric not null,  -- W(t) of this run's incidents over all time
  state text not null default 'draft' check (state in (
    'draft', 'issued', 'acknowledged', 'applied', 'void', 'reversed')),
  issued_at timestamptz,
  -- Credits that billing has not acknowledged. Issuing changes no indexed column, so it writes no
  -- index (HOT), and each page leaves room for that.
  open boolean not null generated always as (state in ('draft', 'issued')) stored,
  unique (run_id, account_id)
) with (fillfactor = 45);
create index credit_account_idx on credit (account_id);
create index credit_waiting_idx on credit (id) where open;

-- The explanation of the exact amount of a cohort and period: windows, weights, seconds, prices,
-- formula, rounding. The lines of all its accounts share it. JSON as the engine wrote it: to parse
-- it into jsonb was a third of the time that a draft of many cohorts took.
create table credit_working (
  id bigint generated always as identity primary key,
  run_id bigint not null references credit_run deferrable,
  explain text not null
);
create index credit_working_run_idx on credit_working (run_id);

create table credit_line (
  credit_id bigint not null references credit deferrable,
  run_id bigint not null,
  account_id bigint not null,
  period_from date not null,          -- local dates; the bounds as instants are in the working
  period_to date not null,
  amount_minor bigint not null check (amount_minor > 0),
  weighted_seconds numeric not null,
  working_id bigint not null references credit_working deferrable,
  earlier_minor bigint not null,      -- subtracted: earlier lines of this policy in the period
  issued_minor bigint not null,       -- taken off the cap: lines of all policies in the period
  primary key (credit_id, period_from)
);
create index credit_line_account_idx on credit_line (account_id, period_from);
create index credit_line_working_idx on credit_line (working_id);

-- The excess of earlier lines of the policy over the amount owed now. Reported, never taken back.
create table credit_excess (
  run_id bigint not null references credit_run deferrable,
  account_id bigint not null references account deferrable,
  period_from date not null,
  amount_minor bigint not null check (amount_minor > 0),
  primary key (run_id, account_id, period_from)
);

-- Accounts that a run left out, although it may owe them.
create table credit_left_out (
  run_id bigint not null references credit_run deferrable,
  account_id bigint not null references account deferrable,
  reason text not null check (reason in ('terms_changed')),
  primary key (run_id, account_id)
);

-- The differences that a correcting run found between the amounts owed under the current evidence
-- and those issued. Owed is after the cap and the lines of other policies; payable_minor is the
-- line, 0 if the minimum or the sign forbids one.
create table credit_difference (
  run_id bigint not null references credit_run deferrable,
  account_id bigint not null references account deferrable,
  period_from date not null,
  owed_minor bigint not null,
  issued_minor bigint not null,
  payable_minor bigint not null,
  primary key (run_id, account_id, period_from)
);

-- Double entry: the entries of one transaction sum to zero per currency.
create table ledger_entry (
  id bigint generated always as identity primary key,
  credit_id bigint not null references credit deferrable,
  kind text not null check (kind in ('issue', 'reversal')),
  book text not null check (book in ('credits_granted', 'customer_balance')),
  account_id bigint not null,         -- the credit's, as `ledger verify` checks; no second key
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor <> 0),
  at timestamptz not null default now(),
  unique (credit_id, kind, book)
);

-- The pull feed. `no` is given under an advisory lock held to commit, so a
-- reader that has seen n has seen everything below n.
create table credit_feed (
  no bigint primary key,
  credit_id bigint not null references credit deferrable,
  event text not null check (event in ('issued', 'reversed')),
  at timestamptz not null default now()
);
create index credit_feed_credit_idx on credit_feed (credit_id);

create table credit_ack (
  credit_id bigint primary key references credit,
  reference text not null,            -- the billing system's own
  acked_by bigint,
  at timestamptz not null default now(),
  applied_at timestamptz              -- when billing reported it as applied to the account
);

-- A customer's request to review a credit that is not enough.
-- open -> declined, or further -> credited once that run is issued; open again when it is not.
create table credit_review (
  id bigint generated always as identity primary key,
  credit_id bigint not null references credit,
  contact_id bigint,                  -- the contact of the link; imports add and remove contacts
  message text not null check (length(message) between 1 and 4000),
  state text not null default 'open' check (state in ('open', 'declined', 'further', 'credited')),
  answer text,
  run_id bigint references credit_run, -- the further credit
  created_at timestamptz not null default now(),
  answered_by bigint,
  answered_at timestamptz
);
create unique index credit_review_open_idx on credit_review (credit_id)
  where state in ('open', 'further');
create index credit_review_run_idx on credit_review (run_id) where run_id is not null;

-- The signed chain over the books. An entry pins rows that are final: it holds a hash of them, the
-- hash of the entry before, and a signature by a key that PostgreSQL never has.

create table ledger_chain (
  seq bigint primary key,             -- gapless from 1, given under the lock "chain"
  at timestamptz not null,
  kind text not null check (kind in ('begin', 'adopt', 'audit', 'draft', 'acknowledge', 'approve',
    'issue', 'void', 'fail', 'ack', 'applied', 'reverse')),
  object bigint,                      -- the run; of reverse: the credit
  ids bigint[] not null default '{}', -- the warnings of acknowledge, the credits of ack and applied
  audit_seq bigint not null,          -- this entry and those before it pin the audit log to here
  body text not null,                 -- JSON, as signed: tables, their rows and hashes, totals
  marks bytea not null,               -- of each row pinned, four bytes of its hash
  prev bytea not null,                -- the hash of the entry before
  hash bytea not null,                -- of everything above
  signer bytea not null,              -- Ed25519 public key
  signature bytea not null            -- of seq and hash
);
create unique index ledger_chain_object_idx on ledger_chain (kind, object)
  where object is not null;

-- The accounts that a run is limited to: those whose claims it decides. Without a row: account_id
-- of the run, or everybody.
create table credit_run_account (
  run_id bigint not null references credit_run,
  account_id bigint not null references account,
  primary key (run_id, account_id)
);

-- What a customer claims: a policy may pay only those who claim in time.
-- open -> declined, or accepted -> drafted by a run -> credited once it is issued; accepted again
-- when the run is dropped, and open when it pays the account nothing.
create table claim (
  id bigint generated always as identity primary key,
  account_id bigint not null references account,
  contact_id bigint,                  -- the contact of the link; imports add and remove contacts
  at timestamptz not null,            -- when it was made
  text text check (length(text) between 1 and 4000),
  state text not null default 'open' check (state in (
    'open', 'accepted', 'drafted', 'credited', 'declined')),
  answer text,                        -- to the customer
  run_id bigint references credit_run,
  created_by bigint,                  -- null: the customer, by a link
  created_at timestamptz not null default now(),
  decided_by bigint,
  decided_at timestamptz
);
create index claim_waiting_idx on claim (at) where state in ('open', 'accepted');
create index claim_run_idx on claim (run_id) where run_id is not null;

-- The file that a claim shows, sealed; null once its time is over.
create table claim_evidence (
  claim_id bigint primary key references claim,
  type text not null check (type in ('pdf', 'png', 'jpeg', 'txt')), -- by its octets
  name text not null,                 -- as the customer called it, without folders
  size integer not null,
  sealed bytea,
  created_at timestamptz not null default now()
);
create index claim_account_idx on claim (account_id);

create table claim_incident (
  claim_id bigint not null references claim,
  incident_id bigint not null references incident,
  primary key (claim_id, incident_id)
);
create index claim_incident_idx on claim_incident (incident_id);

-- The latest estimate of what an incident would cost, for staff: no part of the books.
create table liability (
  incident_id bigint primary key references incident,
  revision_id bigint not null references impact_revision,
  at timestamptz not null,            -- impacts without an end count until then
  open boolean not null,              -- false: the last estimate
  policies jsonb not null             -- as GET /v1/incidents/{ref}/liability shows them
);
create index liability_open_idx on liability (incident_id) where open;

-- Report to staff when an open incident is estimated to owe this much under any policy.
create table liability_alert (
  currency text primary key check (currency ~ '^[A-Z]{3}$'),
  amount_minor bigint not null check (amount_minor > 0),
  created_by bigint,
  created_at timestamptz not null default now()
);
