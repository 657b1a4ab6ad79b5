#!/bin/sh
# The samples in deploy/, checked by their programs: systemd, nginx, Caddy, Postfix,
# Alertmanager.
# Skips those not installed; deps.sh deploy installs all.
set -u
: "${AMENDS:=build/amends}"
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT
n=0
result() { # result NAME STATUS
  n=$((n + 1))
  if [ "$2" = 0 ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    sed 's/^/# /' "$dir/said"
  fi
}
skip() {
  n=$((n + 1))
  echo "ok $n - $1 # SKIP $2 is not installed"
}
PATH=$PATH:/usr/sbin:/sbin

for unit in deploy/systemd/*.service; do
  name=${unit##*/}
  if command -v systemd-analyze >/dev/null; then
    systemd-analyze security --offline=true --threshold=15 "$unit" > "$dir/said" 2>&1
    result "$name is exposed by 1.5 at most" $?
  else
    skip "$name is exposed by 1.5 at most" systemd
  fi
done

if command -v systemd-analyze >/dev/null; then
  mkdir "$dir/units"
  for unit in deploy/systemd/*.service deploy/systemd/*.socket deploy/systemd/*.target deploy/systemd/*.timer; do
    sed "s|/usr/bin/amends|/bin/true|; /^Documentation=/d" "$unit" > "$dir/units/${unit##*/}"
  done
  systemd-analyze verify "$dir"/units/* > "$dir/said" 2>&1 && [ ! -s "$dir/said" ]
  result "systemd takes every line of the units" $?
else
  skip "systemd takes every line of the units" systemd
fi

# Short-lived certificates replace those of the sample; no file of this machine is written.
if command -v nginx >/dev/null && command -v openssl >/dev/null; then
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=status.example.com \
    -keyout "$dir/privkey.pem" -out "$dir/fullchain.pem" > "$dir/said" 2>&1
  {
    echo "pid $dir/pid; error_log stderr; events {} http { access_log off;"
    for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $dir/$kind;"; done
    sed -e "s|/etc/letsencrypt/live/status.example.com|$dir|" deploy/nginx/amends.conf
    echo '}'
  } > "$dir/nginx.conf"
  nginx -t -p "$dir" -c "$dir/nginx.conf" > "$dir/said" 2>&1
  result "nginx -t" $?
else
  skip "nginx -t" nginx
fi

if command -v caddy >/dev/null; then
  XDG_DATA_HOME=$dir XDG_CONFIG_HOME=$dir HOME=$dir \
    caddy validate --adapter caddyfile --config deploy/caddy/Caddyfile > "$dir/said" 2>&1
  result "caddy validate" $?
else
  skip "caddy validate" caddy
fi

if command -v postconf >/dev/null; then
  mkdir "$dir/postfix"
  cp deploy/postfix/main.cf.relay "$dir/postfix/main.cf"
  cat /usr/share/postfix/master.cf.dist deploy/postfix/master.cf.amends \
    > "$dir/postfix/master.cf" 2> "$dir/said"
  # Unused parameters and overridden lines are reported on stderr.
  postconf -n -c "$dir/postfix" > "$dir/shown" 2> "$dir/said" && [ ! -s "$dir/said" ]
  result "postconf knows every parameter of the relay" $?
  postconf -M -c "$dir/postfix" amends/unix 2> "$dir/said" | grep -q 'inbound mail'
  result "and the pipe for mail that comes back" $?
else
  skip "postconf knows every parameter of the relay" postfix
  skip "and the pipe for mail that comes back" postfix
fi

if command -v amtool >/dev/null; then
  amtool check-config deploy/alertmanager/amends.yml > "$dir/said" 2>&1
  result "amtool check-config" $?
else
  skip "amtool check-config" prometheus-alertmanager
fi
if command -v promtool >/dev/null; then
  promtool check rules deploy/prometheus/services.rules.yml > "$dir/said" 2>&1
  result "promtool takes the sample of alerts" $?
else
  skip "promtool takes the sample of alerts" prometheus
fi
echo "1..$n"
