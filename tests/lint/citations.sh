#!/bin/sh
# A comment that cites a document of ours, by its path or by its name alone, cites one that is
# there. Comments are lines that begin as one, or what follows //, /* or -- in a line.
set -eu
files() { # files FIND-EXPRESSION...
  find . \( -name node_modules -o -name 'build*' -o -name .git \) -prune -o -type f \( "$@" \) -print
}
documents=$(files -name '*.md')
export documents
files -name '*.[ch]' -o -name '*.sql' -o -name '*.js' -o -name '*.sh' -o -name Makefile |
  sort | xargs awk '
    match($0, /^[ \t]*(#|\*)|\/\/ |\/\*|-- /) {
      rest = substr($0, RSTART)
      while (match(rest, /[A-Za-z0-9_.\/-]*[A-Za-z0-9_]\.md/)) {
        cited = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        if (!index(ENVIRON["documents"] "\n", "/" cited "\n")) {
          print FILENAME ":" FNR ": there is no " cited
          bad = 1
        }
      }
    }
    END { exit bad }'
