#!/bin/sh
# On a machine with all packages, `make check` installs nothing and calls no package manager:
# its two first steps, deps and npm, run here with package managers that fail and leave a trace.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for manager in apt-get apt-cache apt dpkg dpkg-query npm npx sudo; do
  printf '#!/bin/sh\necho "%s $*" >> "%s/asked"\nexit 1\n' "$manager" "$dir" > "$dir/$manager"
  chmod 755 "$dir/$manager"
done
touch "$dir/asked"
n=0
result() { # result NAME STATUS
  n=$((n + 1))
  [ "$2" = 0 ] && echo "ok $n - $1" || { echo "not ok $n - $1"; sed 's/^/# /' "$dir/said" "$dir/asked"; }
}
PATH="$dir:$PATH" sh deploy/deps.sh > "$dir/said" 2>&1
result 'deps.sh finds everything' $?
PATH="$dir:$PATH" MAKEFLAGS='' make --no-print-directory npm >> "$dir/said" 2>&1
result 'the npm packages of the tests are found' $?
[ ! -s "$dir/asked" ]
result 'no package manager was asked' $?
echo "1..$n"
