#!/bin/sh
# amends policy lint: valid policies pass, each invalid one is reported with its field.
set -u
: "${AMENDS:=build/amends}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
check() { # check NAME STATUS PATTERN FILE [OPTION...]
  n=$((n + 1)) name=$1 want=$2 pattern=$3
  shift 3
  said=$("$AMENDS" policy lint "$@" 2>&1)
  status=$?
  if [ "$status" = "$want" ] && printf '%s\n' "$said" | grep -q "$pattern"; then
    echo "ok $n - $name"
  else
    printf 'not ok %s - %s\n# %s: %s\n' "$n" "$name" "$status" "$said"
  fi
}
echo '{"name": "t", "model": "tiered"}' > "$dir/tiers"
echo '[{"name": "a", "model": "prorata"}, {"name": "b", "model": "days", "days": "-1"}]' > "$dir/two"
echo '{"name"' > "$dir/broken"
check "the policies of the cases are valid" 0 '^sla-tiers: valid$' tests/cases/policies.json
echo '{"name": "ten", "model": "prorata", "multiplier": "10"}' > "$dir/ten"
check "a valid one is said in words" 0 '10 × the price of the downtime that counts' "$dir/ten"
check "with one worked example" 0 'receives 4.98 USD' "$dir/ten"
check "in a language that is asked for" 0 'erhält' "$dir/ten" --locale de
check "as JSON, too" 0 '"example":"An account that pays 99.00 USD' "$dir/ten" --output json
check "tiers are missing" 1 '^t: .*tiers' "$dir/tiers"
check "the second of two is wrong" 1 '^b: .*days' "$dir/two"
check "a broken document is named" 64 'not valid JSON' "$dir/broken"
check "a missing file is named" 64 'cannot open' "$dir/none"
echo "1..$n"
