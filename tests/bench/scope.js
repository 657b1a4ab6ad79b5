#!/usr/bin/env node
'use strict';
// An outage that hit 40 of N accounts (200,000), whose labels are SETS sets (5,000), each account with one reader by
// e-mail: from the post to the last of its mails, the preview of its audience, and a draft of the same three incidents
// with the scope and without.
//   N=200000 SETS=5000 RUNS=5 node tests/bench/scope.js
const { Amends, freshDirectory, waitUntil } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');
const { median, say, tell, fastSink, ended, attempt } = require('./lib/bench.js');
const { world } = require('./lib/credit_world.js');

const N = Number(process.env.N || 200000);
const SETS = Number(process.env.SETS || 5000);
const RUNS = Number(process.env.RUNS || 5);
const HIT = N / SETS;
const scope = { labels: { region: 'eu', shard: 's17' } };

const readers = `
update account set labels = jsonb_build_object('region', 'eu', 'shard', 's' || id % ${SETS}, 'customer', external_id);
insert into subscriber (channel, address, address_hash, state, account_id)
  select 'email', external_id || '@bench.example', sha256(convert_to(external_id, 'UTF8')), 'active', id from account;
insert into subscription (subscriber_id, kind) select id, 'all' from subscriber;`;

const incident = (title) => ({
  title, kind: 'incident', state: 'investigating', body: 'Writes to your shard fail.', audience: 'affected', scope,
  components: [{ component: 'chat', level: 'major_outage' }],
});

async function sent(amends, n) {
  const start = Date.now();
  const { broadcast } = await amends.call('POST', '/v1/incidents', incident(`Shard 17, ${n}`));
  const done = await ended(amends, broadcast);
  if (done.counts.accepted !== HIT) throw new Error(`accepted ${done.counts.accepted} of ${HIT}`);
  return Date.parse(done.last_at) - start;
}

async function previewed(amends, n) {
  const start = process.hrtime.bigint();
  const seen = await amends.call('POST', '/v1/incidents/preview', incident(`Preview ${n}`));
  const took = Number(process.hrtime.bigint() - start) / 1e6;
  const count = seen.audience.reduce((all, one) => all + one.count, 0);
  if (count !== HIT) throw new Error(`the preview counts ${count} of ${HIT}`);
  return took;
}

// Milliseconds from the request to the draft.
async function drafted(amends, given, accounts) {
  sql(amends, `update impact set scope = ${given ? `'${JSON.stringify(given)}'` : 'null'} where from_at < '2019-01-01'`);
  const start = Date.now();
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'p', incidents: ['i1', 'i2', 'i3'], reason: 'bench' });
  await waitUntil('the draft', () => sql(amends, `select 1 from credit_run where id = ${run.id} and state = 'draft'`).length, 120000);
  const took = Date.now() - start;
  const [[credits]] = sql(amends, `select count(*) from credit where run_id = ${run.id}`);
  if (Number(credits) !== accounts) throw new Error(`the draft has ${credits} credits, not ${accounts}`);
  await amends.call('POST', `/v1/credit-runs/${run.id}/void`, {});
  return took;
}

async function measure(amends) {
  for (const part of (world(N) + readers).split(/;\n(?=vacuum)|(?<=vacuum analyze);\n/)) sql(amends, part.replace(/^select format[^]*?\\gexec\n/m, ''));
  sql(amends, 'vacuum analyze');
  tell(`${N} accounts are there`);
  const rounds = { mails: [], previews: [], scoped: [], open: [] };
  for (let n = 0; n < RUNS; n++) {
    rounds.mails.push(await sent(amends, n));
    rounds.previews.push(await previewed(amends, n));
    rounds.open.push(await drafted(amends, null, N));
    rounds.scoped.push(await drafted(amends, scope, HIT));
    tell(Object.entries(rounds).map(([name, times]) => `${name} ${Math.round(times.at(-1))}`).join(', '));
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, times]) => [name, Math.round(median(times))]));
}

async function main() {
  const dir = freshDirectory();
  const sink = await fastSink();
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: sink.url } });
  try {
    const seen = await measure(amends);
    const row = (name, ours, goal, more = {}) => say({ row: `scope of ${HIT} of ${N} accounts in ${SETS} label sets, ${name}`, unit: 'ms', ours, ceiling: null, peer: null, goal, runs: RUNS, ...more });
    row('post to last mail', seen.mails, '<= 1000');
    row('preview of the audience', seen.previews, '<= 200');
    row('draft', seen.scoped, '<= 1.2', { ceiling: seen.open, note: 'ceiling: the draft of the same incidents without a scope' });
  } finally {
    await amends.destroy();
    await sink.stop();
  }
}

attempt('scope', main);
