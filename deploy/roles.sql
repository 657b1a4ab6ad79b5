-- The database roles of Amends: groups that may not log in. `amends migrate` runs this; a superuser
-- may run it by hand if the migrating user lacks CREATEROLE:
--
--     psql -d amends -f deploy/roles.sql
--
-- Roles belong to the whole cluster and several databases may migrate at once, so existing ones are
-- kept. deploy/grants.sql grants their privileges.
do $$
declare
  name text;
begin
  foreach name in array
    array['amends_api', 'amends_notifier', 'amends_billing', 'amends_auditor'] loop
    begin
      if not exists (select from pg_roles where rolname = name) then
        execute format('create role %I nologin', name);
      end if;
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then null; -- amends migrate reports the missing ones
    end;
  end loop;
end $$;
