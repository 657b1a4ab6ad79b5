#!/usr/bin/env node
'use strict';
// Post to last accepted: N e-mail subscribers, Postfix's smtp-sink as relay, beside Postfix's
// own smtp-source (ceiling) and pg-boss with nodemailer (peer), interleaved in one run.
//   N=20000 RUNS=5 node tests/bench/fanout.js      without N: 20,000 and 100,000
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { Amends, freshDirectory } = require('../lib/amends.js');
const { median, round, say, tell, smtpSink, fillReaders, timePost, startPeer } = require('./lib/bench.js');

const SIZES = process.env.N ? [Number(process.env.N)] : [20000, 100000];
const RUNS = Number(process.env.RUNS || 3);
const PEER_MESSAGES = 5000;
const CONNECTIONS = 20;
const MESSAGE_BYTES = 4096;

function smtpSource(port, n) {
  const start = process.hrtime.bigint();
  const done = spawnSync('/usr/sbin/smtp-source', ['-d', '-s', CONNECTIONS, '-l', MESSAGE_BYTES, '-m', n,
    '-f', 'from@bench.example', '-t', 'to@bench.example', `127.0.0.1:${port}`].map(String));
  if (done.status !== 0) throw new Error(`smtp-source: ${done.stderr}`);
  return n / (Number(process.hrtime.bigint() - start) / 1e9);
}

async function queueMail(amends, port) {
  const peer = await startPeer('queue_mail.js', [path.join(amends.dir, 'var/run'), port, PEER_MESSAGES].map(String));
  return JSON.parse(peer.ready).per_second;
}

async function size(n, sink) {
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_SMTP_URL: sink.url } });
  const ours = [];
  const ceiling = [];
  const peer = [];
  try {
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    fillReaders(amends, n);
    await timePost(amends, n, 'warm-up');
    for (let run = 1; run <= RUNS; run++) {
      ceiling.push(smtpSource(sink.port, Math.min(n, 20000)));
      ours.push(n / ((await timePost(amends, n, `Run ${run}`)).milliseconds / 1000));
      peer.push(await queueMail(amends, sink.port));
      tell(`${n}, run ${run}: amends ${round(ours.at(-1))}/s, smtp-source ${round(ceiling.at(-1))}/s, pg-boss + nodemailer ${round(peer.at(-1))}/s`);
    }
  } finally {
    await amends.destroy();
  }
  const row = `e-mail, post to last accepted, ${n} subscribers, smtp-sink`;
  const measured = { unit: 'msg/s', ours: round(median(ours)), ceiling: round(median(ceiling)), peer: round(median(peer)), runs: RUNS };
  say({ row: `${row}: beside smtp-source`, ...measured, ratio: round(median(ours) / median(ceiling), 2), goal: '>= 1.3' });
  say({ row: `${row}: beside pg-boss + nodemailer`, ...measured, ratio: round(median(ours) / median(peer), 1), goal: '>= 18', note: `the peer sends ${PEER_MESSAGES}` });
}

async function main() {
  const sink = await smtpSink();
  try {
    for (const n of SIZES) await size(n, sink);
  } finally {
    await sink.stop();
  }
}

main().catch((error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
