-- Measurements in series and blocks.

-- How many measurements of a length a block has: those of an hour, but 60 at most.
create function amends.block_places(in_seconds integer) returns integer
  language sql immutable parallel safe as $$ select least(60, greatest(1, 3600 / in_seconds)) $$;

-- The block of a series in which an instant lies, by its start.
create function amends.block_start(in_at timestamptz, in_seconds integer, in_phase integer)
  returns timestamptz language sql immutable parallel safe as $$
  select to_timestamp(extract(epoch from in_at)::bigint
    - (extract(epoch from in_at)::bigint - in_phase)
      % (in_seconds * amends.block_places(in_seconds)))
$$;

-- An array with some elements replaced; a null one begins with in_blank everywhere.
create function amends.block_put(in_old bigint[], in_size integer, in_blank bigint,
  in_places integer[], in_values bigint[]) returns bigint[] language plpgsql immutable
  parallel safe as $$
declare
  v bigint[] := coalesce(in_old, array_fill(in_blank, array[in_size]));
begin
  for n in 1 .. cardinality(in_places) loop
    v[in_places[n]] := in_values[n];
  end loop;
  return v;
end $$;

-- The measurements that begin in a span.
create function amends.measured(in_from timestamptz, in_to timestamptz) returns table (
  series_id bigint, from_at timestamptz, to_at timestamptz, bad bigint, total bigint)
  language sql stable as $$
  select b.series_id, t.at, t.at + make_interval(secs => s.seconds),
    coalesce(b.bad[t.place], 0), t.total
  from measurement_block b join measurement_series s on s.id = b.series_id
    cross join lateral (
      select x.total, x.place, b.from_at + make_interval(secs => (x.place - 1) * s.seconds) as at
      from unnest(b.total) with ordinality x(total, place) where x.total is not null) t
  where b.from_at < in_to and b.from_at > in_from - interval '1 hour'
    and t.at >= in_from and t.at < in_to
$$;

-- Make the partition of a month, unless there is one. Only the owner of a table may.
create function amends.measurement_roll(in_at timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_month timestamp := date_trunc('month', in_at at time zone 'UTC');
  v_name text := 'measurement_' || to_char(v_month, 'YYYYMM');
begin
  if to_regclass('public.' || v_name) is not null then
    return false;
  end if;
  execute format('create table %I partition of measurement_block for values from (%L) to (%L)'
    ' with (fillfactor = 50)', v_name, v_month at time zone 'UTC',
    (v_month + interval '1 month') at time zone 'UTC');
  return true;
end $$;

-- The same some days ahead, if there are measurements. Billing calls it.
create function amends.measurement_ahead() returns boolean language plpgsql
  security definer set search_path = public, pg_temp as $$
begin
  return exists (select from measurement_series)
    and amends.measurement_roll(now() + interval '7 days');
end $$;

-- The lines of the stage with their series, the last of several for one start.
create function amends.stage_line() returns table (series_id bigint, seconds integer,
  from_at timestamptz, block_at timestamptz, place integer, bad bigint,
  total bigint) language sql stable as $$
  select distinct on (s.id, l.from_at) s.id, s.seconds, l.from_at, b.at,
    (extract(epoch from l.from_at - b.at) / s.seconds)::integer + 1, l.bad, l.total
  from measurement_stage l join measurement_series s on s.component_id = l.component_id
      and s.seconds = l.seconds and s.phase = extract(epoch from l.from_at)::bigint % l.seconds
      and s.key = md5(l.labels::text || coalesce(l.scope::text, ''))::uuid
    cross join lateral (select amends.block_start(l.from_at, s.seconds, s.phase) as at) b
  order by s.id, l.from_at, l.line desc
$$;

-- Store the lines of the stage: one of the same series and start replaces what was there, or is
-- added to it. Returns how many lines there are, and how many of them are new or differ.
create function amends.measurements_store(in_add boolean, out out_received bigint,
  out out_changed bigint)
  language plpgsql as $$
declare
  v_made bigint[];
begin
  select count(*) into out_received from measurement_stage;
  with made as (
    insert into measurement_series (component_id, labels, scope, seconds, phase, key)
    select distinct component_id, labels, scope, seconds,
      (extract(epoch from from_at)::bigint % seconds)::integer,
      md5(labels::text || coalesce(scope::text, ''))::uuid
    from measurement_stage
    on conflict (component_id, seconds, phase, key) do nothing returning id)
  select array_agg(id) into v_made from made;
  perform amends.series_regroup(v_made) where v_made is not null;
  perform amends.measurement_roll(at) from (
    select distinct date_trunc('month', block_at, 'UTC') as at from amends.stage_line()) x;
  with line as materialized (
    select l.series_id, l.seconds, l.from_at, l.block_at, l.place, n.total, n.bad,
      o.total as old_total, o.bad as old_bad,
      (o.total[l.place], coalesce(o.bad[l.place], 0)) is distinct from (n.total, n.bad) as changes
    from amends.stage_line() l
      left join measurement_block o on o.series_id = l.series_id and o.from_at = l.block_at
      cross join lateral (
        select l.total + case when in_add then coalesce(o.total[l.place], 0) else 0 end as total,
          l.bad + case when in_add then coalesce(o.bad[l.place], 0) else 0 end as bad) n),
  written as (
    insert into measurement_block as o (series_id, from_at, total, bad)
    select series_id, block_at,
      amends.block_put(old_total, amends.block_places(seconds), null, array_agg(place),
        array_agg(total)),
      nullif(amends.block_put(old_bad, amends.block_places(seconds), 0, array_agg(place),
        array_agg(bad)), array_fill(0::bigint, array[amends.block_places(seconds)]))
    from line where changes group by series_id, seconds, block_at, old_total, old_bad
    on conflict (series_id, from_at) do update set total = excluded.total, bad = excluded.bad),
  -- An update locks the row: a notifier that takes it off the list then sees these lines.
  due as (
    insert into bad_minute_due (group_id, hour)
    select distinct t.group_id, date_trunc('hour', l.from_at, 'UTC')
    from line l join measurement_series_group t using (series_id)
    where l.changes and l.seconds <= 60
    on conflict (group_id, hour) do update set hour = excluded.hour returning group_id),
  told as (
    update alert_group g set check_at = least(g.check_at, now() + interval '2 seconds')
    where g.id in (select group_id from due))
  select count(*) filter (where changes) into out_changed from line;
end $$;

-- Drop the oldest partition if all of it ended before an instant, then the series that have no
-- measurement left. True if dropped.
create function amends.measurement_drop(in_before timestamptz) returns boolean
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_name text := (select min(c.relname) from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'public.measurement_block'::regclass);
begin
  if v_name is null
    or to_date(right(v_name, 6), 'YYYYMM') + interval '1 month' > in_before at time zone 'UTC' then
    return false;
  end if;
  execute format('drop table public.%I', v_name);
  delete from measurement_series s
    where not exists (select from measurement_block b where b.series_id = s.id);
  return true;
end $$;
