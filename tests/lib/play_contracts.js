'use strict';
// Plays cases of the form of tests/cases/contracts.json through the API, with components, accounts and
// policies of their own, run after run.
const lib = require('./cases.js');
const { decimal, divide, same } = require('./credit_examples.js');
const { measure } = require('./measurements.js');
const { ok, is } = require('./tap.js');

const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } };

// Components have names of their own in each case.
const slugsOf = (name, slugs) => slugs.map((slug) => `${name}-${slug}`);
let scopes = 0;

// A scope with its accounts; of every second one they are an account list.
async function scopeOf(amends, name, scope) {
  if (!scope || !scope.accounts) return scope ? { scope } : {};
  const { accounts, ...rest } = scope;
  const named = accounts.map((one) => ({ ...one, account: `${name}.${one.account}` }));
  scopes += 1;
  if (scopes % 2) return { scope: { ...rest, accounts: named } };
  const list = `${name}-${scopes}`;
  await amends.call('POST', `/v1/account-lists/${list}`, named.map((one) => JSON.stringify(one)).join('\n'), NDJSON);
  return { scope: { ...rest, list } };
}

// In turn, because scopes may be imported as lists.
async function each(list, fill) {
  const all = [];
  for (const one of list) all.push(await fill(one));
  return all;
}

const importAccounts = (amends, name, slugs, accounts) => amends.call('POST', '/v1/accounts/import', accounts.map((one) => JSON.stringify({
  ...one, name: one.external_id, external_id: `${name}.${one.external_id}`, contacts: [{ email: `${name}.${one.external_id}@payers.example`, name: 'Ada', locale: 'en' }],
  components: slugsOf(name, one.components.length ? one.components : slugs),
  ...(one.lines ? { lines: one.lines.map((line) => ({ ...line, components: slugsOf(name, line.components || []) })) } : {}),
})).join('\n'), NDJSON);

const short = (name) => name.replace(/-/g, '').slice(0, 40);

// Measurements of the same time count together, so they are of different series.
function apart(measurements) {
  const seen = {};
  return measurements.map((row) => {
    const key = JSON.stringify([row.component, row.from, row.to, row.scope]);
    seen[key] = (seen[key] || 0) + 1;
    return { ...row, labels: { part: String(seen[key]) } };
  });
}

async function report(amends, name, one) {
  for (const incident of one.incidents) {
    const impacts = await each(incident.impacts, async (impact) => ({ ...impact, component: `${name}-${impact.component}`, ...await scopeOf(amends, name, impact.scope) }));
    const reports = incident.reports ? { reports: Object.fromEntries(Object.entries(incident.reports).map(([account, at]) => [`${name}.${account}`, at])) } : {};
    await lib.replayIncident(amends, { title: incident.ref, kind: 'incident', posts: [], ...incident, ref: `${name}-${incident.ref}`, impacts, ...reports });
  }
  for (const claim of one.claims || []) {
    await amends.call('POST', '/v1/claims', { account: `${name}.${claim.account}`, at: claim.at, incidents: claim.incidents.map((ref) => `${name}-${ref}`) });
  }
  if (one.measurements) {
    await measure(amends, await each(apart(one.measurements), async (row) => ({ ...row, component: `${name}-${row.component}`, ...await scopeOf(amends, name, row.scope) })));
  }
}

async function prepare(amends, name, one) {
  const slugs = [...new Set([
    ...one.incidents.flatMap((incident) => incident.impacts.map((impact) => impact.component)),
    ...(one.measurements || []).map(({ component }) => component),
    ...(one.policies || [one.policy]).flatMap((policy) => policy.components || []),
    ...one.accounts.flatMap((account) => [...account.components, ...(account.lines || []).flatMap((line) => line.components || [])])])];
  for (const slug of slugs) await amends.call('POST', '/v1/components', { slug: `${name}-${slug}`, name: slug });
  await importAccounts(amends, name, slugs, one.accounts);
  for (const policy of one.policies || [one.policy]) {
    await amends.call('POST', '/v1/policies', { ...policy, name: `${name}.${policy.name}`, ...(policy.components ? { components: slugsOf(name, policy.components) } : {}) });
  }
  await report(amends, name, one);
  return slugs;
}

// The lines of a run, and the accounts that it left out: as in `expected`.
async function outcome(amends, name, run) {
  const mine = (await amends.all(`/v1/credit-runs/${run.id}/credits`)).filter((credit) => credit.account.startsWith(`${name}.`));
  const rows = [];
  for (const credit of mine) {
    const { lines } = await amends.call('GET', `/v1/credits/${credit.id}/workings`);
    rows.push(...lines.map((line) => ({ account: credit.account, from: line.period.from, to: line.period.to, amount_minor: line.amount_minor, currency: credit.currency, exact: line.exact })));
  }
  const { left_out } = await amends.call('GET', `/v1/credit-runs/${run.id}/report`);
  for (const { reason, examples } of left_out.filter((one) => one.reason === 'terms_changed')) {
    rows.push(...examples.filter((account) => account.startsWith(`${name}.`)).map((account) => ({ account, reason })));
  }
  return rows.map((row) => ({ ...row, account: row.account.slice(name.length + 1) }));
}

async function issue(amends, key, draft) {
  await lib.acknowledge(amends, draft);
  await amends.call('POST', `/v1/credit-runs/${draft.id}/approve`, undefined, { key });
}

async function play(amends, key, one) {
  const name = short(one.name);
  const slugs = await prepare(amends, name, one);
  const runs = one.runs || [{ policy: one.policy.name, incidents: one.incidents.map((incident) => incident.ref) }];
  const wanted = one.runs ? one.expected : [one.expected];
  const made = [];
  for (const [i, run] of runs.entries()) {
    for (const n of run.reverse || []) {
      const standing = (await amends.all(`/v1/credit-runs/${made[n].id}/credits`)).filter((credit) => credit.state !== 'reversed');
      for (const credit of standing) await amends.call('POST', `/v1/credits/${credit.id}/reversal`, { reason: 'test' });
    }
    if (run.accounts) await importAccounts(amends, name, slugs, run.accounts);
    const draft = await amends.call('POST', '/v1/credit-runs', { policy: `${name}.${run.policy}`, incidents: run.incidents.map((ref) => `${name}-${ref}`), reason: one.name });
    made.push(draft);
    const got = await outcome(amends, name, draft);
    const plain = (rows) => rows.map(({ exact, ...row }) => row).sort((a, b) => `${a.account}${a.from}`.localeCompare(`${b.account}${b.from}`));
    is(plain(got), plain(wanted[i]), `${one.name}, run ${i + 1}: ${one.note}`);
    for (const row of wanted[i].filter(({ exact }) => exact)) {
      const line = got.find(({ account, from }) => account === row.account && from === row.from);
      const [over, under] = row.exact.split('/').map(decimal);
      ok(line && same(divide(over, under), divide(decimal(line.exact.numerator), decimal(line.exact.denominator))), `${one.name}: exactly ${row.exact}`);
    }
    if (got.some((row) => row.amount_minor)) await issue(amends, key, draft);
  }
}

module.exports = { play };
