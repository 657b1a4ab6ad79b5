-- Accounts, which pay, and the cohorts into which a credit run sorts them.

create table account (
  id bigint generated always as identity primary key,
  external_id text not null unique check (length(external_id) between 1 and 200),
  name text not null,
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  exponent smallint not null check (exponent between 0 and 4),
  timezone text not null,
  billing_interval text not null check (billing_interval in ('month', 'year')), -- of the last term
  anchor date not null,               -- of the last term
  plan text,
  labels jsonb not null default '{}', -- {key: value}
  lines jsonb,                        -- [{product, components, prices}], in place of prices
  changed_at timestamptz not null default now()
);
create index account_lines_idx on account (id) where lines is not null;
-- Finds the accounts of a scope (amends.scope_accounts).
create index account_labels_idx on account using gin (labels jsonb_path_ops) where labels <> '{}';

-- From local midnight of valid_from until the next one, the periods of an account are counted from
-- the anchor. Without a row, the account has one term: its own interval, from its anchor.
create table account_term (
  account_id bigint not null references account,
  valid_from date not null,
  billing_interval text not null check (billing_interval in ('month', 'year')),
  anchor date not null,
  primary key (account_id, valid_from),
  check (anchor <= valid_from)
);

-- Without a row, the account uses every component.
create table account_component (
  account_id bigint not null references account,
  component_id bigint not null references component,
  primary key (account_id, component_id)
);

-- Minor units per interval, from local midnight of valid_from until the next row.
create table account_price (
  account_id bigint not null references account,
  valid_from date not null,
  amount_minor bigint not null check (amount_minor >= 0),
  plan text,                          -- null: the account's
  primary key (account_id, valid_from)
);

create table account_contact (
  id bigint generated always as identity primary key,
  account_id bigint not null references account,
  email text not null,                -- normalised
  name text,
  locale text not null default 'en',
  address_hash bytea not null,        -- as in subscriber, to find suppressions
  own boolean not null default false, -- added on the account's page; imports leave it
  report_since timestamptz,           -- asked for the monthly SLA report; null: does not want it
  unique (account_id, email)
);
create index account_contact_report_idx on account_contact (account_id)
  where report_since is not null;
create index account_contact_address_idx on account_contact (address_hash);

-- Contacts whom their account removed on its page: imports leave them out unless they restore them.
create table account_contact_removed (
  account_id bigint not null references account on delete cascade,
  address_hash bytea not null,
  removed_at timestamptz not null default now(),
  primary key (account_id, address_hash)
);

-- Accounts that are equal to the arithmetic, so that a run computes them once. A row never changes;
-- an account whose terms, prices or components change gets another.
create table cohort (
  id bigint generated always as identity primary key,
  digest bytea not null unique,       -- sha256 of the columns up to term_anchor
  timezone text not null,
  currency char(3) not null,
  exponent smallint not null,
  component_ids bigint[] not null,    -- ascending; empty: every component
  price_from date[] not null,         -- ascending
  price_minor bigint[] not null,      -- in the same order
  price_plan text[] not null,         -- in the same order; null: the account's
  term_from date[] not null,          -- ascending
  term_interval text[] not null,      -- in the same order
  term_anchor date[] not null,
  terms json not null,                -- terms and prices as billing/engine reads them
  prices json not null
);

-- An account without a row has changed, and the next draft finds its cohort.
create table cohort_member (
  account_id bigint primary key references account on delete cascade,
  cohort_id bigint not null references cohort
);

-- Accounts of an outage, imported as a file and named by scopes. Evidence: it never changes.
create table account_list (
  id bigint generated always as identity primary key,
  name text not null unique,
  created_by bigint,                  -- api_key
  created_at timestamptz not null default now()
);
create table account_list_member (
  list_id bigint not null references account_list,
  account_id bigint not null references account,
  share_bp smallint check (share_bp between 0 and 10000), -- null: that of the scope
  primary key (list_id, account_id)
);
create index account_list_member_account_idx on account_list_member (account_id);

-- The lines of the import that runs. Emptied afterwards.
create unlogged table account_stage (
  line bigint not null,
  field text,                         -- of a wrong line, which has no other column
  problem text,
  external_id text,
  name text,
  currency char(3),
  exponent smallint,
  timezone text,
  billing_interval text,
  anchor date,
  plan text,
  component_ids bigint[],             -- ascending; null: every component
  prices jsonb,                       -- [{from, amount_minor, plan}]
  contacts jsonb,                     -- [{email, name, locale, hash}], each address once
  terms jsonb,                        -- [{from, interval, anchor}], ascending; null: one term
  labels jsonb,                       -- {key: value}
  lines jsonb,                        -- [{product, components, prices}]; null: none
  share_bp smallint                   -- of a line of an account list
);
