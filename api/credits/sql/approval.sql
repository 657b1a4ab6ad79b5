-- Two people, not two keys, stand behind a run.

-- The last word, whatever the api has checked.
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
