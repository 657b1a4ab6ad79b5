#!/bin/sh
# The include rules: core uses core; templates uses core; messages uses core and templates;
# api, notifier and billing use these and never each other; cli uses everything. The roles meet in
# PostgreSQL, not in each other's headers; the exceptions, which are pure, are the rule of a policy,
# the words of credits and policies, and the library.
# No two files (a .c and its .h are one) and no two folders include each other, however many stand
# between them.
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
allow billing core templates messages billing
allow notifier core templates messages notifier billing/words
allow api core templates messages api billing/policy.h billing/compute.h billing/words billing/library.h
allow cli core templates messages api notifier billing cli

# Pairs "INCLUDER INCLUDED" of files.
includes() {
  find core templates messages notifier billing api cli -name node_modules -prune -o \
    -name '*.[ch]' -exec grep -HE '^ *# *include "' {} + |
    sed -E 's/^([^:]+):# *include "([^"]+)".*/\1 \2/'
}
circles() { # circles WHAT: tsort names the members of each circle among the pairs it reads
  if ! said=$(awk '$1 != $2' | sort -u | tsort 2>&1 >/dev/null) || [ -n "$said" ]; then
    printf '%s\n' "$said" "$1 include each other" >&2
    bad=1
  fi
}
pairs=$(includes)
circles files <<END
$(printf '%s\n' "$pairs" | sed -E 's/\.[ch] / /; s/\.[ch]$//')
END
circles folders <<END
$(printf '%s\n' "$pairs" | sed -E 's#/[^/ ]+ # #; s#/[^/]+$##')
END
exit $bad
