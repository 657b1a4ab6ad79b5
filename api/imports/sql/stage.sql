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
