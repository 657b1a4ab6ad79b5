#!/bin/sh
# Every walk through the pages: each language, theme and width, and without JavaScript; and every
# scheme of the library through the form of a policy.
set -u
n=0
for walk in browser/public browser/account browser/brand browser/docs browser/staff browser/staff_people browser/staff_letter browser/policy \
  browser/translations scenarios/credits/policy_form; do
  n=$((n + 1))
  if said=$(ALL_WALKS=1 node "tests/$walk.js" 2>&1); then
    echo "ok $n - $walk"
  else
    echo "not ok $n - $walk"
    printf '%s\n' "$said" | grep -A 5 '^not ok' | sed 's/^/# /'
  fi
done
echo "1..$n"
