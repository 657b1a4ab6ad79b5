#!/bin/sh
# Each header compiles alone: it includes what it needs. Arguments: compiler and flags.
set -eu
bad=0
for header in $(find core templates messages notifier billing api cli -name '*.h' | sort); do
  "$@" -fsyntax-only -x c -include "$header" /dev/null || { echo "$header does not compile alone" >&2; bad=1; }
done
exit $bad
