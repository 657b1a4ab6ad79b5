#!/usr/bin/env node
'use strict';
// What the key of an account reads, page by page as other lists of the API.
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { is, scenario } = require('../../lib/tap.js');

const at = (hours) => new Date(Date.now() + hours * 3600000).toISOString();
const account = { external_id: 'one', name: 'Company one', currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2020-01-01', prices: [], components: ['api'], contacts: [{ email: 'ada@one.example', name: 'Ada', locale: 'en' }] };
const MANY = 107;

// Of a second each, so that all but one is over; an old one goes on.
async function world(amends) {
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug });
  await amends.call('POST', '/v1/accounts/import', JSON.stringify(account), { headers: { 'content-type': 'application/x-ndjson' } });
  const post = (ref, component, state, hours) => amends.call('POST', '/v1/incidents', { ref, title: `Outage ${ref}`, kind: 'incident', state, body: 'x', notify: false, posted_at: at(hours), components: [{ component, level: state === 'resolved' ? 'operational' : 'major_outage' }] });
  const over = async (ref, component, hours) => {
    await post(ref, component, 'investigating', hours);
    await amends.call('POST', `/v1/incidents/${ref}/updates`, { state: 'resolved', body: 'x', notify: false, posted_at: at(hours + 0.01) });
  };
  await post('old', 'api', 'investigating', -200);
  for (let n = 0; n < MANY; n += 1) await over(`past-${n}`, 'api', -150 + n);
  await over('late', 'api', -180);
  await over('foreign', 'web', -1);
}

async function incidents(amends, key) {
  const get = (query) => amends.request('GET', `/v1/account/incidents${query}`, undefined, { key });
  const all = [...Array.from({ length: MANY }, (_, n) => `past-${MANY - 1 - n}`), 'late', 'old'];
  const seen = [];
  const sizes = [];
  let cursor = '';
  do {
    const { body } = await get(`?limit=30${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    if (!cursor) await amends.call('POST', '/v1/incidents', { ref: 'new', title: 'New', kind: 'incident', state: 'investigating', body: 'x', notify: false, components: [{ component: 'api', level: 'major_outage' }] });
    seen.push(...body.data.map(({ ref }) => ref));
    sizes.push(body.data.length);
    cursor = body.next_cursor;
  } while (cursor);
  is([sizes, seen], [[30, 30, 30, 19], all], 'incidents come newest first, page by page, and a new one moves none');
  is((await get('')).body.data.length, 50, 'fifty without a limit');
  const [empty, large, forged] = [await get('?limit=0'), await get('?limit=1000'), await get('?cursor=abc')];
  is([empty, large, forged].map((reply) => [reply.status, reply.body.errors[0].field]), [[422, 'limit'], [422, 'limit'], [422, 'cursor']], 'a wrong limit or cursor is refused');
  const foreign = (await amends.request('GET', '/v1/incidents?limit=1')).body.next_cursor;
  is((await get(`?cursor=${encodeURIComponent(foreign)}`)).status, 422, 'so is that of another list');
}

// An incident that goes on is counted and shown, however many came after it.
async function overview(amends, key) {
  is((await amends.request('GET', '/v1/account', undefined, { key })).body.open_incidents, 2, 'the overview counts all that are open');
  const link = new URL((await amends.call('POST', '/v1/accounts/one/page-link', {})).url).pathname;
  const entered = await amends.request('POST', link, '', { key: null, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  const page = (await amends.request('GET', link, undefined, { key: null, headers: { cookie: entered.headers.get('set-cookie').split(';')[0] } })).text;
  is([/Outage old/.test(page), (page.match(/Outage past/g) || []).length], [true, 100], 'the page shows what is open, and the last hundred of the past');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await world(amends);
  const { key } = await amends.call('POST', '/v1/keys', { name: 'reader', account: 'one', scopes: ['account:read'] });
  await incidents(amends, key);
  await overview(amends, key);
});
