-- The minimum privileges of each database role. `amends migrate` runs this after the migrations, as
-- the owner of the tables, revoking everything first, so that removing a grant here revokes it. By
-- default the api may write a new table and the other two may read it. Tables that the notifier or
-- billing write must be named here: otherwise they report "permission denied for table".
do $$
declare
  every constant text[] := array['amends_api', 'amends_notifier', 'amends_billing', 'amends_auditor'];
  -- Append-only: privileges forbid changes, as do triggers.
  append_only constant text := 'account_list account_list_member audit consent credit_feed credit_run_account credit_run_incident impact impact_revision'
    ' ledger_chain ledger_entry policy';
  -- The same, but for a few columns, which the api may set.
  written_once constant text := 'credit credit_ack credit_difference credit_excess credit_left_out'
    ' credit_line credit_run credit_warning credit_working';
  g record;
  one text;
begin
  foreach one in array every loop
    continue when not exists (select from pg_roles where rolname = one);
    execute format('revoke all on all tables in schema public from %I', one);
    execute format('revoke all on all sequences in schema public from %I', one);
    execute format('revoke all on all tables in schema amends from %I', one);
    execute format('grant usage on schema public, amends to %I', one);
    execute format('grant select on schema_migration, schema_code to %I', one);
    -- Only after they were replaced: it writes a row of the catalog for each, at every start.
    if exists (select from pg_proc p where p.pronamespace = 'amends'::regnamespace
        and not p.prosecdef and not exists (select from aclexplode(p.proacl) a
          where a.grantee = one::regrole and a.privilege_type = 'EXECUTE')) then
      execute format('grant execute on all functions in schema amends to %I', one);
    end if;
    if one <> 'amends_auditor' then
      execute format('grant usage on all sequences in schema public to %I', one);
    end if;
  end loop;

  if exists (select from pg_roles where rolname = 'amends_api') then
    grant select, insert, update, delete on all tables in schema public to amends_api;
    grant truncate on account_stage, import_stage, measurement_stage to amends_api;
    grant select on all tables in schema amends to amends_api;
    revoke insert, update, delete on schema_migration, schema_code from amends_api;
    revoke insert, update, delete on broadcast_kind, digest_zone, notifier, relay_seen,
      sender_status, sms_month from amends_api;
    execute format('revoke update, delete on %s from amends_api',
      replace(append_only || ' ' || written_once, ' ', ', '));
    grant update (state) on credit to amends_api;
    grant update (applied_at) on credit_ack to amends_api;
    grant update (acknowledged_by, acknowledged_at) on credit_warning to amends_api;
    -- drafted_at by a dry run, which is rolled back.
    grant update (state, failure, approved_by, approved_at, alone, voided_by, voided_at, drafted_at)
      on credit_run to amends_api;
  end if;

  -- A reader who moves to another address is signed out (move_finish).
  if exists (select from pg_roles where rolname = 'amends_notifier') then
    grant select (subscriber_id), delete on reader_session to amends_notifier;
    -- Address and language for alerts about overdue promises.
    grant select (id, email, phone, phone_hash, alerts, locale, timezone, disabled_at, roles) on staff
      to amends_notifier;
  end if;

  -- Billing finds the webhooks for credits, but not their owners (credit_event_send).
  if exists (select from pg_roles where rolname = 'amends_billing') then
    grant select (id, channel, state) on subscriber to amends_billing;
  end if;

  -- Both read the content of messages and credits, but no keys, passwords, sessions or pending
  -- requests of readers and imports.
  for g in
    select role, 'select' as privileges, c.oid::regclass as name
    from pg_class c, unnest(array['amends_notifier', 'amends_billing']) as role
    where c.relnamespace in ('public'::regnamespace, 'amends'::regnamespace)
      and c.relkind in ('r', 'p', 'v')
      and c.relname !~ '^(account_oidc|account_session|account_stage|alert_source|api_key|claim_evidence|code_try|idempotency|import_|measurement_source|measurement_stage|oidc|reader_session|signup|slack_|staff)'
      and not (role = 'amends_billing' and c.relname in ('consent', 'consent_log', 'delivery', 'outbox_message',
        'subscriber', 'suppression'))
      and role in (select rolname from pg_roles)
    union all
    select role, privileges, unnest(string_to_array(tables, ' '))::regclass from (values
      -- Sends, runs the calendar of maintenance, removes dead endpoints.
      ('amends_notifier', 'insert',
        'bounce consent impact impact_revision relay_seen suppression'),
      ('amends_notifier', 'insert, update',
        'broadcast broadcast_cursor digest_zone incident incident_update promise rate_limit'
        ' sms_month'),
      ('amends_notifier', 'insert, update, delete',
        'bad_minute bad_minute_due batch broadcast_scope delivery delivery_retry endpoint_failure maintenance_component notifier outbox_message'
        ' sender_status subscriber suggestion'),
      ('amends_notifier', 'update', 'alert_group held_post move'),
      ('amends_notifier', 'delete', 'held_post_incident'),
      ('amends_notifier', 'update', 'move'),
      -- A relay that refuses every message must not suppress anyone (relay_hold).
      ('amends_notifier', 'delete', 'bounce suppression'),

      -- Writes credits, the ledger, the feed and the audit log.
      ('amends_billing', 'insert',
        'audit broadcast broadcast_cursor credit credit_difference credit_excess credit_feed'
        ' credit_left_out credit_line credit_warning credit_working delivery_retry ledger_chain ledger_entry'),
      ('amends_billing', 'insert, update, delete', 'cohort cohort_member'),
      ('amends_billing', 'insert, update', 'liability'),
      ('amends_billing', 'update (state, issued_at)', 'credit'),
      ('amends_billing', 'update (state, drafted_at, issued_at, failure)', 'credit_run'),
      ('amends_billing', 'update', 'claim credit_review'),

      -- Reads the tables of `amends ledger verify`, but no address and no secret.
      ('amends_auditor', 'select',
        'account account_component account_price account_term audit component credit credit_ack'
        ' credit_difference credit_excess credit_feed credit_left_out credit_line credit_review credit_run'
        ' credit_run_incident credit_warning credit_working amends.current_impact impact impact_revision'
        ' incident incident_update ledger_chain ledger_entry maintenance_component policy')
    ) as matrix (role, privileges, tables)
    where role in (select rolname from pg_roles)
  loop
    execute format('grant %s on %s to %I', g.privileges, g.name, g.role);
  end loop;

  -- Retention creates, drops and empties partitions, imports analyse a stage, and measurements of a new
  -- month need a partition: only the owner may do that; billing makes runs only as a schedule says. One role may call each of these functions.
  for g in
    select role, p.oid::regprocedure as name,
      case when p.proname in ('stage_measure', 'measurement_roll') then 'amends_api'
        else 'amends_billing' end as asks
    from pg_proc p, unnest(every) as role
    where p.pronamespace = 'amends'::regnamespace and p.prosecdef
      and role in (select rolname from pg_roles)
  loop
    execute format('revoke execute on function %s from public, %I', g.name, g.role);
    if g.role = g.asks then
      execute format('grant execute on function %s to %I', g.name, g.role);
    end if;
  end loop;
end $$;
