-- Instants, lengths and sums as words and numbers of a run.

create function amends.credit_midnight(in_day date, in_zone text) returns timestamptz
  language sql immutable strict parallel safe
  return in_day::timestamp at time zone in_zone;

-- "2 d 23 h 54 m": parts that are 0 are left out.
create function amends.credit_span(in_length interval) returns text
  language sql stable strict parallel safe
  return (select coalesce(nullif(concat_ws(' ',
      case when s >= 86400 then div(s, 86400) || ' d' end,
      case when mod(s, 86400) >= 3600 then div(mod(s, 86400), 3600) || ' h' end,
      case when mod(s, 3600) >= 60 then div(mod(s, 3600), 60) || ' m' end,
      case when mod(s, 60) >= 1 then floor(mod(s, 60)) || ' s' end), ''), '0 s')
    from (select extract(epoch from in_length) as s) as x);

-- The sum of many amounts, for a report: bigint, and its greatest value where the sum is beyond. (A
-- run whose totals are beyond is not drafted: credit_run_check_totals.)
create function amends.credit_sum(in_sum numeric) returns bigint
  language sql immutable strict parallel safe
  return least(in_sum, 9223372036854775807);
