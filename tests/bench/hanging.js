#!/usr/bin/env node
'use strict';
// 1,000 webhooks at hosts that answer, without and beside 50 at hosts that never do.
//   RUNS=9 node tests/bench/hanging.js
const { Amends, freshDirectory } = require('../lib/amends.js');
const { WebhookHosts } = require('../lib/webhook_hosts.js');
const { median, round, say, tell } = require('./lib/bench.js');

const RUNS = Number(process.env.RUNS || 9);
const HEALTHY = 1000;
const HANGING = 50;
const ANSWERS_MS = [10, 100];

async function measure(answerMs) {
  const hosts = await WebhookHosts.start({ healthy: HEALTHY, hanging: HANGING, answerMs });
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_ALLOW_LOOPBACK: '1' } });
  try {
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    await hosts.subscribe(amends);
    const { without, beside } = await hosts.compare(amends, RUNS);
    tell(`answers after ${answerMs} ms: without ${without.map(Math.round)} ms, beside ${beside.map(Math.round)} ms`);
    const rate = (all) => (HEALTHY * 1000) / median(all);
    say({
      row: `${HEALTHY} webhooks that answer after ${answerMs} ms, beside ${HANGING} that hang (ceiling: without them)`, unit: 'requests/s',
      ours: round(rate(beside)), ceiling: round(rate(without)), peer: null,
      ratio: round(rate(beside) / rate(without), 2), goal: '>= 0.95', runs: RUNS,
    });
  } finally {
    await hosts.stop();
    await amends.destroy();
  }
}

async function main() {
  for (const answerMs of ANSWERS_MS) await measure(answerMs);
}

main().catch((error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
