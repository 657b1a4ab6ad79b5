#!/usr/bin/env node
'use strict';
// Runs of the engine after their draft: what a dry run says, a draft that no longer holds, a correction,
// claims that come later, the books; and what the API refuses.
const { execFileSync } = require('node:child_process');
const { Amends, AMENDS } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const account = (id, amount, more = {}) => ({
  external_id: id, name: id, currency: 'EUR', timezone: 'Europe/Berlin', interval: 'month', anchor: '2026-01-15',
  prices: [{ from: '2026-01-15', amount_minor: amount }], components: ['app'], labels: { region: id === 'us' ? 'us' : 'eu' }, ...more,
});
const imported = (amends, ...accounts) => amends.call('POST', '/v1/accounts/import', accounts.map((one) => JSON.stringify(one)).join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
const impact = (from, to, more = {}) => ({ component: 'app', level: 'major_outage', from, to, ...more });
const MONTHLY = { name: 'monthly', model: 'tiered', window: { unit: 'month' }, applies: { labels: { region: ['eu'] } }, tiers: [{ uptime_below: '99.9', percent: '10' }, { uptime_below: '99', percent: '30' }] };

const settled = async (amends, id) => {
  for (;;) {
    const run = await amends.call('GET', `/v1/credit-runs/${id}`);
    if (!['computing', 'approved'].includes(run.state)) return run;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
};
const draft = (amends, policy, incidents, more = {}) => amends.call('POST', '/v1/credit-runs', { policy, incidents, reason: 'test', ...more });
async function approve(amends, key, run) {
  await lib.acknowledge(amends, run);
  const reply = await amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
  return { ...(await settled(amends, run.id)), reply };
}
const credits = async (amends, run) => (await amends.all(`/v1/credit-runs/${run.id}/credits`)).map(({ account: who, amount_minor }) => [who, amount_minor]).sort();

async function refusals(amends) {
  const refused = async (path, body) => {
    const reply = await amends.request('POST', path, body);
    return [reply.status, reply.body.errors && reply.body.errors[0].field];
  };
  is(await refused('/v1/policies', { ...MONTHLY, window: { unit: 'month', timezone: 'Mars/X' } }), [422, 'window.timezone'], 'a zone that is none');
  is(await refused('/v1/policies', { ...MONTHLY, model: 'steps', tiers: undefined }), [422, 'steps'], 'steps without steps');
  is(await refused('/v1/claims', { account: 'nobody', incidents: ['down'] }), [422, 'account'], 'a claim of nobody');
  is(await refused('/v1/credit-runs', { policy: 'monthly', incidents: [], reason: 'test' }), [422, 'incidents'], 'a run without evidence');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const key = approver(amends);
  await amends.call('POST', '/v1/components', { slug: 'app', name: 'App' });
  await imported(amends, account('a', 9900), account('us', 9900));
  await amends.call('POST', '/v1/policies', MONTHLY);
  await amends.call('POST', '/v1/policies', { name: 'claims', model: 'fixed', amounts: { EUR: 500 }, claim: { required: true } });
  await lib.replayIncident(amends, { ref: 'down', title: 'down', kind: 'incident', posts: [], impacts: [impact('2026-03-10T10:00:00Z', '2026-03-10T14:00:00Z')] });
  await refusals(amends);

  const period = { from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' };
  const trial = await amends.call('POST', '/v1/policies/dry-run', { policy: MONTHLY, period });
  is(trial.totals.map(({ amount_minor }) => amount_minor), [990], 'a dry run is computed by the engine');
  is((await amends.call('POST', '/v1/policies/example', { policy: { ...MONTHLY, applies: undefined } })).amount_minor > 0, true, 'and so is an example');

  const first = await draft(amends, 'monthly', ['down']);
  is(await credits(amends, first), [['a', 990]], 'a draft: 10 % of March for the region');
  await imported(amends, account('a', 8800));
  const stale = await approve(amends, key, first);
  ok(stale.state === 'failed' && stale.reply.status === 409 && /changed after this draft/.test(stale.reply.body.detail), 'a draft whose account has another price since is not issued');

  const second = await draft(amends, 'monthly', ['down']);
  is((await approve(amends, key, second)).state, 'issued', 'a new one is');
  await amends.call('PUT', '/v1/incidents/down/impacts', { impacts: [impact('2026-03-10T10:00:00Z', '2026-03-10T22:00:00Z')] });
  const more = await amends.call('POST', '/v1/credit-runs', { reconcile: second.id, reason: 'longer' });
  is(await credits(amends, more), [['a', 1760]], 'after a correction the difference is owed: 30 % less 10 %');
  is((await approve(amends, key, more)).state, 'issued', 'and issued');
  await amends.call('PUT', '/v1/incidents/down/impacts', { impacts: [impact('2026-03-10T10:00:00Z', '2026-03-10T14:00:00Z')] });
  const less = await amends.call('GET', `/v1/credit-runs/${second.id}/reconcile`);
  is(less.accounts.map(({ account: who, difference_minor }) => [who, difference_minor]), [['a', -1760]], 'over-credit is reported');

  is(await credits(amends, await draft(amends, 'claims', ['down'])), [], 'nobody claimed');
  await amends.call('POST', '/v1/claims', { account: 'us', at: '2026-03-11T00:00:00Z', incidents: ['down'] });
  const claimed = await draft(amends, 'claims', ['down']);
  await amends.call('POST', '/v1/claims', { account: 'a', at: '2026-03-11T00:00:00Z', incidents: ['down'] });
  is(await credits(amends, claimed), [['us', 500]], 'who claimed is paid');
  is((await approve(amends, key, claimed)).state, 'issued', 'a claim after the draft makes no draft stale');
  ok(/^verified: /m.test(execFileSync(AMENDS, ['ledger', 'verify', '--data', `${amends.dir}/var`], { encoding: 'utf8' })), 'the books hold');
});
