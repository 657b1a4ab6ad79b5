#!/bin/sh
# amends policy lint: valid policies pass, each invalid one is reported with its field.
set -u
: "${AMENDS:=build/amends}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
check() { # check NAME STATUS PATTERN FILE
  n=$((n + 1))
  said=$("$AMENDS" policy lint "$4" 2>&1)
  status=$?
  if [ "$status" = "$2" ] && printf '%s\n' "$said" | grep -q "$3"; then
    echo "ok $n - $1"
  else
    printf 'not ok %s - %s\n# %s: %s\n' "$n" "$1" "$status" "$said"
  fi
}
echo '{"name": "t", "model": "tiered"}' > "$dir/tiers"
echo '[{"name": "a", "model": "prorata"}, {"name": "b", "model": "days", "days": "-1"}]' > "$dir/two"
echo '{"name"' > "$dir/broken"
check "the policies of the cases are right" 0 '^sla-tiers: right$' tests/cases/policies.json
check "tiers are missing" 1 '^t: .*tiers' "$dir/tiers"
check "the second of two is wrong" 1 '^b: .*days' "$dir/two"
check "a broken document is named" 64 'not valid JSON' "$dir/broken"
check "a missing file is named" 64 'cannot open' "$dir/none"
echo "1..$n"
