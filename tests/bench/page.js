#!/usr/bin/env node
'use strict';
// The public page, 64 connections, while the database is unreachable, beside nginx answering
// `return` with the same bytes.
//   RUNS=3 node tests/bench/page.js
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, freshDirectory, waitUntil, exited } = require('../lib/amends.js');
const { cutOff } = require('../lib/outage.js');
const { median, round, say, tell, skip, wrk, freePort, post } = require('./lib/bench.js');

const RUNS = Number(process.env.RUNS || 3);
const NGINX = '/usr/sbin/nginx';

// Words of the configuration have at most 4096 bytes, and $ begins a variable: so split the page,
// and insert dollars from a defined variable.
function partsOf(page) {
  const quoted = page.match(/[^]{1,2000}/g).map((part) => part.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\$/g, '${dollar}'));
  return {
    sets: quoted.map((part, i) => `set $part${i} '${part}';`).join(' '),
    all: quoted.map((_, i) => `$part${i}`).join(''),
  };
}

// nginx in the foreground with its own configuration.
async function nginx(dir, page) {
  const port = await freePort();
  const { sets, all } = partsOf(page);
  const file = path.join(dir, 'nginx.conf');
  fs.writeFileSync(file, `daemon off; worker_processes 2; pid ${dir}/nginx.pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f;
  uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s; keepalive_requests 1000000000;
  geo $dollar { default '$'; }
  server { listen 127.0.0.1:${port}; location / { default_type text/html; ${sets} return 200 "${all}"; } } }\n`);
  const child = spawn(NGINX, ['-p', dir, '-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}/`;
  await waitUntil('nginx', async () => {
    if (child.exitCode !== null) throw new Error('nginx does not start');
    return fetch(url).then((reply) => reply.ok, () => false);
  }, 10000);
  return { url, stop: () => { child.kill('SIGTERM'); return exited(child); } };
}

async function main() {
  if (!fs.existsSync(NGINX) || spawnSync('wrk', ['-v']).error) skip('nginx or wrk is not installed: make bench does it');
  const amends = await Amends.up({ dir: freshDirectory() });
  const ours = [];
  const ceiling = [];
  try {
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    await post(amends, 'An incident');
    const away = cutOff(amends, 10000 + RUNS * 6000);
    const page = await waitUntil('the page says as of when it is', async () => {
      const { text } = await amends.request('GET', '/', undefined, { key: null });
      return text.includes('class="stale"') && text;
    });
    const other = await nginx(freshDirectory(), page);
    if ((await (await fetch(other.url)).text()) !== page) throw new Error('nginx answers other bytes');
    for (let run = 1; run <= RUNS; run++) {
      ours.push(wrk(`${amends.url}/`));
      ceiling.push(wrk(other.url));
      tell(`run ${run}: amends ${round(ours.at(-1))}/s, nginx ${round(ceiling.at(-1))}/s`);
    }
    await other.stop();
    await away;
  } finally {
    await amends.destroy();
  }
  say({ row: 'the public page, 64 connections, database stopped: beside nginx', unit: 'requests/s', ours: round(median(ours)), ceiling: round(median(ceiling)), peer: null, ratio: round(median(ours) / median(ceiling), 2), goal: '>= 0.9', runs: RUNS });
}

main().catch((error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
