#!/usr/bin/env node
'use strict';
// Billing is killed at the nth pass of each point of a run's steps; another one goes on. Every
// credit is issued once and none is lost.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { Amends, AMENDS, waitUntil } = require('../../lib/amends.js');
const { sql, startRole } = require('../../lib/notifiers.js');
const { pause } = require('../../lib/torture.js');
const lib = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const one = lib.cases().find((each) => each.name.startsWith('2018-05'));

// Until the step is done by the victim, or by the healthy one after the victim's death.
async function underFire(victim, resume, doing) {
  let done = false;
  doing.then(() => { done = true; }, () => { done = true; });
  await waitUntil('the step is done or billing is dead', () => done || victim.signalCode);
  if (victim.signalCode) resume();
  return doing;
}

async function killAt(amends, approver, point, n) {
  const healthy = await pause(amends, 'billing');
  const victim = await startRole(amends, 'billing', { CRASH_AT: `${point}:${n}` });
  const resume = () => process.kill(healthy, 'SIGCONT');
  try {
    return await killWhileWorking(amends, approver, victim, resume, `${point}-${n}`);
  } finally {
    resume();
  }
}

async function killWhileWorking(amends, approver, victim, resume, name) {
  const policy = { ...lib.policies()[1], name, cap_percent: '1000' };
  await amends.call('POST', '/v1/policies', policy);
  const draft = await underFire(victim, resume, amends.call('POST', '/v1/credit-runs', { policy: policy.name, incidents: [one.incidents[0].ref], reason: 'torture' }));
  await lib.acknowledge(amends, draft);
  const issued = await underFire(victim, resume, amends.call('POST', `/v1/credit-runs/${draft.id}/approve`, undefined, { key: approver }));
  // Issued is seen before its death is, when it dies right after the commit.
  await waitUntil('its death is noticed', () => victim.signalCode, 1500).catch(() => {});
  const killed = victim.signalCode === 'SIGKILL';
  if (!victim.signalCode) victim.kill('SIGKILL');
  const [[credits, entries, feed, sum]] = sql(amends, `select (select count(*) from credit where run_id = ${draft.id}),
    (select count(*) from ledger_entry e join credit c on c.id = e.credit_id where c.run_id = ${draft.id}),
    (select count(*) from credit_feed f join credit c on c.id = f.credit_id where c.run_id = ${draft.id}),
    (select sum(e.amount_minor) from ledger_entry e join credit c on c.id = e.credit_id where c.run_id = ${draft.id})`).map((row) => row.map(Number));
  const expected = draft.totals.reduce((all, total) => all + total.credits, 0);
  is([issued.state, credits, entries, feed, sum], ['issued', expected, 2 * expected, expected, 0], `${killed ? 'killed' : 'not killed'} at ${name}: each credit once`);
  return killed;
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  await lib.replayCase(amends, one);
  const key = approver(amends);
  for (const point of ['taken', 'written', 'committed']) {
    let n = 1;
    while (await killAt(amends, key, point, n)) n += 1;
    ok(n > 2, `${point} was passed ${n - 1} times: when the draft is made and when it is issued`);
  }
  const verified = spawnSync(AMENDS, ['ledger', 'verify', '--data', path.join(amends.dir, 'var')], { encoding: 'utf8' });
  ok(verified.status === 0, `the ledger verifies: ${verified.stdout}${verified.stderr}`.trim());
});
