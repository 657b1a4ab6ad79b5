#!/usr/bin/env node
'use strict';
// 500 random worlds (an account, its prices, a policy's runs): billing's arithmetic against
// the naive one, and each invariant of the rules by its name. WORLDS and SEED choose others.
const { PROPERTIES, playWorlds } = require('../../lib/play_worlds.js');
const { ok, note, scenario } = require('../../lib/tap.js');

scenario(async () => {
  const seed = Number(process.env.SEED || 1);
  const told = (played) => note(`${played} worlds at ${Math.round(process.uptime())} s`);
  const { worlds, faults } = await playWorlds({ count: Number(process.env.WORLDS || 500), seed, told });
  note(`${worlds} worlds from seed ${seed}`);
  for (const [name, words] of Object.entries(PROPERTIES)) {
    ok(faults[name].length === 0, words);
    for (const fault of faults[name].slice(0, 3)) note(fault);
  }
});
