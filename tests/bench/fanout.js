#!/usr/bin/env node
'use strict';
// Post to last accepted: N e-mail subscribers. To Postfix's smtp-sink, beside Postfix's own
// smtp-source (ceiling) and pg-boss with nodemailer (peer); and to our fast sink, beside our
// own engine without a database and templates (ceiling). Interleaved in one run.
//   N=20000 RUNS=5 node tests/bench/fanout.js      without N: 20,000 and 100,000
const path = require('node:path');
const { Amends, freshDirectory } = require('../lib/amends.js');
const { median, round, say, tell, smtpSink, fastSink, fillReaders, timePost, smtpSource, engine, attempt, startPeer } = require('./lib/bench.js');

const SIZES = process.env.N ? [Number(process.env.N)] : [20000, 100000];
const RUNS = Number(process.env.RUNS || 3);
const PEER_MESSAGES = 2000;

async function queueMail(amends, port) {
  const peer = await startPeer('queue_mail.js', [path.join(amends.dir, 'var/run'), port, PEER_MESSAGES].map(String));
  return JSON.parse(peer.ready).per_second;
}

// Runs measure(amends, run) RUNS times with n readers and a relay.
async function rounds(n, sink, measure) {
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_SMTP_URL: sink.url } });
  try {
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    fillReaders(amends, n);
    await timePost(amends, n, 'warm-up');
    for (let run = 1; run <= RUNS; run++) await measure(amends, run);
  } finally {
    await amends.destroy();
    await sink.stop();
  }
}

async function toSmtpSink(n, row) {
  const sink = await smtpSink();
  const ours = [];
  const ceiling = [];
  const peer = [];
  await rounds(n, sink, async (amends, run) => {
    ceiling.push(smtpSource(sink.port, 20000));
    ours.push(n / ((await timePost(amends, n, `Run ${run}`)).milliseconds / 1000));
    peer.push(await queueMail(amends, sink.port));
    tell(`${n}, run ${run}: amends ${round(ours.at(-1))}/s, smtp-source ${round(ceiling.at(-1))}/s, pg-boss + nodemailer ${round(peer.at(-1))}/s`);
  });
  const measured = { unit: 'msg/s', ours: round(median(ours)), ceiling: round(median(ceiling)), peer: round(median(peer)), runs: RUNS };
  say({ row: `${row}: beside smtp-source`, ...measured, ratio: round(median(ours) / median(ceiling), 2), goal: '>= 1.3' });
  say({ row: `${row}: beside pg-boss + nodemailer`, ...measured, ratio: round(median(ours) / median(peer), 1), goal: '>= 18', note: `the peer sends ${PEER_MESSAGES}` });
}

async function toFastSink(n, row) {
  const sink = await fastSink();
  const ours = [];
  const ceiling = [];
  await rounds(n, sink, async (amends, run) => {
    ceiling.push((await engine(sink.url, n, ['--adaptive'])).per_second);
    ours.push(n / ((await timePost(amends, n, `Run ${run}`)).milliseconds / 1000));
    tell(`${n} to the fast sink, run ${run}: amends ${round(ours.at(-1))}/s, bare engine ${round(ceiling.at(-1))}/s`);
  });
  say({ row, unit: 'msg/s', ours: round(median(ours)), ceiling: round(median(ceiling)), peer: null, goal: '>= 0.85', runs: RUNS, note: 'ceiling: our engine alone, no database, no templates' });
}

async function main() {
  for (const n of SIZES) {
    const row = `e-mail, post to last accepted, ${n} subscribers`;
    await attempt(`${row}, smtp-sink`, () => toSmtpSink(n, `${row}, smtp-sink`));
    await attempt(`${row}, fast sink`, () => toFastSink(n, `${row}, fast sink: beside the bare engine`));
  }
}

main();
