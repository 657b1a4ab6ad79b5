#!/usr/bin/env node
'use strict';
// Row: N subscribers from CSV by POST /v1/subscribers/import, validated, deduplicated, each with
// subscription and consent, against psql \copy of the same file into a bare table; and what it
// takes of the api's memory. The export of them, and the undo, as well.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, freshDirectory } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');
const { median, round, say, tell } = require('./lib/bench.js');

const N = Number(process.env.N || 1000000);
const RUNS = Number(process.env.RUNS || 1);

function write(file, n) {
  const out = fs.openSync(file, 'w');
  fs.writeSync(out, 'channel,address,locale,timezone,verbosity\r\n');
  for (let i = 0; i < n; i += 10000) {
    const rows = Array.from({ length: Math.min(10000, n - i) }, (_, k) => `email,reader.${i + k}@mail${(i + k) % 997}.bench.example,de,Europe/Berlin,every\r\n`);
    fs.writeSync(out, rows.join(''));
  }
  fs.closeSync(out);
}

function copy(amends, file) {
  sql(amends, 'drop table if exists bare; create table bare (channel text, address text, locale text, timezone text, verbosity text)');
  const began = Date.now();
  const done = spawnSync('psql', ['-h', path.join(amends.dir, 'var/run'), '-U', 'amends', '-d', 'amends', '-c', `\\copy bare from '${file}' (format csv, header)`]);
  if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
  return Date.now() - began;
}

// The most that the api had in memory of its own so far, in MiB.
function peak(amends) {
  const status = fs.readFileSync(`/proc/${amends.rolePid('api')}/status`, 'utf8');
  return Number(status.match(/^VmHWM:\s+(\d+)/m)[1]) / 1024;
}

async function load(amends, file) {
  const began = Date.now();
  const done = spawnSync('curl', ['-sS', '--fail-with-body', '-T', file, '-X', 'POST', '-H', 'Expect:', '-H', 'Content-Type: text/csv', '-H', `Authorization: Bearer ${amends.key}`, `${amends.url}/v1/subscribers/import`], { maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`curl: ${done.stderr}${done.stdout.toString().slice(0, 500)}`);
  return { milliseconds: Date.now() - began, reply: JSON.parse(done.stdout) };
}

async function main() {
  const dir = freshDirectory();
  const file = path.join(dir, 'readers.csv');
  write(file, N);
  const amends = await Amends.up({ dir });
  try {
    const ours = [];
    const bare = [];
    const before = peak(amends);
    for (let i = 0; i < RUNS; i += 1) {
      bare.push(copy(amends, file));
      const { milliseconds, reply } = await load(amends, file);
      if (reply.created !== N) throw new Error(`created ${reply.created} of ${N}`);
      ours.push(milliseconds);
      tell(`import ${milliseconds} ms, \\copy ${bare.at(-1)} ms`);
      const undo = Date.now();
      await amends.call('POST', `/v1/imports/${reply.id}/undo`);
      tell(`undo ${Date.now() - undo} ms`);
      sql(amends, 'vacuum analyze');
    }
    const ratio = round(median(ours) / median(bare), 2);
    say({ row: `import of ${N} subscribers beside psql \\copy into a bare table`, unit: 'ms', ours: median(ours), ceiling: median(bare), peer: null, ratio, goal: '<= 3', runs: RUNS });
    say({ row: `memory of the api before and after an import of ${N}`, unit: 'MiB', ours: round(peak(amends), 1), ceiling: round(before, 1), peer: null, goal: null, runs: 1 });
  } finally {
    await amends.destroy();
  }
}

main();
