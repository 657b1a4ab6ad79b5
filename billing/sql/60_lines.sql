-- From the engine's answers to credits and lines.

-- Check the foreign keys of the rows written so far. PostgreSQL keeps the plan of such a check for
-- the session: one made while a table was small or analysed as empty reads the whole table for each
-- row, and 20,000 credits then took minutes. Without sequential scans every plan uses the key.
create function amends.credit_check_keys() returns void language plpgsql
  set enable_seqscan = off as $$
begin
  set constraints all immediate;
end $$;

create function amends.credit_run_answers() returns void language plpgsql as $$
begin
  create temp table cr_answer (share bigint, currency text, exponent smallint, seconds numeric,
    word text) on commit drop;
  create temp table cr_line (share bigint, kind text, period_from date, period_to date,
    amount bigint, earlier bigint, taken bigint, seconds numeric, working_id bigint)
    on commit drop;
end $$;

-- Take what the engine said of groups. Days are counted from 1970-01-01. in_word: terms_changed,
-- no_amount, or ''.
create function amends.credit_run_take(in_share bigint[], in_currency text[], in_seconds numeric[],
    in_word text[]) returns void language plpgsql as $$
begin
  insert into cr_answer
    select t.share, t.currency, case t.currency when 'DAY' then 2 else a.exponent end, t.seconds,
           nullif(t.word, '')
    from unnest(in_share, in_currency, in_seconds, in_word) as t (share, currency, seconds, word)
      join cr_group g using (share) join account a on a.id = g.account_id;
end $$;

-- Take lines of the kinds paid, excess (too much is held: amount is below 0) and unpaid (owed, but
-- not made). in_explain: the workings, by lines of text; in_working: which of them is a line's.
create function amends.credit_run_take_lines(in_run bigint, in_share bigint[], in_kind text[],
    in_from bigint[], in_to bigint[], in_amount bigint[], in_earlier bigint[], in_taken bigint[],
    in_seconds numeric[], in_working bigint[], in_explain text) returns void language plpgsql as $$
declare
  ids regclass := pg_get_serial_sequence('credit_working', 'id');
  made bigint[] := (select array_agg(nextval(ids)) from generate_series(1, in_working[
    cardinality(in_working)]));
begin
  insert into credit_working (id, run_id, explain) overriding system value
    select w.id, in_run, w.explain
    from rows from (unnest(made), string_to_table(in_explain, E'\n')) as w (id, explain)
    where w.id is not null;
  insert into cr_line
    select t.share, t.kind, date '1970-01-01' + t.from_day::integer,
           date '1970-01-01' + t.to_day::integer, t.amount, t.earlier, t.taken, t.seconds,
           case when t.kind = 'paid' then made[t.working] end
    from unnest(in_share, in_kind, in_from, in_to, in_amount, in_earlier, in_taken, in_seconds,
        in_working)
      as t (share, kind, from_day, to_day, amount, earlier, taken, seconds, working);
end $$;

-- Totals of a run are bigint. None comes near unless prices are wrong, and a person must see that.
create function amends.credit_run_check_totals() returns void language plpgsql as $$
declare
  most text := (select a.currency
    from cr_line l join cr_answer a using (share) join cr_group g using (share)
    where l.kind = 'paid' group by 1
    having sum(l.amount::numeric * g.accounts) > 9223372036854775807 order by 1 limit 1);
begin
  if most is not null then
    raise exception
      'the credits in % sum to more than 9223372036854775807 minor units: check the prices', most;
  end if;
end $$;

-- From groups to accounts.
create function amends.credit_run_accounts() returns void language plpgsql as $$
begin
  analyze cr_line;
  analyze cr_answer;
  create temp view cr_account as
    select m.account_id, g.share
    from cr_member m left join cr_trait t using (account_id)
      join cr_group g on g.cohort_id = m.cohort_id and g.trait = coalesce(t.trait, '');
end $$;

-- Write the accounts' lines in the order of accounts: the only step whose cost grows with them.
create function amends.credit_run_write(in_run bigint) returns void language plpgsql as $$
declare
  ids regclass := pg_get_serial_sequence('credit', 'id'); -- looked up once, not per row
begin
  perform amends.credit_run_check_totals();
  set constraints all deferred;
  create temp table cr_credit on commit drop as
    select nextval(ids) as id, x.account_id, x.share
    from (select account_id, share from cr_account
          where share in (select share from cr_line where kind = 'paid') order by 1) as x;
  analyze cr_credit;

  insert into credit (id, run_id, account_id, amount_minor, currency, exponent, weighted_seconds)
    overriding system value
    select c.id, in_run, c.account_id, t.amount, a.currency, a.exponent, a.seconds
    from cr_credit c join cr_answer a using (share)
      join (select share, sum(amount) as amount from cr_line where kind = 'paid' group by 1) as t
        using (share);

  insert into credit_line (credit_id, run_id, account_id, period_from, period_to, amount_minor,
      weighted_seconds, working_id, earlier_minor, issued_minor)
    select c.id, in_run, c.account_id, l.period_from, l.period_to, l.amount, l.seconds,
           l.working_id, l.earlier, l.taken
    from cr_credit c join (select * from cr_line where kind = 'paid') as l using (share);

  insert into credit_excess (run_id, account_id, period_from, amount_minor)
    select in_run, a.account_id, l.period_from, -l.amount
    from cr_line l join cr_account a using (share) where l.kind = 'excess';

  insert into credit_left_out (run_id, account_id, reason)
    select in_run, a.account_id, 'terms_changed'
    from cr_answer w join cr_account a using (share) where w.word = 'terms_changed';

  if (select root from cr_policy) is not null then
    insert into credit_difference
      select in_run, a.account_id, l.period_from, greatest(l.amount + l.earlier, 0), l.earlier,
             case when l.kind = 'paid' then l.amount else 0 end
      from cr_line l join cr_account a using (share)
      where greatest(l.amount, -l.earlier) <> 0;
  end if;
  perform amends.credit_check_keys();
end $$;

-- The complete arithmetic of a line.
create function amends.explain(in_line credit_line) returns jsonb language sql stable
  return (select w.explain::jsonb || jsonb_build_object(
      'earlier_minor', in_line.earlier_minor, 'issued_minor', in_line.issued_minor,
      'amount_minor', in_line.amount_minor)
    from credit_working w where w.id = in_line.working_id);
