#!/bin/sh
# amends up: first start, second instance refused, a role that dies, SIGTERM, restart,
# kill -9 and recovery, a data directory whose path is too long for a socket.
set -u
: "${AMENDS:=build/amends}"
top=$(mktemp -d "${TMPDIR:-/tmp}/up.XXXXXX")
chmod 755 "$top"
n=0
up=

ok() { # command's status as a test: ok WHAT COMMAND...
  what=$1
  shift
  n=$((n + 1))
  if "$@"; then echo "ok $n - $what"; else echo "not ok $n - $what"; fi
}

start() { # start DIR: sets up (pid) and url
  rm -f "$top/out"
  mkfifo "$top/out"
  "$AMENDS" up --data "$1" --listen 127.0.0.1:0 >"$top/out" 2>>"$top/err" &
  up=$!
  exec 3<"$top/out"
  line=
  read -r line <&3 # ends when up says ready, or when it ends
  url=${line#ready }
}

stop() { # SIGTERM and its exit code
  kill -TERM "$up"
  wait "$up"
}

finish() {
  [ -n "$up" ] && kill -TERM "$up" 2>/dev/null && wait "$up"
  [ "$n" = "$plan" ] || sed 's/^/# /' "$top/err"
  rm -rf "$top"
}
plan=24
trap finish EXIT
trap 'exit 143' HUP INT PIPE TERM

# The pid of a role: a child of up with these arguments.
role() { ps -o pid=,args= --ppid "$up" | awk -v role="$1" '$2 == "amends" && $3 == role { print $1 }'; }
until_true() { # poll a condition for at most 20 s
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || return 1
    sleep 0.1
  done
}
answers() {
  node -e 'fetch(process.argv[1], { signal: AbortSignal.timeout(5000) })
    .then(r => process.exit(r.status === 200 ? 0 : 1), () => process.exit(1))' "$url$1"
}
matches() { printf '%s\n' "$1" | grep -qE "$2"; }
is() { [ "$1" = "$2" ]; }
mode() { stat -c %a "$1"; }
replaced() { now=$(role "$1"); [ -n "$now" ] && [ "$now" != "$2" ]; }
none_of_root() { ! ps -o user= --ppid "$up" | awk '$1 == "root" { found = 1 } END { exit !found }'; }

echo "1..$plan"
dir="$top/here"
start "$dir"
ok "ready with the port that was picked" matches "$url" '^http://127\.0\.0\.1:[1-9][0-9]*$'
ok "the API answers when ready is said" answers /healthz
for name in api notifier billing; do
  # Of a process that may not be dumped, /proc belongs to root.
  ok "$name leaves no core file with the keys" is "$(stat -c %u "/proc/$(role $name)/environ")" 0
done
ok "the admin key has the agreed form" grep -qE '^amends_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$' "$dir/admin.key"
ok "admin.key is private" is "$(mode "$dir/admin.key")" 600
ok "master.key is private" is "$(mode "$dir/master.key")" 600
ok "the cluster is private" is "$(mode "$dir/pg")" 700
ok "no process of it is root's" none_of_root

"$AMENDS" up --data "$dir" --listen 127.0.0.1:0 >/dev/null 2>"$top/second"
ok "a second instance is refused" is $? 1
ok "naming the pid of the first" grep -q "pid $up\$" "$top/second"

old=$(role api)
kill -KILL "$old"
ok "a killed role is started again" until_true replaced api "$old"
ok "and answers on the same port" until_true answers /readyz

key=$(cat "$dir/admin.key")
stop
ok "SIGTERM ends it with 0" is $? 0
ok "and the server with it" test ! -e "$dir/pg/postmaster.pid"
ok "and removes the sockets" test ! -e "$dir/run"

start "$dir"
ok "it opens again" answers /healthz
ok "with the same key" is "$(cat "$dir/admin.key")" "$key"

killed=$up
kill -KILL "$up"
wait "$up" 2>/dev/null
start "$dir"
ok "after kill -9 it recovers at once" answers /readyz
ok "in a new process" is "$([ "$up" != "$killed" ] && echo new)" new
stop

long="$top/$(printf 'deep%.0s' $(seq 40))"
start "$long"
ok "a path too long for a socket is no obstacle" answers /readyz
near=$(readlink "$long/run")
stop
ok "SIGTERM ends it there too" is $? 0
up=
ok "and the short directory is gone" test -n "$near" -a ! -e "$near"
