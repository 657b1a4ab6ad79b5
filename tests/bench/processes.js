#!/usr/bin/env node
'use strict';
// Two notifier processes against one, bound by the relay: every final reply comes 20 ms late.
//   N=6000 RUNS=3 node tests/bench/processes.js
const { Amends, freshDirectory } = require('../lib/amends.js');
const { startNotifier, stopNotifier } = require('../lib/notifiers.js');
const { median, round, say, tell, fastSink, fillReaders, timePost, attempt } = require('./lib/bench.js');

const N = Number(process.env.N || 6000);
const RUNS = Number(process.env.RUNS || 3);

async function measure() {
  const sink = await fastSink(['--dot-delay-ms', '20', '--no-chunking']);
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_SMTP_URL: sink.url } });
  const one = [];
  const two = [];
  try {
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    fillReaders(amends, N);
    await timePost(amends, N, 'warm-up');
    for (let run = 1; run <= RUNS; run++) {
      one.push(N / ((await timePost(amends, N, `One ${run}`)).milliseconds / 1000));
      const second = await startNotifier(amends);
      await timePost(amends, N, `Warm ${run}`);
      two.push(N / ((await timePost(amends, N, `Two ${run}`)).milliseconds / 1000));
      await stopNotifier(second);
      tell(`run ${run}: one ${round(one.at(-1))}/s, two ${round(two.at(-1))}/s`);
    }
  } finally {
    await amends.destroy();
    await sink.stop();
  }
  say({ row: `two notifiers beside one, final reply 20 ms late, ${N} subscribers`, unit: 'msg/s', ours: round(median(two)), ceiling: round(median(one)), peer: null, ratio: round(median(two) / median(one), 2), goal: '>= 1.9', runs: RUNS, note: 'ceiling: one process' });
}

attempt('two notifiers beside one', measure);
