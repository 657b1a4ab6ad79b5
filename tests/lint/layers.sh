#!/bin/sh
# Who may include whom: core uses core; templates uses core; api, notifier and billing
# use core and templates and never each other; cli uses everything. The folders meet
# in PostgreSQL, not in each other's headers.
set -eu
bad=0
allow() { # allow FOLDER MAY...
  folder=$1
  shift
  may=$(printf '%s|' "$@")
  found=$(find "$folder" -name '*.[ch]' -exec grep -HnE '^ *# *include "' {} + |
    grep -vE "include \"(${may%|})/" || :)
  if [ -n "$found" ]; then
    printf '%s\n' "$found" "$folder may include only: $*" >&2
    bad=1
  fi
}
allow core core
allow templates core templates
for role in api notifier billing; do
  allow "$role" core templates "$role"
done
allow cli core templates api notifier billing cli
exit $bad
