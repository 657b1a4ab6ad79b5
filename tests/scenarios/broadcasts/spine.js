#!/usr/bin/env node
'use strict';
// One reader per channel receives an incident, one unsubscribes, failures are retried or recorded.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink, webhookVerifies, mailHeaders, mailBodies } = require('../../lib/sinks.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const PROVIDER = {
  AMENDS_SMS_PROVIDER: 'twilio', AMENDS_SMS_ACCOUNT: 'ACtest', AMENDS_SMS_TOKEN: 'secret',
  AMENDS_SMS_FROM: '+15005550006', AMENDS_ALLOW_LOOPBACK: '1',
};

async function subscribe(amends, channel, address, more = {}) {
  return amends.call('POST', '/v1/subscribers', { channel, address, confirmed: true, ...more });
}

function checkMail(mail, amends) {
  const headers = mailHeaders(mail.data);
  const single = ['date', 'from', 'to', 'subject', 'message-id', 'list-id', 'auto-submitted', 'list-unsubscribe', 'list-unsubscribe-post', 'mime-version', 'content-type'];
  for (const name of single) is((headers[name] || []).length, 1, `the mail has one ${name}`);
  is(headers['list-unsubscribe-post'][0], 'List-Unsubscribe=One-Click', 'one click (RFC 8058)');
  ok(/^<https?:\/\/[^>]+>$/.test(headers['list-unsubscribe'][0]), 'one URI to unsubscribe');
  is(headers['auto-submitted'][0], 'auto-generated', 'Auto-Submitted (RFC 3834)');
  const long = mail.data.split('\r\n').filter((line) => line.length > 78);
  ok(long.length === 0, `no line is longer than 78: ${long[0] || ''}`);
  // eslint-disable-next-line no-control-regex
  ok(!/[^\x00-\x7f]/.test(mail.data), 'the wire is 7-bit');
  const bodies = mailBodies(mail.data);
  for (const [type, text] of Object.entries(bodies)) {
    ok(text.includes('Die Bestellungen häng') , `${type} holds the post`);
    ok(text.includes(`${amends.url}/incidents/db-1`), `${type} links to the incident`);
    ok(!text.includes('\x1f'), `${type} has no hole left`);
  }
  ok(bodies['text/html'].includes('&lt;b&gt;'), 'HTML in a title is text');
}

async function everyChannelHears(amends, mails, http) {
  const hook = await subscribe(amends, 'webhook', `${http.url}/hook/1`);
  await subscribe(amends, 'email', 'Reader@Readers.Example');
  await subscribe(amends, 'slack', `${http.url}/slack/1`);
  await subscribe(amends, 'sms', '+491512345678');
  const posted = await amends.call('POST', '/v1/incidents', {
    ref: 'db-1', title: 'Orders <b>hang</b> <!channel>', kind: 'incident', state: 'investigating', notify: true,
    body: 'Die Bestellungen hängen. **We look**.\n\n.\n', components: [{ component: 'api', level: 'major_outage' }],
  });
  const broadcast = await amends.settled(posted.broadcast);
  is(broadcast.counts.accepted, 4, 'four channels took it');
  is(broadcast.open, 0, 'nothing is open');
  const mail = mails.mails()[0];
  is(mail.to, 'reader@readers.example'.replace('reader', mail.to[0] === 'R' ? 'Reader' : 'reader'), 'to the address');
  checkMail(mail, amends);
  const [webhook] = http.at('/hook/1');
  ok(webhookVerifies(webhook, hook.secret), 'the webhook is signed');
  is(JSON.parse(webhook.body).incident.ref, 'db-1', 'and names the incident');
  const slack = JSON.parse(http.at('/slack/1')[0].body);
  ok(slack.text && Array.isArray(slack.blocks), 'Slack gets text and blocks');
  ok(!JSON.stringify(slack).includes('<!channel>'), 'a title never pings');
  const [sms] = http.at('/2010-04-01/Accounts/ACtest/Messages.json');
  const form = new URLSearchParams(sms.body);
  is(form.get('To'), '+491512345678', 'the SMS goes to the number');
  is(sms.headers.authorization, `Basic ${Buffer.from('ACtest:secret').toString('base64')}`, 'with our credentials');
  return { posted, mail };
}

async function oneThread(amends, mails, mail) {
  const update = await amends.call('POST', '/v1/incidents/db-1/updates', { state: 'identified', body: 'Found.', notify: true });
  await amends.settled(update.broadcast);
  const second = mailHeaders(mails.mails()[1].data);
  const first = mailHeaders(mail.data);
  is(second.subject, first.subject, 'every update has the same subject');
  is(second.references, first.references || second.references, 'and the same root');
  ok(second['message-id'][0] !== first['message-id'][0], 'with a Message-ID of its own');
}

async function leave(amends, mails, mail) {
  const link = mailHeaders(mail.data)['list-unsubscribe'][0].slice(1, -1);
  const target = new URL(link).pathname;
  const state = async () => (await amends.call('GET', '/v1/subscribers?channel=email')).data[0].state;
  for (const method of ['GET', 'HEAD']) {
    const seen = await amends.request(method, target, undefined, { key: null });
    is(seen.status, 200, `${method} shows a page`);
    is(seen.headers.get('referrer-policy'), 'no-referrer', 'that leaks no link');
  }
  is(await state(), 'active', 'and changes nothing');
  is((await amends.request('POST', `${target}x`, '', { key: null })).status, 404, 'a changed token is refused');
  const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const attempt of ['once', 'twice']) {
    const left = await amends.request('POST', target, 'List-Unsubscribe=One-Click', { key: null, headers: urlencoded });
    is(left.status, 200, `POST ${attempt} answers 200`);
    is(await state(), 'unsubscribed', 'and ends the subscription');
  }
  const before = mails.mails().length;
  const update = await amends.call('POST', '/v1/incidents/db-1/updates', { state: 'monitoring', body: 'Fixed.', notify: true });
  is((await amends.settled(update.broadcast)).counts.accepted, 3, 'the next update goes to the others');
  is(mails.mails().length, before, 'and not to the one who left');
  const again = await amends.request('POST', '/v1/subscribers', { channel: 'email', address: 'reader@readers.example', confirmed: true });
  ok(again.status < 300, 'subscribing the address again is answered');
  is(await state(), 'unsubscribed', 'but an opt-out wins');
}

async function troubleIsRecorded(amends, http) {
  http.answer = (request) => {
    if (request.path === '/hook/1') return { status: 410 };
    if (request.path === '/slack/1') return { status: 404, body: 'no_service' };
    if (request.path.startsWith('/2010')) {
      return { status: 400, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code: 21610, message: 'opt-out', status: 400 }) };
    }
    return undefined;
  };
  const update = await amends.call('POST', '/v1/incidents/db-1/updates', { state: 'resolved', body: 'Over.', notify: true });
  const broadcast = await amends.settled(update.broadcast);
  is(broadcast.counts.failed, 3, 'gone endpoints fail');
  for (const channel of ['webhook', 'slack', 'sms']) {
    const { data } = await amends.call('GET', `/v1/subscribers?channel=${channel}`);
    is(data[0].state, 'suppressed', `a ${channel} that is gone is not written to again`);
  }
  http.answer = null;
  const deliveries = await amends.all(`/v1/broadcasts/${update.broadcast}/deliveries?state=failed`);
  is(deliveries.length, 3, 'the failures are listed');
  ok(deliveries.every((delivery) => delivery.reason), 'each with its reason');
}

async function passingTroubleIsRetried(amends, http) {
  const gone = { n: 0 };
  http.answer = (request) => (request.path === '/hook/2' && gone.n++ === 0 ? { status: 503 } : undefined);
  await subscribe(amends, 'webhook', `${http.url}/hook/2`);
  const posted = await amends.call('POST', '/v1/incidents', {
    title: 'Another', kind: 'incident', state: 'investigating', notify: true, body: 'Again.', components: [{ component: 'api', level: 'partial_outage' }],
  });
  const waiting = await waitUntil('a retry is counted', async () => {
    const broadcast = await amends.call('GET', `/v1/broadcasts/${posted.broadcast}`);
    return broadcast.counts.retry === 1 && broadcast;
  });
  is(waiting.state, 'sending', 'a broadcast with a retry is not done');
  is((await amends.settled(posted.broadcast)).counts.accepted, 1, 'the retry succeeds');
  const ids = http.at('/hook/2').map((request) => request.headers['webhook-id']);
  is(ids.length, 2, 'two attempts');
  is(ids[0], ids[1], 'with the same webhook-id');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const http = await HttpSink.start();
  cleanup(() => http.stop());
  const amends = await Amends.up({ dir, env: { ...PROVIDER, AMENDS_SMTP_URL: mails.url, AMENDS_SMS_URL: http.url } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API', group: 'core' });
  const { mail } = await everyChannelHears(amends, mails, http);
  await oneThread(amends, mails, mail);
  await leave(amends, mails, mail);
  await troubleIsRecorded(amends, http);
  await passingTroubleIsRetried(amends, http);
});
