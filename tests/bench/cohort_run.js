#!/usr/bin/env node
'use strict';
// Credit runs over many cohorts, by a monthly SLA with tiers: 20,000 accounts that all differ, draft; and
// 1,000,000 accounts in 20,000 cohorts, draft and issue, against the INSERT of as many rows of constants.
//   COHORTS=20000 N=1000000 RUNS=1 node tests/bench/cohort_run.js
const { spawnSync } = require('node:child_process');
const { AMENDS } = require('../lib/amends.js');
const { world, newRun, constants, run, timed, row, told } = require('./lib/credit_world.js');

const COHORTS = Number(process.env.COHORTS || 20000);
const N = Number(process.env.N || 1000000);
const RUNS = Number(process.env.RUNS || 1); // of the million; three of the others

// Every cohort has a price of its own; a month's uptime of three incidents is below two of the tiers.
const contract = `
update account_price set amount_minor = 10000 + account_id % ${COHORTS};
insert into policy (name, version, document) values ('contract', 1, '{"name": "contract", "model": "tiered", "window": {"unit": "month"},
  "tiers": [{"uptime_below": "99.99", "percent": "10"}, {"uptime_below": "99.9", "percent": "25"}, {"uptime_below": "99", "percent": "50"}],
  "exclude_maintenance": true, "rounding": "half_up"}');
analyze account_price;
select amends.cohort_refresh();
vacuum analyze;
`;
const DRAFT = newRun('bench', 'contract').replace(/\n/g, ' ');
const ISSUE = 'select amends.credit_run_issue((select max(id) from credit_run));';

function measure(base, name, accounts, withConstants) {
  const url = base.replace('dbname=postgres', `dbname=${name}`);
  run('psql', ['-qX', base, '-c', `create database ${name}`]);
  run(AMENDS, ['migrate'], { AMENDS_DATABASE_URL: url });
  run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', url], {}, world(accounts) + contract);
  const ours = [];
  const ceiling = [];
  for (let n = 0; n < (withConstants ? RUNS : 3); n++) {
    if (withConstants) ceiling.push(timed(url, constants(accounts)));
    ours.push(timed(url, [DRAFT, ISSUE]));
    console.error(`${accounts} accounts: draft + issue ${told(ours.at(-1))} ms, constants ${told(ceiling.at(-1) || [])} ms`);
  }
  if (!process.env.KEEP) run('psql', ['-qX', base, '-c', `drop database ${name}`]);
  return { ours, ceiling };
}

function main() {
  const base = process.env.AMENDS_TEST_DATABASE_URL;
  const alone = measure(base, 'bench_cohorts', COHORTS, false);
  row(`credit run, draft, ${COHORTS} accounts in as many cohorts`, alone.ours, 1, null, 0, '<= 2000', 'a monthly SLA with tiers');
  if (process.env.N === '0') return;
  const { ours, ceiling } = measure(base, 'bench_many', N, true);
  row(`credit run, draft alone, ${N} accounts in ${COHORTS} cohorts`, ours, 1, ceiling, 2, null,
    'a monthly SLA with tiers; ceiling: INSERT of constants into credit and credit_line tables of the same shape, keys and checks');
  row(`credit run, draft and issue, ${N} accounts in ${COHORTS} cohorts`, ours, 2, ceiling, 4, '<= 1.25', 'ceiling: the same, and into ledger and feed');
}

if (process.env.AMENDS_TEST_DATABASE_URL) {
  main();
} else {
  const again = spawnSync('sh', ['tests/with_postgres.sh', process.execPath, __filename], { stdio: 'inherit' });
  process.exitCode = again.status;
}
