#!/usr/bin/env node
'use strict';
// The liability meter as billing runs it: an open incident over N accounts (1,000,000) in COHORTS cohorts (20,000), by
// a monthly SLA with tiers and by lost time. Processor time of its database session and of billing a refresh, the
// interval of refreshes, the grouping once for each change of accounts, and the memory of billing.
//   COHORTS=20000 N=1000000 RUNS=5 node tests/bench/liability.js
const fs = require('node:fs');
const { Amends, freshDirectory, waitUntil } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');
const { median, say, tell, cpu, attempt } = require('./lib/bench.js');
const { world } = require('./lib/credit_world.js');

const COHORTS = Number(process.env.COHORTS || 20000);
const N = Number(process.env.N || 1000000);
const RUNS = Number(process.env.RUNS || 5);
const LIMIT_MS = 300000;

const open = `
insert into policy (name, version, document) values ('contract', 1, '{"name": "contract", "model": "tiered", "window": {"unit": "month"},
  "tiers": [{"uptime_below": "99.99", "percent": "10"}, {"uptime_below": "99.6", "percent": "25"}, {"uptime_below": "99", "percent": "50"}],
  "exclude_maintenance": true, "rounding": "half_up"}');
`;
const burn = `begin;
update incident set state = 'investigating', resolved_at = null, started_at = now() - interval '2 hours' where ref = 'i1';
insert into impact_revision (incident_id, reason) select id, 'post' from incident where ref = 'i1';
update incident set impact_revision_id = (select max(id) from impact_revision) where ref = 'i1';
insert into impact (revision_id, component_id, level, from_at)
  select impact_revision_id, 1, 'major_outage', now() - interval '2 hours' from incident where ref = 'i1';
commit;`;

const memory = (pid, name) => Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]) / 1024;

// The next estimate, with what was used until then.
async function refreshed(amends, pid, backend, before) {
  const at = await waitUntil('an estimate', () => {
    const [[found] = []] = sql(amends, "select extract(epoch from at) from liability");
    return found && found !== before?.at && found;
  }, LIMIT_MS);
  return { at, billing: cpu(pid) / 1000, server: cpu(backend) / 1000, seconds: Date.now() / 1000 };
}

async function measure() {
  const amends = await Amends.up({ dir: freshDirectory() });
  try {
    const pid = amends.rolePid('billing');
    const bare = memory(pid, 'VmRSS');
    const closed = world(N).replace('2900 + 1000 * (id / 20 % 2)', `10000 + id % ${COHORTS}`).replace('update incident i set', "update incident i set resolved_at = '2018-05-03',");
    for (const part of (closed + open).split(/;\n(?=vacuum)|(?<=vacuum analyze);\n/)) sql(amends, part.replace(/^select format[^]*?\\gexec\n/m, ''));
    const [[backend]] = sql(amends, "select pid from pg_stat_activity where application_name = 'billing-meter'");
    tell(`${N} accounts are there`);
    sql(amends, burn);
    const began = Date.now();
    let last = await refreshed(amends, pid, backend);
    const first = Date.now() - began;
    const each = [];
    for (let run = 0; run < RUNS; run++) {
      const next = await refreshed(amends, pid, backend, last);
      each.push({ server: next.server - last.server, billing: next.billing - last.billing, seconds: next.at - last.at });
      tell(JSON.stringify(each.at(-1)));
      last = next;
    }
    if (process.env.SHOW_LOG) tell(amends.log().split('\n').filter((line) => /grouped|estimate/.test(line)).join('\n'));
    const grouped = [...amends.log().matchAll(/accounts grouped for an estimate.*?\bms=(\d+)/g)].map((found) => Number(found[1]));
    return { bare, first, grouped, most: memory(pid, 'VmHWM'), server: median(each.map((one) => one.server)), billing: median(each.map((one) => one.billing)), seconds: median(each.map((one) => one.seconds)) };
  } finally {
    await amends.destroy();
  }
}

async function main() {
  const size = `${N} accounts in ${COHORTS} cohorts, 2 policies`;
  const seen = await measure();
  const row = (name, ours, unit, goal, note) => say({ row: `liability meter, ${name}, ${size}`, ours, ceiling: null, peer: null, goal, unit, runs: RUNS, note });
  row('database time of a refresh', Math.round(seen.server), 'ms', '<= 1000', `processor time of its session; that of billing: ${Math.round(seen.billing)} ms`);
  row('from one refresh to the next', Number(seen.seconds.toFixed(1)), 's', '<= 11', 'liability_seconds is 10');
  row('grouping', Math.max(...seen.grouped), 'ms', null, `a policy, once for each change of accounts; the first estimate came after ${Math.round(seen.first / 100) / 10} s`);
  row('memory of billing', Math.round(seen.most), 'MiB', null, `the most; without an open incident ${Math.round(seen.bare)}`);
}

attempt('liability meter', main);
