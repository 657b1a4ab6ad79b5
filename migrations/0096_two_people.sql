-- Two people, not two keys, stand behind a run; and what the console shows of money.

create function key_name(p_key bigint) returns text language sql stable as
  $$ select coalesce(p.name, k.name) from api_key k left join staff p on p.id = k.staff_id
     where k.id = p_key $$;

-- {person, name} of whoever acted under a key; null of nobody.
create function key_who(p_key bigint) returns json language sql stable as
  $$ select json_build_object('person', key_person(p_key), 'name', key_name(p_key))
     where p_key is not null $$;

-- The last word, whatever the api has checked.
create function credit_run_two() returns trigger language plpgsql as $$
begin
  if not new.alone and key_person(new.approved_by) = key_person(new.created_by) then
    raise exception using errcode = 'check_violation',
      message = 'a run is approved by another person than its drafter';
  end if;
  return new;
end $$;
create trigger credit_run_two before update of approved_by on credit_run for each row
  when (new.approved_by is not null) execute function credit_run_two();

-- Steps of 1, 2, 5, 10, 20 ... minor units from the least credit to the most of each currency,
-- the empty ones between them, too: [{currency, exponent, from_minor, to_minor, credits}].
create function credit_report_histogram(run bigint) returns json language sql stable as $$
  with edge as materialized (
    select array_agg(m * 10::bigint ^ e order by e, m) as at
    from unnest(array[1, 2, 5]) as m, generate_series(0, 17) as e),
  counted as (
    select currency, exponent, width_bucket(amount_minor::numeric, edge.at::numeric[]) as step,
           count(*) as n
    from credit, edge where run_id = run group by 1, 2, 3),
  wide as (
    select currency, exponent, generate_series(min(step), max(step)) as step
    from counted group by 1, 2)
  select coalesce(json_agg(t order by t.currency, t.from_minor), '[]') from (
    select w.currency, w.exponent, edge.at[w.step]::bigint as from_minor,
           edge.at[w.step + 1]::bigint as to_minor, coalesce(n, 0) as credits
    from wide w cross join edge left join counted c using (currency, exponent, step)) as t
$$;

-- What an account was given and what was taken back, with the balance in its currency after it.
create function account_ledger(p_account bigint)
returns table (id bigint, at timestamptz, kind text, credit bigint, amount_minor bigint,
  balance_minor bigint, currency text, exponent smallint, state text)
language sql stable as $$
  select e.id, e.at, e.kind, c.id, e.amount_minor,
         sum(e.amount_minor) over (partition by e.currency order by e.id)::bigint,
         e.currency::text, c.exponent, c.state
  from credit c join ledger_entry e on e.credit_id = c.id
  where c.account_id = p_account and e.book = 'customer_balance'
$$;
