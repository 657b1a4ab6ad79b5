#!/usr/bin/env node
'use strict';
// SMS: two providers described by documents, their callbacks, and incoming SMS. Chats: a Slack bot,
// and the effect of responses. Webhooks: challenge, v1a,
// rotation, replay, Statuspage's format. Third-party libraries sign and verify.
const crypto = require('node:crypto');
const twilio = require('../../node_modules/twilio/lib/webhooks/webhooks');
const { Webhook } = require('../../node_modules/standardwebhooks');
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink } = require('../../lib/sinks.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const PUBLIC = 'https://status.example.com';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const TOKEN = 'secret';

async function up(cleanup, sink, provider, more = {}) {
  const amends = await Amends.up({
    env: {
      AMENDS_ALLOW_LOOPBACK: '1', AMENDS_PUBLIC_URL: PUBLIC, AMENDS_SMS_PROVIDER: provider, AMENDS_SMS_URL: sink.url,
      AMENDS_SMS_ACCOUNT: 'AC1', AMENDS_SMS_TOKEN: TOKEN, AMENDS_SMS_FROM: '+15005550006', AMENDS_SLACK_API_URL: `${sink.url}/api`, ...more,
    },
  });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  return amends;
}

const subscribe = (amends, channel, address, more = {}) => amends.call('POST', '/v1/subscribers', { channel, address, confirmed: true, ...more });

const open = (amends, ref) => amends.call('POST', '/v1/incidents', {
  ref, title: `Incident ${ref}`, kind: 'incident', state: 'investigating', notify: true, body: 'Down.',
  components: [{ component: 'api', level: 'major_outage' }],
});

async function deliveries(amends, broadcast) {
  const found = new Map();
  for (const one of await amends.all(`/v1/broadcasts/${broadcast}/deliveries`)) found.set(one.recipient, one);
  return found;
}

// A call of Twilio's, signed by its own library unless a signature is given.
function twilioCalls(amends, target, params, signature = twilio.getExpectedTwilioSignature(TOKEN, PUBLIC + target, params)) {
  return amends.request('POST', target, new URLSearchParams(params).toString(), { key: null, headers: { ...FORM, 'x-twilio-signature': signature } });
}

async function statusOfTwilio(amends, sink) {
  const readers = [];
  for (const n of [1, 2]) readers.push(await subscribe(amends, 'sms', `+1500555000${n}`));
  const posted = await open(amends, 'sms-1');
  await amends.settled(posted.broadcast);
  const sent = sink.at('/2010-04-01/').map((request) => new URLSearchParams(request.body));
  const to = (number) => sent.find((form) => form.get('To') === number);
  const callback = to('+15005550001').get('StatusCallback');
  ok(callback.startsWith(`${PUBLIC}/hooks/sms/twilio/status/`), 'each SMS names where its status is awaited');
  const target = callback.slice(PUBLIC.length);
  const state = async (n) => (await deliveries(amends, posted.broadcast)).get(readers[n].id);
  const says = (word, more = {}) => ({ MessageSid: 'SM1', MessageStatus: word, To: '+15005550001', ...more });
  is((await twilioCalls(amends, target, says('delivered'), 'forged')).status, 403, 'a forged status is refused');
  is((await twilioCalls(amends, target, says('failed'), twilio.getExpectedTwilioSignature(TOKEN, PUBLIC + target, says('delivered')))).status, 403, 'and a changed one');
  is((await twilioCalls(amends, `${target}x`, says('delivered'))).status, 403, 'and one with another token');
  is((await state(0)).state, 'accepted', 'nothing has changed');
  is((await twilioCalls(amends, target, says('delivered'))).status, 200, 'a true one is taken');
  is((await state(0)).state, 'delivered', 'accepted becomes delivered');
  is((await twilioCalls(amends, target, says('sent'))).status, 200, 'a late one is taken');
  is((await state(0)).state, 'delivered', 'and changes nothing');
  const second = to('+15005550002').get('StatusCallback').slice(PUBLIC.length);
  await twilioCalls(amends, second, { MessageSid: 'SM2', MessageStatus: 'undelivered', ErrorCode: '30005' });
  const failed = await state(1);
  is([failed.state, failed.reason], ['failed', 'invalid_number'], 'accepted becomes failed, with the reason of its code');
  is((await amends.call('GET', `/v1/subscribers/${readers[1].id}`)).state, 'suppressed', 'a number that does not exist is suppressed');
  return readers[0];
}

async function keywordsOfTwilio(amends, reader) {
  const inbound = (text, signature) => twilioCalls(amends, '/hooks/sms/twilio', { From: '+15005550001', To: '+15005550006', Body: text }, signature);
  const state = async () => (await amends.call('GET', `/v1/subscribers/${reader.id}`)).state;
  is((await inbound('STOP', 'forged')).status, 403, 'a forged STOP is refused');
  is(await state(), 'active', 'and stops nothing');
  const stopped = await inbound(' Stop \n');
  is(stopped.status, 200, 'STOP is taken');
  ok(/^<\?xml .*<Response><\/Response>$/.test(stopped.text), 'and answered with nothing');
  is(await state(), 'suppressed', 'the number gets no more');
  const again = await subscribe(amends, 'sms', '+1 500 555 0001');
  is(again.state, 'suppressed', 'and nobody can subscribe it anew');
  const help = await inbound('help');
  ok(/<Message>Status: status messages\. Reply STOP to end them\./.test(help.text), 'HELP is answered');
  await inbound('hello');
  is(await state(), 'suppressed', 'other words change nothing');
  await inbound('START');
  is(await state(), 'active', 'START lifts it');
}

// No signature here: tokens, another encoding, other names, GET for the callbacks.
async function vonage(amends, sink) {
  const reader = await subscribe(amends, 'sms', '+15005550001');
  sink.answer = (request) => (request.path === '/sms/json'
    ? { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ 'message-count': '1', messages: [{ status: '0', 'message-id': '0A' }] }) }
    : undefined);
  const posted = await open(amends, 'sms-2');
  await amends.settled(posted.broadcast);
  const form = new URLSearchParams(sink.at('/sms/json')[0].body);
  is([form.get('api_key'), form.get('api_secret'), form.get('to')], ['AC1', TOKEN, '15005550001'], 'Vonage is asked in its own words');
  const target = form.get('callback').slice(PUBLIC.length);
  const open_ = { key: null };
  is((await amends.request('POST', '/hooks/sms/vonage/status', '{"status":"delivered"}', { ...open_, headers: { 'content-type': 'application/json' } })).status, 403, 'a status without token is refused');
  is((await amends.request('GET', `${target}?msisdn=15005550001&messageId=0A&status=delivered&err-code=0`, undefined, open_)).status, 200, 'a status by GET');
  is((await deliveries(amends, posted.broadcast)).get(reader.id).state, 'delivered', 'is taken');
  const stop = { msisdn: '15005550001', to: '15005550006', text: 'STOP' };
  const inbound = (token) => amends.request('POST', `/hooks/sms/vonage/inbound/${token}`, stop, open_);
  is((await inbound('guess')).status, 403, 'an inbound SMS with a wrong token is refused');
  is((await inbound('hook-token')).status, 200, 'with the right one it is taken');
  is((await amends.call('GET', `/v1/subscribers/${reader.id}`)).state, 'suppressed', 'STOP stops');
  is((await amends.request('POST', '/hooks/sms/twilio', '', { ...open_, headers: FORM })).status, 404, 'a provider that is not ours has no hooks');
}

// A bot: one thread an incident, whose root is kept current.
async function slackBot(amends, sink) {
  let ts = 1700000000;
  sink.answer = (request) => {
    if (!request.path.startsWith('/api/')) return undefined;
    const { channel } = JSON.parse(request.body);
    const body = channel === 'C0GONE' ? { ok: false, error: 'channel_not_found' } : { ok: true, channel, ts: `${ts += 1}.000100` };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  };
  const refused = await amends.request('POST', '/v1/subscribers', { channel: 'slack', address: 'slack://C0123ABC', confirmed: true });
  is(refused.status, 422, 'a bot needs a token');
  const reader = await subscribe(amends, 'slack', 'slack://C0123ABC', { token: 'xoxb-1' });
  ok(!JSON.stringify(reader).includes('xoxb'), 'which is not shown');
  const gone = await subscribe(amends, 'slack', 'slack://C0GONE', { token: 'xoxb-1' });
  const posted = await open(amends, 'bot');
  await amends.settled(posted.broadcast);
  for (const state of ['identified', 'resolved']) {
    const update = await amends.call('POST', '/v1/incidents/bot/updates', { state, body: `Now ${state}.`, notify: true });
    await amends.settled(update.broadcast);
  }
  const calls = sink.at('/api/').filter((request) => JSON.parse(request.body).channel === 'C0123ABC');
  const seen = calls.map((request) => {
    const { thread_ts: thread, ts: root, reply_broadcast: shown } = JSON.parse(request.body);
    return [request.path, thread, root, shown];
  });
  const root = '1700000001.000100';
  const first = Math.min(...seen.map(([, thread, of]) => Number(thread || of || Infinity)));
  const id = `${first.toFixed(6)}`;
  is(seen, [
    ['/api/chat.postMessage', undefined, undefined, undefined],
    ['/api/chat.postMessage', id, undefined, undefined], ['/api/chat.update', undefined, id, undefined],
    ['/api/chat.postMessage', id, undefined, true], ['/api/chat.update', undefined, id, undefined],
  ], 'the root, then replies to it, each with an update of the root; the last one is shown in the channel');
  ok(id >= root, 'the root is what Slack named');
  is(calls[0].headers.authorization, 'Bearer xoxb-1', 'with the token of the bot');
  ok(JSON.parse(calls[4].body).text.includes('Resolved'), 'the root has the current state');
  const after = await amends.call('GET', `/v1/subscribers/${gone.id}`);
  is([after.state, after.state_reason], ['suppressed', 'channel_not_found'], 'a channel that is gone gets no more');
}

// v1a of Standard Webhooks 1.0, by Node's own Ed25519.
function ed25519Verifies(request, publicKey) {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = request.headers;
  const raw = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64');
  const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
  return String(signatures).split(' ').some((one) => one.startsWith('v1a,')
    && crypto.verify(null, Buffer.from(`${id}.${time}.${request.body}`), key, Buffer.from(one.slice(4), 'base64')));
}

// The settings of a webhook can be changed later.
async function changes(amends, hook) {
  const change = (body) => amends.request('PATCH', `/v1/subscribers/${hook.id}`, body);
  const v1a = JSON.parse((await change({ signing: 'v1a', format: 'amends', owner: 'Later@Hooks.Example' })).text);
  ok(v1a.secret.startsWith('whpk_'), 'another signing tells its public key');
  is([v1a.format, v1a.owner], ['amends', 'Later@hooks.example'], 'format and owner are changed');
  const again = JSON.parse((await change({ signing: 'v1a', owner: '' })).text);
  is([again.secret, again.owner], [undefined, undefined], 'the same signing keeps its key; an empty owner is none');
  is((await change({ token: 'xoxb-1' })).status, 422, 'a webhook has no token');
  is((await change({ owner: 'nobody' })).status, 422, 'an owner is an address');
}

const slackTakes = () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true,"channel":"C0123ABC","ts":"1700000100.000100"}' });

async function webhooks(amends, sink, mails) {
  const { key } = await amends.call('POST', '/v1/keys', { name: 'page', scopes: ['subscribers:subscribe'] });
  sink.answer = (request) => {
    if (!request.path.startsWith('/hook/')) return request.path.startsWith('/api/') ? slackTakes() : undefined;
    const event = JSON.parse(request.body);
    if (request.path === '/hook/echo' && event.type === 'challenge') return { status: 200, body: JSON.stringify({ token: event.token }) };
    if (request.path === '/hook/gone' && event.type !== 'challenge') return { status: 410 };
    return undefined;
  };
  const made = {};
  const hooks = { echo: { signing: 'v1a' }, silent: {}, gone: { confirmed: true, owner: 'Owner@Hooks.Example' }, page: { confirmed: true, format: 'statuspage' } };
  for (const [name, more] of Object.entries(hooks)) {
    made[name] = await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address: `${sink.url}/hook/${name}`, ...more }, more.confirmed ? {} : { key });
  }
  is(made.echo.state, 'pending', 'a webhook that nobody vouches for is pending');
  ok(made.echo.secret.startsWith('whpk_'), 'v1a tells a public key');
  const state = async (name) => (await amends.call('GET', `/v1/subscribers/${made[name].id}`)).state;
  await waitUntil('the challenge is answered', async () => (await state('echo')) === 'active');
  await waitUntil('the other challenge', () => sink.at('/hook/silent').length === 1);
  const posted = await open(amends, 'hooks');
  await amends.settled(posted.broadcast);
  is(await state('silent'), 'pending', 'one that does not answer stays pending');
  is(sink.at('/hook/silent').length, 1, 'and gets nothing');
  const challenge = JSON.parse(sink.at('/hook/silent')[0].body);
  const confirm = new URL(challenge.confirm_url).pathname;
  await amends.request('POST', confirm, '', { key: null, headers: FORM });
  is(await state('silent'), 'active', 'until its owner opens the link');
  const [, event] = sink.at('/hook/echo');
  ok(ed25519Verifies(event, made.echo.secret), "Node's Ed25519 verifies v1a");
  ok(!ed25519Verifies({ ...event, body: `${event.body} ` }, made.echo.secret), 'and not of another body');
  const page = JSON.parse(sink.at('/hook/page')[0].body);
  is([page.incident.status, page.incident.impact, page.incident.incident_updates[0].body, page.page.status_indicator],
    ['investigating', 'critical', 'Down.', 'critical'], 'Statuspage-shaped');

  const rotated = await amends.call('POST', `/v1/subscribers/${made.page.id}/rotate-secret`);
  const before = sink.at('/hook/page').length;
  await amends.call('POST', '/v1/incidents/hooks/updates', { state: 'resolved', body: 'Up.', notify: false });
  await amends.call('POST', `/v1/broadcasts/${posted.broadcast}/deliveries/${made.page.id}/replay`);
  await amends.settled(posted.broadcast);
  const [first, again] = [sink.at('/hook/page')[0], sink.at('/hook/page')[before]];
  is(again.headers['webhook-id'], first.headers['webhook-id'], 'a replay has the same webhook-id');
  is(again.body, first.body, 'and the same body');
  for (const secret of [made.page.secret, rotated.secret]) {
    ok(new Webhook(secret).verify(again.body, again.headers), 'standardwebhooks verifies with the old secret and the new one');
  }
  is(again.headers['webhook-signature'].split(' ').length, 2, 'two signatures while rotating');

  await changes(amends, made.page);
  is(await state('gone'), 'suppressed', 'a webhook that is gone gets no more');
  const mail = await waitUntil('the mail to the owner', () => mails.mails().find((one) => /hooks\.example$/i.test(one.to)));
  ok(/Subject: Status: your webhook endpoint was removed/.test(mail.data), 'and its owner is notified');
  ok(!mail.data.includes('/hook/gone'), 'without its secret path');
  const anew = await subscribe(amends, 'webhook', `${sink.url}/hook/gone`);
  is([anew.id, anew.state, anew.state_reason], [made.gone.id, 'active', undefined], 'subscribed anew, as the mail says, it is active');
}

scenario(async (cleanup) => {
  const sinks = [await HttpSink.start(), await HttpSink.start()];
  for (const sink of sinks) cleanup(() => sink.stop());
  const mails = await MailSink.start(freshDirectory());
  cleanup(() => mails.stop());
  const [first, second] = await Promise.all([
    up(cleanup, sinks[0], 'twilio', { AMENDS_SMTP_URL: mails.url }),
    up(cleanup, sinks[1], 'vonage', { AMENDS_SMS_HOOK_TOKEN: 'hook-token' }),
  ]);
  const reader = await statusOfTwilio(first, sinks[0]);
  await keywordsOfTwilio(first, reader);
  await vonage(second, sinks[1]);
  await slackBot(first, sinks[0]);
  await webhooks(first, sinks[0], mails);
});
