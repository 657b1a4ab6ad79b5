#!/bin/sh
# Files of C at most 400 lines, functions at most 60, lines at most 100 columns. In the
# house style a function ends with a closing brace in the first column and its body
# begins with an opening one there.
set -eu
find core templates messages notifier billing api cli tests -name node_modules -prune -o \
  -name '*.[ch]' -print | sort | xargs awk '
  FNR == 1 { if (file && lines > 400) tell(file ": " lines " lines"); file = FILENAME; open = 0 }
  { lines = FNR }
  length($0) > 100 { tell(FILENAME ":" FNR ": " length($0) " columns") }
  /^[{]/ { open = FNR }
  /^[}]/ {
    if (open && FNR - open + 1 > 60) tell(FILENAME ":" open ": a function of " FNR - open + 1 " lines")
    open = 0
  }
  function tell(what) { print what; bad = 1 }
  END { if (lines > 400) tell(file ": " lines " lines"); exit bad }'
