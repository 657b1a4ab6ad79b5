#!/usr/bin/env node
'use strict';
// A credit run over N accounts (1,000,000) and three overlapping incidents, draft and issue, against
// the INSERT of as many rows of constants into tables of the same shape, keys and checks.
const { spawnSync } = require('node:child_process');
const { AMENDS } = require('../lib/amends.js');
const { world, newRun, constants, run, timed, row, told } = require('./lib/credit_world.js');

const N = Number(process.env.N || 1000000);
const RUNS = Number(process.env.RUNS || 3);

// tests/bench/steps draws up the draft of a run that waits.
const DRAFT = newRun('bench').replace(/\n/g, ' ');
const ISSUE = 'select amends.credit_run_issue((select max(id) from credit_run));';

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
    console.error(`constants ${told(ceiling.at(-1))} ms, draft + issue ${told(ours.at(-1))} ms`);
  }
  if (!process.env.KEEP) run('psql', ['-qX', base, '-c', 'drop database bench_credits']);
  row(`credit run, draft alone, ${N} accounts x 3 incidents`, ours, 1, ceiling, 2, '<= 1.3',
    'ceiling: INSERT of constants into credit and credit_line tables of the same shape, keys and checks');
  row(`credit run, draft and issue, ${N} accounts x 3 incidents`, ours, 2, ceiling, 4, '<= 1.25', 'ceiling: the same, and into ledger and feed');
}

if (process.env.AMENDS_TEST_DATABASE_URL) {
  main();
} else {
  const again = spawnSync('sh', ['tests/with_postgres.sh', process.execPath, __filename], { stdio: 'inherit' });
  process.exitCode = again.status;
}
