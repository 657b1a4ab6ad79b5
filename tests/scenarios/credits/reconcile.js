#!/usr/bin/env node
'use strict';
// Issue, correct an impact, reconcile, issue the difference, reverse a credit: nothing is paid
// twice, nothing is reversed automatically.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { Amends, AMENDS } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const caseOf = (year) => lib.cases().find((one) => one.name.startsWith(year));
const sum = (credits) => credits.reduce((total, credit) => total + credit.amount_minor, 0);

async function issue(amends, approverKey, body) {
  const draft = await amends.call('POST', '/v1/credit-runs', { reason: 'test', ...body });
  await lib.acknowledge(amends, draft);
  const issued = await amends.call('POST', `/v1/credit-runs/${draft.id}/approve`, undefined, { key: approverKey });
  is(issued.state, 'issued', `run ${draft.id} is issued`);
  return { ...issued, credits: await amends.all(`/v1/credit-runs/${draft.id}/credits`) };
}

async function corrected(amends, approverKey, policy) {
  const { incidents: [incident] } = caseOf('2025');
  const first = await issue(amends, approverKey, { policy, incidents: [incident.ref] });
  const report = (id) => amends.call('GET', `/v1/credit-runs/${id}/reconcile`);
  is((await report(first.id)).accounts, [], `${policy}: at first all is as issued`);
  const impacts = incident.impacts.map((impact) => ({ ...impact, level: 'major_outage' }));
  impacts[0].from = new Date(Date.parse(impacts[0].from) - 86400000).toISOString();
  await amends.call('PUT', `/v1/incidents/${incident.ref}/impacts`, { impacts });
  const { accounts, totals } = await report(first.id);
  ok(accounts.length > 0, `${policy}: after the correction ${accounts.length} accounts differ`);
  const before = await amends.call('GET', `/v1/credit-runs/${first.id}/reconcile?limit=1`);
  is([before.accounts.length, before.totals], [1, totals], 'looking changes nothing, and totals are of all');
  const second = await issue(amends, approverKey, { reconcile: first.id });
  is(second.reconciles, first.id, 'the draft says what it corrects');
  is(sum(second.credits), totals.reduce((all, one) => all + one.payable_minor, 0), 'it pays what the report calls payable');
  is((await report(first.id)).accounts.filter((one) => one.difference_minor > 0), [], 'then nothing is lacking');
  is(sum((await issue(amends, approverKey, { reconcile: second.id })).credits), 0, 'and a further correction pays nothing');
  await amends.call('PUT', `/v1/incidents/${incident.ref}/impacts`, { impacts: incident.impacts });
  const over = await report(first.id);
  ok(over.accounts.every((one) => one.difference_minor < 0 && one.payable_minor === 0), 'over-credited accounts are reported');
  is((await issue(amends, approverKey, { reconcile: first.id })).credits, [], 'and never reversed automatically');
  const [credit] = second.credits;
  await amends.call('POST', `/v1/credits/${credit.id}/reversal`, { reason: 'the correction was wrong' });
  const left = (await report(first.id)).accounts.find((one) => one.account === credit.account);
  is(left, undefined, 'a reversal of the difference settles an account');
}

async function refusals(amends) {
  const { incidents: [incident] } = caseOf('2019');
  const draft = await amends.call('POST', '/v1/credit-runs', { policy: 'sla-tiers', incidents: [incident.ref], reason: 'x' });
  is((await amends.request('GET', `/v1/credit-runs/${draft.id}/reconcile`)).status, 409, 'a draft is not reconciled');
  is((await amends.request('POST', '/v1/credit-runs', { reconcile: draft.id, reason: 'x' })).status, 409, 'nor corrected');
  is((await amends.request('POST', '/v1/credit-runs', { reconcile: 99999, reason: 'x' })).status, 404, 'a missing run is named');
  is((await amends.request('POST', '/v1/credit-runs', { reconcile: draft.id, policy: 'sla-tiers', reason: 'x' })).status, 422, 'a correction has its run\'s policy');
  is((await amends.request('POST', '/v1/credit-runs', { incidents: [incident.ref], reason: 'x' })).status, 422, 'any other run needs one');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  const approverKey = approver(amends);
  for (const one of lib.cases()) await lib.replayCase(amends, one);
  await corrected(amends, approverKey, 'pro-rata-10x');
  await corrected(amends, approverKey, 'affected-days');
  await refusals(amends);
  const verified = spawnSync(AMENDS, ['ledger', 'verify', '--data', path.join(amends.dir, 'var')], { encoding: 'utf8' });
  ok(verified.status === 0, `the ledger verifies: ${verified.stdout}${verified.stderr}`.trim());
});
