#!/bin/sh
# The SMTP engine beside Postfix's smtp-source, against smtp-sink and against our fast
# sink, interleaved in one run: only ratios within a run count (PERFORMANCE.md).
#
#     [BUILD=build] [N=20000] [ROUNDS=3] [CONNECTIONS=20] sh tests/bench/run.sh
#
# Prints a table and, last, one JSON line of medians in messages per second. The row of
# the whole way (post to last accepted) is bench.js, beside this.
set -eu
BUILD=${BUILD:-build}
N=${N:-20000}
ROUNDS=${ROUNDS:-3}
CONNECTIONS=${CONNECTIONS:-20}
ENGINE=$BUILD/tests/bench/engine
SINK=$BUILD/tests/sinks/smtpsink
PATH=$PATH:/usr/sbin

work=$(mktemp -d)
pids=
stop() {
	for pid in $pids; do kill "$pid" 2>/dev/null || true; done
	rm -rf "$work"
}
trap stop EXIT INT TERM

# ours NAME OPTION...: start our sink; its port is left in $port.
ours() {
	name=$1
	shift
	"$SINK" --count-only "$@" >"$work/$name" &
	pids="$pids $!"
	until port=$(awk '/^ready/ { print $2; found = 1 } END { exit !found }' "$work/$name"); do
		sleep 0.02
	done
}

ours fast
fast=$port
ours late --dot-delay-ms 20
late=$port
ours far --delay-ms 50
far=$port
postfix=
if command -v smtp-sink >/dev/null && command -v smtp-source >/dev/null; then
	postfix=$((fast > 40000 ? fast - 1117 : fast + 1117))
	user=
	if [ "$(id -u)" = 0 ]; then user="-u nobody"; fi
	# shellcheck disable=SC2086
	smtp-sink $user "127.0.0.1:$postfix" 1000 &
	pids="$pids $!"
	until smtp-source -m 1 "127.0.0.1:$postfix" 2>/dev/null; do sleep 0.05; done
fi

# engine ROW PORT N OPTION...
engine() {
	row=$1 to=$2 n=$3
	shift 3
	"$ENGINE" --url "smtp://127.0.0.1:$to" --messages "$n" --connections "$CONNECTIONS" "$@" |
		sed 's/.*"per_second":\([0-9]*\),"cpu_us_a_message":\([0-9.]*\).*/\1 \2/' >>"$work/$row.rows"
}

source_to() {
	row=$1 to=$2
	began=$(date +%s%N)
	smtp-source -d -s "$CONNECTIONS" -l 4096 -m "$N" "127.0.0.1:$to"
	ended=$(date +%s%N)
	echo "$((N * 1000000000 / (ended - began))) -" >>"$work/$row.rows"
}

round=0
while [ "$round" -lt "$ROUNDS" ]; do
	round=$((round + 1))
	if [ -n "$postfix" ]; then
		source_to source_smtp_sink "$postfix"
		engine engine_smtp_sink "$postfix" "$N"
		engine adaptive_smtp_sink "$postfix" "$N" --adaptive
		source_to source_fast_sink "$fast"
	fi
	engine engine_fast_sink "$fast" "$N"
	engine adaptive_fast_sink "$fast" "$N" --adaptive
	engine engine_dot_20ms "$late" 2000
	engine adaptive_dot_20ms "$late" 2000 --adaptive
	engine engine_reply_50ms "$far" 1000
done

printf '%-22s %10s %10s\n' row 'msg/s' 'CPU us'
json=
for row in source_smtp_sink engine_smtp_sink adaptive_smtp_sink source_fast_sink \
	engine_fast_sink adaptive_fast_sink engine_dot_20ms adaptive_dot_20ms engine_reply_50ms; do
	[ -f "$work/$row.rows" ] || continue
	sort -n "$work/$row.rows" | awk -v row="$row" '{ line[NR] = $0 }
		END { split(line[int((NR + 1) / 2)], f); printf "%-22s %10s %10s\n", row, f[1], f[2] }'
	median=$(sort -n "$work/$row.rows" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')
	json="$json${json:+,}\"$row\":$median"
done
echo "{$json,\"messages\":$N,\"connections\":$CONNECTIONS,\"rounds\":$ROUNDS}"
