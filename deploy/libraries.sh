#!/bin/sh
# libraries.sh EXECUTABLE: the Debian packages of its libraries, in the form of a package's Depends ("libc6 (>= 2.36), ..."): for the package and for the image.
set -eu
executable=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# dpkg-shlibdeps expects to run in a source package.
mkdir "$dir/debian"
printf 'Source: amends\n\nPackage: amends\nArchitecture: any\n' > "$dir/debian/control"
cd "$dir"
dpkg-shlibdeps -O "$executable" | sed 's/^shlibs:Depends=//'
