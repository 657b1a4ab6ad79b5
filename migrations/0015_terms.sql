-- Accounts whose billing interval or anchor changed, and what a run left out because of it.

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
comment on column account.billing_interval is 'of the last term';
comment on column account.anchor is 'of the last term';

alter table account_stage add terms jsonb; -- [{from, interval, anchor}], ascending; null: one term

-- A cohort has the terms of its accounts, ascending. Drafts find every account's cohort again.
delete from cohort_member;
delete from cohort;
alter table cohort drop anchor, drop billing_interval,
  add term_from date[] not null, add term_interval text[] not null, add term_anchor date[] not null;

-- Accounts that a run left out, although it may owe them.
create table credit_left_out (
  run_id bigint not null references credit_run,
  account_id bigint not null references account,
  reason text not null check (reason in ('terms_changed')),
  primary key (run_id, account_id)
);

-- The keys of rows that a run writes by the hundred thousand are checked at its end
-- (credit_check_keys).
alter table credit alter constraint credit_run_id_fkey deferrable,
  alter constraint credit_account_id_fkey deferrable;
alter table credit_line alter constraint credit_line_credit_id_fkey deferrable,
  alter constraint credit_line_working_id_fkey deferrable;
alter table credit_working alter constraint credit_working_run_id_fkey deferrable;
alter table credit_excess alter constraint credit_excess_run_id_fkey deferrable,
  alter constraint credit_excess_account_id_fkey deferrable;
alter table credit_left_out alter constraint credit_left_out_run_id_fkey deferrable,
  alter constraint credit_left_out_account_id_fkey deferrable;
alter table credit_difference alter constraint credit_difference_run_id_fkey deferrable,
  alter constraint credit_difference_account_id_fkey deferrable;
alter table ledger_entry alter constraint ledger_entry_credit_id_fkey deferrable;
alter table credit_feed alter constraint credit_feed_credit_id_fkey deferrable;
