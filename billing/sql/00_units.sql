-- What the arithmetic counts in: instants, microseconds, whole minor units.

create function amends.credit_midnight(day date, zone text) returns timestamptz
  language sql immutable strict parallel safe
  return day::timestamp at time zone zone;

-- Microseconds, exact: the unit in which the arithmetic counts time.
create function amends.credit_micros(from_at timestamptz, to_at timestamptz) returns numeric
  language sql immutable strict parallel safe
  return (extract(epoch from to_at) - extract(epoch from from_at)) * 1000000;

-- "2 d 23 h 54 m": parts that are 0 are left out.
create function amends.credit_span(length interval) returns text
  language sql stable strict parallel safe
  return (select coalesce(nullif(concat_ws(' ',
      case when s >= 86400 then div(s, 86400) || ' d' end,
      case when mod(s, 86400) >= 3600 then div(mod(s, 86400), 3600) || ' h' end,
      case when mod(s, 3600) >= 60 then div(mod(s, 3600), 60) || ' m' end,
      case when mod(s, 60) >= 1 then floor(mod(s, 60)) || ' s' end), ''), '0 s')
    from (select extract(epoch from length) as s) as x);

create function amends.credit_instant(at timestamptz) returns text
  language sql stable strict parallel safe
  return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
    || case when extract(microseconds from at)::bigint % 1000000 = 0 then ''
       else to_char(at at time zone 'UTC', '.US') end || 'Z';

-- num / den as whole minor units, num >= 0, den > 0.
create function amends.credit_round(num numeric, den numeric, how text) returns numeric
  language sql immutable strict parallel safe
  return (select case how
      when 'half_up' then q + case when 2 * r >= den then 1 else 0 end
      when 'half_even' then q
        + case when 2 * r > den or (2 * r = den and mod(q, 2) = 1) then 1 else 0 end
      when 'up' then q + case when r > 0 then 1 else 0 end
    end
    from (select div(num, den) as q, num - div(num, den) * den as r) as x);

-- Whole months from the anchor to an instant's local date, not counting days; 0 when before.
create function amends.credit_months(anchor date, at timestamptz, zone text) returns integer
  language sql immutable strict parallel safe
  return greatest(0, (extract(year from at at time zone zone) - extract(year from anchor)) * 12
    + extract(month from at at time zone zone) - extract(month from anchor))::integer;
