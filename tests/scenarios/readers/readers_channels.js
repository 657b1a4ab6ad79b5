#!/usr/bin/env node
'use strict';
// The public form on every channel: an SMS, a message in a chat, a challenge, "Add to Slack"
// against our own fake Slack; moving to another address; unconfirmed subscriptions.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink, webhookVerifies } = require('../../lib/sinks.js');
const { sql } = require('../../lib/notifiers.js');
const { documents, addressAt, markOf, accepts } = require('../../lib/channels.js');
const { send, mailTo, subscribe, enter } = require('../../lib/readers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const get = (amends, target, headers = {}) => amends.request('GET', target, undefined, { key: null, headers });
const by = (amends, where) => sql(amends, `select id, state, channel, address, format from subscriber where ${where} order by id`);
// The response of an SMS provider.
const texted = (request) => (request.path === '/text' ? { status: 200, headers: { 'content-type': 'application/json' }, body: '{"id": "1"}' } : undefined);
const LINK = /https?:\/\/127[^\s<>|")]+/g;

// The path of the n-th message's link that a sink got under a prefix, or at an address with a mark.
async function linkAt(sink, prefix, part, n = 0) {
  const got = () => (prefix.startsWith('/') ? sink.at(prefix) : sink.requests.filter((one) => markOf(one) === prefix));
  const found = () => got().map((one) => decodeURIComponent(one.body.replaceAll('+', ' ')).match(LINK) || [])
    .map((links) => links.map((link) => new URL(link).pathname).find((path) => path.startsWith(`/${part}/`))).filter(Boolean)[n];
  return waitUntil(`${part} link ${n} at ${prefix}`, found);
}

// A session by a link: {change, page}.
async function session(amends, link) {
  const reply = await send(amends, link, {});
  const cookie = reply.headers.get('set-cookie').split(';')[0];
  const page = () => get(amends, '/preferences', { cookie });
  const csrf = (await page()).text.match(/name="csrf" value="([^"]+)"/)[1];
  return { page, cookie, change: (fields) => send(amends, '/preferences', { csrf, ...fields }, { cookie, origin: amends.url }) };
}

// Slack and the channels with a document, whose links are found by the mark of their address.
const CHATS = [{ name: 'slack' }, ...documents()];

async function chats(amends, sink) {
  for (const { name: channel, ...document } of CHATS) {
    sink.answer = channel === 'slack' ? null : () => accepts({ ...document, name: channel });
    const mark = `secret${channel.replace('_', '')}`;
    const address = channel === 'slack' ? `${sink.url}/slack/zz${mark}` : addressAt(document, sink.url, mark);
    const page = await get(amends, `/subscribe?channel=${channel}`);
    ok(page.text.includes(`name="channel" value="${channel}"`), `${channel}: the form is there without JavaScript`);
    is((await send(amends, '/subscribe', { channel, address, group: 'platform', verbosity: 'milestones' })).status, 200, 'and taken');
    const link = await linkAt(sink, mark, 'confirm');
    const [[id, state, , shown]] = by(amends, `channel = '${channel}'`);
    is([state, shown.includes('secret')], ['pending', false], 'the channel is asked first; its URL is kept sealed');
    is((await get(amends, link)).status, 200, 'its link opens a page');
    await send(amends, link, {});
    is(by(amends, `id = ${id}`)[0][1], 'active', 'where it is confirmed');
    await send(amends, '/manage', { channel, address });
    const { page: preferences } = await session(amends, await linkAt(sink, mark, 'manage'));
    ok(/name="group" value="platform" checked/.test((await preferences()).text), 'and a link posted there opens its preferences');
  }
}

// Enters the digits of an SMS on the page.
async function codes(amends, sink) {
  const number = '+4915187654321';
  const type = (code, address = number) => send(amends, '/subscribe/code', { channel: 'sms', address, code });
  const told = (await send(amends, '/subscribe', { channel: 'sms', address: number, what: 'all' })).text;
  ok(/action="\/subscribe\/code"/.test(told) && told.includes(`name="address" value="${number}"`), 'a code can be typed where the SMS is announced');
  const codeOf = (one) => JSON.parse(one.body).text.match(/\b\d{6}\b/)[0];
  const got = (n) => waitUntil('an SMS with a code', () => sink.at('/text').filter((one) => JSON.parse(one.body).to === number)[n]).then(codeOf);
  const code = await got(0);
  const wrong = code === '111111' ? '222222' : '111111';
  const [first, stranger, known] = [await type(wrong), await type(wrong, '+4915100000001'), await type(wrong, '+4915112345678')];
  const plain = (reply) => reply.text.replaceAll(/\+49\d+/g, '');
  is([first.status, plain(stranger), plain(known)], [422, plain(first), plain(first)], 'a wrong one is answered alike for whatever number');
  const here = () => by(amends, `channel = 'sms' and address = '${number}'`)[0][1];
  sql(amends, `update broadcast set created_at = created_at - interval '16 minutes' where kind = 'confirmation'`);
  is([(await type(code)).status, here()], [422, 'pending'], 'an old one confirms nothing');
  sql(amends, `update broadcast set created_at = created_at + interval '16 minutes' where kind = 'confirmation'`);
  const done = await type(` ${code.slice(0, 3)} ${code.slice(3)}`);
  is([done.status, here()], [200, 'active'], 'the right one confirms, however it is typed');
  is(sql(amends, "select actor from consent where action = 'confirmed' order by id desc limit 1"), [['code']], 'and the consent says by what');
  is((await type(code)).status, 422, 'once');
  sql(amends, `update subscriber set state = 'pending' where address = '${number}'`);
  await type(wrong);
  is([(await type(code)).status, here()], [422, 'pending'], 'nor after five tries');
  for (let n = 0; n < 31; n += 1) await send(amends, '/subscribe/code', { channel: 'sms', address: `+49151000001${n}0`, code: '000000' }, { 'x-forwarded-for': '198.51.100.7' });
  const guessing = await send(amends, '/subscribe/code', { channel: 'sms', address: number, code }, { 'x-forwarded-for': '198.51.100.7' });
  is(guessing.status, 429, 'a caller who guesses is stopped');
  sql(amends, 'truncate code_try');
  is((await type(code)).status, 200, 'for a quarter of an hour');
}

async function numbers(amends, sink) {
  sink.answer = texted;
  const texts = () => sink.at('/text').map((one) => JSON.parse(one.body)).filter((one) => one.to === '+4915112345678');
  is((await send(amends, '/subscribe', { channel: 'sms', address: '+1 500 555 0006' })).status, 422, 'sms: no message to countries that are not listed');
  await send(amends, '/subscribe', { channel: 'sms', address: '+49 151 12345678', what: 'all' });
  const link = await linkAt(sink, '/text', 'confirm');
  ok(texts()[0].text.length <= 160, `the SMS is one segment: ${texts()[0].text.length}`);
  is(by(amends, `channel = 'sms'`)[0][1], 'pending', 'it asks first');
  await send(amends, link, {});
  is(by(amends, `channel = 'sms'`)[0][1], 'active', 'its short link confirms');
  await codes(amends, sink);
  await send(amends, '/manage', { channel: 'sms', address: '+49 151 12345678' });
  const { change } = await session(amends, await linkAt(sink, '/text', 'manage'));
  const nextYear = `${new Date().getFullYear() + 1}-02-03`;
  is((await change({ do: 'pause', until: nextYear })).status, 200, 'and one opens the preferences');
  const inbound = (Body) => amends.request('POST', '/hooks/sms/generic/inbound/word', { from: '+4915112345678', text: Body }, { key: null });
  is((await inbound('stop')).status, 200, 'STOP is heard');
  is(by(amends, `channel = 'sms'`)[0][1], 'suppressed', 'of one who paused, too');
  await change({ do: 'resume' });
  is(by(amends, `channel = 'sms'`)[0][1], 'suppressed', 'and no page takes it back');
  const before = texts().length;
  for (const target of ['/subscribe', '/manage']) await send(amends, target, { channel: 'sms', address: '+49 151 12345678' });
  await waitUntil('both are settled', () => sql(amends, 'select 1 from signup where done_at is null').length === 0);
  is(texts().length, before, 'nor does any form write to it');
  await inbound('Start');
  is(by(amends, `channel = 'sms'`)[0][1], 'active', 'START does');
}

async function hooks(amends, sink) {
  const address = `${sink.url}/hook/a`;
  sink.answer = (request) => (request.path === '/hook/a' && /challenge/.test(request.body)
    ? { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: JSON.parse(request.body).token }) } : undefined);
  await send(amends, '/subscribe', { channel: 'webhook', address, format: 'statuspage' });
  await waitUntil('the challenge is answered', () => by(amends, `channel = 'webhook'`)[0]?.[1] === 'active');
  ok(true, 'webhook: answering the challenge subscribes it');
  await send(amends, '/manage', { channel: 'webhook', address });
  const message = await waitUntil('a manage message', () => sink.at('/hook/a').map((one) => JSON.parse(one.body)).find((one) => one.type === 'manage'));
  const { page, change } = await session(amends, new URL(message.url).pathname);
  const secretOf = (text) => text.match(/whsec_[A-Za-z0-9+/=]+/)[0];
  const first = secretOf((await page()).text);
  ok(webhookVerifies(sink.at('/hook/a')[0], first), 'its page shows the secret that signs');
  const second = secretOf((await change({ do: 'rotate' })).text);
  ok(first !== second, 'a new one on demand');
  is((await change({ do: 'save', format: 'amends' })).status, 200, 'the format can be changed');
  is(by(amends, `channel = 'webhook'`)[0][4], 'amends', 'and is');
  await send(amends, '/manage', { channel: 'webhook', address });
  const again = await waitUntil('a message by both', () => sink.at('/hook/a').filter((one) => /"manage"/.test(one.body))[1]);
  is([webhookVerifies(again, first), webhookVerifies(again, second)], [true, true], 'both sign for a day');
  is((await send(amends, '/subscribe', { channel: 'webhook', address: 'http://example.com/x' })).status, 422, 'a forbidden URL is reported at once');
  ok(/443/.test((await send(amends, '/subscribe/check', { channel: 'webhook', address: 'https://u:p@example.com/' })).text), 'and before it is sent');
}

// The address changes; the subscriber, its choice and its links stay.
async function moving(amends, mails) {
  const old = await subscribe(amends, mails, 'fay@readers.example', { component: 'api' });
  await amends.call('POST', '/v1/incidents', { ref: 'm1', title: 'M1', kind: 'incident', state: 'investigating', body: 'x', components: [{ component: 'api', level: 'partial_outage' }] });
  const update = await mailTo(mails, 'fay@readers.example', 1);
  const { cookie, csrf } = await enter(amends, mails, 'fay@readers.example', 2);
  const change = (fields) => send(amends, '/preferences', { csrf, ...fields }, { cookie, origin: amends.url });
  const [[id]] = by(amends, `address = 'fay@readers.example'`);
  is((await change({ do: 'move', address: 'nonsense' })).status, 422, 'move: to an address that is one');
  is((await change({ do: 'move', address: 'fay@moved.example' })).status, 200, 'is asked for');
  const letter = await mailTo(mails, 'fay@moved.example');
  is(by(amends, `id = ${id}`)[0][3], 'fay@readers.example', 'and waits for the new address');
  const page = await get(amends, letter.link('confirm'));
  ok(/f\.\.\.@readers\.example/.test(page.text), 'which is told what it takes the place of');
  await send(amends, letter.link('confirm'), {});
  is(by(amends, `id = ${id}`)[0].slice(1, 4), ['active', 'email', 'fay@moved.example'], 'which confirms it');
  is((await send(amends, letter.link('confirm'), {})).status, 200, 'as often as it likes');
  const told = await mailTo(mails, 'fay@readers.example', 3);
  ok(/f\.\.\.@moved\.example/.test(told.text), 'the old address is told');
  is((await get(amends, '/preferences', { cookie })).status, 403, 'its sessions are over');
  is(sql(amends, `select action from consent where subscriber_id = ${id} order by id`).flat(), ['subscribed', 'confirmed', 'move asked', 'left', 'moved'], 'all of it is in the consent log');
  is(sql(amends, `select count(*) from subscriber where address like 'fay@%'`)[0][0], '1', 'nobody is left behind');
  await amends.settled((await amends.call('POST', '/v1/incidents/m1/updates', { state: 'identified', body: 'y' })).broadcast);
  ok(await mailTo(mails, 'fay@moved.example', 1), 'updates go to the new one');
  is(mails.mails().filter((mail) => mail.to === 'fay@readers.example').length, 4, 'and only there');
  await send(amends, update.link('u'), { choice: 'component:api' });
  const entered = await enter(amends, mails, 'fay@moved.example', 2);
  ok(/name="mute" value="component:api" checked/.test(entered.page.text), 'an old link still works, and its page says what is left out');
  await send(amends, '/preferences', { csrf: entered.csrf, do: 'save', component: 'api' }, { cookie: entered.cookie, origin: amends.url });
  is(sql(amends, 'select count(*) from mute')[0][0], '0', 'until it is undone');
  await send(amends, '/preferences', { csrf: entered.csrf, do: 'move', address: 'bob@readers.example' }, { cookie: entered.cookie, origin: amends.url });
  const reply = await send(amends, '/preferences', { csrf: entered.csrf, do: 'save', what: 'some' }, { cookie: entered.cookie, origin: amends.url });
  is([reply.status, /class="wrong"[^>]*>Choose at least one component/.test(reply.text)], [422, true], 'a choice of nothing is asked again');
  is(sql(amends, `select kind from subscription where subscriber_id = ${id}`).flat(), ['component'], 'and changes nothing');
  is(old.links.length > 0, true, 'done');
}

// Moving cannot take over a subscribed or suppressed address, and the response does not reveal it.
async function blocked(amends, mails) {
  await subscribe(amends, mails, 'gus@readers.example');
  await subscribe(amends, mails, 'hal@readers.example');
  await subscribe(amends, mails, 'ida@readers.example');
  sql(amends, `insert into suppression (address_hash, channel, reason) select address_hash, channel, 'complaint' from subscriber where address = 'ida@readers.example'`);
  const { cookie, csrf } = await enter(amends, mails, 'gus@readers.example', 1);
  const replies = new Set();
  for (const address of ['hal@readers.example', 'ida@readers.example', 'new@moved.example']) {
    const reply = await send(amends, '/preferences', { csrf, do: 'move', address }, { cookie, origin: amends.url });
    replies.add(reply.text.replace(/<p class="meta">[^<]*not confirmed yet[^<]*<\/p>/, ''));
    await waitUntil('it is settled', () => sql(amends, 'select 1 from signup where done_at is null').length === 0);
  }
  is(replies.size, 1, 'a move answers the same for every address');
  is(by(amends, `address like '%moved.example' and state = 'pending'`).length, 1, 'only the free one is asked');
  is(mails.mails().filter((mail) => mail.to === 'ida@readers.example').length, 1, 'the blocked one hears nothing');
}

async function slack(amends, sink) {
  const state = {};
  sink.answer = (request) => {
    if (request.path !== '/api/oauth.v2.access') return undefined;
    Object.assign(state, { form: new URLSearchParams(request.body), authorization: request.headers.authorization });
    const good = state.form.get('code') === 'good';
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(good
      ? { ok: true, team: { id: 'T1', name: 'Acme' }, incoming_webhook: { channel: '#ops', channel_id: 'C1', url: `${sink.url}/slack/T1/oauth` } }
      : { ok: false, error: 'invalid_code' }) };
  };
  const page = await get(amends, '/subscribe?channel=slack');
  ok(page.text.includes('value="slack" formnovalidate'), 'Add to Slack: a button, when it is configured');
  ok(/form-action 'self' http:\/\/127/.test(page.headers.get('content-security-policy')), 'that the policy lets through');
  const begun = await send(amends, '/subscribe', { do: 'slack', channel: 'slack', address: '', component: 'api' });
  const target = new URL(begun.headers.get('location'));
  is([begun.status, target.pathname, target.searchParams.get('client_id'), target.searchParams.get('scope'), target.searchParams.get('redirect_uri')],
    [303, '/authorize', 'id 1', 'incoming-webhook', `${amends.url}/slack/callback`], 'leads to Slack');
  const cookie = begun.headers.get('set-cookie').split(';')[0];
  const back = (code, given, headers = { cookie }) => get(amends, `/slack/callback?code=${code}&state=${encodeURIComponent(given)}`, headers);
  const token = target.searchParams.get('state');
  is((await back('good', token, {})).status, 403, 'another browser is not let back in');
  is((await back('good', `${token}x`)).status, 403, 'nor another state');
  const done = await back('good', token);
  is([done.status, /#ops, Acme/.test(done.text)], [200, true], 'the way back subscribes the chosen channel');
  is([state.form.get('redirect_uri'), state.authorization], [`${amends.url}/slack/callback`, `Basic ${Buffer.from('id 1:s3cret').toString('base64')}`], 'the code was exchanged with our secret');
  const [id, now] = by(amends, `channel = 'slack'`).pop();
  is([now, sql(amends, `select action, source from consent where subscriber_id = ${id} order by id`)], ['active', [['subscribed', 'slack'], ['confirmed', 'slack']]], 'with the consent that was given there');
  is(sql(amends, `select kind from subscription where subscriber_id = ${id}`).flat(), ['component'], 'to what was chosen here');
  is((await back('good', token)).status, 403, 'a state works once');
  const refused = await send(amends, '/subscribe', { do: 'slack', channel: 'slack' });
  const again = new URL(refused.headers.get('location')).searchParams.get('state');
  is((await back('bad', again, { cookie: refused.headers.get('set-cookie').split(';')[0] })).status, 422, 'what Slack refuses is refused');
  await amends.settled((await amends.call('POST', '/v1/incidents/m1/updates', { state: 'monitoring', body: 'z' })).broadcast);
  ok(sink.at('/slack/T1/oauth').length === 1, 'and updates arrive there');
}

// Unconfirmed subscribers are removed; those who had unsubscribed before stay unsubscribed.
async function forgotten(amends, mails) {
  await send(amends, '/subscribe', { address: 'jim@readers.example' });
  const kim = await subscribe(amends, mails, 'kim@readers.example');
  await mailTo(mails, 'jim@readers.example');
  const [[id]] = by(amends, `address = 'kim@readers.example'`);
  await amends.call('DELETE', `/v1/subscribers/${id}`);
  await send(amends, '/subscribe', { address: 'kim@readers.example' });
  await waitUntil('kim is asked again', () => by(amends, `id = ${id}`)[0][1] === 'pending');
  sql(amends, `update subscriber set changed_at = now() - interval '6 days' where address = 'jim@readers.example'`);
  sql(amends, 'select amends.reader_housekeeping()');
  is(by(amends, `address = 'jim@readers.example'`).length, 1, 'pending for six days is pending');
  sql(amends, `update subscriber set changed_at = now() - interval '8 days' where state = 'pending'`);
  sql(amends, 'select amends.reader_housekeeping()');
  is(by(amends, `address = 'jim@readers.example'`).length, 0, 'after seven it is forgotten');
  is(by(amends, `id = ${id}`)[0][1], 'unsubscribed', 'who had left before has left still');
  is(kim.links.length > 0, true, 'done');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const sink = await HttpSink.start();
  cleanup(() => sink.stop());
  const amends = await Amends.up({ dir, env: {
    AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1', AMENDS_SUBSCRIBE_CHANNELS: ['email', 'sms', 'push', ...CHATS.map((one) => one.name), 'webhook'].join(' '), AMENDS_SMS_PROVIDER: 'generic', AMENDS_SMS_URL: `${sink.url}/text`, AMENDS_SMS_FROM: '+15005550006',
    AMENDS_SMS_HOOK_TOKEN: 'word', AMENDS_SMS_COUNTRIES: '+49 +43', AMENDS_SLACK_API_URL: `${sink.url}/api`, AMENDS_SLACK_AUTHORIZE_URL: `${sink.url}/authorize`,
    AMENDS_SLACK_CLIENT_ID: 'id 1', AMENDS_SLACK_CLIENT_SECRET: 's3cret',
  } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API', group: 'platform' });
  await chats(amends, sink);
  await numbers(amends, sink);
  await hooks(amends, sink);
  await moving(amends, mails);
  await blocked(amends, mails);
  await slack(amends, sink);
  await forgotten(amends, mails);
});
