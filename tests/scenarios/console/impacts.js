#!/usr/bin/env node
'use strict';
// The form of the impact windows: what it shows and what it does not show survives a save, scope and weight can be
// changed, an incident with many windows is changed page by page, and nobody overwrites what another person saved.
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } };
const unescaped = (text) => text.replace(/&#(\d+);/g, (all, code) => String.fromCharCode(code)).replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
const attribute = (tag, name) => (tag.match(new RegExp(` ${name}="([^"]*)"`)) || [])[1];
const textOf = (html) => unescaped(html.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ');
const path = (ref) => `/staff/incidents/${ref}/impacts`;
const read = async (amends, ref) => (await amends.call('GET', `/v1/incidents/${ref}/impacts`)).impacts;

// The fields of a page as a browser sends them.
function fields(text) {
  const sent = {};
  for (const [tag] of text.matchAll(/<input[^>]* name="[^"]+"[^>]*>/g)) if (attribute(tag, 'type') !== 'checkbox' || / checked/.test(tag)) sent[attribute(tag, 'name')] = unescaped(attribute(tag, 'value') ?? 'on');
  for (const [, tag, value] of text.matchAll(/(<textarea[^>]*>)([^<]*)/g)) sent[attribute(tag, 'name')] = unescaped(value).replace(/^\n/, '').replace(/\r?\n/g, '\r\n');
  for (const [, tag, options] of text.matchAll(/(<select[^>]*>)(.*?)<\/select>/gs)) {
    const all = [...options.matchAll(/<option[^>]*>/g)].map(([one]) => one);
    sent[attribute(tag, 'name')] = unescaped(attribute(all.find((one) => / selected/.test(one)) || all[0], 'value'));
  }
  return sent;
}

// The message beside a field of a refused form.
function message(text, name) {
  const tag = (text.match(new RegExp(`<(?:input|select|textarea)[^>]* name="${name}"[^>]*>`)) || [''])[0];
  const ids = (attribute(tag, 'aria-describedby') || '').split(' ');
  return ids.map((id) => (text.match(new RegExp(`<span class="wrong" id="${id}">([^<]*)`)) || [])[1]).filter(Boolean).join();
}

// Opens the form, changes fields and sends it.
async function send(desk, ref, change = {}, query = '') {
  const sent = { ...fields((await desk.get(path(ref) + query)).text), hold: '0', ...change };
  return desk.send(path(ref), Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)));
}

async function opened(amends, ref, impacts) {
  await amends.call('POST', '/v1/incidents', { ref, title: ref, state: 'investigating', body: 'x', notify: false });
  await amends.call('PUT', `/v1/incidents/${ref}/impacts`, { impacts });
  return read(amends, ref);
}

const GIVEN = [
  { component: 'api', level: 'major_outage', from: '2026-01-02T09:00:00.25Z', to: '2026-01-02T10:00:00Z', measured: true, scope: { labels: { region: ['eu', 'us'], tier: 'gold', odd: 'a=b' }, share_bp: 5000 } },
  { component: 'api', level: 'partial_outage', from: '2026-01-02T11:00:00Z', to: '2026-01-02T12:00:00Z', weight_bp: 0, scope: { accounts: [{ account: 'one', share_bp: 2500 }, { account: 'two words' }], list: 'shard' } },
  { component: 'api', level: 'partial_outage', from: '2026-01-02T13:00:00Z', to: '2026-01-02T14:00:00Z', measured: true, weight_bp: 2550, estimated: true },
  { component: 'api', level: 'partial_outage', from: '2026-01-02T15:00:00Z' }];

async function kept(amends, desk) {
  const before = await opened(amends, 'kept', GIVEN);
  const page = await desk.get(path('kept'));
  ok(['Measured by alerts', 'Weight 0 %', 'Weight 25.50 %', 'Accounts: odd = a=b; tier = gold; region = eu, us', 'Share 50 %', 'Accounts listed: 2'].every((one) => textOf(page.text).includes(one)), 'the page says what decides the money of an impact');
  is([(await send(desk, 'kept')).status, await read(amends, 'kept')], [303, before], 'a form that nobody touched changes nothing');
  const refused = await send(desk, 'kept', { 'to:2': '2026-01-02T08:00' });
  is([refused.status, message(refused.text, 'to:2')], [422, 'End must be after start.'], 'a wrong time is refused');
  const form = fields(refused.text);
  is([form['scope_labels:0'], form['scope_share:0'], form['scope_accounts:1'], form['scope_list:1'], form['weight_bp:2']], ['odd=a=b\r\ntier=gold\r\nregion=eu\r\nregion=us\r\n', '50', 'one\r\ntwo words\r\n', 'shard', '25.50'], 'and the form still has all of it');
  is((await send(desk, 'kept', { 'to:2': '2026-01-02T14:30', 'level:0': 'partial_outage' })).status, 303, 'saved');
  is(await read(amends, 'kept'), [{ ...before[0], level: 'partial_outage' }, before[1], { ...before[2], to: '2026-01-02T14:30:00Z', measured: false }, before[3]], 'all else is kept; a time that staff typed is not measured');
  is((await send(desk, 'kept', { 'drop:0': '1' })).status, 303, 'one is removed');
  is((await read(amends, 'kept')).map((one) => one.scope), [before[1].scope, undefined, undefined], 'and the others keep theirs');
  is([(await send(desk, 'kept', { 'from:0': '' })).status, (await read(amends, 'kept')).length], [422, 3], 'a window without a start is a mistake, not a removal');
}

async function edits(amends, desk) {
  const [first, second, third] = await opened(amends, 'edits', GIVEN.slice(0, 3));
  const change = { 'scope_labels:0': 'region=eu\ntier=gold', 'scope_share:0': '', 'scope_accounts:1': 'one\nthree', 'scope_list:1': '', 'weight_bp:1': '12.5', 'scope_accounts:2': 'three', 'scope_share:2': '33,3', 'weight_bp:2': '' };
  is((await send(desk, 'edits', change)).status, 303, 'scope, share and weight can be changed');
  const now = await read(amends, 'edits');
  is(now.map((one) => [one.measured, one.weight_bp, one.scope]), [
    [true, undefined, { labels: { region: ['eu'], tier: ['gold'] } }],
    [false, 1250, { accounts: [{ account: 'one', share_bp: 2500 }, { account: 'three' }] }],
    [true, undefined, { accounts: [{ account: 'three' }], share_bp: 3330 }]], 'an account that stays keeps its share, and a window its measured times');
  is(now.map(({ from, to, level }) => [from, to, level]), [first, second, third].map(({ from, to, level }) => [from, to, level]), 'and its own');
  await send(desk, 'edits', { 'scope_accounts:1': '', 'scope_labels:1': '' });
  is((await read(amends, 'edits'))[1].scope, undefined, 'an impact without accounts is for everybody');
  const wrong = [];
  for (const [name, value] of [['scope_labels:0', 'region'], ['weight_bp:1', '150'], ['scope_share:2', 'half']]) {
    const reply = await send(desk, 'edits', { [name]: value });
    wrong.push([reply.status, message(reply.text, name), reply.text.match(/<details class="whole" open>/g)?.length]);
  }
  is(wrong, ['Write KEY=VALUE on each line.', 'Enter a percentage from 0 to 100.', 'Enter a percentage from 0 to 100.'].map((text) => [422, text, 1]), 'what is wrong stands beside the field, whose part of the form is open');
  is((await send(desk, 'edits', { 'scope_share:1': '150' })).status, 422, 'a share is at most everything');
  const list = await send(desk, 'edits', { 'from:3': '2026-01-03T10:00', 'scope_accounts:3': 'two words', 'weight_bp:3': '50' });
  const [added] = (await read(amends, 'edits')).slice(-1);
  is([list.status, added.scope, added.weight_bp], [303, { accounts: [{ account: 'two words' }] }, 5000], 'a new window has all of it, too');
}

async function many(amends, desk) {
  const at = (minutes) => new Date(Date.UTC(2026, 1, 1, 0, minutes)).toISOString().replace('.000', '');
  const given = Array.from({ length: 100 }, (_, n) => ({ component: 'api', level: 'degraded_performance', from: at(10 * n), to: at(10 * n + 5), weight_bp: n, scope: { labels: { shard: `${n}` } }, measured: n % 2 === 0 }));
  const before = await opened(amends, 'many', given);
  const shown = (text) => [...text.matchAll(/name="component:(\d+)"/g)].map(([, n]) => Number(n));
  const [one, seven] = [(await desk.get(path('many'))).text, (await desk.get(`${path('many')}?page=7`)).text];
  is([shown(one).slice(0, 15), shown(one).slice(15), shown(seven)], [Array.from({ length: 15 }, (_, n) => n), [100, 101], [90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101]], 'a hundred windows stand on pages, each with room for new ones');
  ok(/1–15 of 100/.test(one) && /href="[^"]*page=2"/.test(one) && /91–100 of 100/.test(seven) && /href="[^"]*page=6"/.test(seven) && !/page=8/.test(seven), 'with links between them');
  const wrong = await send(desk, 'many', { 'to:93': '2026-02-01T00:00' }, '?page=7');
  is([wrong.status, message(wrong.text, 'to:93'), shown(wrong.text).length], [422, 'End must be after start.', 12], 'a mistake on a page is shown on it');
  const saved = await send(desk, 'many', { 'level:95': 'major_outage', 'scope_labels:96': 'shard=x', 'drop:97': '1', 'from:100': '2026-03-01T10:00' }, '?page=7');
  is([saved.status, saved.headers.get('location')], [303, `${path('many')}?saved=1&page=7`], 'a page is saved, and stays');
  const now = await read(amends, 'many');
  const expected = before.map((row, n) => ({ ...row, ...(n === 95 && { level: 'major_outage' }), ...(n === 96 && { scope: { labels: { shard: ['x'] } } }) })).filter((_, n) => n !== 97);
  is([now.slice(0, -1), now[99].from], [expected, '2026-03-01T10:00:00Z'], 'what is on other pages is as it was');
  is([(await desk.get(`${path('many')}?page=99`)).status, (await desk.get(`${path('many')}?page=x`)).status], [200, 200], 'a page that there is not leads to one that there is');
}

async function meanwhile(amends, desk) {
  const [only] = await opened(amends, 'meanwhile', GIVEN.slice(3));
  const old = fields((await desk.get(path('meanwhile'))).text);
  const { revision } = await amends.call('GET', '/v1/incidents/meanwhile/impacts');
  const put = (more) => amends.request('PUT', '/v1/incidents/meanwhile/impacts', { impacts: [{ ...only, level: 'major_outage' }], ...more });
  is([(await put({ revision })).status, (await put({ revision })).status], [200, 409], 'a revision is replaced once');
  const late = await desk.send(path('meanwhile'), { ...old, 'level:0': 'degraded_performance' });
  is([late.status, /Someone else has corrected these windows/.test(late.text), fields(late.text)['level:0'], (await read(amends, 'meanwhile'))[0].level], [409, true, 'major_outage', 'major_outage'], 'a form from before another correction changes nothing, and shows what holds now');
  is((await desk.send(path('meanwhile'), { ...fields(late.text), hold: '0', 'level:0': 'degraded_performance' })).status, 303, 'so that it can be typed again');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const account = (external_id) => JSON.stringify({ external_id, name: external_id, currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2020-01-01', prices: [], contacts: [] });
  await amends.call('POST', '/v1/accounts/import', ['one', 'two words', 'three'].map(account).join('\n'), NDJSON);
  await amends.call('POST', '/v1/account-lists/shard', '{"account": "three"}', NDJSON);
  const desk = await Desk.enter(amends, 'ann', ['responder']);
  await kept(amends, desk);
  await edits(amends, desk);
  await many(amends, desk);
  await meanwhile(amends, desk);
});
