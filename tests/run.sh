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

# In memory if there is room for a few clusters: ext4 gives a new file no inode that was deleted in
# the last minutes, so making a cluster's 2000 files costs more and more (recently_deleted).
in_memory() {
  room=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
  free=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  [ "${room:-0}" -gt 4000000 ] && [ "${free:-0}" -gt 6000000 ] || return 1
  memory=$(mktemp -d /dev/shm/amends-XXXXXX) || return 1
  trap 'rm -rf "$memory"' EXIT
  trap 'exit 130' INT TERM
  chmod 755 "$memory"
  cp /bin/true "$memory/runs" && "$memory/runs" 2>/dev/null # not mounted noexec
}
if [ -z "${TMPDIR:-}" ] && in_memory; then export TMPDIR="$memory"; fi

sh tests/with_postgres.sh prove --exec '' --failures --comments --timer --jobs "${JOBS:-$(($(nproc) + 2))}" "$@"
