#!/bin/sh
# Migrations hold what has state and run whatever functions there are: they make no function, view
# or trigger and do not name schema amends. What can be replaced (FOLDER/sql/) is in that schema. Key
# words are in lower case; files have at most 400 lines of 100 columns.
set -u
bad=0
code=$(find core messages notifier billing api -path '*/sql/*.sql' | sort)
refuse() { # refuse WHY PATTERN FILE...: text in quotes and comments does not count
  why=$1 pattern=$2
  shift 2
  for file in "$@"; do
    found=$(sed -e "s/'[^']*'//g" -e 's/--.*//' "$file" | grep -nE "$pattern") || continue
    printf '%s: %s\n%s\n' "$file" "$why" "$found" >&2
    bad=1
  done
}
words='SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|CREATE|ALTER|TABLE|RETURNS|BEGIN|DECLARE|NOT NULL'
made='create( or replace)?( recursive| temp| temporary| constraint)*'
# Names of files are words.
# shellcheck disable=SC2086
{
  refuse 'can be replaced, so it is no migration' \
    "$made (function|procedure|view|trigger|aggregate|operator)\\b" migrations/*.sql
  refuse 'a migration runs whatever functions there are' '\bamends\.' migrations/*.sql
  refuse 'not in schema amends' 'create( or replace)? (function|procedure|view) ([^a]|a[^m])' $code
  refuse 'has state, so it is a migration' 'create (unlogged )?(table|type|sequence|domain) ' $code
  refuse 'key words are in lower case' "\\b($words)\\b" migrations/*.sql $code
  refuse 'a lock has a name (core/db/locks.h)' 'advisory[a-z_]*\([0-9]' $code
  awk 'FNR > 400 || length($0) > 100 { print FILENAME ":" FNR ": too long"; bad = 1 }
    END { exit bad }' migrations/*.sql $code >&2 || bad=1
}
exit $bad
