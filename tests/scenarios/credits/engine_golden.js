#!/usr/bin/env node
'use strict';
// Every credit of tests/cases/expected-credits.json through the engine: amounts, weighted seconds
// and lines, and no credit too many.
const lib = require('../../lib/cases.js');
const { engine } = require('../../lib/engine_worlds.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const expected = lib.expectedRows();

const seconds = (text) => {
  const [num, den] = text.split('/').map(BigInt);
  return (num * 1000000n) / den;
};

// As the file has it: without order, seconds in whole microseconds.
const rowOf = (account, { currency, lines, seconds: weighted }) => ({
  account, currency, amount_minor: lines.reduce((sum, line) => sum + line.amount_minor, 0), micros: String(seconds(weighted)),
  lines: lines.map((line) => ({ period: [line.from, line.to], amount_minor: line.amount_minor })),
});

const wantedOf = ({ account, currency, amount_minor, weighted_seconds, lines }) => ({
  account, currency, amount_minor, micros: String(Math.round(Number(weighted_seconds) * 1e6)), lines,
});

scenario(async () => {
  const { ask, end } = engine();
  let found = 0;
  for (const one of lib.cases()) {
    for (const policy of lib.policies()) {
      const answer = await ask({
        policy, accounts: lib.accounts(), incidents: one.incidents, maintenance: [...one.incidents, ...(one.maintenance ? [one.maintenance] : [])],
      });
      const got = Object.entries(answer).filter(([, credit]) => credit.lines.length).map(([account, credit]) => rowOf(account, credit));
      const wanted = expected.filter((row) => row.case === one.name && row.policy === policy.name).map(wantedOf);
      is(got, wanted, `${one.name} x ${policy.name}`);
      found += got.length;
    }
  }
  is(found, expected.length, 'every credit');
  ok((await end()).code === 0, 'the engine ends well');
});
