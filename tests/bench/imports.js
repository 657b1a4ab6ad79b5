#!/usr/bin/env node
'use strict';
// Row: N subscribers from CSV by POST /v1/subscribers/import, validated, deduplicated, each with
// subscription and consent, against psql \copy of the same file into a bare table, in wall-clock and
// processor time, which other load disturbs less; and the api's peak memory.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, freshDirectory } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');
const { cpuOfRoles, median, round, say, spent, tell } = require('./lib/bench.js');

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

function timed(amends, work, pid = process.pid) {
  const [clock, server, children] = [Date.now(), cpuOfRoles(amends), spent(pid).ms];
  const result = work();
  const ms = Date.now() - clock;
  spawnSync('sleep', ['1']); // until its backend has ended and is counted
  return { result, ms, cpu: cpuOfRoles(amends) - server + spent(pid).ms - children };
}

function copy(amends, file) {
  sql(amends, 'drop table if exists bare; create table bare (channel text, address text, locale text, timezone text, verbosity text)');
  return timed(amends, () => {
    const done = spawnSync('psql', ['-h', path.join(amends.dir, 'var/run'), '-U', 'amends', '-d', 'amends', '-c', `\\copy bare from '${file}' (format csv, header)`]);
    if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
  });
}

// Peak private memory of the api, in MiB.
function peak(amends) {
  const status = fs.readFileSync(`/proc/${amends.rolePid('api')}/status`, 'utf8');
  return Number(status.match(/^VmHWM:\s+(\d+)/m)[1]) / 1024;
}

function call(amends, target, upload = []) {
  const done = spawnSync('curl', ['-sS', '--fail-with-body', '-X', 'POST', ...upload, '-H', `Authorization: Bearer ${amends.key}`, `${amends.url}${target}`], { maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`curl: ${done.stderr}${done.stdout.toString().slice(0, 500)}`);
  return JSON.parse(done.stdout);
}

const load = (amends, file, query = '') => timed(amends, () => call(amends, `/v1/subscribers/import${query}`, ['-T', file, '-H', 'Expect:', '-H', 'Content-Type: text/csv']));

async function main() {
  const dir = freshDirectory();
  const file = path.join(dir, 'readers.csv');
  write(file, N);
  const amends = await Amends.up({ dir });
  try {
    const runs = [];
    const before = peak(amends);
    for (let i = 0; i < RUNS; i += 1) {
      const bare = copy(amends, file);
      const dry = load(amends, file, '?dry_run=true');
      const ours = load(amends, file);
      if (dry.result.created !== N || ours.result.created !== N) throw new Error(`created ${ours.result.created} of ${N}`);
      const undo = timed(amends, () => call(amends, `/v1/imports/${ours.result.id}/undo`));
      runs.push({ bare, dry, ours, undo });
      for (const [name, one] of Object.entries(runs.at(-1))) tell(`${name}: ${one.ms} ms, ${one.cpu} ms of processor time`);
      sql(amends, 'vacuum analyze');
    }
    const of = (name, what) => median(runs.map((run) => run[name][what]));
    const row = (name, text, what, unit, goal) => say({ row: `${text} of ${N} subscribers beside psql \\copy into a bare table`, unit, ours: of(name, what), ceiling: of('bare', what), peer: null, ratio: round(of(name, what) / of('bare', what), 2), goal, runs: RUNS });
    row('ours', 'import', 'ms', 'ms', '<= 3');
    row('ours', 'import', 'cpu', 'ms of processor time', '<= 3');
    row('dry', 'dry run', 'cpu', 'ms of processor time', null);
    row('undo', 'undo', 'cpu', 'ms of processor time', null);
    say({ row: `memory of the api before and after an import of ${N}`, unit: 'MiB', ours: round(peak(amends), 1), ceiling: round(before, 1), peer: null, goal: null, runs: 1 });
  } finally {
    await amends.destroy();
  }
}

main();
