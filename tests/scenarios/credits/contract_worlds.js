#!/usr/bin/env node
'use strict';
// 200 random contracts of the whole language (tests/lib/naive_contracts): the naive program keeps the
// invariants of the rules. WORLDS and SEED choose others; tests/scenarios/long runs 5,000.
const { PROPERTIES, playCases } = require('../../lib/naive_contracts/play_cases.js');
const { ok, note, scenario } = require('../../lib/tap.js');

scenario(() => {
  const seed = Number(process.env.SEED || 1);
  const told = (played) => note(`${played} contracts at ${Math.round(process.uptime())} s`);
  const { worlds, faults } = playCases({ count: Number(process.env.WORLDS || 200), seed, told });
  note(`${worlds} contracts from seed ${seed}`);
  for (const [name, words] of Object.entries(PROPERTIES)) {
    ok(faults[name].length === 0, words);
    for (const fault of faults[name].slice(0, 3)) note(fault);
  }
});
