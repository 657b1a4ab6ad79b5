#!/bin/sh
# libraries.sh EXECUTABLE: the Debian packages of what it is linked with, as a package's Depends
# names them ("libc6 (>= 2.36), ..."): for the package and for the image.
set -eu
executable=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# dpkg-shlibdeps looks for a source package around it.
mkdir "$dir/debian"
printf 'Source: amends\n\nPackage: amends\nArchitecture: any\n' > "$dir/debian/control"
cd "$dir"
dpkg-shlibdeps -O "$executable" | sed 's/^shlibs:Depends=//'
