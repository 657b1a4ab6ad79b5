#!/bin/sh
# with_postgres.sh COMMAND...: run it with AMENDS_TEST_DATABASE_URL naming an empty,
# private PostgreSQL that lives as long as the command.
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")
dir=$(mktemp -d "${TMPDIR:-/tmp}/amends-pg-XXXXXX")
as_owner() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  chown postgres "$dir"
  as_owner() { setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$dir" "$@"; }
fi
stop() {
  as_owner "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || :
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM
cd "$dir"
as_owner "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
as_owner "$bin/pg_ctl" -w -D "$dir/data" -l "$dir/log" \
  -o "-k $dir -c listen_addresses= -c fsync=off -c full_page_writes=off" start >/dev/null
cd "$OLDPWD"
PATH=$bin:$PATH # psql itself: Debian's of /usr/bin is a Perl script that looks for a cluster
export PATH AMENDS_TEST_DATABASE_URL="host=$dir user=postgres dbname=postgres"
status=0
"$@" || status=$?
exit $status
