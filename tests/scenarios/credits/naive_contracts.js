#!/usr/bin/env node
'use strict';
// The naive second implementation of the language of contracts (tests/lib/naive_contracts) agrees with
// every worked case of tests/cases, to the fraction. Nothing of billing runs here.
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { play } = require('../../lib/naive_contracts/play.js');
const { instantText } = require('../../lib/naive_contracts/calendar.js');
const { is, done } = require('../../lib/tap.js');

const read = (name) => JSON.parse(fs.readFileSync(path.join(ROOT, 'tests/cases', name), 'utf8'));

const order = (a, b) => `${a.account} ${a.from}`.localeCompare(`${b.account} ${b.from}`);

// Rows of a run, with the exact amounts where the case states them.
const plain = (rows, wanted) => rows.map(({ exact, ...row }) => (wanted.some((one) => one.exact) ? { ...row, exact } : row)).sort(order);

function contract(one) {
  const wanted = one.runs ? one.expected : [one.expected];
  const got = play(one).map(({ rows }, n) => plain(rows, wanted[n]));
  const sorted = (rows) => rows.map(({ exact, ...row }) => (exact ? { ...row, exact } : row)).sort(order);
  is(got, wanted.map(sorted), `${one.name}: ${one.note}`);
}

// A case of 2013 to 2025 under a policy: [{account, currency, amount_minor, weighted_seconds, lines}].
function old(one, policy) {
  const incidents = [...one.incidents, ...(one.maintenance ? [one.maintenance] : [])];
  const [{ rows, weighted }] = play({ accounts: lib.accounts(), incidents, policies: [policy], runs: [{ policy: policy.name, incidents: one.incidents.map(({ ref }) => ref) }] });
  const accounts = [...new Set(rows.map(({ account }) => account))];
  return accounts.map((account) => {
    const mine = rows.filter((row) => row.account === account);
    const seconds = weighted.find((each) => each.account === account).weighted();
    return {
      case: one.name, policy: policy.name, account, currency: mine[0].currency, amount_minor: mine.reduce((total, row) => total + row.amount_minor, 0),
      weighted_seconds: seconds.den === 1n ? `${seconds.num}` : `${seconds.num}/${seconds.den}`,
      lines: mine.map(({ from, to, amount_minor }) => ({ period: [from, to], amount_minor })),
    };
  }).sort(order);
}

const cases = [...read('contracts.json'), ...read('contract-edges.json')]; // the edges that programs disagreed about
for (const one of cases) contract(one);
const expected = read('expected-credits.json');
for (const one of lib.cases()) {
  for (const policy of lib.policies()) {
    is(old(one, policy), expected.filter((row) => row.case === one.name && row.policy === policy.name).sort(order), `${one.name}, ${policy.name}`);
  }
}
is(instantText(1773137250000001), '2026-03-10T10:07:30.000001Z', 'instants keep microseconds');
done();
