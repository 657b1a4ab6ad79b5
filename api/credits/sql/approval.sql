-- A run needs two people, not two keys.

-- The final check, independent of the checks of the api.
create function amends.credit_run_two() returns trigger language plpgsql as $$
begin
  if not new.alone and amends.key_person(new.approved_by) = amends.key_person(new.created_by) then
    raise exception using errcode = 'check_violation',
      message = 'a run is approved by another person than its drafter';
  end if;
  return new;
end $$;

create trigger credit_run_two before update of approved_by on credit_run for each row
  when (new.approved_by is not null) execute function amends.credit_run_two();
