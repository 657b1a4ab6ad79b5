-- Delete events of alerts whose incidents ended before in_before, and alerts without events; a
-- hundred groups at a time. Suggestions that staff have decided keep their windows. Returns the
-- number of events.
create function amends.alert_forget(in_before timestamptz)
  returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_group bigint;
  v_gone bigint;
  n bigint := 0;
begin
  for v_group in
    select g.id from alert_group g where exists (select from alert a join alert_event e
      on e.alert_id = a.id where a.group_id = g.id and e.at < in_before)
    order by g.id limit 100 for update skip locked
  loop
    delete from alert_event e using alert a where a.id = e.alert_id and a.group_id = v_group
      and e.at < amends.alert_floor(v_group, now(), '-infinity', in_before);
    get diagnostics v_gone = row_count;
    n := n + v_gone;
  end loop;
  delete from alert_event e using alert a
    where a.id = e.alert_id and a.group_id is null and e.at < in_before;
  get diagnostics v_gone = row_count;
  delete from alert a where a.created_at < in_before
    and not exists (select from alert_event e where e.alert_id = a.id);
  return n + v_gone;
end $$;
