#!/bin/sh
# Wrong arguments are refused with 64 and named, before anything is loaded or opened.
set -u
: "${AMENDS:=${BUILD:-build}/amends}"
n=0
refused() { # refused PATTERN ARGUMENT...
  pattern=$1
  shift
  n=$((n + 1))
  said=$("$AMENDS" "$@" 2>&1 </dev/null)
  status=$?
  if [ "$status" = 64 ] && printf '%s\n' "$said" | grep -q -e "$pattern"; then
    echo "ok $n - $*: $pattern"
  else
    printf 'not ok %s - %s: %s\n# %s: %s\n' "$n" "$*" "$pattern" "$status" "$said"
  fi
}
refused '^Usage: amends key .* create --name=NAME --scope=SCOPE\.\.\.$' key
refused "^amends key: unknown action 'drop'" key drop
refused '^amends key: --name is missing' key create --scope=admin
refused '^amends key: --name is missing' key create --scope=admin --name=
refused '^amends key: --name is too long' key create --scope=admin --name="$(printf '%0201d' 0)"
refused '^amends key: --scope is missing' key create --name=x
refused '^amends key: unknown scope all' key create --name=x --scope=admin --scope=all
refused '^amends staff: LOGIN is missing' staff add
refused '^amends staff: Too many arguments' staff add a b --role=admin
refused '^amends staff: more than 5 roles' staff add a -r admin -r admin -r admin -r admin -r admin -r admin
refused "^amends credit: ID must be a number, not '1x'" credit explain 1x
refused "^amends credit: RUN must be a number, not '0'" credit approve 0
refused '^amends credit: --warning is missing' credit acknowledge 1
refused '^amends send: --dry-run is missing' send x --state=identified --body=x
refused '^amends send: login is not SLUG=LEVEL' send x --component=login
refused '^amends policy: soon is neither a date' policy dry-run x --to=soon
refused '^amends subscriber: --format must be csv or ndjson' subscriber export -f cs
refused '^amends suppression: --note is missing' suppression remove a@a.example
refused '^amends migrate: Too many arguments' migrate now
echo "1..$n"
