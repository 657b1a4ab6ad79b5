'use strict';
// One case is paid by a scheme that a company publishes, of the library: its words, by `amends policy
// words`, and what the naive program (tests/lib/naive_contracts) expects of it.
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { ROOT, AMENDS } = require('../lib/amends.js');
const lib = require('../lib/cases.js');
const { play } = require('../lib/naive_contracts/play.js');

const CASE = '2018-02-01-message-delivery';
const NAME = 'rackspace';

const policyOf = (one) => (one.name === CASE ? NAME : one.policy);
const document = () => JSON.parse(fs.readFileSync(path.join(ROOT, `billing/library/${NAME}.json`), 'utf8')).policy;

// The cases up to this one as runs one after another; the credits of the last.
function expectedOf(one) {
  const cases = lib.cases();
  const until = cases.slice(0, cases.findIndex(({ name }) => name === one.name) + 1);
  const outcomes = play({
    accounts: lib.accounts(), policies: [...lib.policies(), document()],
    incidents: cases.flatMap((each) => [...each.incidents, ...(each.maintenance ? [each.maintenance] : [])]),
    runs: until.map((each) => ({ policy: policyOf(each), incidents: each.incidents.map(({ ref }) => ref) })),
  });
  const credits = new Map();
  for (const { account, currency, amount_minor: minor } of outcomes.at(-1).rows) {
    if (currency) credits.set(account, { account, currency, amount_minor: minor + (credits.get(account)?.amount_minor || 0) });
  }
  return [...credits.values()].sort((a, b) => a.account.localeCompare(b.account));
}

// What it gives, as lines.
function words() {
  const { stdout } = spawnSync(AMENDS, ['policy', 'words', NAME], { encoding: 'utf8' });
  return stdout.trim().split('\n').filter(Boolean).slice(1);
}

module.exports = { CASE, NAME, policyOf, document, expectedOf, words };
