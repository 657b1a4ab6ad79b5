'use strict';
// A case of tests/cases/contracts.json, from its JSON to the lines of its runs.
const { credit } = require('./credit.js');
const { instant, dateText } = require('./calendar.js');

const impactOf = (impact) => ({ ...impact, from: instant(impact.from), to: impact.to ? instant(impact.to) : null });

function incidentOf(one, until) {
  const impacts = one.impacts.map(impactOf);
  const started = one.started_at ? instant(one.started_at) : Math.min(...impacts.map(({ from }) => from));
  return {
    ref: one.ref, impacts, until, announced: one.announced_at ? instant(one.announced_at) : started,
    reported: one.reported_at ? instant(one.reported_at) : undefined,
    reports: Object.fromEntries(Object.entries(one.reports || {}).map(([account, at]) => [account, instant(at)])),
  };
}

// Names are local to the case. until: to when open impacts count.
function worldOf(one) {
  const until = one.until ? instant(one.until) : null;
  return {
    until, accounts: one.accounts, incidents: one.incidents.map((incident) => incidentOf(incident, until)),
    policies: one.policies || [one.policy],
    claims: (one.claims || []).map((claim) => ({ ...claim, at: instant(claim.at) })),
    measurements: (one.measurements || []).map((each) => ({ ...each, from: instant(each.from), to: instant(each.to) })),
    runs: one.runs || [{ policy: (one.policies || [one.policy])[0].name, incidents: one.incidents.map(({ ref }) => ref) }],
  };
}

const rowOf = (line) => ({
  account: line.account, from: dateText(line.first), to: dateText(line.next), exact: line.exact,
  amount_minor: Number(line.amount), currency: line.currency,
});

// Play the runs one after another, each issued whole; a list of rows for each, in the form of `expected`.
function play(one) {
  const world = worldOf(one);
  let issued = [];
  const made = [];
  const outcomes = [];
  world.runs.forEach((given, id) => {
    issued = issued.filter((line) => !(given.reverse || []).includes(line.run.id));
    for (const account of given.accounts || []) {
      const n = world.accounts.findIndex((each) => each.external_id === account.external_id);
      world.accounts = n < 0 ? [...world.accounts, account] : world.accounts.map((each, i) => (i === n ? account : each));
    }
    const policy = world.policies.find(({ name }) => name === given.policy);
    const pins = Object.fromEntries(world.incidents.filter(({ ref }) => given.incidents.includes(ref)).map((incident) => [incident.ref, incident]));
    const run = { id, policy, pins };
    made.push(run);
    const credits = world.accounts.map((account) => ({ account: account.external_id, ...credit(world, account, run, issued) }));
    issued = [...issued, ...credits.flatMap(({ lines }) => lines)];
    outcomes.push({
      rows: credits.flatMap(({ account, reason, lines }) => (reason ? [{ account, reason }] : lines.map(rowOf))),
      excess: credits.flatMap(({ account, excess }) => excess.map(({ first, amount }) => ({ account, from: dateText(first), amount_minor: Number(amount) }))),
      weighted: credits.map(({ account, weighted }) => ({ account, weighted })),
    });
  });
  return outcomes;
}

module.exports = { play, worldOf };
