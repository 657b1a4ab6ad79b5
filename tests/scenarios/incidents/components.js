#!/usr/bin/env node
'use strict';
// Components and groups in their order, described, archived and hidden while all is well: by the API, the
// console, the public page, API v2 and the form for subscribers. What is archived keeps its history.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const anybody = { key: null };
const text = async (amends, target) => (await amends.request('GET', target, undefined, anybody)).text;
const list = async (amends) => (await amends.call('GET', '/v1/components')).data;
const change = (amends, slug, body) => amends.call('PATCH', `/v1/components/${slug}`, body);
const placed = async (amends, group) => (await list(amends)).filter((one) => one.group === group).map((one) => `${one.slug} ${one.position}`);

// A public document once it has changed: each is rendered anew after the change.
const until = (amends, target, good) => waitUntil(`${target} is as it should be`, async () => {
  const reply = await amends.request('GET', target, undefined, anybody);
  return good(reply.text) && reply;
});

// The names on the public page, groups included, once it is as `good` wants it.
function shown(amends, what, good) {
  return waitUntil(what, async () => {
    const names = [...(await text(amends, '/')).matchAll(/<h3>([^<]*)<\/h3>|<span class="name">([^<]*)</g)].map((one) => one[1] || one[2]);
    return good(names.join()) && names;
  });
}

async function order(amends) {
  for (const [slug, group] of [['web', 'z-front_end'], ['app', 'z-front_end'], ['mail', undefined], ['api', 'core'], ['queue', 'core'], ['cache', 'core']]) {
    await amends.call('POST', '/v1/components', { slug, name: slug.toUpperCase(), ...(group && { group }) });
  }
  is(await placed(amends, 'core'), ['api 1', 'queue 2', 'cache 3'], 'a new component is the last of its group');
  await change(amends, 'api', { position: 3 });
  is(await placed(amends, 'core'), ['queue 1', 'cache 2', 'api 3'], 'it moves down');
  await change(amends, 'api', { position: 2 });
  is(await placed(amends, 'core'), ['queue 1', 'api 2', 'cache 3'], 'and up');
  await change(amends, 'queue', { position: 100000 });
  is(await placed(amends, 'core'), ['api 1', 'cache 2', 'queue 3'], 'beyond the end is the end');
  const first = await amends.call('POST', '/v1/components', { slug: 'edge', name: 'EDGE', group: 'core', position: 1, description: 'Our edge.', only_show_if_degraded: true });
  is([first.position, first.description, first.only_show_if_degraded], [1, 'Our edge.', true], 'one can begin at a place');
  await change(amends, 'cache', { group: 'z-front_end' });
  is([await placed(amends, 'core'), await placed(amends, 'z-front_end')], [['edge 1', 'api 2', 'queue 3'], ['web 1', 'app 2', 'cache 3']], 'another group has it as its last');
  await change(amends, 'cache', { name: 'Cache', group: 'z-front_end' });
  is(await placed(amends, 'z-front_end'), ['web 1', 'app 2', 'cache 3'], 'a new name moves nothing');
  await Promise.all(['web', 'app', 'cache'].flatMap((slug) => [1, 2, 3].map((position) => change(amends, slug, { position }))));
  is((await placed(amends, 'z-front_end')).map((one) => one.split(' ')[1]), ['1', '2', '3'], 'moves at the same time leave no gap');
  for (const [i, slug] of ['web', 'app', 'cache'].entries()) await change(amends, slug, { position: i + 1 });
  for (const wrong of [{ position: 0 }, { archived: 'yes' }, { only_show_if_degraded: 1 }, { description: 'x'.repeat(501) }]) {
    is((await amends.request('PATCH', '/v1/components/api', wrong)).status, 422, `not ${JSON.stringify(wrong).slice(0, 40)}`);
  }
}

async function groups(amends) {
  const all = async () => (await amends.call('GET', '/v1/component-groups')).data.map((one) => [one.slug, one.name, one.position]);
  is(await all(), [['z-front_end', 'Z front end', 1], ['core', 'Core', 2]], 'a group is at first called like its slug');
  is(await amends.call('PATCH', '/v1/component-groups/core', { name: 'Core services', description: 'All need these.', position: 1 }),
    { slug: 'core', name: 'Core services', description: 'All need these.', position: 1 }, 'it gets a name, a description and a place');
  is((await all()).map((one) => one[0]), ['core', 'z-front_end'], 'the other one follows');
  is((await amends.request('PATCH', '/v1/component-groups/none', { name: 'x' })).status, 404, 'there is no other');
}

async function publicPage(amends) {
  await change(amends, 'api', { description: 'Requests <of> yours.' });
  await until(amends, '/', (page) => page.includes('Requests &lt;of&gt;'));
  is(await shown(amends, 'the page is in order', (names) => /Core services,API,QUEUE/.test(names)), ['MAIL', 'Core services', 'API', 'QUEUE', 'Z front end', 'WEB', 'APP', 'Cache'],
    'the page has the order and the names, and not what is only shown if degraded');
  const page = await text(amends, '/');
  ok(page.includes('<p class="meta">Requests &lt;of&gt; yours.</p>') && page.includes('All need these.'), 'and the descriptions');
  const { body: { components } } = await until(amends, '/api/v2/components.json', (page) => page.includes('Requests <of>'));
  is(components.map((one) => [one.id, one.group_id, one.position]), [['mail', null, 1], ['edge', 'core', 1], ['api', 'core', 2], ['queue', 'core', 3],
    ['web', 'z-front_end', 1], ['app', 'z-front_end', 2], ['cache', 'z-front_end', 3], ['core', null, 1], ['z-front_end', null, 2]], 'API v2 has them in that order, then the groups');
  const [core, edge] = ['core', 'edge'].map((id) => components.find((one) => one.id === id));
  is([core.name, core.description, core.components, edge.description, edge.only_show_if_degraded], ['Core services', 'All need these.', ['edge', 'api', 'queue'], 'Our edge.', true], "with Statuspage's fields");
  await amends.call('POST', '/v1/incidents', { ref: 'edge', title: 'Edge', kind: 'incident', state: 'investigating', body: 'Down.', components: [{ component: 'edge', level: 'major_outage' }], notify: false });
  await shown(amends, 'what is degraded is shown', (names) => names.includes('EDGE'));
  is((await amends.request('PATCH', '/v1/components/edge', { archived: true })).status, 409, 'what is down is not archived');
  await amends.call('POST', '/v1/incidents/edge/updates', { state: 'resolved', body: 'Fine.', notify: false });
  await shown(amends, 'and hidden again', (names) => !names.includes('EDGE'));
}

async function archive(amends) {
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'old@reader.example', components: ['queue'], confirmed: true });
  const gone = await change(amends, 'queue', { archived: true });
  ok(gone.archived_at && (await change(amends, 'queue', { archived: true })).archived_at === gone.archived_at, 'it is archived once');
  await change(amends, 'edge', { archived: true });
  is(await placed(amends, 'core'), ['api 1', 'edge 2', 'queue 3'], 'and is listed after the others');
  await shown(amends, 'it leaves the page', (names) => !names.includes('QUEUE'));
  const { body: { components } } = await until(amends, '/api/v2/summary.json', (page) => !/"queue"|"edge"/.test(page));
  is([components.some((one) => one.id === 'queue'), components.find((one) => one.id === 'core').components], [false, ['api']], 'and API v2');
  const form = await text(amends, '/subscribe');
  ok(/value="api"/.test(form) && !/value="(queue|edge)"/.test(form), 'readers can no longer choose it');
  is((await amends.call('GET', '/v1/subscribers?address=old@reader.example')).data[0].components, ['queue'], 'those who had keep it');
  ok(/EDGE/.test(await text(amends, '/incidents/edge')), 'its history stays');
  is((await amends.call('GET', '/v1/incidents/edge')).impacts.map((one) => one.component), ['edge'], 'and the evidence for credits');
  is((await change(amends, 'queue', { archived: false })).archived_at, undefined, 'it comes back');
  is(await placed(amends, 'core'), ['api 1', 'queue 2', 'edge 3'], 'as the last of those in use');
  await change(amends, 'api', { archived: true });
  await change(amends, 'queue', { archived: true });
  await shown(amends, 'a group of archived ones leaves the page', (names) => !names.includes('Core services'));
  ok(!/value="core"/.test(await text(amends, '/subscribe')), 'and the form');
  await change(amends, 'api', { archived: false });
  await change(amends, 'queue', { archived: false });
}

async function credits(amends) {
  const account = { external_id: 'acme', name: 'Acme', currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2024-01-01', components: ['edge'], prices: [{ from: '2024-01-01', amount_minor: 10000 }], contacts: [] };
  await amends.request('POST', '/v1/accounts/import', JSON.stringify(account), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', { name: 'fixed', model: 'fixed', amounts: { EUR: 500 } });
  const { id } = await amends.call('POST', '/v1/credit-runs', { policy: 'fixed', incidents: ['edge'], reason: 'sorry' });
  await waitUntil('a draft', async () => (await amends.call('GET', `/v1/credit-runs/${id}`)).state === 'draft');
  is((await amends.call('GET', `/v1/credit-runs/${id}/credits`)).data.map((one) => [one.account, one.amount_minor]), [['acme', 500]], 'an archived component still earns its credit');
}

async function desk(amends) {
  const rita = await Desk.enter(amends, 'rita', ['admin']);
  const send = (fields) => rita.send('/staff/components', fields);
  const page = async () => (await rita.get('/staff/components')).text;
  await send({ was: 'api', position: '1', do: 'down', name: 'ignored' });
  is(await placed(amends, 'core'), ['queue 1', 'api 2', 'edge 3'], 'a button moves down');
  await send({ was: 'api', position: '2', do: 'up' });
  await send({ was: 'queue', fields: '1', name: 'Queue', slug: 'queue', group: 'core', description: 'Jobs.', only_show_if_degraded: '1' });
  const [queue] = (await list(amends)).filter((one) => one.slug === 'queue');
  is([queue.name, queue.description, queue.only_show_if_degraded, queue.position], ['Queue', 'Jobs.', true, 2], 'the form edits, and leaves the place');
  await send({ was: 'queue', fields: '1', name: 'Queue', slug: 'queue', group: 'core', description: '' });
  const [bare] = (await list(amends)).filter((one) => one.slug === 'queue');
  is([bare.description, bare.only_show_if_degraded], [undefined, false], 'empty is none');
  await send({ of: 'core', name: 'The core', description: 'Inside.', do: 'save' });
  await send({ of: 'core', position: '1', do: 'down' });
  is((await amends.call('GET', '/v1/component-groups')).data.map((one) => one.name), ['Z front end', 'The core'], 'groups are named and moved');
  is((await send({ of: 'core', name: '' })).status, 422, 'a group has a name');
  ok(/<details><summary>Archive…<\/summary><p>It leaves the public page[^]*value="archive" class="danger"/.test(await page()), 'archiving takes a second step that says what it does');
  await send({ was: 'queue', do: 'archive' });
  ok(/<h2>Archived<\/h2>[^]*Queue <code>queue<\/code>[^]*value="restore"/.test(await page()), 'what is archived is below');
  const draft = (await rita.get('/staff/incidents/new')).text;
  ok(/name="level:api"/.test(draft) && !/level:queue/.test(draft), 'and not offered for posts');
  await send({ was: 'queue', do: 'restore' });
  ok(!/<code>queue<\/code>/.test(await page()), 'until it is brought back');
  const trail = (await amends.call('GET', '/v1/audit?actor=staff:rita&limit=50')).data.map((row) => row.action);
  ok(['component.change', 'component_group.change'].every((action) => trail.includes(action)), 'all of it is in the audit log');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await order(amends);
  await groups(amends);
  await publicPage(amends);
  await archive(amends);
  await credits(amends);
  await desk(amends);
});
