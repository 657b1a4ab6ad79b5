#!/usr/bin/env node
'use strict';
// A credit of goodwill goes to accounts that its incidents did not hit: neither the letter nor anything else of the
// account names an incident that only others may see.
const { waitUntil } = require('../../lib/amends.js');
const { mailBodies } = require('../../lib/sinks.js');
const { acknowledge } = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { upWithMail } = require('../../lib/mailed.js');
const { is, scenario } = require('../../lib/tap.js');

const SECRET = /zebra/i;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const at = (hours) => new Date(Date.now() + hours * 3600000).toISOString();
const account = (name) => ({ external_id: name, name: `Company ${name}`, currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2020-01-01',
  prices: [{ from: '2020-01-01', amount_minor: 100000 }], components: ['api'], labels: { shard: name }, contacts: [{ email: `ada@${name}.example`, name: 'Ada', locale: 'en' }] });
const LETTER = { subject: 'Sorry', body: 'Because of:\n\n{{#credit.incidents}}\n- {{title}}: {{url}}\n{{/credit.incidents}}\n\n{{credit.why_text}}\n\nEnd.' };

async function world(amends) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'Interface' });
  await amends.call('POST', '/v1/accounts/import', [account('hit'), account('other')].map((one) => JSON.stringify(one)).join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  const outage = async (ref, more) => {
    await amends.call('POST', '/v1/incidents', { ref, kind: 'incident', state: 'investigating', body: 'x', notify: false, posted_at: at(-5), scope: { labels: { shard: 'hit' } }, components: [{ component: 'api', level: 'major_outage' }], ...more });
    await amends.call('POST', `/v1/incidents/${ref}/updates`, { state: 'resolved', body: 'x', notify: false, posted_at: at(-4) });
  };
  await outage('shard', { title: 'Zebra shard', audience: 'affected' });
  await outage('both', { title: 'Some shards are slow', audience: 'both', affected_body: 'Zebra text' });
}

// A run that gives every account the same: its id.
async function goodwill(amends, key, name, incidents) {
  await amends.call('POST', '/v1/policies', { name, model: 'fixed', amounts: { EUR: 500 }, audience: 'all' });
  const run = await amends.call('POST', '/v1/credit-runs', { policy: name, incidents, reason: 'sorry' });
  await acknowledge(amends, run);
  await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
  await waitUntil('the credits are issued', async () => (await amends.call('GET', `/v1/credit-runs/${run.id}`)).state === 'issued');
  return run.id;
}

async function letters(amends, mails, run, expected) {
  const preview = async (of) => (await amends.call('POST', `/v1/credit-runs/${run}/notices/preview`, { account: of, ...LETTER })).text;
  const named = (text) => ['Zebra shard', 'Some shards are slow'].filter((title) => text.includes(title));
  is([named(await preview('hit')), named(await preview('other'))], expected, 'the preview names what the account may see');
  const before = mails.mails().length;
  await amends.settled((await amends.call('POST', `/v1/credit-runs/${run}/notices`, LETTER)).broadcast);
  const sent = await waitUntil('the letters arrive', () => mails.mails().length === before + 2 && mails.mails().slice(before));
  const texts = (name) => Object.values(mailBodies(sent.find((mail) => mail.to === `ada@${name}.example`).data));
  is([named(texts('hit')[0]), ...texts('other').map(named)], [expected[0], expected[1], expected[1]], 'and so does the letter');
}

async function pages(amends) {
  const link = new URL((await amends.call('POST', '/v1/accounts/other/page-link', {})).url).pathname;
  const cookie = (await amends.request('POST', link, '', { key: null, headers: FORM })).headers.get('set-cookie').split(';')[0];
  const { key } = await amends.call('POST', '/v1/keys', { name: 'of other', account: 'other' });
  const get = (path, how) => amends.request('GET', path, undefined, how);
  const credits = (await get('/v1/account/credits', { key })).body.data;
  const leaks = [];
  for (const tail of ['', '/credits', '/claims', '/report', '/contacts', ...credits.map(({ id }) => `/credits/${id}`)]) {
    const reply = await get(link + tail, { key: null, headers: { cookie } });
    if (reply.status !== 200 || SECRET.test(reply.text)) leaks.push(tail);
  }
  for (const tail of ['', '/incidents', '/uptime', '/uptime?format=csv', '/credits', '/claims', '/claims?format=csv', ...credits.map(({ id }) => `/credits/${id}`)]) {
    const reply = await get(`/v1/account${tail}`, { key });
    if (reply.status !== 200 || SECRET.test(reply.text)) leaks.push(tail);
  }
  for (const path of ['/', '/history', '/history.rss', '/history.atom', '/feed.json', '/feed.rss', '/feed.atom', '/history.json', '/maintenance.ics', '/embed.json', '/api/v2/summary.json', '/api/v2/incidents.json']) {
    const reply = await get(path, { key: null });
    if (reply.status !== 200 || SECRET.test(reply.text)) leaks.push(path);
  }
  is([credits.length, leaks], [2, []], 'no page, list or feed of the account names it');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  await world(amends);
  const key = approver(amends);
  await letters(amends, mails, await goodwill(amends, key, 'all', ['shard', 'both']), [['Zebra shard', 'Some shards are slow'], ['Some shards are slow']]);
  await letters(amends, mails, await goodwill(amends, key, 'one', ['shard']), [['Zebra shard'], []]);
  await pages(amends);
});
