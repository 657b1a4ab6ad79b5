-- The credits on the statement page: the credit of the link, and all others of the accounts that
-- have its contact's address; newest first.
create function amends.credit_statement(in_credit bigint, in_contact bigint) returns setof bigint
  language sql stable as $$
  select c.id from credit c
  where c.issued_at is not null and c.state not in ('draft', 'void') and c.account_id in (
    select account_id from credit where id = in_credit
    union select k.account_id from account_contact me
      join account_contact k on k.address_hash = me.address_hash where me.id = in_contact)
  order by c.id = in_credit desc, c.id desc limit 50
$$;

-- An account's credits and reversals, each with the balance in its currency after it.
create function amends.account_ledger(in_account bigint)
returns table (id bigint, at timestamptz, kind text, credit bigint, amount_minor bigint,
  balance_minor bigint, currency text, exponent smallint, state text)
language sql stable as $$
  select e.id, e.at, e.kind, c.id, e.amount_minor,
         sum(e.amount_minor) over (partition by e.currency order by e.id)::bigint,
         e.currency::text, c.exponent, c.state
  from credit c join ledger_entry e on e.credit_id = c.id
  where c.account_id = in_account and e.book = 'customer_balance'
$$;
