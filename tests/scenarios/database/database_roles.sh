#!/bin/sh
# The privileges of each database role (deploy/grants.sql), several databases that migrate at once,
# and a migrating user without CREATEROLE.
set -u
: "${AMENDS:=build/amends}"
if [ -z "${AMENDS_TEST_DATABASE_URL:-}" ]; then
  exec sh tests/with_postgres.sh sh "$0"
fi
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
admin=$AMENDS_TEST_DATABASE_URL
server=$(printf '%s' "$admin" | sed 's/user=.*//')
unset AMENDS_TEST_DATABASE_URL
dir=$(mktemp -d)
n=0
result() { # result NAME STATUS [OUTPUT]
  n=$((n + 1))
  if [ "$2" = 0 ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    printf '%s\n' "${3:-}" | sed 's/^/# /'
  fi
}
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$1" -c "$2" 2>&1; }
clean() {
  for name in one two three; do sql "$admin" "drop database if exists roles_$name" >/dev/null; done
  sql "$admin" 'drop role if exists roles_migrator' >/dev/null
  rm -rf "$dir"
}
trap clean EXIT

for name in one two three; do sql "$admin" "create database roles_$name" >/dev/null; done
for name in one two three; do
  AMENDS_DATABASE_URL="$server user=postgres dbname=roles_$name" "$AMENDS" migrate \
    > "$dir/$name" 2>&1 &
done
wait
result "three databases of one cluster migrate at once" \
  "$(cat "$dir"/* | grep -c 'schema at' | sed 's/^3$/0/')" "$(cat "$dir"/*)"

one="$server user=postgres dbname=roles_one"
AMENDS_DATABASE_URL=$one "$AMENDS" migrate > "$dir/again" 2>&1
result "again is no harm" $? "$(cat "$dir/again")"

as() { sql "$one" "set role $1; $2"; }
may() {
  said=$(as "$1" "$2")
  result "$1 may: $2" $? "$said"
}
may_not() {
  said=$(as "$1" "$2")
  printf '%s\n' "$said" | grep -q 'permission denied'
  result "$1 may not: $2" $? "$said"
}

changeable=$(sql "$one" "select role, name, privilege
  from unnest(array['amends_api', 'amends_notifier', 'amends_billing', 'amends_auditor']) role,
    unnest(array['audit', 'ledger_entry', 'consent', 'credit_feed', 'ledger_chain', 'policy',
      'credit_run_incident', 'impact', 'impact_revision']) name,
    unnest(array['update', 'delete', 'truncate']) privilege
  where has_table_privilege(role, name, privilege)
    or privilege = 'update' and has_any_column_privilege(role, name, privilege)")
result "nobody may change what is append-only" "${#changeable}" "$changeable"
# Of what is issued, only states and the marks of later events.
changeable=$(sql "$one" "select role, c.table_name, c.column_name
  from unnest(array['amends_api', 'amends_notifier', 'amends_billing', 'amends_auditor']) role
    join information_schema.columns c on c.table_schema = 'public' and c.table_name = any(array[
      'credit', 'credit_line', 'credit_working', 'credit_ack', 'credit_run', 'credit_warning',
      'credit_excess', 'credit_difference'])
  where has_column_privilege(role, c.table_name::regclass, c.column_name, 'update')
    and (c.table_name, c.column_name) not in (('credit', 'state'), ('credit', 'issued_at'),
      ('credit_ack', 'applied_at'), ('credit_warning', 'acknowledged_by'),
      ('credit_warning', 'acknowledged_at'), ('credit_run', 'state'), ('credit_run', 'failure'),
      ('credit_run', 'drafted_at'), ('credit_run', 'approved_by'), ('credit_run', 'approved_at'),
      ('credit_run', 'alone'), ('credit_run', 'issued_at'), ('credit_run', 'voided_by'),
      ('credit_run', 'voided_at'))")
result "nobody may change an amount, an account or a working" "${#changeable}" "$changeable"
may_not amends_api 'delete from credit_ack'
may_not amends_api 'delete from credit_line'
may_not amends_api 'delete from credit_run'
may_not amends_billing 'delete from credit_run'
for role in amends_api amends_notifier amends_billing amends_auditor; do
  may_not $role 'update schema_migration set number = 0'
  may_not $role 'create table public.mine (id int)'
done
may_not amends_notifier 'select from api_key'
may_not amends_notifier 'select password_hash from staff'
may_not amends_notifier 'update staff set phone = null'
may_not amends_notifier 'insert into ledger_entry default values'
may_not amends_notifier 'update credit set state = state'
may_not amends_billing 'select from api_key'
may_not amends_billing 'select from staff_session'
may_not amends_billing 'select address from subscriber'
may_not amends_billing 'update delivery set state = state'
may_not amends_billing 'insert into credit_run default values'
may_not amends_api 'select amends.credit_schedule()'
may_not amends_auditor 'select from subscriber'
may_not amends_auditor 'select from account_contact'
may_not amends_auditor 'insert into audit default values'
may_not amends_api 'update sender_status set host = host'
may amends_auditor 'select from audit'
may amends_api "select amends.stage_measure('import_stage')"
may amends_api "select amends.measurement_roll(now())"
may amends_api 'truncate import_stage'

# A notifier publishes what the api held, whatever it is.
sql "$one" "insert into component (slug, name) values ('api', 'API');
  insert into incident (ref, title, kind, state, started_at) select 'i' || n, 'One', 'incident', 'resolved', now()
    from generate_series(1, 4) n;
  insert into incident_update (incident_id, state, body, posted_at, milestone)
    select id, 'resolved', 'x', now(), true from incident" > /dev/null
said=$(as amends_api "select amends.post_submit(action, ids, ref, 'One', document::jsonb, edits, 600, null)
  from (values
    ('incident', '{}'::bigint[], 'new', '{\"kind\":\"maintenance\",\"announce\":true,\"state\":\"scheduled\",\"body\":\"x\",
      \"components\":[{\"id\":1,\"level\":\"under_maintenance\"}],\"notify\":true,\"schedule\":{\"scheduled_from\":\"2099-01-01T00:00:00Z\",
      \"auto_start\":true,\"auto_complete\":true,\"auto_notify\":true,\"verify_minutes\":0,\"reminder_minutes\":0}}', null::bigint),
    ('update', '{1}', 'i1', '{\"state\":\"investigating\",\"body\":\"x\",\"components\":[{\"id\":1,\"level\":\"major_outage\"}],
      \"notify\":true,\"next_update_minutes\":5}', null),
    ('edit', '{2}', 'i2', '{\"body\":\"y\"}', 2),
    ('impacts', '{3}', 'i3', '{\"impacts\":[{\"id\":1,\"level\":\"major_outage\",\"from\":\"2020-01-01T00:00:00Z\",
      \"estimated\":false}]}', null),
    ('postmortem', '{4}', 'i4', '{\"body\":\"x\",\"notify\":true}', null)
  ) v(action, ids, ref, document, edits)")
result "the api holds posts" $? "$said"
sql "$one" 'update held_post set publish_at = now()' > /dev/null
may amends_notifier 'select amends.held_posts_publish()'
said=$(sql "$one" "select action, state, failure from held_post where state <> 'published'")
result "all are published" "${#said}" "$said"

# And the incident that an alert suggested to the api, when its rule says so.
said=$(sql "$one" "insert into alert_source (name, format, secret) values ('play', 'generic', 'x');
  insert into alert_rule (name, component_id, level, publish_after_minutes) values ('all', 1, 'major_outage', 10)" 2>&1 &&
  as amends_api "select amends.alert_receive(1, '[{\"fingerprint\":\"a\",\"labels\":{},\"title\":\"x\",\"text\":\"\",
    \"starts_at\":\"2020-01-02T00:00:00Z\"}]', '')")
result "the api receives an alert" $? "$said"
sql "$one" "update suggestion set publish_at = now(); update alert_group set check_at = now()" > /dev/null
may amends_notifier "select amends.alerts_due(now(), '')"
said=$(sql "$one" "select state from suggestion where state <> 'published'")
result "its incident is published" "${#said}" "$said"
may_not amends_notifier 'select from alert_source'

# Billing makes runs as schedules say, and no others.
sql "$one" "insert into policy (name, version, document, created_by, created_at) values ('scheduled', 1,
    '{\"model\":\"prorata\",\"components\":[],\"schedule\":{\"every\":\"window\",\"days_after\":0}}', 1, '2020-01-02');
  set session_replication_role = replica;
  update impact set from_at = '2020-01-01' where from_at > '2020-01-01'" > /dev/null
may amends_billing 'select amends.credit_schedule()'
said=$(sql "$one" "select count(*) > 0 from scheduled_window where run_id is not null")
result "a scheduled run is made" "$([ "$said" = t ]; echo $?)" "$said"

sql "$one" 'alter role amends_auditor login' >/dev/null
AMENDS_DATABASE_URL="$server user=amends_auditor dbname=roles_one" "$AMENDS" ledger verify \
  > "$dir/verify" 2>&1
result "the auditor recomputes the ledger" $? "$(cat "$dir/verify")"

# The next migrate revokes privileges that were granted by hand and are not in the file.
sql "$one" 'grant select on api_key to amends_auditor' >/dev/null
AMENDS_DATABASE_URL=$one "$AMENDS" migrate >/dev/null 2>&1
may_not amends_auditor 'select from api_key'

# Existing roles need no CREATEROLE.
sql "$admin" 'create role roles_migrator login' >/dev/null
sql "$admin" 'drop database roles_three' >/dev/null
sql "$admin" 'create database roles_three owner roles_migrator' >/dev/null
AMENDS_DATABASE_URL="$server user=roles_migrator dbname=roles_three" "$AMENDS" migrate \
  > "$dir/owner" 2>&1
result "an owner without CREATEROLE migrates and grants" $? "$(cat "$dir/owner")"
said=$(sql "$server user=postgres dbname=roles_three" 'set role amends_api; select from component')
result "its api may work" $? "$said"
echo "1..$n"
