#!/usr/bin/env node
'use strict';
// What a broadcast costs: the notifier's memory at LARGE subscribers over that at SMALL, its
// CPU and WAL bytes a delivery, the first message's delay and the claim of a range, all with
// our fast sink as relay. One JSON line a row.
//   LARGE=1000000 SMALL=10000 node tests/bench/rss.js
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, BUILD, freshDirectory, waitForLine, exited } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');

const SMALL = Number(process.env.SMALL || 10000);
const LARGE = Number(process.env.LARGE || 1000000);
const RUNS = 5;

const say = (row) => console.log(JSON.stringify(row));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

// Straight into the tables: imports are measured elsewhere.
function fill(amends, n) {
  sql(amends, `insert into subscriber (channel, address, address_hash, state)
    select 'email', 'reader' || i || '@bench.example', sha256(convert_to(i::text, 'UTF8')), 'active' from generate_series(1, ${n}) i;
    insert into subscription (subscriber_id, kind) select id, 'all' from subscriber;`);
  sql(amends, 'vacuum analyze subscriber, subscription');
  sql(amends, 'checkpoint');
}

const memory = (pid, name) => Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]) / 1024;

// Seconds of CPU so far; ticks are 1/100 s.
function cpu(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function post(amends) {
  return (await amends.call('POST', '/v1/incidents', {
    title: 'A post', kind: 'incident', state: 'investigating', notify: true,
    body: `${'We are looking into it, and will write again within the hour. '.repeat(12)}\n`,
    components: [{ component: 'api', level: 'major_outage' }],
  })).broadcast;
}

async function measure(n) {
  const sink = spawn(path.join(BUILD, 'tests/sinks/smtpsink'), ['--listen', '127.0.0.1:0', '--count-only'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await waitForLine(sink, /^ready (\d+)$/m, 10000);
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_SMTP_URL: `smtp://127.0.0.1:${port}` } });
  try {
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    fill(amends, n);
    const pid = amends.rolePid('notifier');
    const [[backend]] = sql(amends, `select pid from pg_stat_activity where application_name = 'notifier'`);
    const before = { cpu: cpu(pid), server: cpu(backend) };
    const [[lsn]] = sql(amends, 'select pg_current_wal_lsn()');
    const start = Date.now();
    const done = await amends.settled(await post(amends), 600000);
    const [[bytes]] = sql(amends, `select pg_current_wal_lsn() - '${lsn}'`);
    const first = [];
    for (let run = 0; n === LARGE && run < RUNS; run++) first.push(await firstDelay(amends));
    return {
      rss: memory(pid, 'VmHWM'), wal: Number(bytes) / n, first: median(first),
      cpu: ((cpu(pid) - before.cpu) / n) * 1e6, server: ((cpu(backend) - before.server) / n) * 1e6,
      rate: n / ((Date.parse(done.last_at) - start) / 1000),
    };
  } finally {
    await amends.destroy();
    sink.kill('SIGTERM');
    await exited(sink);
  }
}

// From the post's return to the first outcome; then the rest is cancelled.
async function firstDelay(amends) {
  const broadcast = await post(amends);
  const start = Date.now();
  for (;;) {
    const [[at]] = sql(amends, `select extract(epoch from min(settled_at)) * 1000 from delivery where broadcast_id = ${broadcast}`);
    if (at) {
      await amends.call('POST', `/v1/broadcasts/${broadcast}/cancel`, {});
      return Math.max(0, Number(at) - start);
    }
  }
}

async function main() {
  const small = await measure(SMALL);
  const large = await measure(LARGE);
  const row = (name, ours, goal, unit, more = {}) => say({ row: name, ours: Number(ours.toFixed(1)), ceiling: null, peer: null, ratio: null, goal, unit, ...more });
  row(`RSS of the notifier at ${LARGE} subscribers over ${SMALL}`, large.rss, '<= 1.2', 'MiB', {
    ceiling: Number(small.rss.toFixed(1)), ratio: Number((large.rss / small.rss).toFixed(2)),
  });
  row('WAL a delivery', large.wal, '<= 200', 'B');
  row('notifier CPU a delivery', large.cpu, '<= 30', 'us');
  row('PostgreSQL CPU a delivery', large.server, '<= 6', 'us');
  row(`post's return to first outcome, ${LARGE} subscribers, p50`, large.first, '<= 50', 'ms');
  row(`deliveries a second to the fast sink, ${LARGE} subscribers`, large.rate, null, '1/s');
}

main().catch((error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
