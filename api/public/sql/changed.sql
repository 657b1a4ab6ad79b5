-- Public pages are rendered once per change: every change of their data notifies the api. A
-- transaction sends one notification, regardless of the number of its statements.
create function amends.public_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('public_changed', '');
  return null;
end $$;

create trigger public_changed after insert or update or delete on incident
  for each statement execute function amends.public_changed();
create trigger public_changed after insert or update or delete on incident_update
  for each statement execute function amends.public_changed();
create trigger public_changed after insert or update or delete on impact_revision
  for each statement execute function amends.public_changed();
create trigger public_changed after insert or update or delete on component_group
  for each statement execute function amends.public_changed();
create trigger public_changed after insert or update or delete on component
  for each statement execute function amends.public_changed();
create trigger public_changed after insert or update or delete on promise
  for each statement execute function amends.public_changed();
create trigger public_changed after insert or update or delete on published_policy
  for each statement execute function amends.public_changed();
create trigger public_changed after update on brand
  for each statement execute function amends.public_changed();
