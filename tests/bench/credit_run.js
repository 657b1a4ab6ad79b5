#!/usr/bin/env node
'use strict';
// A credit run over N accounts (1,000,000) and three overlapping incidents, draft and issue, against
// the INSERT of as many rows of constants into tables of the same shape, keys and checks.
const { spawnSync } = require('node:child_process');
const { AMENDS } = require('../lib/amends.js');
const { world, newRun, constants, run, timed } = require('./lib/credit_world.js');

const N = Number(process.env.N || 1000000);
const RUNS = Number(process.env.RUNS || 3);

// tests/bench/steps draws up the draft of a run that waits.
const DRAFT = newRun('bench').replace(/\n/g, ' ');
const ISSUE = 'select amends.credit_run_issue((select max(id) from credit_run));';

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const sum = (list) => list.reduce((a, b) => a + b, 0);

function row(name, ours, ceiling, note) {
  const [mine, plain] = [median(ours), median(ceiling)];
  console.log(JSON.stringify({
    row: name, ours: Math.round(mine), ceiling: Math.round(plain), peer: null,
    ratio: Number((mine / plain).toFixed(2)), goal: '<= 1.3', unit: 'ms', runs: RUNS, note,
  }));
}

function main() {
  const base = process.env.AMENDS_TEST_DATABASE_URL;
  const url = base.replace('dbname=postgres', 'dbname=bench_credits');
  run('psql', ['-qX', base, '-c', 'create database bench_credits']);
  run(AMENDS, ['migrate'], { AMENDS_DATABASE_URL: url });
  run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', url], {}, world(N));
  const ours = [];
  const ceiling = [];
  for (let n = 0; n < RUNS; n++) {
    ceiling.push(timed(url, constants(N)));
    ours.push(timed(url, [DRAFT, ISSUE]));
    console.error(`constants ${ceiling.at(-1).join(' + ')} ms, draft + issue ${ours.at(-1).join(' + ')} ms`);
  }
  if (!process.env.KEEP) run('psql', ['-qX', base, '-c', 'drop database bench_credits']);
  const first = (n) => (times) => sum(times.slice(0, n));
  row(`credit run, draft alone, ${N} accounts x 3 incidents`, ours.map(first(1)), ceiling.map(first(2)),
    'ceiling: INSERT of constants into credit and credit_line tables of the same shape, keys and checks');
  row(`credit run, draft and issue, ${N} accounts x 3 incidents`, ours.map(sum), ceiling.map(sum),
    'ceiling: the same, and into ledger and feed');
}

if (process.env.AMENDS_TEST_DATABASE_URL) {
  main();
} else {
  const again = spawnSync('sh', ['tests/with_postgres.sh', process.execPath, __filename], { stdio: 'inherit' });
  process.exitCode = again.status;
}
