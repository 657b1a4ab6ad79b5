-- The active subscribers by language tag, without webhooks, which are programs; most first. Of more
-- than 100,000 rows a sample of as many is counted, because a form of the console asks.
create function amends.subscriber_languages() returns table (locale text, count bigint)
  language plpgsql stable as $$
declare
  v_rows real := (select reltuples from pg_class where oid = 'subscriber'::regclass);
  v_percent real := least(100, 100 * 100000 / greatest(v_rows, 1));
begin
  return query select s.locale, round(count(*) * 100 / v_percent)::bigint
    from subscriber s tablesample system (v_percent)
    where s.state = 'active' and s.channel <> 'webhook' group by 1 order by 2 desc, 1;
end $$;
