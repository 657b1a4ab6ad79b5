#!/usr/bin/env node
'use strict';
// Approval: one person may approve small totals, anything else needs a second person; exactly the
// approved amounts are issued, or nothing.
const { Amends } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk, approver, keyOf, person } = require('../../lib/staff.js');
const lib = require('../../lib/cases.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } };
const one = lib.cases().find((each) => each.name.startsWith('2018-05'));

async function draft(amends, name, amounts, key = amends.key) {
  await amends.call('POST', '/v1/policies', { name, model: 'fixed', amounts });
  const run = await amends.call('POST', '/v1/credit-runs', { policy: name, incidents: [one.incidents[0].ref], reason: name }, { key });
  await lib.acknowledge(amends, run);
  return run;
}

async function limits(amends) {
  person(amends, 'solo', ['billing', 'approver']);
  const key = keyOf(amends, 'solo', 'policies:write', 'credit-runs:write', 'credit-runs:read', 'credit-runs:approve');
  const approve = (run) => amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
  const small = await draft(amends, 'small', { EUR: 100 }, key);
  const alone = await approve(small);
  is([alone.status, alone.body.state], [200, 'issued'], `${small.totals[0].amount_minor} in EUR: alone`);
  is(sql(amends, `select detail from audit where action = 'credit_run.approve' and object = 'credit_run:${small.id}'`), [['{"alone": true}']], 'which the audit log says');
  is((await approve(await draft(amends, 'large', { EUR: 500000 }, key))).status, 403, 'more: by another key');
  is((await approve(await draft(amends, 'dollars', { EUR: 100, USD: 100 }, key))).status, 403, 'a currency that is not named: too');
}

// A session and all keys of a person count as one person.
async function people(amends) {
  const keys = async (login) => {
    const desk = await Desk.enter(amends, login, ['admin']);
    const made = async (name) => (await desk.send('/staff/access/keys', { do: 'add', name, scope: ['admin'] })).text.match(/amends_[A-Za-z0-9]+_[A-Za-z0-9_-]+/)[0];
    return { desk, first: await made('first'), second: await made('second') };
  };
  const pat = await keys('pat');
  const sam = await keys('sam');
  await amends.call('POST', '/v1/policies', { name: 'people', model: 'fixed', amounts: { EUR: 500001 } });
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'people', incidents: [one.incidents[0].ref], reason: 'x' }, { key: pat.first });
  is([run.two_people, run.drafted_by.name], [true, 'pat'], 'a run says who drafted it, and that it needs another');
  await lib.acknowledge(amends, run);
  const approve = (key) => amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
  for (const key of [pat.first, pat.second]) is((await approve(key)).status, 403, 'no key of the author approves');
  let refused = '';
  try {
    sql(amends, `update credit_run set state = 'approved', approved_by = (select max(id) from api_key where staff_id = (select id from staff where login = 'pat')) where id = ${run.id}`);
  } catch (error) {
    refused = String(error.message);
  }
  ok(/another person/.test(refused), 'nor does the database let it');
  is((await approve(sam.second)).body.approved_by.name, 'sam', 'another person\'s does');
}

async function changedInputs(amends, approver) {
  const approve = (run) => amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key: approver });
  const make = async () => {
    const run = await amends.call('POST', '/v1/credit-runs', { policy: 'pro-rata-10x', incidents: [one.incidents[0].ref], reason: 'inputs' });
    await lib.acknowledge(amends, run);
    return run;
  };
  const credited = async (run) => (await amends.all(`/v1/credit-runs/${run.id}/credits`)).map((credit) => credit.account);
  const run = await make();
  const [name] = await credited(run);
  const account = lib.accounts().find((each) => each.external_id === name);
  const dearer = { ...account, prices: account.prices.map((price) => ({ ...price, amount_minor: price.amount_minor * 2 })) };
  const changedAt = async () => (await amends.call('GET', `/v1/accounts/${name}`)).changed_at;
  const stood = await changedAt();
  await amends.call('POST', '/v1/accounts/import', JSON.stringify(account), NDJSON);
  is(await changedAt(), stood, 'an import that changes nothing leaves changed_at');
  await amends.call('POST', '/v1/accounts/import', JSON.stringify(dearer), NDJSON);
  ok(await changedAt() > stood, 'one that changes a price dates the account, which the recheck relies on');
  const refused = await approve(run);
  is(refused.status, 409, 'another price since the draft: nothing is issued');
  ok(/make a new run/.test(refused.body.detail), `and why is said: ${refused.body.detail}`);
  is((await amends.call('GET', `/v1/credit-runs/${run.id}`)).state, 'failed', 'the run has failed');
  const again = await make();
  const before = await credited(again);
  await amends.call('POST', '/v1/accounts/import', JSON.stringify({ ...dearer, name: 'Renamed' }), NDJSON);
  is((await approve(again)).body.state, 'issued', 'what changes no amount is no obstacle');
  is(await credited(again), before, 'and the draft is what is issued');
}

// A race of two who may: one of them wins.
async function races(amends, approverKey) {
  const both = [];
  for (let i = 0; i < 12; i += 1) {
    const run = await draft(amends, `race-${i}`, { EUR: 500002 });
    const statuses = (await Promise.all([
      amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key: approverKey }), amends.request('POST', `/v1/credit-runs/${run.id}/void`),
    ])).map((reply) => reply.status);
    if (statuses.filter((status) => status === 200).length !== 1) both.push(statuses);
  }
  is(both, [], 'of approve and void at once exactly one answers 200');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ env: { AMENDS_APPROVAL_TOTAL: 'EUR=50.00 JPY=5000' } });
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  await lib.replayCase(amends, one);
  const key = approver(amends);
  is((await amends.request('POST', `/v1/credit-runs/${(await draft(amends, 'nobody', { EUR: 100 })).id}/approve`)).status, 403, 'a key of nobody approves not even a small total');
  await limits(amends);
  await people(amends);
  await changedInputs(amends, key);
  await races(amends, key);
});
