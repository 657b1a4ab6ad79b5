'use strict';
// The smallest case, by taking parts away, that still fails.
const { lint } = require('./lint.js');

function* without(list) {
  for (let n = 0; n < list.length && list.length > 1; n++) yield list.filter((_, i) => i !== n);
}

// Cases that lack one thing each.
function* smaller(one) {
  for (const runs of without(one.runs)) yield { ...one, runs: runs.map(({ reverse, ...run }) => run) };
  for (const accounts of without(one.accounts)) yield { ...one, accounts };
  for (const incidents of without(one.incidents)) {
    const left = new Set(incidents.map(({ ref }) => ref));
    const runs = one.runs.map((run) => ({ ...run, incidents: run.incidents.filter((ref) => left.has(ref)) }));
    if (runs.every((run) => run.incidents.length)) yield { ...one, incidents, runs };
  }
  for (const [n, incident] of one.incidents.entries()) {
    for (const impacts of without(incident.impacts)) yield { ...one, incidents: one.incidents.with(n, { ...incident, impacts }) };
  }
  for (const [n, policy] of one.policies.entries()) {
    for (const key of Object.keys(policy).filter((name) => !['name', 'model'].includes(name))) {
      const { [key]: gone, ...rest } = policy;
      if (!lint(rest).length) yield { ...one, policies: one.policies.with(n, rest) };
    }
  }
  for (const [n, account] of one.accounts.entries()) {
    for (const key of ['labels', 'terms', 'lines'].filter((name) => name in account)) {
      const { [key]: gone, ...rest } = account;
      yield { ...one, accounts: one.accounts.with(n, rest) };
    }
    for (const prices of without(account.prices)) yield { ...one, accounts: one.accounts.with(n, { ...account, prices }) };
  }
  for (const measurements of without(one.measurements || [])) yield { ...one, measurements };
}

// fails(case): whether the fault is still there.
function shrink(one, fails) {
  for (let again = true; again;) {
    again = false;
    for (const less of smaller(one)) {
      if (!fails(less)) continue;
      [one, again] = [less, true];
      break;
    }
  }
  return one;
}

module.exports = { shrink };
