-- An instant as the API writes it: RFC 3339 in UTC, with microseconds where there are any.
create function amends.instant(in_at timestamptz) returns text
  language sql stable strict parallel safe
  return to_char(in_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
    || case when extract(microseconds from in_at)::bigint % 1000000 = 0 then ''
       else to_char(in_at at time zone 'UTC', '.US') end || 'Z';
