#!/bin/sh
# A fresh Debian 12 with systemd, in namespaces of its own and without a network: the package is
# installed, docs/guides/operators.md followed literally (its indented commands are run),
# an incident reaches a mailbox through Postfix, OpenDKIM and Dovecot, a reader unsubscribes, a
# credit is issued and pulled; the package is upgraded, removed and purged.
#
# AMENDS_FRESH_BASE: a root that debootstrap --variant=minbase made, to copy instead of making one.
set -u
: "${BUILD:=build}"
skip() {
  echo "1..0 # SKIP $1"
  exit 0
}
[ "$(id -u)" = 0 ] || skip 'root is needed for a root of its own'
command -v debootstrap >/dev/null || [ -d "${AMENDS_FRESH_BASE:-}" ] || skip 'no debootstrap'
command -v systemd-nspawn >/dev/null || skip 'no systemd-nspawn (package systemd-container)'

dir=$(mktemp -d)
root=$dir/root
machine=
n=0
failed=0
result() { # result NAME STATUS [FILE]
  n=$((n + 1))
  if [ "$2" = 0 ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    failed=1
    [ ! -f "${3:-}" ] || tail -n 40 "$3" | sed 's/^/# /'
  fi
}
finish() {
  [ -z "$machine" ] || { kill "$machine" 2>/dev/null; wait "$machine" 2>/dev/null; }
  rm -rf --one-file-system "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM
bail() {
  echo "Bail out! $1"
  [ ! -f "${2:-}" ] || tail -n 40 "$2" | sed 's/^/# /'
  exit 1
}

# Two versions of the package, of a build without sanitizers.
for version in 0.1.0 0.2.0; do
  make --no-print-directory BUILD=build OUT="$dir" VERSION=$version deb > "$dir/make" 2>&1 ||
    bail 'the package is not made' "$dir/make"
done

if [ -d "${AMENDS_FRESH_BASE:-}" ]; then
  cp -a "$AMENDS_FRESH_BASE" "$root"
else
  debootstrap --variant=minbase --include=systemd-sysv bookworm "$root" > "$dir/debootstrap" 2>&1 ||
    bail 'debootstrap fails' "$dir/debootstrap"
fi

# Packages are downloaded beforehand, because the machine has no network.
mkdir -p "$root/root/new"
cp "$dir"/amends_0.1.0_*.deb "$root/root/"
cp "$dir"/amends_0.2.0_*.deb "$root/root/new/"
cp /etc/resolv.conf "$root/etc/resolv.conf"
chroot "$root" sh -c 'apt-get update && apt-get install -y --download-only /root/amends_*.deb \
  postgresql && apt-get install -y --download-only --no-install-recommends postfix opendkim \
  opendkim-tools dovecot-imapd dovecot-lmtpd curl jq' > "$dir/fetch" 2>&1 ||
  bail 'packages cannot be downloaded' "$dir/fetch"
echo '127.0.0.1 localhost status.example.com' > "$root/etc/hosts"

systemd-nspawn --quiet --boot --private-network --register=no --keep-unit --console=pipe \
  --machine=amends-fresh-$$ --directory="$root" > "$dir/console" 2>&1 < /dev/null &
machine=$!
leader() { pgrep -P "$machine" | head -n 1; }
inside() { # run its standard input as a script in the machine
  nsenter --target "$(leader)" --mount --uts --ipc --net --pid --cgroup \
    env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -c "cd /root && $1"
}
i=0
until inside 'systemctl is-system-running 2>/dev/null | grep -Eq "running|degraded"' 2>/dev/null; do
  i=$((i + 1))
  [ $i -lt 120 ] || bail 'systemd does not start' "$dir/console"
  sleep 0.5
done
inside 'ip link set lo up' 2>/dev/null || :
result 'a fresh Debian boots' 0

# The guide's commands of a section: its lines indented by four blanks.
section() {
  awk -v title="## $1" '/^## / { on = index($0, title) == 1 } on && /^    / { print substr($0, 5) }' \
    docs/guides/operators.md
}
follow() {
  section "$1" > "$root/root/section.sh"
  inside 'sh -ex section.sh' > "$dir/section" 2>&1
  result "the guide: $1" $? "$dir/section"
}
follow '1. Install'
follow '2. Configure'

# The recipient's mailbox: Dovecot on the same machine.
inside '
apt-get install -y --no-install-recommends dovecot-imapd dovecot-lmtpd curl jq
useradd --create-home ann && echo ann:secret | chpasswd
cat > /etc/dovecot/local.conf <<X
auth_username_format = %Ln
mail_location = maildir:~/Maildir
ssl = no
disable_plaintext_auth = no
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = 2424
  }
}
X
systemctl restart dovecot' > "$dir/dovecot" 2>&1
result 'a mailbox' $? "$dir/dovecot"
follow '4. Mail that arrives'
inside 'echo "mail.example lmtp:inet:127.0.0.1:2424" >> /etc/postfix/transport &&
  postmap /etc/postfix/transport && systemctl reload postfix' > "$dir/transport" 2>&1
result 'the way to the mailbox' $? "$dir/transport"
follow '5. First steps'

cp tests/fixtures/fresh/first_day.sh "$root/root/first_day.sh"
inside 'sh first_day.sh' > "$dir/steps" 2> "$dir/steps.err"
result 'every step of a first day is taken' $? "$dir/steps.err"
while read -r verdict what; do
  [ "$verdict" = yes ]
  result "$what" $?
done < "$dir/steps"

inside 'systemd-analyze security --threshold=15 amends-api amends-notifier amends-billing' \
  > "$dir/security" 2>&1
result 'the running units are exposed by 1.5 at most' $? "$dir/security"
inside 'echo "# mine" >> /etc/amends/amends.conf
  apt-get install -y ./new/amends_*.deb &&
  systemctl is-active amends-api amends-notifier amends-billing &&
  curl -sfo /dev/null http://127.0.0.1:8080/readyz && tail -n 1 /etc/amends/amends.conf |
  grep -q mine && dpkg-query -W amends | grep -q 0.2.0' > "$dir/upgrade" 2>&1
result 'an upgrade keeps configuration and runs on' $? "$dir/upgrade"
inside 'apt-get purge -y amends && ! test -e /etc/amends && ls /var/backups/amends-key_file.* &&
  ! systemctl is-active amends-api && cd / &&
  test "$(setpriv --reuid=postgres --clear-groups psql -XAtd amends -c "select count(*) from credit")" -gt 0' \
  > "$dir/purge" 2>&1
result 'a purge keeps the database and the key, and says so' $? "$dir/purge"
echo "1..$n"
[ $failed = 0 ] || inside 'journalctl --no-pager -n 60 -u "amends*"' 2>&1 | sed 's/^/# /'
exit $failed
