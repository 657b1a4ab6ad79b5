#!/usr/bin/env node
'use strict';
// print_worlds.js [SEED [COUNT]]: random contracts as JSON in the form of tests/cases/contracts.json, with
// what the naive program expects of each run. For the engine's tests.
const { caseOf } = require('./random_case.js');
const { play } = require('./play.js');

const [seed = 1, count = 200] = process.argv.slice(2).map(Number);
const line = (n) => {
  const one = caseOf(seed + n);
  return JSON.stringify({ ...one, expected: play(one).map(({ rows }) => rows) });
};
process.stdout.write('[\n');
for (let n = 0; n < count; n++) process.stdout.write(`${line(n)}${n + 1 < count ? ',' : ''}\n`);
process.stdout.write(']\n');
