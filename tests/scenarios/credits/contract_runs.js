#!/usr/bin/env node
'use strict';
// The sequences of runs of tests/cases/contracts.json through the API: earlier lines, reversals, changed
// terms.
const fs = require('node:fs');
const path = require('node:path');
const { Amends, ROOT } = require('../../lib/amends.js');
const { play } = require('../../lib/play_contracts.js');
const { approver } = require('../../lib/staff.js');
const { scenario } = require('../../lib/tap.js');

const cases = JSON.parse(fs.readFileSync(path.join(ROOT, 'tests/cases/contracts.json'), 'utf8')).filter((({ runs }) => runs));

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const key = approver(amends);
  for (const one of cases) await play(amends, key, one);
});
