#!/usr/bin/env node
'use strict';
// Callers of /hooks: Plivo, Vonage and MessageBird with their signatures, HELP answered by an SMS,
// the monthly budget of segments, and Slack's events. Third-party code signs or verifies.
const crypto = require('node:crypto');
const jwt = require('../../node_modules/jsonwebtoken');
const plivo = require('../../node_modules/plivo');
const messagebird = require('../../node_modules/messagebird/lib/webhook-signature-jwt');
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink } = require('../../lib/sinks.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const PUBLIC = 'https://status.example.com';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };
const NUMBER = '+15005550001';
const SECRET = 'callback-secret-of-the-account';

async function up(cleanup, provider, more = {}) {
  const sink = await HttpSink.start();
  cleanup(() => sink.stop());
  const replies = {
    '/v1/Account/': { message_uuid: ['u-1'] }, '/sms/json': { messages: [{ status: '0', 'message-id': 'v-1' }] }, '/messages': { id: 'm-1' },
  };
  sink.answer = (request) => {
    const path = Object.keys(replies).find((prefix) => request.path.startsWith(prefix));
    return path && { status: 200, headers: JSON_TYPE, body: JSON.stringify(replies[path]) };
  };
  const amends = await Amends.up({
    env: {
      AMENDS_ALLOW_LOOPBACK: '1', AMENDS_PUBLIC_URL: PUBLIC, AMENDS_SMS_PROVIDER: provider, AMENDS_SMS_URL: sink.url, AMENDS_SMS_ACCOUNT: 'AC1',
      AMENDS_SMS_TOKEN: 'token', AMENDS_SMS_FROM: '+15005550006', AMENDS_SMS_HOOK_SECRET: SECRET, AMENDS_SLACK_API_URL: `${sink.url}/api`, ...more,
    },
  });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  return { amends, sink };
}

const subscribe = (amends, channel, address, more = {}) => amends.call('POST', '/v1/subscribers', { channel, address, confirmed: true, ...more });
const stateOf = async (amends, id) => (await amends.call('GET', `/v1/subscribers/${id}`)).state;
const post = (amends, target, body, headers) => amends.request('POST', target, body, { key: null, headers });

async function open(amends, ref) {
  const posted = await amends.call('POST', '/v1/incidents', { ref, title: ref, kind: 'incident', state: 'investigating', notify: true, body: 'Down.' });
  return amends.settled(posted.broadcast);
}

// The request of each provider: a body, and its signature headers for a target.
function byPlivo(target, params) {
  const nonce = crypto.randomBytes(10).toString('hex');
  const names = Object.keys(params).sort();
  const text = `${PUBLIC}${target}?${names.map((name) => name + params[name]).join('')}.${nonce}`;
  const signature = crypto.createHmac('sha256', 'token').update(text).digest('base64');
  ok(plivo.validateV3Signature('POST', PUBLIC + target, nonce, 'token', signature, params), "Plivo's own validator agrees");
  return { body: new URLSearchParams(params).toString(), headers: { ...FORM, 'x-plivo-signature-v3': `old=,${signature}`, 'x-plivo-signature-v3-nonce': nonce } };
}

const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');

function byVonage(target, params, claims = {}) {
  const body = JSON.stringify(params);
  const token = jwt.sign({ iss: 'Vonage', api_key: 'AC1', jti: crypto.randomUUID(), payload_hash: sha256(body), ...claims }, SECRET);
  return { body, headers: { ...JSON_TYPE, authorization: `Bearer ${token}` } };
}

async function byMessagebird(target, params, claims = {}) {
  const body = JSON.stringify(params);
  const token = jwt.sign({ iss: 'MessageBird', nbf: Math.floor(Date.now() / 1000), jti: crypto.randomUUID(), url_hash: sha256(PUBLIC + target), payload_hash: sha256(body), ...claims }, SECRET, { expiresIn: 60 });
  const key = crypto.createSecretKey(Buffer.from(SECRET));
  const judged = await messagebird.verify(PUBLIC + target, Buffer.from(body), token, key).then(() => true, () => false);
  is(judged, !Object.keys(claims).length, "MessageBird's own code judges the same");
  return { body, headers: { ...JSON_TYPE, 'messagebird-signature-jwt': token } };
}

const providers = {
  plivo: {
    sign: byPlivo, inbound: (text) => ({ From: NUMBER.slice(1), To: '15005550006', Text: text }), sent: '/v1/Account/',
    text: (request) => JSON.parse(request.body).text, to: (request) => JSON.parse(request.body).dst,
  },
  vonage: {
    sign: byVonage, inbound: (text) => ({ msisdn: NUMBER.slice(1), to: '15005550006', text }), sent: '/sms/json',
    text: (request) => new URLSearchParams(request.body).get('text'), to: (request) => new URLSearchParams(request.body).get('to'),
  },
  messagebird: {
    sign: byMessagebird, inbound: (text) => ({ originator: NUMBER.slice(1), recipient: '15005550006', body: text }), sent: '/messages',
    text: (request) => JSON.parse(request.body).body, to: (request) => JSON.parse(request.body).recipients[0],
  },
};

async function signedBy(name, amends, sink) {
  const { sign, inbound, sent, text, to } = providers[name];
  const reader = await subscribe(amends, 'sms', NUMBER, { locale: 'de-AT' });
  const target = `/hooks/sms/${name}`;
  const says = async (word, spoil = (request) => request) => {
    const request = spoil(await sign(target, inbound(word)));
    return (await post(amends, target, request.body, request.headers)).status;
  };
  is(await says('STOP', (request) => ({ ...request, body: request.body.replace('STOP', 'QUIT') })), 403, `${name}: a changed body is refused`);
  is(await says('STOP', ({ body }) => ({ body, headers: body.startsWith('{') ? JSON_TYPE : FORM })), 403, 'and one without a signature');
  is(await stateOf(amends, reader.id), 'active', 'and nothing has changed');
  is(await says('STOP'), 200, 'a signed STOP is taken');
  is(await stateOf(amends, reader.id), 'suppressed', 'and stops');
  is(await says('help'), 200, 'HELP is taken');
  const answer = await waitUntil('the answer', () => sink.at(sent)[0]);
  is([to(answer), /^Status: Statusmeldungen\. STOP beendet sie\. https/.test(text(answer))], [NUMBER.slice(1), true], 'HELP is answered by an SMS, after STOP too');
  await says('HELP');
  await says('info');
  is(await says('START'), 200, 'START is taken');
  is(await stateOf(amends, reader.id), 'active', 'and begins again');
  const done = await open(amends, `after-${name}`);
  is(done.counts.accepted, 1, 'the next message arrives');
  is(sink.at(sent).length, 2, 'HELP was answered once only');
}

async function forgedTokens(amends) {
  const target = '/hooks/sms/vonage';
  const now = Math.floor(Date.now() / 1000);
  const { inbound } = providers.vonage;
  for (const [what, claims, status] of [
    ['of long ago', { iat: now - 3600 }, 403], ['of another issuer', { iss: 'Nobody' }, 403],
    ['that has ended', { exp: now - 60 }, 403], ['that is good for an hour', { iat: now - 3600, exp: now + 60 }, 200],
  ]) {
    const { body, headers } = byVonage(target, inbound('hello'), claims);
    is((await post(amends, target, body, headers)).status, status, `a token ${what}: ${status}`);
  }
  const { body } = byVonage(target, inbound('STOP'));
  const none = [{ alg: 'none' }, { iss: 'Vonage', iat: now, payload_hash: sha256(body) }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  is((await post(amends, target, body, { ...JSON_TYPE, authorization: `Bearer ${none}.` })).status, 403, 'a token that is not signed at all');
}

// The older signature of the same account: `sig` among the parameters, by POST or by GET.
async function signedParameters(amends) {
  const reader = await subscribe(amends, 'sms', '+15005550002');
  const signed = (text, timestamp = Math.floor(Date.now() / 1000)) => {
    const params = { msisdn: '15005550002', to: '15005550006', text, 'message-timestamp': '2026-01-01 00:00:00', nonce: crypto.randomUUID(), timestamp };
    const pairs = Object.keys(params).sort().map((name) => `&${name}=${String(params[name]).replace(/[&=]/g, '_')}`);
    return new URLSearchParams({ ...params, sig: crypto.createHmac('sha256', SECRET).update(pairs.join('')).digest('hex').toUpperCase() }).toString();
  };
  const target = '/hooks/sms/vonage';
  const says = async (body) => (await post(amends, target, body, FORM)).status;
  is(await says(signed('a=b&c').replace('a%3Db', 'STOP')), 403, 'changed parameters are refused');
  is(await says(signed('STOP', Math.floor(Date.now() / 1000) - 3600)), 403, 'and those of an hour ago');
  is(await says(signed('a=b&c')), 200, 'signed ones are taken');
  is(await stateOf(amends, reader.id), 'active', 'and nothing has changed');
  is((await amends.request('GET', `${target}/inbound/-?${signed('STOP')}`, undefined, { key: null })).status, 200, 'a STOP by GET is taken too');
  is(await stateOf(amends, reader.id), 'suppressed', 'and stops');
}

// Two segments a month: one message, and nothing after it.
async function budget(amends, sink, mails) {
  await subscribe(amends, 'sms', NUMBER);
  const first = await open(amends, 'within');
  is(first.counts.accepted, 1, 'within the budget an SMS is sent');
  const second = await open(amends, 'over');
  const [failed] = await amends.all(`/v1/broadcasts/${second.id}/deliveries`);
  is([failed.state, failed.reason], ['failed', 'over_budget'], 'over it the delivery says why it failed');
  is(sink.at('/2010-04-01/').length, 1, 'and nothing is sent');
  const mail = await waitUntil('the word to staff', () => mails.mails().find((one) => one.to === 'ops@staff.example'));
  ok(/^Subject: .*The monthly SMS budget is used up/m.test(mail.data), 'staff are notified');
  const { text } = await amends.request('GET', '/metrics');
  ok(/^amends_sms_month_segments 1$/m.test(text) && /^amends_sms_month_refused 1$/m.test(text), 'and the metrics count segments');
}

async function slackEvents(amends, mails) {
  const signing = 'slack-signing-secret';
  const call = (event, { secret = signing, at = Math.floor(Date.now() / 1000) } = {}) => {
    const body = JSON.stringify(event);
    const signature = `v0=${crypto.createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`;
    return post(amends, '/hooks/slack', body, { ...JSON_TYPE, 'x-slack-signature': signature, 'x-slack-request-timestamp': String(at) });
  };
  const challenge = await call({ type: 'url_verification', challenge: '3eZbrw1a' });
  is([challenge.status, challenge.text], [200, '3eZbrw1a'], "Slack's challenge is answered");
  const [ours, theirs] = [
    await subscribe(amends, 'slack', 'slack://C01', { token: 'xoxb-1', team: 'T1' }), await subscribe(amends, 'slack', 'slack://C02', { token: 'xoxb-2', team: 'T2' })];
  const uninstalled = { type: 'event_callback', team_id: 'T1', event: { type: 'app_uninstalled' } };
  is((await call(uninstalled, { secret: 'guess' })).status, 403, 'a forged event is refused');
  is((await call(uninstalled, { at: Math.floor(Date.now() / 1000) - 400 })).status, 403, 'and an old one');
  is(await stateOf(amends, ours.id), 'active', 'and ends nothing');
  is((await call(uninstalled)).status, 200, 'a true one is taken');
  const after = await amends.call('GET', `/v1/subscribers/${ours.id}`);
  is([after.state, after.state_reason], ['suppressed', 'app_uninstalled'], 'the endpoint in that workspace ends');
  is(await stateOf(amends, theirs.id), 'active', 'and no other');
  await call({ type: 'event_callback', team_id: 'T2', event: { type: 'tokens_revoked', tokens: { oauth: ['U1'] } } });
  is(await stateOf(amends, theirs.id), 'active', "a user's token is not the bot's");
  await call({ type: 'event_callback', team_id: 'T2', event: { type: 'tokens_revoked', tokens: { bot: ['B1'] } } });
  is(await stateOf(amends, theirs.id), 'suppressed', "the bot's is");
  await waitUntil('the word to staff', () => mails.mails().filter((one) => /^Subject: .*A slack endpoint was removed/m.test(one.data)).length === 2);
  ok(true, 'staff are notified of each');
}

scenario(async (cleanup) => {
  const mails = await MailSink.start(freshDirectory());
  cleanup(() => mails.stop());
  const staff = { AMENDS_SMTP_URL: mails.url, AMENDS_STAFF_EMAIL: 'ops@staff.example' };
  const [first, second, third, fourth] = await Promise.all([
    up(cleanup, 'plivo'), up(cleanup, 'vonage'), up(cleanup, 'messagebird'),
    up(cleanup, 'twilio', { ...staff, AMENDS_SMS_MONTH_SEGMENTS: '1', AMENDS_SLACK_SIGNING_SECRET: 'slack-signing-secret' })]);
  await signedBy('plivo', first.amends, first.sink);
  await signedBy('vonage', second.amends, second.sink);
  await signedBy('messagebird', third.amends, third.sink);
  await forgedTokens(second.amends);
  await signedParameters(second.amends);
  await budget(fourth.amends, fourth.sink, mails);
  await slackEvents(fourth.amends, mails);
});
