#!/bin/sh
# Install the missing packages to build, run and test Amends on Debian 12, if any. Checks for the
# library or program in use, not for a package, so that one from another source counts.
#   deps.sh build  to build the executable, the Debian package and the image, nothing else
#   deps.sh        to build, run, demonstrate and test
#   deps.sh lint   and to lint and fuzz
#   deps.sh bench  and to run the benchmarks
#   deps.sh failover  and to fail over between two servers and lose a host (tests/scenarios/long)
#   deps.sh clients  and to generate clients of the API and try it with schemathesis (long)
#   deps.sh deploy  and to test deploy/, build its image and boot a fresh Debian
set -eu

missing=
need() { # need PACKAGE COMMAND...: missing unless the command succeeds
  package=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}
# Faster where Debian has it, but nothing needs it: installed beside what is missing.
wished=
wish() { command -v "$1" >/dev/null || wished="$wished $1"; }
library() { need "$2" pkg-config --exists "$1"; }
program() { need "$1" command -v "${2:-$1}"; }
sbin() { [ -x "/usr/sbin/$1" ] || command -v "$1"; }
# For the server that the tests start: the newest available version, or else that of Debian 12.
pg=$(ls /usr/lib/postgresql 2>/dev/null | sort -V | tail -n 1)
server() { ls /usr/lib/postgresql/*/bin/initdb || command -v initdb; }
# For readable screenshots of Japanese pages.
japanese() { fc-list :lang=ja 2>/dev/null | grep -q .; }
headers() { headers_of stdlib.h; }
headers_of() { echo "#include <$1>" | cc -E -; }
node18() { [ "$(node -p 'parseInt(process.versions.node)')" -ge 18 ]; }
clang_runtime() { ls "$(clang -print-runtime-dir)"/libclang_rt.fuzzer*; }

program gcc
need libc6-dev headers
program make
program pkg-config
library gmp libgmp-dev
library icu-i18n libicu-dev
library libpq libpq-dev
library libcurl libcurl4-openssl-dev
library libmicrohttpd libmicrohttpd-dev
library libsodium libsodium-dev
library jansson libjansson-dev
library libcmark-gfm libcmark-gfm-dev
need libcmark-gfm-extensions-dev headers_of cmark-gfm-core-extensions.h
library libidn2 libidn2-dev
library libsystemd libsystemd-dev
library gmime-3.0 libgmime-3.0-dev
library snappy libsnappy-dev
library zlib zlib1g-dev
library liboath liboath-dev
library cjose libcjose-dev
library libqrencode libqrencode-dev
library libcrypto libssl-dev
need ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
need nodejs node18
program curl
program npm

if [ "${1:-}" = build ]; then
  program dpkg-dev dpkg-shlibdeps
else
  need postgresql server
  need "postgresql-${pg:=15}-plpgsql-check" test -e "/usr/share/postgresql/$pg/extension/plpgsql_check.control"
  need tzdata test -e /usr/share/zoneinfo/Europe/Berlin
  need postfix sbin smtp-source
  need opendkim sbin opendkim
  program procps ps
  program perl prove
  program zsh
  program fish
  program prometheus promtool
  program prometheus-alertmanager
  program chromium
  wish chromium-headless-shell
  program systemd systemd-analyze
  need fonts-vlgothic japanese
fi

if [ "${1:-}" = lint ]; then
  program clang
  need libclang-rt-14-dev clang_runtime
  program clang-format
  program clang-tidy
  program cppcheck
  program shellcheck
fi

if [ "${1:-}" = bench ]; then
  program wrk
  need nginx-light sbin nginx
fi

if [ "${1:-}" = failover ]; then
  program patroni
  program etcd-server etcd
  program iproute2 ip
  need python3-etcd test -d /usr/lib/python3/dist-packages/etcd
fi

if [ "${1:-}" = deploy ]; then
  need nginx-light sbin nginx
  program caddy
  need debootstrap sbin debootstrap
  program systemd-container systemd-nspawn
  program buildah
  program kubernetes-client kubectl
fi

# Go comes from PyPI where this one is too old, as Debian 12's is (tests/lib/clients.js).
if [ "${1:-}" = clients ]; then
  need python3-venv python3 -c 'import ensurepip'
  need default-jdk-headless command -v javac
  program maven mvn
fi

[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "deps: missing, by the names of Debian's packages:$missing" >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then
  as_root() { "$@"; }
elif command -v sudo >/dev/null; then
  as_root() { sudo "$@"; }
else
  echo "deps: missing, and neither root nor sudo here. As root: apt-get install$missing" >&2
  exit 1
fi

echo "deps: installing$missing"
# Postfix provides smtp-source and smtp-sink: it is not configured, so it does not run.
case "$missing" in
  *postfix*)
    echo 'postfix postfix/main_mailer_type select No configuration' |
      as_root debconf-set-selections
    ;;
esac
# Only tests and benchmarks start these, with their own configurations.
case "$missing" in
  *nginx* | *caddy* | *prometheus* | *patroni* | *etcd*)
    if [ ! -e /usr/sbin/policy-rc.d ]; then
      printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
      as_root chmod 755 /usr/sbin/policy-rc.d
      trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    ;;
esac
as_root apt-get update -qq
for package in $wished; do
  if apt-cache show "$package" >/dev/null 2>&1; then missing="$missing $package"; fi
done
# Package names are words.
# shellcheck disable=SC2086
as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends $missing
echo "deps: done"
