#!/bin/sh
# deb.sh AMENDS VERSION OUT: build OUT/amends_VERSION_ARCH.deb from a built executable, without
# debhelper: this script lists the complete content of the package.
set -eu
amends=$1 version=$2 out=$3
arch=$(dpkg --print-architecture)
here=$(dirname "$0")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
tree=$root/tree
put() { install -D -m "$1" "$2" "$tree/$3"; }

put 755 "$amends" usr/bin/amends
strip --strip-unneeded "$tree/usr/bin/amends"
put 755 "$here/debian/amendsctl" usr/sbin/amendsctl
for unit in "$here"/systemd/*.service "$here"/systemd/*.socket "$here"/systemd/*.target \
  "$here"/systemd/*.timer; do
  put 644 "$unit" "lib/systemd/system/${unit##*/}"
done
put 644 "$here/systemd/amends.sysusers" usr/lib/sysusers.d/amends.conf
put 644 "$here/systemd/amends.tmpfiles" usr/lib/tmpfiles.d/amends.conf
put 755 "$here/debian/database.sh" usr/lib/amends/database
put 644 "$here/roles.sql" usr/share/amends/roles.sql
put 644 "$here/../docs/amends.1" usr/share/man/man1/amends.1
gzip -9n "$tree/usr/share/man/man1/amends.1"
put 644 "$here/completions/amends.bash" usr/share/bash-completion/completions/amends
put 644 "$here/completions/amends.zsh" usr/share/zsh/vendor-completions/_amends
put 644 "$here/completions/amends.fish" usr/share/fish/vendor_completions.d/amends.fish
for sample in nginx/amends.conf caddy/Caddyfile prometheus/prometheus.yml \
  prometheus/amends.rules.yml; do
  put 644 "$here/$sample" "usr/share/doc/amends/examples/$sample"
done
for sample in "$here"/postfix/*; do
  put 644 "$sample" "usr/share/doc/amends/examples/postfix/${sample##*/}"
done
put 644 "$here/../docs/guides/operators.md" usr/share/doc/amends/operators.md
put 644 "$here/debian/copyright" usr/share/doc/amends/copyright
put 644 "$here/../CHANGELOG.md" usr/share/doc/amends/changelog
gzip -9n "$tree/usr/share/doc/amends/changelog"

# The reference with the two settings of an installation from the package.
mkdir -p "$tree/etc/amends"
sed -e 's|^#database_url =.*|database_url = host=/var/run/postgresql dbname=amends|' \
  -e 's|^#key_file =.*|key_file = /etc/amends/credentials/key_file|' \
  "$here/amends.conf" > "$tree/etc/amends/amends.conf"

depends=$(sh "$here/libraries.sh" "$tree/usr/bin/amends")
mkdir "$tree/DEBIAN"
sed -e "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@DEPENDS@/$depends/" \
  -e "s/@SIZE@/$(du -ks "$tree" | cut -f1)/" "$here/debian/control" > "$tree/DEBIAN/control"
for script in postinst prerm postrm; do
  put 755 "$here/debian/$script" "DEBIAN/$script"
done
echo /etc/amends/amends.conf > "$tree/DEBIAN/conffiles"
(cd "$tree" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z |
  xargs -0 md5sum > DEBIAN/md5sums)
mkdir -p "$out"
dpkg-deb --root-owner-group --build "$tree" "$out/amends_${version}_$arch.deb"
