#!/usr/bin/env node
'use strict';
// SMS: two providers described by documents, their callbacks, and what readers text back.
// Twilio's own library signs and judges.
const twilio = require('../node_modules/twilio/lib/webhooks/webhooks');
const { Amends } = require('../lib/amends.js');
const { HttpSink } = require('../lib/sinks.js');
const { ok, is, scenario } = require('../lib/tap.js');

const PUBLIC = 'https://status.example.com';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const TOKEN = 'secret';

async function up(cleanup, sink, provider, more = {}) {
  const amends = await Amends.up({
    env: {
      AMENDS_ALLOW_LOOPBACK: '1', AMENDS_PUBLIC_URL: PUBLIC, AMENDS_SMS_PROVIDER: provider, AMENDS_SMS_URL: sink.url,
      AMENDS_SMS_ACCOUNT: 'AC1', AMENDS_SMS_TOKEN: TOKEN, AMENDS_SMS_FROM: '+15005550006', ...more,
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

scenario(async (cleanup) => {
  const sinks = [await HttpSink.start(), await HttpSink.start()];
  for (const sink of sinks) cleanup(() => sink.stop());
  const [first, second] = await Promise.all([
    up(cleanup, sinks[0], 'twilio'),
    up(cleanup, sinks[1], 'vonage', { AMENDS_SMS_HOOK_TOKEN: 'hook-token' }),
  ]);
  const reader = await statusOfTwilio(first, sinks[0]);
  await keywordsOfTwilio(first, reader);
  await vonage(second, sinks[1]);
});
