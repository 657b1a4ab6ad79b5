#!/bin/sh
# Every migration has the hash in tests/fixtures/migrations.sha256 and a unique number: applied
# migrations must not change.
set -u
list=tests/fixtures/migrations.sha256
echo 1..3
result() { # result NAME STATUS OUTPUT
  n=$((${n:-0} + 1))
  if [ "$2" = 0 ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    printf '%s\n' "$3" | sed 's/^/# /'
  fi
}
said=$(grep -v '^#' "$list" | sha256sum --quiet --check 2>&1)
result 'no migration of the list has changed' $? "$said"
said=$(for file in migrations/*; do grep -q "  $file\$" "$list" || echo "$file is not in $list"; done)
result 'each is in the list' "${#said}" "$said"
said=$(for file in migrations/*; do basename "$file" | cut -c1-4; done | uniq -d)
result 'no two have the same number' "${#said}" "$said"
