-- The advisory locks. core/db/locks.h lists their holders, modes and durations.

-- A name that is not here is an error: "invalid input syntax for type integer".
create function amends.lock_key(in_name text) returns integer language sql immutable as $$
  select case in_name
    when 'migrate' then 4101
    when 'notifier' then 4102
    when 'import' then 4103
    when 'audit' then 4104
    when 'ledger' then 4105
    when 'subscriber_stage' then 4106
    when 'account_stage' then 4107
    when 'policy' then 4108
    when 'retention' then 4109
    when 'chain' then 4110
    when 'component' then 4111
    when 'liability' then 4112
    when 'sla_reports' then 4113
    when 'measurement_stage' then 4114
    when 'run_card' then 4115
    else in_name::integer end
$$;

-- Hold a lock to commit, unless that takes more than half a second to get: SQLSTATE 55P03.
create function amends.lock_exclusive(in_key bigint) returns void language sql
  set lock_timeout = '500ms' as $$ select pg_advisory_xact_lock(in_key) $$;
create function amends.lock_shared(in_key bigint) returns void language sql
  set lock_timeout = '500ms' as $$ select pg_advisory_xact_lock_shared(in_key) $$;

-- The notifiers and imports that run. A view instead of a function of an id, so that a statement
-- reads pg_locks once for all ids.
create view amends.session_lock as
  select l.classid::bigint as key, l.objid::bigint as id from pg_locks l
  where l.locktype = 'advisory' and l.objsubid = 2 and l.granted
    and l.database = (select oid from pg_database where datname = current_database());
create view amends.notifier_alive as
  select id from amends.session_lock where key = amends.lock_key('notifier');
create view amends.import_alive as
  select id from amends.session_lock where key = amends.lock_key('import');
