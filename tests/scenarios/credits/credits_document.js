#!/usr/bin/env node
'use strict';
// billing/CREDITS.md is right: each worked example is read from the text and run through the API,
// and each sum, window and amount in the text equals that of billing.
const { Amends } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { text, examples, worked, same, decimal, divide, plain } = require('../../lib/credit_examples.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const MODELS = ['days affected_day', 'days incident', 'days run', 'fixed', 'prorata', 'tiered'];

const modelOf = ({ policy }) => (policy.model === 'days' ? `days ${policy.per}` : policy.model);

// The terms of the text and their names in the workings of a line.
const VALUES = {
  seconds: (line) => line.period.seconds,
  dates: (line) => line.period.dates,
  entitled: (line) => line.entitled_seconds,
  weighted: (line) => line.weighted_seconds,
  percent: (line) => line.percent,
  rounded: (line) => line.rounded_minor,
  cap: (line) => line.cap_minor,
  earlier: (line) => line.earlier_minor,
  issued: (line) => line.issued_minor,
  amount: (line) => line.amount_minor,
};
const LISTS = {
  window: (line) => line.windows.map((one) => `${one.from} to ${one.to} weight ${one.weight_bp} price ${one.price_minor}: ${one.seconds}`),
  price: (line) => line.prices.map((one) => `${one.price_minor} from ${one.from} to ${one.to}`),
  instant: (line) => (line.claims || []).map((one) => `${one.at} price ${one.price_minor}`),
};

function compareLine(period, line, name) {
  is(`${line.period.from} to ${line.period.to}`, period.period, `${name}: the period`);
  for (const [kind, said] of Object.entries(LISTS)) is(said(line), period[kind], `${name}: each ${kind}`);
  const { exact, ...values } = period.values;
  ok(same(exact, divide(decimal(line.exact.numerator), decimal(line.exact.denominator))), `${name}: the exact amount is ${plain(exact)}`);
  for (const [word, value] of Object.entries(values)) {
    if (VALUES[word]) is(String(VALUES[word](line)), plain(value), `${name}: ${word}`);
  }
  for (const word of ['rounded', 'cap', 'earlier', 'issued', 'amount']) ok(word in values, `${name}: ${word} is worked out`);
}

async function playRun(amends, approverKey, { given, title }, run) {
  const draft = await amends.call('POST', '/v1/credit-runs', { policy: given.policy.name, incidents: run.incidents, reason: title });
  const mine = (await amends.all(`/v1/credit-runs/${draft.id}/credits`)).filter((credit) => credit.account === given.account.external_id);
  is(mine.length, 1, `${title}: one credit`);
  const { lines } = await amends.call('GET', `/v1/credits/${mine[0].id}/workings`);
  is(lines.length, run.periods.length, `${title}: a line for each period`);
  run.periods.forEach((period, i) => compareLine(period, lines[i], title));
  await lib.acknowledge(amends, draft);
  const issued = await amends.call('POST', `/v1/credit-runs/${draft.id}/approve`, undefined, { key: approverKey });
  is(issued.state, 'issued', `${title}: the run is issued`);
}

async function playExample(amends, approverKey, example) {
  const { policy, account, incidents } = example.given;
  const used = incidents.flatMap((incident) => incident.impacts.map((impact) => impact.component));
  for (const slug of new Set([...used, ...account.components])) {
    await amends.request('POST', '/v1/components', { slug, name: slug });
  }
  await amends.call('POST', '/v1/accounts/import', JSON.stringify(account), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', policy);
  for (const incident of incidents) {
    await lib.replayIncident(amends, { title: incident.ref, kind: 'incident', posts: [], ...incident });
  }
  for (const run of example.runs) await playRun(amends, approverKey, example, run);
}

// Whether the sums still hold, and say the same, when one number of theirs is another.
function changesUnnoticed({ block, runs }) {
  const shown = (all) => JSON.stringify(all.map((run) => run.periods), (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  return [...block.matchAll(/\d+/g)].filter(({ 0: digits, index }) => {
    const changed = block.slice(0, index) + (BigInt(digits) + 1n) + block.slice(index + digits.length);
    try {
      return shown(worked(changed)) === shown(runs);
    } catch {
      return false;
    }
  }).map(({ index }) => block.slice(block.lastIndexOf('\n', index) + 1, block.indexOf('\n', index)));
}

scenario(async (cleanup) => {
  const all = examples(text());
  is([...new Set(all.map((one) => modelOf(one.given)))].sort(), MODELS, 'an example for each model');
  for (const example of all) is(changesUnnoticed(example), [], `${example.title}: no number may be another`);
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const approverKey = approver(amends);
  for (const example of all) await playExample(amends, approverKey, example);
});
