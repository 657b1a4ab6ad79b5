#!/usr/bin/env node
'use strict';
// The effect of replies of relays, endpoints and the SMS provider on the delivery and
// its subscriber; and a newer update ends the retries of an older one.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink, webhookVerifies } = require('../../lib/sinks.js');
const { ok, is, scenario } = require('../../lib/tap.js');

// answer(n): reply to the nth attempt. Expected: delivery {state, reason, attempts} and
// the resulting state of the subscriber.
const READERS = [
  { name: 'webhook that takes it', channel: 'webhook', path: '/hook/fine', answer: () => ({ status: 204 }), state: 'accepted', attempts: 1, after: 'active' },
  { name: 'webhook that is gone', channel: 'webhook', path: '/hook/gone', answer: () => ({ status: 410 }), state: 'failed', reason: 'gone', attempts: 1, after: 'suppressed' },
  { name: 'webhook that fails once', channel: 'webhook', path: '/hook/once', answer: (n) => ({ status: n === 1 ? 500 : 200 }), state: 'accepted', attempts: 2, after: 'active' },
  { name: 'webhook that always fails', channel: 'webhook', path: '/hook/never', answer: () => ({ status: 500 }), state: 'superseded', after: 'active' },
  { name: 'Slack channel that is gone', channel: 'slack', path: '/slack/gone', answer: () => ({ status: 404, body: 'no_service' }), state: 'failed', reason: 'gone', attempts: 1, after: 'suppressed' },
  { name: 'Slack that dislikes the message', channel: 'slack', path: '/slack/invalid', answer: () => ({ status: 400, body: 'invalid_payload' }), state: 'failed', reason: 'refused', attempts: 1, after: 'active' },
  { name: 'number that takes it', channel: 'sms', address: '+15005550001', state: 'accepted', attempts: 1, after: 'active' },
  { name: 'number that opted out', channel: 'sms', address: '+15005550002', answer: () => ({ status: 400, headers: { 'content-type': 'application/json' }, body: '{"code":21610,"status":400}' }), state: 'failed', reason: 'opted_out', attempts: 1, after: 'suppressed' },
  { name: 'provider that never answers', channel: 'sms', address: '+15005550003', answer: () => 'hang', state: 'unknown', reason: 'no_reply', attempts: 1, after: 'active' },
  { name: 'mailbox', channel: 'email', address: 'fine@readers.example', state: 'accepted', attempts: 1, after: 'active' },
  { name: 'address that does not exist', channel: 'email', address: 'nobody@readers.example', state: 'failed', reason: 'no_such_address', attempts: 1, after: 'suppressed' },
];

function answers(endpoints) {
  const attempts = new Map();
  return (request) => {
    const to = request.path.startsWith('/2010-04-01/') && new URLSearchParams(request.body).get('To');
    const reader = READERS.find((one) => (one.path ? one.path === request.path : one.address === to));
    if (!reader || !reader.answer) return undefined;
    attempts.set(reader, (attempts.get(reader) || 0) + 1);
    const reply = reader.answer(attempts.get(reader));
    endpoints.attempts = attempts;
    return reply;
  };
}

async function subscribe(amends, endpoints) {
  for (const reader of READERS) {
    const address = reader.address || `${endpoints.url}${reader.path}`;
    reader.made = await amends.call('POST', '/v1/subscribers', { channel: reader.channel, address, confirmed: true });
  }
}

async function checkReaders(amends, broadcast) {
  const deliveries = new Map();
  for (const one of await amends.all(`/v1/broadcasts/${broadcast}/deliveries`)) deliveries.set(one.recipient, one);
  for (const reader of READERS) {
    const delivery = deliveries.get(reader.made.id) || {};
    is(delivery.state, reader.state, `${reader.name}: ${reader.state}`);
    if (reader.reason) is(delivery.reason, reader.reason, `${reader.name}: because ${reader.reason}`);
    if (reader.attempts) is(delivery.attempts, reader.attempts, `${reader.name}: attempts`);
    const now = await amends.call('GET', `/v1/subscribers/${reader.made.id}`);
    is(now.state, reader.after, `${reader.name}: then ${reader.after}`);
  }
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir, ['--refuse-rcpt', 'nobody:550 5.1.1 no such user']);
  cleanup(() => mails.stop());
  const endpoints = await HttpSink.start();
  cleanup(() => endpoints.stop());
  endpoints.answer = answers(endpoints);
  const amends = await Amends.up({
    dir,
    env: {
      AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1', AMENDS_SMS_PROVIDER: 'twilio', AMENDS_SMS_URL: endpoints.url,
      AMENDS_SMS_ACCOUNT: 'AC1', AMENDS_SMS_TOKEN: 'secret', AMENDS_SMS_FROM: '+15005550006',
    },
  });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await subscribe(amends, endpoints);

  const first = await amends.call('POST', '/v1/incidents', {
    ref: 'replies', title: 'Replies', kind: 'incident', state: 'investigating', notify: true, body: 'Down.',
    components: [{ component: 'api', level: 'major_outage' }],
  });
  await waitUntil('all but one have an outcome', async () => {
    const { counts } = await amends.call('GET', `/v1/broadcasts/${first.broadcast}`);
    return counts.retry === 1 && counts.accepted + counts.failed + counts.unknown === READERS.length - 1;
  });
  const twice = endpoints.at('/hook/once');
  is(twice.length, 2, 'the webhook was tried twice');
  is(new Set(twice.map((one) => one.headers['webhook-id'])).size, 1, 'with the same webhook-id');
  const secret = READERS.find((one) => one.path === '/hook/once').made.secret;
  ok(twice.every((one) => webhookVerifies(one, secret)), 'and a good signature each time');

  const second = await amends.call('POST', '/v1/incidents/replies/updates', { state: 'resolved', body: 'Up.', notify: true });
  await amends.settled(first.broadcast);
  await checkReaders(amends, first.broadcast);
  ok((await amends.call('GET', `/v1/broadcasts/${second.broadcast}`)).audience > 0, 'the newer update goes on');
});
