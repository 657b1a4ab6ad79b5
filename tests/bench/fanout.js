#!/usr/bin/env node
'use strict';
// Post to last accepted: N e-mail subscribers, Postfix's smtp-sink as relay, beside Postfix's
// own smtp-source against the same sink, interleaved in one run. Only the ratio counts.
//   N=20000 RUNS=5 node tests/bench/fanout.js
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { Amends, BUILD, freshDirectory, waitUntil } = require('../lib/amends.js');

const N = Number(process.env.N || 20000);
const RUNS = Number(process.env.RUNS || 5);
const CONNECTIONS = 20;
const MESSAGE_BYTES = 4096;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

function smtpSource(port) {
  const start = process.hrtime.bigint();
  const done = spawnSync('/usr/sbin/smtp-source', ['-d', '-s', CONNECTIONS, '-l', MESSAGE_BYTES, '-m', N,
    '-f', 'from@bench.example', '-t', 'to@bench.example', `127.0.0.1:${port}`].map(String));
  if (done.status !== 0) throw new Error(`smtp-source: ${done.stderr}`);
  return N / (Number(process.hrtime.bigint() - start) / 1e9);
}

async function subscribers(amends) {
  for (let i = 0; i < N; i += 10000) {
    const lines = Array.from({ length: Math.min(10000, N - i) }, (_, j) =>
      JSON.stringify({ channel: 'email', address: `reader${i + j}@bench.example`, confirmed: true }));
    await amends.call('POST', '/v1/subscribers/import', lines.join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  }
}

async function post(amends, run) {
  const start = Date.now();
  const posted = await amends.call('POST', '/v1/incidents', {
    title: `Run ${run}`, kind: 'incident', state: 'investigating', notify: true,
    body: `${'We are looking into it, and will write again within the hour. '.repeat(12)}\n`,
    components: [{ component: 'api', level: 'major_outage' }],
  });
  const broadcast = await amends.settled(posted.broadcast);
  if (broadcast.counts.accepted !== N) throw new Error(`accepted ${broadcast.counts.accepted} of ${N}`);
  return {
    rate: N / ((Date.parse(broadcast.last_at) - start) / 1000),
    first: Date.parse(broadcast.first_at) - start,
  };
}

async function main() {
  const port = await freePort();
  const sink = spawn('/usr/sbin/smtp-sink', ['-u', 'postfix', '-c', `127.0.0.1:${port}`, '1024'], { stdio: 'ignore' });
  await waitUntil('smtp-sink', () => answers(port));
  const dir = freshDirectory();
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: `smtp://127.0.0.1:${port}` } });
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await subscribers(amends);
  const peer = [];
  const ours = [];
  const first = [];
  await post(amends, 'warm-up');
  for (let run = 1; run <= RUNS; run++) {
    peer.push(smtpSource(port));
    const measured = await post(amends, run);
    ours.push(measured.rate);
    first.push(measured.first);
    console.error(`run ${run}: smtp-source ${peer.at(-1).toFixed(0)}/s, amends ${ours.at(-1).toFixed(0)}/s`);
  }
  await amends.destroy();
  sink.kill('SIGTERM');
  const row = {
    row: `e-mail, post to last accepted, ${N} subscribers, smtp-sink`,
    amends_per_second: Math.round(median(ours)), smtp_source_per_second: Math.round(median(peer)),
    ratio: Number((median(ours) / median(peer)).toFixed(2)), first_accepted_ms: median(first), runs: RUNS,
  };
  fs.mkdirSync(path.join(BUILD, 'bench'), { recursive: true });
  fs.writeFileSync(path.join(BUILD, 'bench/fanout.json'), `${JSON.stringify(row, null, 2)}\n`);
  console.log('| row | amends msg/s | smtp-source msg/s | ratio | first recorded |');
  console.log('|---|---|---|---|---|');
  console.log(`| ${row.row} | ${row.amends_per_second} | ${row.smtp_source_per_second} | ${row.ratio} | ${row.first_accepted_ms} ms |`);
}

main().catch((error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
