#!/usr/bin/env node
'use strict';
// Cases of tests/cases/contracts.json, each worked by an independent program, through the API: accounts,
// incidents, claims, measurements, policy, run, workings. Those of the simple models and some of
// contracts; contract_runs.js has the sequences of runs, tests/scenarios/long/contracts.js all.
const fs = require('node:fs');
const path = require('node:path');
const { Amends, ROOT } = require('../../lib/amends.js');
const { play } = require('../../lib/play_contracts.js');
const { recountAll } = require('../../lib/read_statement.js');
const { approver } = require('../../lib/staff.js');
const { is, ok, scenario } = require('../../lib/tap.js');

const SOME = [
  'percent-tiers', 'day-per-outage', 'two-days-all', 'terms-cut-period', 'terms-days', 'before-the-anchor', 'cap-above-100', 'tier-edge', 'cap-floor',
  'okta-claims', 'ec2-lines', 's3-below', 'upcloud-per-outage', 'ofcom-reports', 'workspace-days', 'cloudflare-share',
];
const chosen = ({ name, runs }) => (process.env.EVERY ? !runs : SOME.includes(name));
const cases = JSON.parse(fs.readFileSync(path.join(ROOT, 'tests/cases/contracts.json'), 'utf8')).filter(chosen);

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const key = approver(amends);
  for (const one of cases) await play(amends, key, one);
  const { lines, wrong } = await recountAll(amends);
  ok(lines > 10, `${lines} lines are on statements`);
  is(wrong, [], 'and the amount of each follows from the text of its statement alone');
});
