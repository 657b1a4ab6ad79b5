-- Prometheus' remote write: growing counters become requests by minute.

-- Count a request of a source. False: it has sent too many in this minute.
create function amends.measurement_source_count(in_source bigint) returns boolean language sql as $$
  update measurement_source set received = case when minute = date_trunc('minute', now())
      then received + 1 else 1 end, minute = date_trunc('minute', now()), last_at = now()
  where id = in_source returning received <= per_minute
$$;

-- Of these hashes, the places (from 1) of those that a source has not sent yet.
create function amends.counters_unknown(in_source bigint, in_hashes text[]) returns setof bigint
  language sql stable as $$
  select x.place from unnest(in_hashes) with ordinality x(hash, place)
  where not exists (select from measurement_counter c
    where c.source_id = in_source and c.hash = decode(x.hash, 'hex'))
  order by x.place
$$;

-- Add counters, [{hash, labels}]. Returns how many counters the source has.
create function amends.counters_learn(in_source bigint, in_counters jsonb) returns bigint
  language plpgsql as $$
begin
  insert into measurement_counter (source_id, hash, component_id, labels, scope, bad, at)
    select s.id, decode(x.hash, 'hex'),
      case when amends.alert_matches(x.labels, s.match) then coalesce(s.component_id, c.id) end,
      coalesce((select jsonb_object_agg(l, x.labels->>l) from unnest(s.labels) l
        where x.labels ? l), '{}'),
      case when s.scope_labels <> '{}' then jsonb_build_object('labels',
        (select jsonb_object_agg(l, coalesce(x.labels->>l, '')) from unnest(s.scope_labels) l)) end,
      amends.alert_matches(x.labels, s.bad), now()
    from jsonb_to_recordset(in_counters) x(hash text, labels jsonb)
      join measurement_source s on s.id = in_source
      left join component c on c.slug = x.labels->>s.component_label and c.archived_at is null
    on conflict do nothing;
  return (select count(*) from measurement_counter where source_id = in_source);
end $$;

-- Store samples, as arrays. A counter grows from one sample to the next; where it falls, it has
-- begun at 0 again. What it grew is counted in the minute of the later sample. Samples that are not
-- newer than the last one change nothing, and after a pause of more than five minutes the next only
-- begins a count.
create function amends.counters_store(in_source bigint, in_hashes text[], in_ms bigint[],
  in_values bigint[]) returns void language plpgsql as $$
begin
  truncate measurement_stage;
  with given as materialized (
    select distinct on (c.id, x.ms) c.id, 'epoch'::timestamptz + x.ms * interval '1 millisecond'
      as at, x.value
    from unnest(in_hashes, in_ms, in_values) x(hash, ms, value)
      join measurement_counter c on c.source_id = in_source and c.hash = decode(x.hash, 'hex')
    where c.component_id is not null and (c.value is null
      or 'epoch'::timestamptz + x.ms * interval '1 millisecond' > c.at)),
  step as materialized (
    select g.*, coalesce(lag(g.at) over w, case when c.value is not null then c.at end) as last_at,
      coalesce(lag(g.value) over w, c.value) as last
    from given g join measurement_counter c using (id)
    window w as (partition by g.id order by g.at)),
  kept as (
    update measurement_counter c set at = l.at, value = l.value
    from (select distinct on (id) * from step order by id, at desc) l where l.id = c.id)
  insert into measurement_stage (line, component_id, from_at, seconds, bad, total, labels, scope)
    select row_number() over (), c.component_id, date_trunc('minute', s.at), 60,
      coalesce(sum(g.grown) filter (where c.bad), 0), sum(g.grown), c.labels, c.scope
    from step s join measurement_counter c using (id)
      cross join lateral (select case when s.value >= s.last then s.value - s.last
        else s.value end as grown) g
    where s.last_at > s.at - interval '5 minutes'
    group by c.component_id, date_trunc('minute', s.at), c.labels, c.scope;
  perform amends.measurements_store(true);
  truncate measurement_stage;
end $$;

-- Forget counters that a source has not sent for a day. Returns the number.
create function amends.counters_forget() returns bigint language sql
  security definer set search_path = public, pg_temp as $$
  with gone as (delete from measurement_counter where id in (
      select id from measurement_counter where at < now() - interval '1 day' limit 10000)
    returning 1)
  select count(*) from gone
$$;
