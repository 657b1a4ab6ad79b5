-- From exact amounts to lines and credits.

-- Check the foreign keys of the rows written so far. PostgreSQL keeps the plan of such a check for
-- the session: one made while a table was small or analysed as empty reads the whole table for each
-- row, and 20,000 credits then took minutes. Without sequential scans every plan uses the key.
create function amends.credit_check_keys() returns void language plpgsql
  set enable_seqscan = off as $$
begin
  set constraints all immediate;
end $$;

-- The lines of a share: the cohort's exact amounts minus standing lines, limited by the caps.
create function amends.credit_run_lines() returns void language plpgsql as $$
declare
  least_credit bigint := (select min_credit from cr_policy);
begin
  create temp table cr_line on commit drop as
    with earlier as (
      select account_id as past, period_from, sum(amount_minor) as minor from cr_prior
      where family or (select cumulative from cr_policy) group by 1, 2),
    netted as (
      select h.share, o.cohort, o.period_from, o.period_to, o.working_id, o.rounded, o.cap,
             trim_scale(o.down * 0.0000000001) as weighted_seconds,
             coalesce(e.minor, 0) as earlier, (
               select coalesce(sum(t.minor), 0) from cr_taken t
               where t.account_id = h.taken and t.period_from >= o.period_from
                 and t.period_from < o.period_to) as issued
      from cr_owed o join cr_cohort c using (cohort)
        join (select distinct share, cohort, taken from cr_base) as h using (cohort)
        left join earlier e on e.past = c.past and e.period_from = o.period_from)
    select *, rounded - earlier as difference,
           least(rounded - earlier, cap - issued) as amount
    from netted;

  create temp table cr_total on commit drop as
    select l.share, l.cohort, sum(l.amount) as amount,
           coalesce(min(s.seconds), 0) as weighted_seconds
    from cr_line l left join (
        select w.cohort,
               trim_scale(sum(s.weight * amends.credit_micros(s.from_at, s.to_at)) * 0.0000000001)
                 as seconds
        from cr_incident_set w join cr_weighted_interval s using (incident_set)
        where w.incident_id is null and w.runs = '{}' group by 1) as s using (cohort)
    where l.amount >= least_credit group by 1, 2;
  analyze cr_line;
  analyze cr_total;
end $$;

-- Totals of a run are bigint. None comes near unless prices are wrong, and a person must see that.
create function amends.credit_run_check_totals(in_run bigint) returns void language plpgsql as $$
declare
  most text := (select currency from credit where run_id = in_run group by 1
    having sum(amount_minor) > 9223372036854775807 order by 1 limit 1);
begin
  if most is not null then
    raise exception using errcode = 'AM002', message = format(
      'the credits in %s sum to more than 9223372036854775807 minor units: check the prices', most);
  end if;
end $$;

-- From cohorts to accounts.
create function amends.credit_run_accounts() returns void language plpgsql as $$
begin
  create temp table cr_owner on commit drop as
    select b.cohort_id, b.past, b.taken, b.share, b.share in (select share from cr_total) as paid
    from cr_base b where b.share in (select share from cr_line);
  analyze cr_owner;
  create temp view cr_account as
    select m.account_id, o.share, o.paid
    from cr_member m left join cr_past p using (account_id)
      join cr_owner o on o.cohort_id = m.cohort_id and o.past = coalesce(p.past, 0)
        and o.taken = coalesce(p.taken, 0);
end $$;

-- Write the accounts' lines in the order of accounts: the only step whose cost grows with them.
create function amends.credit_run_write(in_run bigint) returns void language plpgsql as $$
declare
  ids regclass := pg_get_serial_sequence('credit', 'id'); -- looked up once, not per row
  least_credit bigint := (select min_credit from cr_policy);
begin
  set constraints all deferred;
  create temp table cr_credit on commit drop as
    select nextval(ids) as id, x.account_id, x.share
    from (select account_id, share from cr_account where paid order by 1) as x;
  analyze cr_credit;

  insert into credit (id, run_id, account_id, amount_minor, currency, exponent, weighted_seconds)
    overriding system value
    select c.id, in_run, c.account_id, t.amount, h.currency, h.exponent, t.weighted_seconds
    from cr_credit c join (cr_total t join cr_cohort h using (cohort)) using (share);

  insert into credit_line (credit_id, run_id, account_id, period_from, period_to, amount_minor,
      weighted_seconds, working_id, earlier_minor, issued_minor)
    select c.id, in_run, c.account_id, l.period_from, l.period_to, l.amount,
           l.weighted_seconds, l.working_id, l.earlier, l.issued
    from cr_credit c join (select * from cr_line where amount >= least_credit) as l using (share);
  perform amends.credit_run_check_totals(in_run);

  insert into credit_excess (run_id, account_id, period_from, amount_minor)
    select in_run, a.account_id, l.period_from, -l.difference
    from cr_line l join cr_account a using (share) where l.difference < 0;

  insert into credit_left_out (run_id, account_id, reason)
    select in_run, account_id, 'terms_changed' from cr_left_out;

  if (select root from cr_policy) is not null then
    insert into credit_difference
      select in_run, a.account_id, l.period_from, greatest(l.amount + l.earlier, 0), l.earlier,
             case when l.amount >= least_credit then l.amount else 0 end
      from cr_line l join cr_account a using (share)
      where greatest(l.amount, -l.earlier) <> 0;
  end if;
  perform amends.credit_check_keys();
end $$;
