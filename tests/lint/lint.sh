#!/bin/sh
# Every gate, each named with how it went; fails when one does. BUILD and MAKE from make.
set -u
: "${BUILD:=build}" "${MAKE:=make}"
bad=
gate() { # gate NAME COMMAND...
  name=$1
  shift
  printf '%-22s' "$name"
  if said=$("$@" 2>&1); then
    echo ok
  else
    echo FAILED
    printf '%s\n' "$said" | grep -v '^  CC ' | head -n 60
    bad="$bad $name"
  fi
}
sources() { find core templates messages notifier billing api cli tests -name node_modules -prune -o \
  -name "$1" -print | sort; }
shells() { find deploy tests .ci -name node_modules -prune -o \( -name '*.sh' -o -name '*.bash' \) -print
  echo .ci/run; }
formatted() { sources '*.[ch]' | xargs clang-format --dry-run -Werror; }
checked() { shells | xargs shellcheck -S warning; }
built() { "$MAKE" --no-print-directory BUILD="$BUILD-$1" CC="$1" all units tools; }
tidy() {
  "$MAKE" --no-print-directory CC=clang compile_commands >/dev/null &&
    sources '*.c' | grep -v ^tests/ | xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p .
}
analysed() {
  cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppressions-list=tests/lint/cppcheck.txt --error-exitcode=1 -j "$(nproc)" -I. -D_GNU_SOURCE \
    -D__cppcheck__ core templates messages notifier billing api cli
}
flags() { "$MAKE" --no-print-directory -s flags; }

gate layers sh tests/lint/layers.sh
gate sizes sh tests/lint/sizes.sh
gate sql sh tests/lint/sql.sh
gate citations sh tests/lint/citations.sh
gate words sh tests/lint/words.sh
gate clang-format formatted
gate shellcheck checked
# Flags are words.
# shellcheck disable=SC2046
gate lone-headers sh tests/lint/lone_headers.sh cc $(flags)
gate gcc built gcc
gate clang built clang
gate cppcheck analysed
gate clang-tidy tidy
[ -z "$bad" ] || { echo "lint:$bad" >&2; exit 1; }
