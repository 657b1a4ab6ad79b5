#!/usr/bin/env node
'use strict';
// What is wrong with a form stands beside the field, in the person's language, and nothing typed is lost; a page that is
// missing, forbidden or busy is a page. Programs are told as JSON.
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const HTML = { accept: 'text/html,application/xhtml+xml' };
const tagOf = (text, name) => (text.match(new RegExp(`<(?:input|select|textarea)[^>]* name="${name}"[^>]*>`)) || [''])[0];
const attribute = (tag, name) => (tag.match(new RegExp(` ${name}="([^"]*)"`)) || [])[1];

// The messages that the control names, in the order of its aria-describedby.
function messages(text, name) {
  const ids = (attribute(tagOf(text, name), 'aria-describedby') || '').split(' ');
  return ids.map((id) => (text.match(new RegExp(`<span class="wrong" id="${id}">([^<]*)`)) || [])[1]).filter(Boolean);
}
const focused = (text) => [...text.matchAll(/<(?:input|select|textarea)[^>]* name="([^"]*)"[^>]* autofocus/g)].map((one) => one[1]);
const summary = (text) => [...(text.match(/<div class="told wrong" role="alert">.*?<\/div>/s) || [''])[0].matchAll(/<li><a href="#([^"]*)">([^<]*)/g)].map((one) => one.slice(1));

async function impacts(desk) {
  const at = '/staff/incidents/late/impacts', shown = { revision: '0', page: '1' };
  const row = (n, from, to, more = {}) => ({ [`component:${n}`]: 'api', [`level:${n}`]: 'partial_outage', [`from:${n}`]: from, [`to:${n}`]: to, ...more });
  const reply = await desk.send(at, { ...row(0, '2026-01-02T10:00', '2026-01-02T09:00', { 'estimated:0': '1' }), hold: '0', ...shown });
  is(reply.status, 422, 'an end before the start is refused');
  is(messages(reply.text, 'to:0'), ['End must be after start.'], 'beside the field, in words');
  ok(/aria-invalid="true"/.test(tagOf(reply.text, 'to:0')), 'which is marked as wrong');
  is(focused(reply.text), ['to:0'], 'and has the focus, alone');
  is([attribute(tagOf(reply.text, 'from:0'), 'value'), attribute(tagOf(reply.text, 'to:0'), 'value')], ['2026-01-02T10:00', '2026-01-02T09:00'], 'what was typed stays');
  ok(/ checked/.test(tagOf(reply.text, 'estimated:0')), 'and what was chosen');
  ok(!/impacts\[|not after|later than from/.test(reply.text), 'no name of the API is shown');
  is(summary(reply.text), [], 'one error needs no list');
  const two = await desk.send(at, { ...row(0, '2026-01-02T10:00', '2026-01-02T09:00'), ...row(1, '', ''), ...row(2, '2026-01-03T10:00', '2026-01-03T09:00'), hold: '0', ...shown });
  is(summary(two.text), [['field-1', 'End: End must be after start.'], ['field-2', 'End: End must be after start.']], 'several are listed on top');
  is([tagOf(two.text, 'to:2'), tagOf(two.text, 'to:1')].map((tag) => /aria-invalid/.test(tag)), [true, false], 'an empty row between them keeps its place');
  is(focused(two.text), ['to:0'], 'and the first has the focus');
}

async function start(desk) {
  const reply = await desk.send('/staff/incidents/new', {
    kind: 'incident', title: '', body: '', state: 'investigating', 'level:api': 'major_outage', promise: '60', hold: '30', do: 'post', notify: '1',
  });
  is([reply.status, messages(reply.text, 'title'), messages(reply.text, 'body')], [422, ['Required.'], ['Required.']], 'two empty fields: both are told');
  is(summary(reply.text).map((one) => one[0]), ['title', 'body'], 'the list links to them');
  ok(/value="major_outage" selected/.test(reply.text) && /value="60" selected/.test(reply.text), 'what was chosen stays');
  const long = await desk.send('/staff/incidents/new', { kind: 'incident', title: 'Late', 'title:de': 'x'.repeat(251), 'body:de': 'Spät.', body: 'y', state: 'investigating', hold: '0', do: 'post' });
  is([messages(long.text, 'title:de'), messages(long.text, 'title')], [['At most 250 characters.'], []], 'a translation has its own message');
  const mark = await desk.send('/staff/incidents/new', { kind: 'incident', title: '<b>"\'&', body: 'a autofocus b\n<script>', state: 'investigating', 'level:api': 'nothing', hold: '0', do: 'post' });
  is(attribute(tagOf(mark.text, 'title'), 'value').replaceAll('&#60;', '&lt;').replaceAll('&#62;', '&gt;'), '&lt;b&gt;&#34;&#39;&#38;', 'typed text stays text');
  ok(/a autofocus b/.test(mark.text) && !/<script>/.test(mark.text), 'also in a long one');
  is(messages(mark.text, 'level:api'), ['Choose one of the options.'], 'a component\'s level has its own message');
}

async function german(amends) {
  const desk = await Desk.enter(amends, 'greta', ['responder']);
  sql(amends, "update staff set locale = 'de', timezone = 'Europe/Berlin' where login = 'greta'");
  const reply = await desk.send('/staff/incidents/late/impacts', {
    'component:0': 'api', 'level:0': 'partial_outage', 'from:0': '2026-01-02T10:00', 'to:0': '2026-01-02T10:00', hold: '0', revision: '0', page: '1',
  });
  is(messages(reply.text, 'to:0'), ['Das Ende muss nach dem Beginn liegen.'], 'in the person\'s language');
  const saved = await desk.send('/staff/incidents/late/impacts', {
    'component:0': 'api', 'level:0': 'partial_outage', 'from:0': '2026-01-02T10:00', 'to:0': '2026-01-02T10:30', hold: '0',
  });
  is([saved.status, saved.headers.get('location')], [303, '/staff/incidents/late/impacts?saved=1'], 'a good one is saved');
  const [impact] = (await amends.call('GET', '/v1/incidents/late/impacts')).impacts;
  is([impact.from, impact.to], ['2026-01-02T09:00:00Z', '2026-01-02T09:30:00Z'], 'in the person\'s zone');
  const shown = await desk.get('/staff/incidents/late/impacts?saved=1');
  ok(/role="status">Gespeichert/.test(shown.text), 'which the page says');
  is([attribute(tagOf(shown.text, 'from:0'), 'type'), attribute(tagOf(shown.text, 'from:0'), 'value')], ['datetime-local', '2026-01-02T10:00'], 'and shows');
  await amends.call('PUT', '/v1/incidents/late/impacts', { impacts: [{ ...impact, from: '2026-01-02T09:00:17.25Z' }] });
  const kept = { 'component:0': 'api', 'level:0': 'major_outage', 'from:0': '2026-01-02T10:00', 'to:0': '2026-01-02T10:30', hold: '0' };
  await desk.send('/staff/incidents/late/impacts', kept);
  is((await amends.call('GET', '/v1/incidents/late/impacts')).impacts[0].from, '2026-01-02T09:00:17.250000Z', 'a time that was not touched keeps its seconds');
  const missing = await desk.get('/staff/nowhere', HTML);
  ok(missing.status === 404 && /<h1>Seite nicht gefunden/.test(missing.text) && /href="\/staff\/incidents"/.test(missing.text), 'a missing page of the console has its navigation');
  const incident = await desk.get('/staff/incidents/none', HTML);
  ok(incident.status === 404 && /<html lang="de"/.test(incident.text), 'so has a missing incident');
  const denied = await desk.get('/staff/access', HTML);
  ok(denied.status === 403 && /Ihre Rollen erlauben das nicht/.test(denied.text) && !/scope/.test(denied.text.replace(/scope="/g, '')), 'and one that is not for them');
  const [verb, large] = [await desk.post('/staff/design', 'a=b', { ...HTML, 'content-type': 'application/x-www-form-urlencoded' }), await desk.post('/staff/login', 'a'.repeat(1100000), { ...HTML })];
  is([verb.status, /<nav/.test(verb.text), large.status, /<h1>Zu groß/.test(large.text)], [405, true, 413, true], 'a wrong verb and a body too large are pages, too');
}

// Pages that act without a route of the API.
async function account(desk) {
  const profile = await desk.send('/staff/account', { do: 'save', name: 'Ann the Second', locale: 'en', timezone: 'Nowhere' });
  is([profile.status, messages(profile.text, 'timezone')], [422, ['“Nowhere” is not a time zone. Write one such as Europe/Berlin.']], 'a time zone that is none');
  is([attribute(tagOf(profile.text, 'timezone'), 'value'), attribute(tagOf(profile.text, 'name'), 'value')], ['Nowhere', 'Ann the Second'], 'and nothing typed is lost');
  const password = await desk.send('/staff/account', { do: 'password', old: 'not it', password: 'four words are enough' });
  is([messages(password.text, 'old'), /four words/.test(password.text)], [['Wrong current password.'], false], 'a wrong password is told beside it, and none is sent back');
}

async function readers(amends) {
  const get = (target, headers) => amends.request('GET', target, undefined, { key: null, headers });
  const missing = await get('/nowhere', { ...HTML, 'accept-language': 'ja' });
  ok(missing.status === 404 && /<h1>ページが見つかりません/.test(missing.text) && /href="\/history/.test(missing.text), 'a missing page is a page in the reader\'s language');
  const link = await get('/u/none', { ...HTML, 'accept-language': 'fr' });
  ok(link.status === 404 && /Ce lien n.{1,6}est pas valide/.test(link.text), 'a bad link, too');
  const sent = await amends.request('POST', '/subscribe?lang=es', new URLSearchParams({ channel: 'email', address: 'nobody', what: 'some', timezone: 'Nowhere', verbosity: 'daily' }).toString(), {
    key: null, headers: { ...HTML, 'content-type': 'application/x-www-form-urlencoded', origin: amends.url },
  });
  is([sent.status, messages(sent.text, 'timezone')], [422, ['Zona horaria desconocida. Escriba un nombre como Europe/Madrid.']], 'a reader\'s field has its message');
  ok(/id="address-wrong"[^>]*>[^<]*nombre@/.test(sent.text), 'the address in its own place');
  is([focused(sent.text), summary(sent.text).length], [['address'], 3], 'the first has the focus, and all three are listed');
  ok(/value="daily" checked/.test(sent.text) && /value="some" checked/.test(sent.text), 'and what was chosen stays');
  for (const [target, headers] of [['/nowhere', {}], ['/v1/nowhere', HTML], ['/v1/incidents', HTML], ['/api/v2/nowhere', HTML]]) {
    is((await get(target, headers)).headers.get('content-type'), 'application/problem+json', `${target} answers programs as JSON`);
  }
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/incidents', { ref: 'late', title: 'Late', state: 'investigating', body: 'x', notify: false });
  const desk = await Desk.enter(amends, 'ann', ['responder']);
  await impacts(desk);
  await start(desk);
  await account(desk);
  await german(amends);
  await readers(amends);
});
