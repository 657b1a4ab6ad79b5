#!/bin/bash
# Bash completes commands, their verbs and options, from the executable's own help.
set -eu
# shellcheck source=/dev/null
source deploy/completions/amends.bash
export ASAN_OPTIONS=detect_leaks=0
n=0
completes() { # completes EXPECTED WORD...
  local expected=$1
  shift
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  _amends
  n=$((n + 1))
  case " ${COMPREPLY[*]} " in
    *" $expected "*) echo "ok $n - ${*:2} completes to $expected" ;;
    *) echo "not ok $n - ${*:2} completes to $expected, not: ${COMPREPLY[*]}" ;;
  esac
}
amends=${BUILD:-build}/amends
completes subscriber "$amends" s
completes import "$amends" subscriber i
completes approve "$amends" credit a
completes invite "$amends" staff ''
completes --data "$amends" up --d
completes Makefile "$amends" template lint Makef
echo "1..$n"
