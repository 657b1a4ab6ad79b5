-- A subscription belongs to a subscriber and is deleted with them, like a foreign key, but checked
-- per statement. A foreign key checks per row, which is a fifth of a large import and of its undo.

create function amends.subscription_check() returns trigger language plpgsql as $$
begin
  perform from subscriber where id in (select subscriber_id from added) for key share;
  if exists (select from added a
      where not exists (select from subscriber s where s.id = a.subscriber_id)) then
    raise exception 'a subscription of nobody' using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;

-- An import has made or locked its subscribers itself.
create trigger subscription_added after insert on subscription referencing new table as added
  for each statement when (coalesce(current_setting('amends.importing', true), '') = '')
  execute function amends.subscription_check();
create trigger subscription_moved after update on subscription referencing new table as added
  for each statement execute function amends.subscription_check();

create function amends.subscription_end() returns trigger language plpgsql as $$
begin
  delete from subscription x using gone g where x.subscriber_id = g.id;
  return null;
end $$;

create trigger subscription_end after delete on subscriber referencing old table as gone
  for each statement execute function amends.subscription_end();
