#!/usr/bin/env node
'use strict';
// Signed webhooks to nginx, post to last accepted, beside a bare curl multi loop that signs and
// posts the same number of bodies over as many connections.
//   N=10000 RUNS=3 node tests/bench/webhooks.js
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { Amends, BUILD, freshDirectory, waitUntil, exited } = require('../lib/amends.js');
const { median, round, say, tell, cpu, skip, freePort } = require('./lib/bench.js');

const N = Number(process.env.N || 10000);
const RUNS = Number(process.env.RUNS || 3);
const CONNECTIONS = 64;
const BYTES = 1200;
const NGINX = '/usr/sbin/nginx';

const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

async function startNginx(dir) {
  const port = await freePort();
  fs.writeFileSync(path.join(dir, 'nginx.conf'), `daemon off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/nginx.log;
    events { worker_connections 1024; }
    http { access_log off; client_body_temp_path ${dir}/t1; proxy_temp_path ${dir}/t2; fastcgi_temp_path ${dir}/t3; uwsgi_temp_path ${dir}/t4;
      scgi_temp_path ${dir}/t5; keepalive_requests 10000000; server { listen 127.0.0.1:${port}; location / { return 204; } } }`);
  const child = spawn(NGINX, ['-p', dir, '-c', path.join(dir, 'nginx.conf')], { stdio: 'ignore' });
  await waitUntil('nginx', () => answers(port));
  return { url: `http://127.0.0.1:${port}`, stop: () => { child.kill('SIGTERM'); return exited(child); } };
}

function bare(url) {
  const done = spawnSync(path.join(BUILD, 'tests/bench/posts'), [`${url}/hook`, N, CONNECTIONS, BYTES].map(String));
  if (done.status !== 0) throw new Error(`posts: ${done.stderr}`);
  const [rate, us] = `${done.stdout}`.trim().split(' ').map(Number);
  return { rate, us };
}

async function ours(amends) {
  const notifier = amends.rolePid('notifier');
  const before = cpu(notifier);
  const start = Date.now();
  const { broadcast } = await amends.call('POST', '/v1/incidents', {
    title: 'A post', kind: 'incident', state: 'investigating', notify: true,
    body: `${'We are looking into it. '.repeat(16)}\n`, components: [{ component: 'api', level: 'major_outage' }],
  });
  const done = await amends.settled(broadcast);
  if (done.counts.accepted !== N) throw new Error(`accepted ${done.counts.accepted} of ${N}`);
  return { rate: N / ((Date.parse(done.last_at) - start) / 1000), us: (cpu(notifier) - before) / N };
}

async function main() {
  if (!fs.existsSync(NGINX)) skip('no nginx');
  const dir = freshDirectory();
  const nginx = await startNginx(dir);
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_ALLOW_LOOPBACK: '1' } });
  try {
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    for (let i = 0; i < N; i += 10000) {
      const lines = Array.from({ length: Math.min(10000, N - i) }, (_, j) =>
        JSON.stringify({ channel: 'webhook', address: `${nginx.url}/hook/${i + j}`, confirmed: true }));
      await amends.call('POST', '/v1/subscribers/import', lines.join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
    }
    await ours(amends);
    const rates = { ours: [], bare: [] };
    const work = { ours: [], bare: [] };
    for (let run = 1; run <= RUNS; run++) {
      for (const [name, seen] of [['bare', bare(nginx.url)], ['ours', await ours(amends)]]) {
        rates[name].push(seen.rate);
        work[name].push(seen.us);
      }
      tell(`run ${run}: bare ${round(rates.bare.at(-1))}/s and ${round(work.bare.at(-1), 1)} us, amends ${round(rates.ours.at(-1))}/s and ${round(work.ours.at(-1), 1)} us`);
    }
    say({
      row: `webhooks to nginx, signed, ${N}, post to last accepted, beside a bare curl multi loop`, unit: 'requests/s',
      ours: round(median(rates.ours)), ceiling: round(median(rates.bare)), peer: null,
      ratio: round(median(rates.ours) / median(rates.bare), 2), goal: '>= 0.8', runs: RUNS,
    });
    say({
      row: `webhooks to nginx, signed, ${N}: CPU a request of the notifier beside the bare loop`, unit: 'us',
      ours: round(median(work.ours), 1), ceiling: round(median(work.bare), 1), peer: null, goal: null, runs: RUNS,
    });
  } finally {
    await amends.destroy();
    await nginx.stop();
  }
}

main().catch((error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
