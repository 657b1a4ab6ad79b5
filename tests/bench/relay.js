#!/usr/bin/env node
'use strict';
// Mail to relays with latency, and to a real Postfix: the effect of the windows. Rows through all of
// Amends, limited by latency, and rows of the bare SMTP engine beside smtp-source. One JSON line per row.
//   RUNS=3 N=20000 node tests/bench/relay.js
const { Amends, freshDirectory } = require('../lib/amends.js');
const { Postfix, missing } = require('../lib/postfix.js');
const { median, round, say, tell, smtpSink, fastSink, fillReaders, timePost, smtpSource, engine, attempt } = require('./lib/bench.js');

const RUNS = Number(process.env.RUNS || 3);
const N = Number(process.env.N || 20000);
const CONNECTIONS = 20;

// Each of variants {name: () => number} RUNS times, interleaved; their medians.
async function interleaved(what, variants) {
  const seen = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  for (let run = 1; run <= RUNS; run++) {
    for (const [name, measure] of Object.entries(variants)) seen[name].push(await measure());
    tell(`${what}, run ${run}: ${Object.entries(seen).map(([name, values]) => `${name} ${round(values.at(-1))}`).join(', ')}`);
  }
  return Object.fromEntries(Object.entries(seen).map(([name, values]) => [name, median(values)]));
}

// Through all of Amends with defaults. ideal: messages per second of connections that each wait for
// every message.
async function whole(row, sinkOptions, n, ideal, goal) {
  const sink = await fastSink(sinkOptions);
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_SMTP_URL: sink.url } });
  try {
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    fillReaders(amends, n);
    const rates = [];
    for (let run = 1; run <= RUNS; run++) {
      rates.push(n / ((await timePost(amends, n, `Run ${run}`)).milliseconds / 1000));
      tell(`${row}, run ${run}: ${round(rates.at(-1))}/s of ${ideal}/s`);
    }
    const ours = median(rates);
    say({ row, unit: 'msg/s', ours: round(ours), ceiling: ideal, peer: null, ratio: round(ours / ideal, 2), goal, runs: RUNS,
      note: 'ceiling: connections / latency' });
  } finally {
    await amends.destroy();
    await sink.stop();
  }
}

// The automatic windows beside the best fixed ones.
async function adaptive(row, sinkOptions, n, depths) {
  const sink = await fastSink(sinkOptions);
  const fixed = Object.fromEntries(depths.map((depth) => [`fixed ${depth}`, async () => (await engine(sink.url, n, ['--depth', `${depth}`])).per_second]));
  const rates = await interleaved(row, { ...fixed, ours: async () => (await engine(sink.url, n, ['--adaptive'])).per_second });
  await sink.stop();
  const best = Object.keys(fixed).reduce((a, b) => (rates[a] > rates[b] ? a : b));
  say({ row, unit: 'msg/s', ours: rates.ours, ceiling: rates[best], peer: null, goal: '>= 0.9', runs: RUNS, note: `ceiling: ${best} a connection` });
}

async function bareEngine(row, sink, goal) {
  const cpu = [];
  const rates = await interleaved(row, {
    peer: async () => smtpSource(sink.port, N),
    ours: async () => {
      const run = await engine(sink.url, N);
      cpu.push(run.cpu_us_a_message);
      return run.per_second;
    },
  });
  await sink.stop();
  say({ row, unit: 'msg/s', ours: rates.ours, ceiling: round(rates.peer), peer: null, goal, runs: RUNS, note: 'ceiling: smtp-source' });
  say({ row: `${row}: CPU a message`, unit: 'us', ours: median(cpu), ceiling: null, peer: null, ratio: median(cpu), goal: '<= 30', runs: RUNS });
}

// Discarded by Postfix; its queue files are the limit.
async function realPostfix(row) {
  const why = missing();
  if (why) throw new Error(why);
  const postfix = await Postfix.start(freshDirectory());
  const one = (options) => async () => (await engine(postfix.url, 1000, ['--connections', '1', '--starttls', postfix.ca, ...options])).per_second;
  const rates = await interleaved('Postfix', {
    pipelining: one(['--no-chunking']), 'window of 1': one(['--depth', '1']), 'window of 16': one(['--depth', '16']), ours: one(['--adaptive']),
  });
  await postfix.stop();
  const best = Object.keys(rates).reduce((a, b) => (rates[a] > rates[b] ? a : b));
  say({ row, unit: 'msg/s', ours: rates.ours, ceiling: rates[best], peer: null, goal: '>= 0.9',
    runs: RUNS, note: `ceiling: best of PIPELINING (${rates.pipelining}) and BDAT windows of 1 (${rates['window of 1']}), 16 (${rates['window of 16']})` });
}

async function main() {
  const late = ['--dot-delay-ms', '20'];
  const far = ['--delay-ms', '50'];
  const rows = {
    'final reply 20 ms late, PIPELINING, 20 connections': (row) => whole(row, [...late, '--no-chunking'], N / 2, CONNECTIONS * 50, '>= 0.95'),
    'every reply 50 ms late, PIPELINING': (row) => whole(row, [...far, '--no-chunking'], N / 5, CONNECTIONS * 20, '>= 0.9'),
    'every reply 50 ms late, CHUNKING': (row) => whole(row, far, N, CONNECTIONS * 20, '>= 5'),
    'bare engine, adaptive / best fixed window, final reply 20 ms late': (row) => adaptive(row, late, 3 * N, [4, 16]),
    'bare engine, adaptive / best fixed window, every reply 50 ms late': (row) => adaptive(row, far, 1.5 * N, [8, 16]),
    'bare engine, adaptive / best fixed window, fast sink': (row) => adaptive(row, [], 10 * N, [4, 16]),
    'bare engine, smtp-sink': async (row) => bareEngine(row, await smtpSink(), '>= 1.3'),
    'bare engine, fast sink': async (row) => bareEngine(row, await fastSink(), null),
    'real Postfix, discard, STARTTLS, one connection': realPostfix,
  };
  for (const [row, measure] of Object.entries(rows)) await attempt(row, () => measure(row));
}

main();
