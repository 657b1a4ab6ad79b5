#!/bin/sh
# Run test programs under prove and say what to type to see one that failed.
# Arguments: executables (C units) and scripts with a shebang. BUILD: where amends is.
set -u
: "${BUILD:=build}"
AMENDS=$(pwd)/$BUILD/amends
export AMENDS
export ASAN_OPTIONS="${ASAN_OPTIONS:-abort_on_error=1:detect_leaks=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}"
[ $# -gt 0 ] || { echo "no tests" >&2; exit 1; }
exec prove --exec '' --timer --jobs "${JOBS:-$(nproc)}" "$@"
