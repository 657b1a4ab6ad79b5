#!/bin/sh
# Words that name something of this repository name something that is there:
#   in comments: documents (NAME.md) and paths;
#   in documents: paths in backquotes, and in the two that walk through the code also the names of
#   functions, tables and files. Decisions keep the names of their day.
# A comment is a line that begins as one, or what follows //, /* or -- in a line.
set -eu
top='core|templates|messages|notifier|billing|api|cli|migrations|tests|deploy|docs'
walks='./ARCHITECTURE.md ./docs/guides/developers.md'
there() { # there FIND-EXPRESSION...
  find . \( -name node_modules -o -name 'build*' -o -name .git \) -prune -o \( "$@" \) -print
}
sources() {
  there -type f \( -name '*.[ch]' -o -name '*.sql' -o -name '*.js' -o -name '*.sh' -o -name Makefile \)
}
comments() {
  sources | xargs grep -nE '^[[:blank:]]*(#|\*)|// |/\*|-- ' |
    sed -E 's,^([^:]*:[^:]*:).*((//|/\*|--) .*),\1\2,'
}
quoted() { grep -noE '`[^`]+`' /dev/null "$@" | tr -d '`'; }

# FILE:LINE:WORD for each word that matches, out of FILE:LINE:TEXT.
words() { # words PATTERN
  awk -v pattern="$1" '{
    rest = $0
    sub(/^[^:]*:[^:]*:/, "", rest)
    place = substr($0, 1, length($0) - length(rest))
    while (match(rest, pattern)) {
      if (RSTART == 1 || substr(rest, RSTART - 1, 1) !~ /[A-Za-z0-9_\/.$}-]/)
        print place substr(rest, RSTART, RLENGTH)
      rest = substr(rest, RSTART + RLENGTH)
    }
  }'
}
# Of these the words that stand in no line of $KNOWN, as a whole, behind a slash, or in front of
# suffixes. A word with NAME, NNNN or a mark of the shell stands for many.
missing() {
  awk -F: 'BEGIN { known = "\n" ENVIRON["KNOWN"] "\n" } {
    word = $3
    sub(/^\.\//, "", word)
    sub(/[.\/]+$/, "", word)
    if (word !~ /[*<{]|NAME|NNNN/ && !index(known, "/" word "\n") &&
        !index(known, "/" word ".") && !index(known, "\n" word "\n"))
      print $1 ":" $2 ": there is no " word
  }'
}

KNOWN=$(there -name '*')
export KNOWN
# File names hold no blanks here.
# shellcheck disable=SC2046,SC2086
found=$(
  comments | words '[A-Za-z0-9_./-]*[A-Za-z0-9_][.]md' | missing
  comments | words "($top)/[A-Za-z0-9_./*<{-]*" | missing
  quoted $(there -name '*.md' ! -path './docs/decisions/*') | words "($top)/[A-Za-z0-9_./*<{-]*" | missing
  quoted $walks | words '[a-z0-9_]+[.][ch]' | missing
  KNOWN=$(sources | grep -v '^./tests/' | xargs grep -ohE '[a-z][a-z0-9]*_[a-z0-9_]+' | sort -u)
  quoted $walks | words '[a-z][a-z0-9]*_[a-z0-9_]+([.][a-z]+)?' | grep -v '[.][a-z]*$' | missing
)
[ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
