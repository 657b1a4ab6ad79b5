#!/bin/sh
# htmx.sh FILE: download htmx for the pages, as pinned by api/vendor/package-lock.json. Without
# npm or a registry, FILE is empty, and the pages work without it
# (docs/decisions/0050-htmx-by-the-build.md).
set -eu
file=$1
vendor=api/vendor
mkdir -p "$(dirname "$file")"
install_it() {
  command -v npm >/dev/null &&
    (cd $vendor && npm ci --fetch-retries=0 --fetch-timeout=20000 --loglevel=error >&2 &&
      cp package-lock.json node_modules/.amends-lock)
}
if cmp -s $vendor/package-lock.json $vendor/node_modules/.amends-lock || install_it; then
  cp $vendor/node_modules/htmx.org/dist/htmx.min.js "$file"
else
  echo "htmx: not to be had; the pages work without it" >&2
  : > "$file"
fi
