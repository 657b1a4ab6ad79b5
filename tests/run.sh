#!/bin/sh
# Run test programs under prove, beside a private PostgreSQL for the units.
# Arguments: executables (C units) and scripts with a shebang. BUILD: where amends is.
# JOBS: how many at once; two more than processors, because most are waiting.
# Run a failed one again by hand with
#   BUILD=build-san AMENDS=build-san/amends tests/scenarios/NAME
set -u
: "${BUILD:=build}"
AMENDS=$(pwd)/$BUILD/amends
export AMENDS
export ASAN_OPTIONS="${ASAN_OPTIONS:-abort_on_error=1:detect_leaks=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}"
[ $# -gt 0 ] || { echo "no tests" >&2; exit 1; }
export BUILD
exec sh tests/with_postgres.sh prove --exec '' --failures --comments --timer --jobs "${JOBS:-$(($(nproc) + 2))}" "$@"
