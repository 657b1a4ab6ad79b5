#!/usr/bin/env node
'use strict';
// Imports and exports of subscribers: dry run, precedence of opt-outs, undo, files of other
// software, and a round trip of an export through an empty installation.
const http = require('node:http');
const { Amends, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { scenario, ok, is } = require('../../lib/tap.js');

const CSV = { headers: { 'content-type': 'text/csv' } };
const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } };
const load = (amends, text, query = '', options = CSV) => amends.request('POST', `/v1/subscribers/import${query}`, text, options);
const brief = ({ created, updated, unchanged, duplicate, opted_out: out, suppressed, invalid }) =>
  [created, updated, unchanged, duplicate, out, suppressed, invalid];
const subscribers = (amends) => amends.all('/v1/subscribers');
const byAddress = async (amends) => Object.fromEntries((await subscribers(amends)).map((one) => [one.address, one]));

async function catalogue(amends) {
  for (const [slug, name] of [['api', 'Public API'], ['web', 'Web']]) await amends.call('POST', '/v1/components', { slug, name, group: 'core' });
  await amends.call('POST', '/v1/incidents', { ref: 'inc-1', title: 'One', kind: 'incident', state: 'investigating', body: 'x', components: [{ component: 'api', level: 'major_outage' }], notify: false });
}

async function compare(amends) {
  await load(amends, 'address\nknown@a.example\ngone@a.example\nstopped@a.example\n');
  const known = await byAddress(amends);
  await amends.call('DELETE', `/v1/subscribers/${known['gone@a.example'].id}`);
  const file = ['address,locale,components,timezone', 'new@a.example,,,', 'known@a.example,de,,', 'gone@a.example,,,', 'nobody,,,',
    'new2@a.example,,pay,', 'new3@a.example,,,Mars/Base', 'known@a.example,ja,api,', 'new@a.example,,,'].join('\n');
  const dry = await load(amends, file, '?dry_run=true');
  is(dry.status, 200, 'a dry run answers');
  is(brief(dry.body), [1, 1, 0, 2, 1, 0, 3], 'new, changed, unchanged, repeated, opted out, suppressed, invalid');
  is((await subscribers(amends)).length, 3, 'and writes nothing');
  const wrong = dry.body.groups.filter((group) => group.outcome === 'invalid').map((group) => [group.field, group.lines[0].line, group.count]).sort();
  is(wrong, [['address', 5, 1], ['components', 6, 1], ['timezone', 7, 1]], 'what is wrong is grouped by reason, with lines');
  const lines = await amends.request('GET', `/v1/imports/${dry.body.id}/lines`);
  is(lines.text.trim().split('\r\n').length, 9, 'all lines of it come as CSV');
  const refused = await load(amends, file);
  is(refused.status, 422, 'a wrong line refuses all');
  is(refused.body.errors.map((error) => error.line), [5, 6, 7], 'naming the lines');
  is((await subscribers(amends)).length, 3, 'and nothing is written');
  const skipped = await load(amends, file, '?skip_invalid=true');
  is(brief(skipped.body), [1, 1, 0, 2, 1, 0, 3], 'or they are left out');
  const now = await byAddress(amends);
  is([now['known@a.example'].locale, now['gone@a.example'].state, now['new@a.example'].state], ['ja', 'unsubscribed', 'active'], 'the last line counts, an opt-out wins');
  return skipped.body.id;
}

async function undo(amends, id) {
  const before = await byAddress(amends);
  await amends.call('PATCH', `/v1/subscribers/${before['new@a.example'].id}`, { locale: 'de' });
  const undone = await amends.call('POST', `/v1/imports/${id}/undo`);
  is([undone.state, undone.removed, undone.restored, undone.kept], ['undone', 0, 1, 1], 'an undo restores, and leaves who changed since');
  const now = await byAddress(amends);
  is([now['known@a.example'].locale, now['known@a.example'].components], ['en', []], 'the changed one is restored');
  is((await amends.request('POST', `/v1/imports/${id}/undo`)).status, 409, 'once');
  const more = await load(amends, 'address,state\nlate@a.example,\nout@a.example,suppressed\n');
  await amends.call('POST', `/v1/imports/${more.body.id}/undo`);
  const left = await byAddress(amends);
  ok(!left['late@a.example'] && !left['out@a.example'], 'an added subscriber is removed');
  is(brief((await load(amends, 'address\nout@a.example\n', '?dry_run=true')).body)[0], 1, 'its opt-outs too');
}

async function optOuts(amends) {
  await load(amends, 'address\nstays@a.example\nleaves@a.example\n');
  const reply = await load(amends, 'address,state,state_reason\nleaves@a.example,unsubscribed,page\nleaves@a.example,active,\nfresh@a.example,suppressed,bounce\n');
  is(brief(reply.body), [1, 1, 0, 1, 0, 0, 0], 'a file may bring opt-outs');
  const now = await byAddress(amends);
  is([now['leaves@a.example'].state, now['fresh@a.example'].state], ['unsubscribed', 'suppressed'], 'which end a subscription, whatever a later line says');
  is(brief((await load(amends, 'address\nleaves@a.example\nfresh@a.example\n')).body), [0, 0, 0, 0, 1, 1, 0], 'and stay');
}

async function foreign(amends) {
  const statuspage = ['id,mode,email,phone_number,phone_country,display_phone_number,endpoint,components,quarantined_at,created_at',
    'a1,email,sp@b.example,,,,,"Public API, Web",,2020-01-02 03:04:05 UTC', 'a2,sms,,4155550100,US,,,,,2021-01-01T00:00:00Z',
    'a3,webhook,owner@b.example,,,,https://hooks.b.example/x?y=1,,,', 'a4,email,old@b.example,,,,,,2022-01-01T00:00:00Z,', 'a5,slack,,,,,,,,'].join('\n');
  const reply = await load(amends, statuspage, '?skip_invalid=true');
  is(brief(reply.body), [4, 0, 0, 0, 0, 0, 1], 'a Statuspage export: every channel but Slack, which it does not tell');
  const now = await byAddress(amends);
  is(now['sp@b.example'].components, ['api', 'web'], 'components by their names');
  is([now['+14155550100'].channel, now['old@b.example'].state], ['sms', 'suppressed'], 'numbers with their country, quarantine as suppression');
  const hook = (await subscribers(amends)).find((one) => one.channel === 'webhook');
  is([hook.format, hook.owner], ['statuspage', 'owner@b.example'], 'webhooks go on getting what they understand');
  is(now['sp@b.example'].created_at, '2020-01-02T03:04:05Z', 'since when');
  const listmonk = ['uuid,email,name,attributes,status,created_at,updated_at', '1,lm@b.example,A,{},enabled,2020-01-01T00:00:00Z,', '2,bl@b.example,B,{},blocklisted,,', '3,dis@b.example,C,{},disabled,,'].join('\n');
  is(brief((await load(amends, listmonk)).body), [3, 0, 0, 0, 0, 0, 0], 'a listmonk export');
  const after = await byAddress(amends);
  is(['lm', 'bl', 'dis'].map((name) => after[`${name}@b.example`].state), ['active', 'suppressed', 'unsubscribed'], 'with its opt-outs');
}

// The consent of an imported subscriber is stored with the subscriber until they unsubscribe or move.
async function consents(amends) {
  await load(amends, 'address,consent_source,consent_at\npaper@a.example,form 7,2020-01-02T03:04:05Z\nplain@a.example,,\n');
  const now = await byAddress(amends);
  const { id } = now['paper@a.example'];
  const said = async (one) => (await amends.call('GET', `/v1/subscribers/${one}/consents`)).data.map((row) => [row.action, row.source, row.at]);
  is(await said(id), [['confirmed', 'form 7', '2020-01-02T03:04:05Z']], 'where and when they agreed is in the log');
  is((await said(now['plain@a.example'].id)).map(([action, source]) => [action, source]), [['confirmed', 'import']], 'or that it was imported');
  const stored = () => sql(amends, `select action, source, address_hash = (select address_hash from kept) from consent where subscriber_id = ${id} order by id`);
  sql(amends, `create table kept as select address_hash from subscriber where id = ${id}`);
  let refused = '';
  try { sql(amends, `update subscriber set agreed_at = now() where id = ${id}`); } catch (error) { refused = error.message; }
  ok(/does not change/.test(refused), 'which nothing changes');
  await amends.call('PATCH', `/v1/subscribers/${id}`, { paused_until: new Date(Date.now() + 864e5).toISOString() });
  is((await said(id)).map(([action]) => action), ['paused', 'confirmed'], 'and before what came later');
  sql(amends, `update subscriber set address_hash = sha256('moved') where id = ${id}`);
  is([(await said(id)).map(([action]) => action), stored()[0]], [['paused', 'confirmed'], ['confirmed', 'form 7', 't']], 'also of the address that they left');
  const other = now['plain@a.example'].id;
  await amends.call('DELETE', `/v1/subscribers/${other}?erase=true`);
  is(sql(amends, `select id, action from consent where subscriber_id = ${other}`), [[`-${other}`, 'confirmed']], 'and of who is erased');
}

const FULL = [
  { channel: 'email', address: 'Full@c.example', locale: 'de-AT', timezone: 'Europe/Vienna', verbosity: 'milestones', components: ['api'], groups: ['core'], incidents: ['inc-1'], muted: ['component:web', 'incident:inc-1'], consents: [{ action: 'confirmed', wording: 'page-1', source: 'page', at: '2020-02-02T02:02:02.123456Z' }, { action: 'moved', wording: 'page-1', source: 'page', at: '2021-02-02T02:02:02Z' }], created_at: '2020-02-02T02:02:02.000001Z' },
  { channel: 'email', address: 'paused@c.example', state: 'paused', paused_until: '2099-01-01T00:00:00Z' },
  { channel: 'email', address: 'out@c.example', state: 'unsubscribed', state_reason: "'=page, \"one\"" },
  { channel: 'email', address: 'bad@c.example', state: 'suppressed', state_reason: 'bounce' },
  { channel: 'email', address: 'waits@c.example', state: 'pending' },
  { channel: 'sms', address: '+4915112345678', verbosity: 'daily' },
  { channel: 'slack', address: 'https://hooks.slack.com/services/T0/B0/secret' },
  { channel: 'slack', address: 'slack://C0123ABC', secret: 'xoxb-1-2' },
  { channel: 'webhook', address: 'https://hooks.c.example/path?x=1', format: 'statuspage', owner: 'keeper@c.example', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
];

// Without ids, which differ between installations.
const stripped = (text) => text.replace(/^\d+,/gm, '').replace(/^\{"id":\d+,/gm, '{');

async function roundTrip(amends, cleanup) {
  is((await load(amends, FULL.map((one) => JSON.stringify(one)).join('\n'), '', NDJSON)).status, 200, 'every kind of subscriber is imported');
  const plain = await amends.request('GET', '/v1/subscribers/export?format=csv');
  ok(!plain.text.includes('B0/secret') && plain.text.includes('https://hooks.slack.com/...'), 'an export keeps secrets to itself');
  const { key } = await amends.call('POST', '/v1/keys', { name: 'reader', scopes: ['subscribers:read'] });
  is((await amends.request('GET', '/v1/subscribers/export?addresses=true', undefined, { key })).status, 403, 'unless the key may tell them');
  const other = await Amends.up({});
  cleanup(() => other.destroy());
  await catalogue(other);
  is((await load(other, plain.text)).status, 422, 'an address without its secret part cannot be imported');
  for (const format of ['csv', 'ndjson']) {
    const first = await amends.request('GET', `/v1/subscribers/export?addresses=true&format=${format}`);
    const reply = await load(other, first.text, '', format === 'csv' ? CSV : NDJSON);
    is(reply.status, 200, `an export as ${format} is imported elsewhere`);
    const second = await other.request('GET', `/v1/subscribers/export?addresses=true&format=${format}`);
    is(stripped(second.text).split('\n'), stripped(first.text).split('\n'), 'and exported the same, byte for byte but for ids');
    if (format === 'csv') await other.call('POST', `/v1/imports/${reply.body.id}/undo`);
  }
  ok((await amends.request('GET', '/v1/subscribers/export?addresses=true')).text.includes('B0/secret'), 'with the addresses themselves');
}

// A body shorter than announced.
function half(amends) {
  const { hostname, port } = new URL(amends.url);
  return new Promise((resolve) => {
    const request = http.request({ hostname, port, method: 'POST', path: '/v1/subscribers/import', headers: { authorization: `Bearer ${amends.key}`, 'content-type': 'text/csv', 'content-length': 100000 } });
    request.on('error', () => resolve());
    request.write('address\nhalf@d.example\n');
    setTimeout(() => { request.destroy(); resolve(); }, 300);
  });
}

async function large(amends) {
  const rows = Array.from({ length: 30000 }, (_, i) => `many${i}@d.example,de\r\n`).join('');
  const reply = await load(amends, `address,locale\r\n${rows}`, '?wait=false');
  is(reply.status, 202, 'an import that nobody waits for');
  const done = await waitUntil('it is done', async () => {
    const now = await amends.call('GET', `/v1/imports/${reply.body.id}`);
    return now.state === 'done' && now;
  });
  is(brief(done), [30000, 0, 0, 0, 0, 0, 0], 'is identified by its number');
  ok(done.rows_per_second > 0, `${done.rows_per_second} rows/s`);
  const list = await amends.call('GET', '/v1/imports?limit=2');
  is(list.data[0].id, done.id, 'the list has it first');
  const undone = await amends.call('POST', `/v1/imports/${done.id}/undo`);
  is([undone.removed, undone.kept], [30000, 0], 'and it is undone');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({});
  cleanup(() => amends.destroy());
  await catalogue(amends);
  const id = await compare(amends);
  await undo(amends, id);
  await optOuts(amends);
  await foreign(amends);
  await consents(amends);
  await half(amends);
  ok(!(await byAddress(amends))['half@d.example'], 'a body sent by halves writes nothing');
  await large(amends);
  await roundTrip(amends, cleanup);
});
