#!/bin/sh
# Every walk through the pages: each language, theme and width, and without JavaScript.
set -u
n=0
for walk in public staff staff_people staff_letter policy translations; do
  n=$((n + 1))
  if said=$(ALL_WALKS=1 node tests/browser/$walk.js 2>&1); then
    echo "ok $n - $walk"
  else
    echo "not ok $n - $walk"
    printf '%s\n' "$said" | grep -A 5 '^not ok' | sed 's/^/# /'
  fi
done
echo "1..$n"
