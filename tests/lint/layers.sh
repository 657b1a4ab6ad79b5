#!/bin/sh
# Who may include whom: core uses core; templates uses core; messages uses core and
# templates; api, notifier and billing use these and never each other; cli uses everything. The folders meet
# in PostgreSQL, not in each other's headers.
set -eu
bad=0
allow() { # allow FOLDER MAY...
  folder=$1
  shift
  may=$(printf '%s|' "$@")
  found=$(find "$folder" -name '*.[ch]' -exec grep -HnE '^ *# *include "' {} + |
    grep -vE "include \"(${may%|})[/\"]" || :)
  if [ -n "$found" ]; then
    printf '%s\n' "$found" "$folder may include only: $*" >&2
    bad=1
  fi
}
allow core core
allow templates core templates
allow messages core templates messages
for role in notifier billing; do
  allow "$role" core templates messages "$role"
done
allow api core templates messages api billing/policy.h
allow cli core templates messages api notifier billing cli
exit $bad
