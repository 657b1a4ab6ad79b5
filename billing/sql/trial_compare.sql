-- What two policies would have cost, side by side, from what policy_trial_totals and
-- policy_trial_sums gave for each. A difference is what the first costs more than the other.

create function amends.policy_trial_sums(in_run bigint) returns json language sql stable as $$
  select coalesce(json_agg(t order by t.currency), '[]') from (
    select currency, exponent, count(*) as accounts,
           amends.credit_sum(sum(amount_minor)) as amount_minor
    from credit where run_id = in_run group by 1, 2) as t
$$;

create function amends.policy_trial_compare_totals(in_first json, in_against json)
  returns json language sql immutable as $$
  select coalesce(json_agg(t order by t.month, t.currency, t.plan), '[]') from (
    select month, currency, exponent, plan,
           sum(credits)::bigint as credits, sum(amount_minor)::bigint as amount_minor,
           sum(against_credits)::bigint as against_credits,
           sum(against_minor)::bigint as against_minor,
           (sum(amount_minor) - sum(against_minor))::bigint as difference_minor
    from (
      select month, currency, exponent, plan, credits, amount_minor,
             0 as against_credits, 0 as against_minor
      from json_to_recordset(in_first) as f(month text, currency text, exponent integer,
        plan text, credits bigint, amount_minor bigint)
      union all
      select month, currency, exponent, plan, 0, 0, credits, amount_minor
      from json_to_recordset(in_against) as o(month text, currency text, exponent integer,
        plan text, credits bigint, amount_minor bigint)) as both_costs
    group by 1, 2, 3, 4) as t
$$;

create function amends.policy_trial_compare_sums(in_first json, in_against json)
  returns json language sql immutable as $$
  select coalesce(json_agg(t order by t.currency), '[]') from (
    select currency, exponent,
           sum(accounts)::bigint as accounts, sum(amount_minor)::bigint as amount_minor,
           sum(against_accounts)::bigint as against_accounts,
           sum(against_minor)::bigint as against_minor,
           (sum(amount_minor) - sum(against_minor))::bigint as difference_minor
    from (
      select currency, exponent, accounts, amount_minor,
             0 as against_accounts, 0 as against_minor
      from json_to_recordset(in_first) as f(currency text, exponent integer, accounts bigint,
        amount_minor bigint)
      union all
      select currency, exponent, 0, 0, accounts, amount_minor
      from json_to_recordset(in_against) as o(currency text, exponent integer, accounts bigint,
        amount_minor bigint)) as both_costs
    group by 1, 2) as t
$$;
