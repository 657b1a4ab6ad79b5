-- What each database role may do, and no more. Run by `amends migrate` after the migrations, as
-- the owner of the tables; each time from nothing, so that what is taken out here is taken away.
-- A new table is the api's to write and the other two's to read without a word here. What the
-- notifier or billing writes is to be named: they say "permission denied for table" until it is.
do $$
declare
  every constant text[] := array['amends_api', 'amends_notifier', 'amends_billing', 'amends_auditor'];
  -- Nobody changes what is in them, by permission as by trigger.
  append_only constant text := 'audit consent credit_feed ledger_entry';
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
    execute format('grant execute on all functions in schema amends to %I', one);
    if one <> 'amends_auditor' then
      execute format('grant usage on all sequences in schema public to %I', one);
    end if;
  end loop;

  if exists (select from pg_roles where rolname = 'amends_api') then
    grant select, insert, update, delete on all tables in schema public to amends_api;
    grant truncate on account_stage, import_stage to amends_api;
    grant select on all tables in schema amends to amends_api;
    revoke insert, update, delete on schema_migration, schema_code from amends_api;
    revoke insert, update, delete on broadcast_kind, digest_zone, notifier, sender_status,
      sms_month from amends_api;
    execute format('revoke update, delete on %s from amends_api', replace(append_only, ' ', ', '));
  end if;

  -- A reader who moves to another address is signed out (move_finish).
  if exists (select from pg_roles where rolname = 'amends_notifier') then
    grant select (subscriber_id), delete on reader_session to amends_notifier;
    -- Where a person is told of a promise that is late, in which language.
    grant select (id, email, phone, phone_hash, alerts, locale, timezone, disabled_at) on staff
      to amends_notifier;
  end if;

  -- Billing finds the webhooks that hear of credits, not whose they are (credit_event_send).
  if exists (select from pg_roles where rolname = 'amends_billing') then
    grant select (id, channel, state) on subscriber to amends_billing;
  end if;

  -- Both read what messages and credits are about; keys, passwords, sessions and what readers or
  -- imports have not settled yet are not their business.
  for g in
    select role, 'select' as privileges, c.oid::regclass as name
    from pg_class c, unnest(array['amends_notifier', 'amends_billing']) as role
    where c.relnamespace in ('public'::regnamespace, 'amends'::regnamespace)
      and c.relkind in ('r', 'p', 'v')
      and c.relname !~ '^(account_stage|api_key|code_try|idempotency|import_|oidc|reader_session|signup|staff)'
      and not (role = 'amends_billing' and c.relname in ('consent', 'consent_log', 'delivery', 'subscriber', 'suppression'))
      and role in (select rolname from pg_roles)
    union all
    select role, privileges, unnest(string_to_array(tables, ' '))::regclass from (values
      -- Sends, keeps the calendar, ends what no longer answers.
      ('amends_notifier', 'insert',
        'bounce consent impact impact_revision incident_update suppression'),
      ('amends_notifier', 'insert, update',
        'broadcast broadcast_cursor digest_zone incident promise rate_limit sms_month'),
      ('amends_notifier', 'insert, update, delete',
        'batch delivery delivery_retry endpoint_failure maintenance_component notifier sender_status'
        ' subscriber'),
      ('amends_notifier', 'update', 'move'),

      -- Writes credits, the ledger, the feed and the audit log.
      ('amends_billing', 'insert',
        'audit broadcast broadcast_cursor credit_feed delivery_retry ledger_entry'),
      ('amends_billing', 'insert, update, delete', 'cohort cohort_member credit'
        ' credit_difference credit_excess credit_line credit_warning credit_working'),
      ('amends_billing', 'update', 'credit_review credit_run'),

      -- Reads the way of the money, so that `amends ledger verify` runs; no address, no secret.
      ('amends_auditor', 'select',
        'account account_component account_price audit component credit credit_ack'
        ' credit_difference credit_excess credit_feed credit_line credit_review credit_run'
        ' credit_run_incident credit_warning credit_working amends.current_impact impact impact_revision'
        ' incident incident_update ledger_entry maintenance_component policy')
    ) as matrix (role, privileges, tables)
    where role in (select rolname from pg_roles)
  loop
    execute format('grant %s on %s to %I', g.privileges, g.name, g.role);
  end loop;

  -- Retention makes, drops and empties partitions, and a stage is analysed, which their owner alone
  -- may: one role asks for each of these steps.
  for g in
    select role, p.oid::regprocedure as name,
      case p.proname when 'stage_measure' then 'amends_api' else 'amends_billing' end as asks
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
