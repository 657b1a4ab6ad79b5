#!/usr/bin/env node
'use strict';
// The cost of a growing broadcast, with our fast sink as relay: the notifier's memory at LARGE
// subscribers over that at SMALL, CPU and WAL bytes a delivery, the time that LARGE takes over
// that of MIDDLE, the first message's delay and the live counts. One JSON line a row.
//   LARGE=1000000 MIDDLE=100000 SMALL=10000 node tests/bench/rss.js
const fs = require('node:fs');
const { Amends, freshDirectory } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');
const { median, round, say, tell, cpu, fastSink, fillReaders, post, timePost, attempt } = require('./lib/bench.js');

const SMALL = Number(process.env.SMALL || 10000);
const MIDDLE = Number(process.env.MIDDLE || 100000);
const LARGE = Number(process.env.LARGE || 1000000);
const RUNS = 9;

const memory = (pid, name) => Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]) / 1024;

// use: what to measure besides, on the same installation.
async function measure(n, use = async () => ({})) {
  const sink = await fastSink();
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_SMTP_URL: sink.url } });
  try {
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    fillReaders(amends, n);
    const pid = amends.rolePid('notifier');
    const [[backend]] = sql(amends, "select pid from pg_stat_activity where application_name = 'notifier'");
    const before = { cpu: cpu(pid), server: cpu(backend) };
    const [[lsn]] = sql(amends, 'select pg_current_wal_lsn()');
    const took = await timePost(amends, n, 'A post');
    const [[bytes]] = sql(amends, `select pg_current_wal_lsn() - '${lsn}'`);
    const seen = {
      n, rss: memory(pid, 'VmHWM'), wal: Number(bytes) / n, seconds: took.milliseconds / 1000,
      cpu: (cpu(pid) - before.cpu) / n, server: (cpu(backend) - before.server) / n,
    };
    tell(`${n}: ${round(n / seen.seconds)}/s, notifier ${round(seen.cpu, 1)} us, PostgreSQL ${round(seen.server, 1)} us, ${round(seen.wal)} B of WAL a delivery`);
    return { ...seen, ...(await use(amends)) };
  } finally {
    await amends.destroy();
    await sink.stop();
  }
}

// From the post's return to the first outcome; then the rest is cancelled.
async function firstDelay(amends) {
  const broadcast = await post(amends, 'One more');
  const start = Date.now();
  for (;;) {
    const at = sql(amends, `select extract(epoch from min(settled_at)) * 1000 from delivery where broadcast_id = ${broadcast}`)[0]?.[0];
    if (!at) continue;
    await amends.call('POST', `/v1/broadcasts/${broadcast}/cancel`, {});
    return Math.max(0, Number(at) - start);
  }
}

async function atLarge(amends) {
  const counts = [];
  for (let run = 0; run < RUNS; run++) {
    const start = process.hrtime.bigint();
    await amends.call('GET', '/v1/broadcasts/1');
    counts.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  const first = [];
  for (let run = 0; run < RUNS; run++) first.push(await firstDelay(amends));
  tell(`first outcome: ${first.map((one) => round(one)).join(', ')} ms; live counts: ${counts.map((one) => round(one)).join(', ')} ms`);
  return { first: median(first), counts: median(counts) };
}

async function main() {
  const small = await measure(SMALL);
  const middle = await measure(MIDDLE);
  const large = await measure(LARGE, atLarge);
  const row = (name, ours, goal, unit, more = {}) => say({ row: name, ours: round(ours, 1), ceiling: null, peer: null, ratio: null, goal, unit, ...more });
  row(`RSS of the notifier at ${LARGE} subscribers over ${SMALL}`, large.rss, '<= 1.2', 'MiB', { ceiling: round(small.rss, 1), ratio: round(large.rss / small.rss, 2) });
  row('WAL a delivery', large.wal, '<= 200', 'B');
  row('notifier CPU a delivery', large.cpu, '<= 30', 'us');
  row('PostgreSQL CPU a delivery', large.server, '<= 6', 'us');
  row(`growth: seconds of a broadcast to ${LARGE} over ${MIDDLE}, fast sink`, large.seconds, '<= 11', 's', { ceiling: round(middle.seconds, 1), ratio: round(large.seconds / middle.seconds, 1) });
  row(`post's return to first outcome, ${LARGE} subscribers, p50`, large.first, '<= 50', 'ms', { runs: RUNS });
  row(`live counts of a broadcast with ${LARGE} outcomes, p50`, large.counts, null, 'ms', { runs: RUNS });
}

attempt('memory, CPU, WAL, growth, first outcome', main);
