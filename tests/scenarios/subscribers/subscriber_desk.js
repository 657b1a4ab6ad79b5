#!/usr/bin/env node
'use strict';
// Managing one subscriber, by the API and the console: search, deliveries and consent, change, pause,
// send the link, unsubscribe, erase; suppressions, components, notices.
const { waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { mailTo } = require('../../lib/readers.js');
const { Desk } = require('../../lib/staff.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const HOOK = 'https://hooks.example.net/secret/path';

async function prepare(amends) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API', group: 'platform' });
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web', group: 'platform' });
  await amends.call('POST', '/v1/components', { slug: 'chat', name: 'Chat' });
  const add = (address, more) => amends.call('POST', '/v1/subscribers', { channel: 'email', address, confirmed: true, ...more });
  const people = {
    ann: await add('ann@one.example', { components: ['api'] }),
    bob: await add('Bob_B@two.example', { groups: ['platform'] }),
    eve: await add('eve@two.example', { components: ['chat'] }),
    all: await add('everybody@three.example'),
  };
  people.hook = await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address: HOOK, confirmed: true });
  return people;
}

async function searching(amends, people) {
  const found = async (query) => (await amends.all(`/v1/subscribers?${new URLSearchParams(query)}`)).map((one) => one.id);
  is(await found({ address: 'ANN@One.Example' }), [people.ann.id], 'an address is found however it is written');
  is(await found({ address: HOOK }), [people.hook.id], 'a secret URL is found by its hash');
  is(await found({ address: 'nobody@one.example' }), [], 'a stranger is not');
  is(await found({ part: '@TWO.' }), [people.bob.id, people.eve.id], 'a part is found whatever its case');
  is(await found({ part: 'b_b' }), [people.bob.id], 'with _ as it stands');
  is(await found({ part: '%%' }), [], 'and % as it stands');
  is(await found({ component: 'api' }), [people.ann.id, people.bob.id, people.all.id, people.hook.id], 'who hears of a component: by itself, its group, everything');
  is(await found({ component: 'chat', channel: 'email', state: 'active' }), [people.eve.id, people.all.id], 'filters add up');
  const wrong = async (query) => { const reply = await amends.request('GET', `/v1/subscribers?${query}`); return [reply.status, reply.body.errors[0].field]; };
  is(await wrong('component=none'), [422, 'component'], 'an unknown component is named');
  is(await wrong('address=nothing'), [422, 'address'], 'and what is no address');
  await amends.request('DELETE', `/v1/subscribers/${people.hook.id}`);
  is((await amends.call('GET', '/v1/subscribers?part=two&limit=1')).data.length, 1, 'a page of one');
}

async function history(amends, people, mails) {
  const posted = await amends.call('POST', '/v1/incidents', { ref: 'down', title: 'API is down', kind: 'incident', state: 'investigating', body: 'We look.', components: [{ component: 'api', level: 'major_outage' }] });
  await amends.settled(posted.broadcast);
  await amends.settled((await amends.call('POST', '/v1/notices', { subject: 'Hello', body: 'All.' })).broadcast);
  const target = `/v1/subscribers/${people.ann.id}`;
  const link = await amends.call('POST', `${target}/link`);
  await amends.settled(link.broadcast);
  ok((await mailTo(mails, 'ann@one.example', 2)).link('manage'), 'the link to change a subscription is sent');
  const sent = await amends.call('GET', `${target}/deliveries`);
  is(sent.data.map((one) => [one.kind, one.incident, one.subject, one.state]), [['manage', undefined, undefined, 'accepted'], ['notice', undefined, 'Hello', 'accepted'], ['update', 'down', 'API is down', 'accepted']], 'what was sent, the latest first');
  is((await amends.all(`${target}/deliveries`)).length, 3, 'and no more');
  const first = await amends.call('GET', `${target}/deliveries?limit=2`);
  const rest = await amends.call('GET', `${target}/deliveries?limit=2&cursor=${first.next_cursor}`);
  is([...first.data, ...rest.data].map((one) => one.broadcast), sent.data.map((one) => one.broadcast), 'a page goes on where the one before ended');
  is((await amends.call('GET', `/v1/subscribers/${people.eve.id}/deliveries`)).data.map((one) => one.kind), ['notice'], 'others have their own');
  await amends.call('POST', `${target}/link`);
  await amends.call('POST', `${target}/link`);
  is((await amends.request('POST', `${target}/link`)).status, 409, 'three links a day');
  is((await amends.request('GET', '/v1/subscribers/999999/deliveries')).status, 404, 'nobody has no history');
}

async function changing(amends, people) {
  const target = `/v1/subscribers/${people.ann.id}`;
  const until = new Date(Date.now() + 86400000 * 3).toISOString();
  is((await amends.call('PATCH', target, { paused_until: until, note: 'asked by telephone' })).state, 'paused', 'a pause');
  is((await amends.call('GET', target)).paused_until.slice(0, 10), until.slice(0, 10), 'ends by itself');
  is((await amends.request('PATCH', target, { paused_until: '2001-01-01T00:00:00Z' })).body.errors[0].field, 'paused_until', 'not in the past');
  is((await amends.request('PATCH', target, { paused_until: until, resume: true })).body.errors[0].field, 'resume', 'not both');
  is((await amends.call('PATCH', target, { resume: true })).state, 'active', 'resumed');
  is((await amends.request('DELETE', `${target}?note=left`)).status, 204, 'unsubscribed');
  is((await amends.request('PATCH', target, { paused_until: until })).status, 409, 'an unsubscribed subscriber cannot pause');
  const agreed = (await amends.call('GET', `${target}/consents`)).data.map((one) => [one.action, one.source]);
  is(agreed, [['unsubscribed', 'api'], ['resumed', 'api'], ['paused', 'api'], ['confirmed', 'api']], 'each is in the consent log');
  const trail = (await amends.call('GET', `/v1/audit?object=subscriber:${people.ann.id}&limit=50`)).data;
  is(trail.map((row) => row.action).slice(0, 3), ['subscriber.unsubscribe', 'subscriber.change', 'subscriber.change'], 'and in the audit log');
  is(trail[2].detail, { note: 'asked by telephone' }, 'with its reason');
  is((await amends.request('DELETE', `/v1/subscribers/${people.eve.id}?erase=true&note=GDPR`)).status, 204, 'erased');
  is((await amends.request('GET', `/v1/subscribers/${people.eve.id}`)).status, 404, 'nothing is left');
  is((await amends.call('GET', '/v1/suppressions?address=eve@two.example')).data[0].reason, 'erased', 'but the hash');
}

async function console_(amends, people, mails) {
  const desk = await Desk.enter(amends, 'rita', ['responder']);
  const page = async (target) => (await desk.get(target)).text;
  ok(/Bob_B@two\.example|bob_b@two\.example/i.test(await page('/staff/subscribers?q=%20two.example%20')), 'the console finds by part');
  ok(/hooks\.example\.net/.test(await page(`/staff/subscribers?q=${encodeURIComponent(HOOK)}`)), 'and by the whole of a secret URL');
  is((await desk.get('/staff/subscribers?q=x')).status, 422, 'too short a part is told');
  const one = `/staff/subscribers/${people.bob.id}`;
  const shown = await page(one);
  ok(/API is down/.test(shown) && /confirmed/.test(shown) && /name="group" value="platform" checked/.test(shown), 'one page has it all');
  is((await desk.send(one, { do: 'save', component: ['web'], verbosity: 'milestones', locale: 'de', timezone: 'Europe/Berlin', note: 'wished' })).status, 303, 'staff change what they get');
  const bob = await amends.call('GET', `/v1/subscribers/${people.bob.id}`);
  is([bob.components, bob.groups, bob.verbosity, bob.locale], [['web'], [], 'milestones', 'de'], 'as was ticked');
  is((await desk.send(one, { do: 'save', component: ['web'], locale: 'de', timezone: 'Mars/Base' })).status, 422, 'a zone that does not exist is told');
  await desk.send(one, { do: 'pause', until: `${new Date().getFullYear() + 1}-02-01` });
  ok(/value="resume"/.test(await page(one)), 'paused');
  await desk.send(one, { do: 'resume' });
  is((await desk.send(one, { do: 'link' })).status, 303, 'the link is sent');
  is((await desk.send(one, { do: 'unsubscribe', sure: 1, note: 'by telephone' })).status, 303, 'unsubscribed');
  is((await desk.send(one, { do: 'erase', sure: 1, note: 'asked' })).headers.get('location'), '/staff/subscribers', 'erased');
  const added = await desk.send('/staff/subscribers', { channel: 'email', address: 'new@four.example', confirmed: '1' });
  ok(/^\/staff\/subscribers\/\d+$/.test(added.headers.get('location')), 'one is added');
  is((await desk.send('/staff/subscribers', { channel: 'email', address: 'nothing' })).status, 422, 'what is no address is told');
  const trail = (await amends.call('GET', '/v1/audit?actor=staff:rita&limit=50')).data.map((row) => row.action);
  ok(['subscriber.erase', 'subscriber.unsubscribe', 'subscriber.link', 'subscriber.change'].every((action) => trail.includes(action)), 'all of it is in the audit log, by name');

  await desk.send('/staff/subscribers/suppressed', { do: 'add', channel: 'email', address: 'angry@five.example', note: 'wrote a letter' });
  const list = await page('/staff/subscribers/suppressed?address=angry@five.example');
  const [, id] = list.match(/name="id" value="([0-9a-f]{64})"/);
  ok(/wrote a letter/.test(list), 'a suppression is found by its address, with its reason');
  is((await desk.send('/staff/subscribers/suppressed', { do: 'remove', id })).status, 422, 'it is not lifted without a reason');
  await desk.send('/staff/subscribers/suppressed', { do: 'remove', id, note: 'made up' });
  is((await amends.call('GET', '/v1/suppressions?address=angry@five.example')).data, [], 'but with one');

  await desk.send('/staff/components', { name: 'Calls', slug: 'calls', group: 'media' });
  await desk.send('/staff/components', { was: 'calls', name: 'Voice calls', slug: 'voice', group: '' });
  const voice = (await amends.call('GET', '/v1/components')).data.find((one_) => one_.slug === 'voice');
  is([voice.name, voice.group], ['Voice calls', undefined], 'a component is added, renamed, and out of its group');
  is((await desk.send('/staff/components', { name: 'Again', slug: 'voice' })).status, 409, 'a slug is used once');

  const notice = { subject: 'Prices', body: 'They **stay**.', hold: '30' };
  ok(/They stay\./.test((await desk.send('/staff/notices', { ...notice, do: 'look' })).text), 'a notice is looked at');
  const german = { ...notice, 'subject:de': 'Preise', 'body:de': 'Sie **bleiben**.', locale: 'de' };
  ok(/Preise[^]*Sie bleiben\./.test((await desk.send('/staff/notices', { ...german, do: 'look' })).text), 'in each language');
  const rita = (await amends.call('GET', '/v1/staff')).data.find((one_) => one_.login === 'rita');
  await amends.call('PATCH', `/v1/staff/${rita.id}`, { email: 'rita@staff.example' });
  ok(/We sent a test to rita@staff\.example/.test((await desk.send('/staff/notices', { ...german, do: 'test' })).text), 'a test goes to its author');
  const told = (await mailTo(mails, 'rita@staff.example')).text;
  ok(/API key "admin" changed the access of rita \(rita\):\s+email: rita@staff\.example/.test(told), `she hears that her address was changed: ${told}`);
  ok(/Preise/.test((await mailTo(mails, 'rita@staff.example', 1)).subject), 'and the test arrives');
  const held = await desk.send('/staff/notices', { ...german, do: 'send' });
  const broadcast = held.headers.get('location');
  ok(/value="cancel"/.test(await page(broadcast)), 'sent, it waits');
  await desk.send(broadcast, { do: 'cancel' });
  is((await amends.call('GET', broadcast.replace('/staff', '/v1'))).state, 'cancelled', 'and is undone');
}

async function importing(amends) {
  const desk = await Desk.enter(amends, 'imre', ['responder']);
  const target = '/staff/subscribers/imports';
  await desk.get(target);
  const lines = 'address,locale\r\nfresh@six.example,de\r\nnothing,de\r\nnew@four.example,ja\r\n';
  const dry = (await desk.upload(target, lines)).headers.get('location');
  const looked = await desk.get(dry);
  ok(/New \(1\)/.test(looked.text) && /Changed \(1\)/.test(looked.text) && /<details open><summary>Invalid: address[^<]*\(1\)<\/summary>\n<ul><li>Line 3</.test(looked.text), 'a preview reports errors by line');
  const find = async () => (await amends.call('GET', '/v1/subscribers?address=fresh@six.example')).data.length;
  is(await find(), 0, 'nothing is written by that');
  is(sql(amends, "select count(*) from import_file where position('six.example'::bytea in sealed) > 0"), [['0']], 'what is kept of it is sealed');
  const refused = await desk.send(dry, { do: 'import' });
  ok(refused.status === 422 && /name="skip"/.test(refused.text), 'a wrong line refuses all');
  const done = await desk.send(dry, { do: 'import', skip: '1' });
  is([done.status, await find()], [200, 1], 'or is left out');
  is((await desk.send(dry, { do: 'import', skip: '1' })).status, 409, 'it is imported once');
  const [, one] = (await desk.get(dry)).text.match(/Imported as <a href="([^"]+)"/);
  ok(/value="undo"/.test((await desk.get(one)).text), 'an import has a page');
  is([(await desk.send(one, { do: 'undo', sure: 1 })).status, await find()], [303, 0], 'and is undone');
  is((await desk.send(one, { do: 'undo', sure: 1 })).status, 409, 'once');
  ok(/Undone/.test((await desk.get(target)).text), 'all of them are listed');

  ok(/New \(1\)/.test((await desk.get((await desk.upload(target, '', { lines: 'address\npasted@six.example\n' })).headers.get('location'))).text), 'lines can be pasted instead');
  const broken = await desk.upload(target, '', { lines: 'colour\nred\n' });
  ok(broken.status === 422 && /colour\nred/.test(broken.text), 'unreadable input is reported, and stays in the form');
  is((await desk.upload(target, lines, { csrf: 'x' })).status, 403, 'a form without its token does nothing');
  is((await desk.send(target, { lines })).status, 415, 'it is a form with a file');
  const early = '--abc\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nx';
  is((await desk.post(target, early, { 'content-type': 'multipart/form-data; boundary=abc' })).status, 422, 'a form that ends early is refused');
  is((await desk.post(target, 'x', { 'content-type': 'multipart/form-data' })).status, 400, 'and one without a boundary');

  const part = (head, value) => `--abc\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;
  const file = part('name="file"; filename="a.csv"', 'address\r\napi@six.example\r\n');
  const form = (...parts) => amends.request('POST', '/v1/subscribers/import?dry_run=true', `${parts.join('')}--abc--\r\n`, { headers: { 'content-type': 'multipart/form-data; boundary=abc' } });
  is((await form(file)).body.created, 1, 'the API takes such a form too');
  is((await form(part('name="dry_run"', 'true'), file)).body.errors[0].field, 'dry_run', 'with nothing but the file');
  is((await form(file, file)).status, 422, 'and one of them');
}

// Too long to wait for: the page follows it, with or without a script.
async function importingMany(amends) {
  const desk = await Desk.enter(amends, 'maya', ['responder']);
  await desk.get('/staff/subscribers/imports');
  const lines = `address\n${Array.from({ length: 12000 }, (_, n) => `many${n}@seven.example\n`).join('')}`;
  const dry = (await desk.upload('/staff/subscribers/imports', lines)).headers.get('location');
  const seen = [];
  const over = (at) => waitUntil('an import ends', async () => {
    const { text } = await desk.get(at);
    const live = /data-live/.test(text);
    if (live !== /http-equiv="refresh"/.test(text)) throw new Error('with a script and without differ');
    seen.push(live);
    return !live && text;
  });
  ok(/New \(12000\)/.test(await over(dry)) && seen[0], `12,000 lines are followed: ${seen.length} looks`);
  const one = (await desk.send(dry, { do: 'import' })).headers.get('location');
  ok(/>12000</.test(await over(one)) && one !== dry, 'and imported');
  is(sql(amends, "select count(*) from subscriber where address like 'many%@seven.example'"), [['12000']], 'all of them');
  is(sql(amends, 'select count(*) from import_file f join subscriber_import i on i.id = f.import_id where i.imported_as is not null'), [['0']], 'what was imported is not kept');
  sql(amends, "update import_file set kept_at = now() - interval '25 hours'; select amends.forget_expired()");
  is(sql(amends, 'select count(*) from import_file'), [['0']], 'nor is anything for more than a day');
}

scenario(async (defer) => {
  const { amends, mails } = await upWithMail(defer);
  const people = await prepare(amends);
  await searching(amends, people);
  await history(amends, people, mails);
  await changing(amends, people);
  await console_(amends, people, mails);
  await importing(amends);
  await importingMany(amends);
});
