#!/bin/sh
# The database in a PostgreSQL on this machine: created if missing, with its roles, so that each user
# of ours can connect as the role of the same name over the socket (Debian's pg_hba.conf: peer).
# Exits 0 if it exists, 1 if there is no such server or it is too old.
set -u
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
sql() { as_postgres psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }
getent passwd postgres >/dev/null && command -v psql >/dev/null || exit 1
cd /
version=$(sql postgres 'show server_version_num' 2>/dev/null) || exit 1
if [ "$version" -lt 150000 ]; then
  echo "amends: PostgreSQL $version is too old: 15 is needed" >&2
  exit 1
fi
set -e
if [ "$(sql postgres "select count(*) from pg_roles where rolname = 'amends'")" = 0 ]; then
  sql postgres 'create role amends login'
fi
if [ "$(sql postgres "select count(*) from pg_database where datname = 'amends'")" = 0 ]; then
  sql postgres "create database amends owner amends encoding 'UTF8' template template0"
  sql postgres 'revoke all on database amends from public'
fi
as_postgres psql -X -q -v ON_ERROR_STOP=1 -d amends -f /usr/share/amends/roles.sql
for role in amends_api amends_notifier amends_billing; do
  sql postgres "grant connect, temporary on database amends to $role; alter role $role login"
done
sql postgres 'grant connect on database amends to amends_auditor'
