#!/usr/bin/env node
'use strict';
// The database time of one refresh of the liability meter: an open incident over 1,000,000 accounts in 20,000
// cohorts, two policies. Beside it the grouping, once for each change of accounts.
//   COHORTS=20000 N=1000000 RUNS=5 node tests/bench/liability.js
const { spawnSync } = require('node:child_process');
const { AMENDS } = require('../lib/amends.js');
const { world, run } = require('./lib/credit_world.js');

const COHORTS = Number(process.env.COHORTS || 20000);
const N = Number(process.env.N || 1000000);
const RUNS = Number(process.env.RUNS || 5);

const open = `
update account_price set amount_minor = 10000 + account_id % ${COHORTS};
update incident set state = 'investigating', started_at = now() - interval '2 hours' where ref = 'i1';
update incident set resolved_at = now() where ref <> 'i1';
insert into impact_revision (incident_id, reason) select id, 'post' from incident where ref = 'i1';
update incident set impact_revision_id = (select max(id) from impact_revision) where ref = 'i1';
insert into impact (revision_id, component_id, level, from_at)
  select impact_revision_id, 1, 'major_outage', now() - interval '2 hours' from incident where ref = 'i1';
insert into policy (name, version, document) values ('contract', 1, '{"name": "contract", "model": "tiered", "window": {"unit": "month"},
  "tiers": [{"uptime_below": "99.99", "percent": "10"}, {"uptime_below": "99.6", "percent": "25"}, {"uptime_below": "99", "percent": "50"}],
  "exclude_maintenance": true, "rounding": "half_up"}');
insert into liability select id, now(), true, (select jsonb_agg(jsonb_build_object('policy', p, 'version', 1, 'thresholds', '[]'::jsonb,
  'sums', '[{"currency": "EUR", "exponent": 2, "accounts": 1000000, "amount_minor": 123456789, "forecast": []}]'::jsonb)) from unnest(array['p', 'contract']) as p)
  from incident where ref = 'i1';
analyze account_price;
select amends.cohort_refresh();
vacuum analyze;
`;

// The statements of billing/liability/liability.c, with what it writes.
const REFRESH = [
  'select amends.liability_lead()', 'select * from amends.liability_incidents()', 'select amends.liability_changes()',
  'select * from amends.liability_policies(1)',
  "with place as (select currency, max(exponent) as n from cohort group by 1) select amends.liability_put(1, now(), true, l.policies), n from liability l, place",
].join(';') + ';';

// What billing reads after a change of accounts, for one policy.
const GROUP = `begin; select amends.liability_begin(id, 1) from policy where name = 'contract';
  select length(amends.liability_question()::text); select count(length(account::text)) from amends.credit_run_questions(0, 1000000);
  select amends.liability_forget(); commit;`.replace(/\n/g, ' ');

// The sum of what psql says of each statement.
const timed = (url, text) => run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', url], {}, `\\timing on\n${text.replaceAll(';', ';\n')}`)
  .match(/^Time: [\d.]+/gm).reduce((sum, line) => sum + Number(line.slice(6)), 0);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function main() {
  const base = process.env.AMENDS_TEST_DATABASE_URL;
  const url = base.replace('dbname=postgres', 'dbname=bench_liability');
  run('psql', ['-qX', base, '-c', 'create database bench_liability']);
  run(AMENDS, ['migrate'], { AMENDS_DATABASE_URL: url });
  run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', url], {}, world(N) + open);
  const [group, refresh] = [GROUP, REFRESH].map((sql) => median(Array.from({ length: RUNS }, () => timed(url, sql))));
  console.log(JSON.stringify({ row: `liability meter, database time of a refresh, ${N} accounts in ${COHORTS} cohorts, 2 policies`, ours: Math.round(refresh), ceiling: null, peer: null, goal: '<= 1000', unit: 'ms', runs: RUNS, note: 'its statements by psql; no account is read' }));
  console.log(JSON.stringify({ row: `liability meter, grouping of ${N} accounts, a policy`, ours: Math.round(group), ceiling: null, peer: null, goal: null, unit: 'ms', runs: RUNS, note: 'once for each change of accounts: its statements by psql' }));
  run('psql', ['-qX', base, '-c', 'drop database bench_liability']);
}

if (process.env.AMENDS_TEST_DATABASE_URL) {
  main();
} else {
  const again = spawnSync('sh', ['tests/with_postgres.sh', process.execPath, __filename], { stdio: 'inherit' });
  process.exitCode = again.status;
}
