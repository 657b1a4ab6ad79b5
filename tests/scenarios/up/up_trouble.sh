#!/bin/sh
# amends up and the command line where something is wrong: each says what, and exits as
# the manual promises.
set -u
: "${AMENDS:=build/amends}"
top=$(mktemp -d "${TMPDIR:-/tmp}/up.XXXXXX")
chmod 755 "$top"
trap 'rm -rf "$top"' EXIT
trap 'exit 143' HUP INT PIPE TERM
n=0

run() { # run WHAT EXIT-CODE PATTERN COMMAND...: the code and a line of what it says
  what=$1 code=$2 pattern=$3
  shift 3
  n=$((n + 1))
  "$@" >"$top/said" 2>&1
  got=$?
  if [ "$got" = "$code" ] && grep -qE "$pattern" "$top/said"; then
    echo "ok $n - $what"
  else
    echo "not ok $n - $what"
    echo "# exit $got, expected $code and /$pattern/ in:"
    sed 's/^/# /' "$top/said"
  fi
}

up() { "$AMENDS" up --listen 127.0.0.1:0 "$@"; }
with() { # with NAME=VALUE COMMAND...
  env "$@"
}

run "no command" 64 'Usage: amends' "$AMENDS"
run "an unknown command" 64 "unknown command 'nope'" "$AMENDS" nope
run "an unknown option" 64 "nope" "$AMENDS" up --nope
run "help" 0 'Commands:' "$AMENDS" --help
for command in up api notifier billing migrate doctor config template credit key; do
  run "help of $command" 0 "^Usage: amends $command" "$AMENDS" "$command" --help
done
run "version" 0 '^amends [0-9]+\.[0-9]+' "$AMENDS" --version
run "an unknown variable" 78 'unknown setting' with AMENDS_TYPO=1 "$AMENDS" up
run "no database" 78 'AMENDS_DATABASE_URL' "$AMENDS" billing
run "nothing to migrate" 78 'AMENDS_DATABASE_URL' "$AMENDS" migrate
run "a database that is not there" 75 'database' \
  with AMENDS_DATABASE_URL="host=$top port=5432" "$AMENDS" migrate
run "doctor names what is missing" 69 '^database +fail' \
  with AMENDS_DATABASE_URL="host=$top port=5432" "$AMENDS" doctor
run "doctor for programs" 69 '^\[\{.*"check": ?"database", ?"ok": ?false' \
  with AMENDS_DATABASE_URL="host=$top port=5432" "$AMENDS" doctor --output json
run "deploy/amends.conf is the reference (make reference)" 0 '^same$' \
  sh -c '"$1" config print | diff "$2" - && echo same' - "$AMENDS" "$(dirname "$0")/../../../deploy/amends.conf"

run "an address without a port" 64 'not HOST:PORT' "$AMENDS" up --data "$top/a" --listen localhost
: >"$top/file"
run "a data directory that is a file" 64 'not a directory' up --data "$top/file"
mkdir "$top/broken"
echo nonsense >"$top/broken/admin.key"
run "a broken admin key" 1 'not an API key' up --data "$top/broken"
n=$((n + 1))
not=
[ ! -e "$top/broken/pg/postmaster.pid" ] || not='not '
echo "${not}ok $n - and its server was stopped"
if [ "$(id -u)" = 0 ]; then
  mkdir -m 700 "$top/private"
  run "a directory that the roles' user cannot enter" 1 "cannot enter $top/private" \
    up --data "$top/private/here"
  mkdir -p "$top/foreign/pg"
  chown nobody "$top/foreign/pg"
  run "a cluster of somebody else" 1 'belongs to uid' up --data "$top/foreign"
fi
echo "1..$n"
