-- Collect statistics about a stage after it was filled. Only the owner of a table may ANALYZE it,
-- and the api is not the owner (deploy/grants.sql).
create function amends.stage_measure(in_stage text) returns void language plpgsql security definer
  set search_path = public, pg_temp as $$
begin
  if in_stage not in ('account_stage', 'import_stage', 'measurement_stage') then
    raise exception '% is no stage', in_stage;
  end if;
  execute format('analyze public.%I', in_stage);
end $$;

-- The first hundred errors of a stage, [{line, field, detail}].
create function amends.stage_errors(in_stage text) returns json language plpgsql as $$
declare
  v_errors json;
begin
  execute format($q$select json_agg(json_build_object('line', line, 'field', nullif(field, ''),
      'detail', problem) order by line)
    from (select * from %I where problem is not null order by line limit 100) as x$q$, in_stage)
    into v_errors;
  return v_errors;
end $$;
