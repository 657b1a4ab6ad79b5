#!/usr/bin/env node
'use strict';
// Random worlds without a database: the engine agrees with the naive arithmetic on
// every line, cap, over-credit and second. WORLDS and SEED choose others.
const { compareWorlds } = require('../../lib/engine_worlds.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

scenario(async () => {
  const { played, faults, code, said } = await compareWorlds({ count: Number(process.env.WORLDS || 500), seed: Number(process.env.SEED || 1) });
  note(`${played} worlds; ${said}`);
  for (const fault of faults.slice(0, 5)) note(fault);
  ok(played >= 100 && faults.length === 0, 'the engine and the naive arithmetic agree');
  is(code, 0, 'the engine ends well');
});
