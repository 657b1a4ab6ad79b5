#!/usr/bin/env node
'use strict';
// Without a relay every message stays in the outbox, is accepted by "outbox", and no socket is opened.
// A relay switches it off for good: messages are really sent, and what lay in the outbox never is.
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { Amends, AMENDS, exited, waitUntil } = require('../../lib/amends.js');
const { sql, startRole, startNotifier, stopNotifier } = require('../../lib/notifiers.js');
const { MailSink, HttpSink, webhookVerifies } = require('../../lib/sinks.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const AUTO = { AMENDS_OUTBOX: 'auto', AMENDS_ALLOW_LOOPBACK: '1', AMENDS_SLACK_API_URL: 'http://127.0.0.1:1' };

async function catalogue(amends, http) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const add = (channel, address, more = {}) => amends.call('POST', '/v1/subscribers', { channel, address, confirmed: true, ...more });
  await add('email', 'jane@readers.example');
  await add('email', 'hans@readers.example', { locale: 'de' });
  await add('sms', '+4915112345678');
  await add('slack', `${http.url}/slack/T1/secret`);
  await add('teams', `${http.url}/teams/secret`);
  await add('discord', `${http.url}/api/webhooks/discord/secret`);
  return add('webhook', `${http.url}/hook/secret`);
}

const post = (amends, ref) => amends.call('POST', '/v1/incidents', {
  ref, title: 'Messages are late', kind: 'incident', state: 'investigating', notify: true, body: 'We **look**.', components: [{ component: 'api', level: 'major_outage' }],
}).then((made) => amends.settled(made.broadcast));

const doctor = (amends, env) => {
  const key = { AMENDS_DATABASE_URL: `host=${path.join(amends.dir, 'var/run')} user=amends dbname=amends`, ...env };
  try {
    return execFileSync(AMENDS, ['doctor'], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', ...key } });
  } catch (error) {
    return error.stdout;
  }
};

async function captured(amends, http, hook) {
  const broadcast = await post(amends, 'late');
  is(broadcast.counts.accepted, 7, 'seven messages are accepted');
  const deliveries = await amends.all(`/v1/broadcasts/${broadcast.id}/deliveries`);
  is([...new Set(deliveries.map((one) => `${one.state} ${one.reason}`))], ['accepted outbox'], 'by "outbox", says each delivery');
  is(http.at('/').length, 0, 'nothing was posted anywhere');
  const lines = await amends.all('/v1/outbox');
  is(lines.map((one) => one.channel).sort(), ['discord', 'email', 'email', 'slack', 'sms', 'teams', 'webhook'], 'all seven lie in the outbox');
  is(lines.filter((one) => /secret/.test(JSON.stringify(one))).length, 0, 'without the secret of a URL');
  is((await amends.all('/v1/outbox?channel=email&address=JANE')).map((one) => one.address), ['jane@readers.example'], 'and are found by channel and address');
  const one = async (channel) => amends.call('GET', `/v1/outbox/${lines.find((line) => line.channel === channel).id}`);
  const mail = await one('email');
  ok(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m.test(mail.headers), 'a mail has the headers of one-click unsubscribing');
  ok(/<strong>look<\/strong>/.test(mail.html) && /We look\./.test(mail.text), 'and its HTML and text, decoded');
  const sms = await one('sms');
  ok(sms.segments >= 1 && sms.text.includes('Messages are late'), 'an SMS has its text and segments');
  const hooked = await one('webhook');
  const headers = Object.fromEntries(hooked.headers.trim().split('\n').map((line) => [line.split(': ')[0].toLowerCase(), line.split(': ')[1]]));
  ok(webhookVerifies({ body: hooked.body, headers }, hook.secret), 'a webhook is signed as it would be');
  is(JSON.parse((await one('slack')).body).blocks[0].text.text, 'Messages are late', 'a post has its blocks');
  const metrics = (await amends.request('GET', '/metrics')).text;
  ok(/^amends_outbox 1$/m.test(metrics) && /^amends_outbox_messages 7$/m.test(metrics), '/metrics says so');
  ok(/amends_outcomes_last_minute\{channel="email",state="accepted",class="outbox"\} 2/.test(metrics), 'and names the outbox in the outcomes');
  ok(/outbox mode: nothing leaves/.test(amends.log()), 'so does the log at the start');
  ok(/outbox mode, nothing leaves/.test(doctor(amends, { AMENDS_OUTBOX: 'auto' })), 'and amends doctor');
  return mail;
}

// The links of a kept mail work as in a sent one.
async function links(amends, mail) {
  const target = new URL(mail.headers.match(/^List-Unsubscribe: <([^>]+)>/m)[1]).pathname;
  const form = { key: null, headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  is((await amends.request('GET', target, undefined, { key: null })).status, 200, 'the unsubscribe link of a kept mail shows its page');
  is((await amends.request('POST', target, 'List-Unsubscribe=One-Click', form)).status, 200, 'and unsubscribes');
}

async function bounded(amends) {
  const child = await startRole(amends, 'billing', { AMENDS_OUTBOX_DAYS: '7' });
  sql(amends, `update outbox_message set at = now() - interval '8 days' where channel = 'teams'`);
  await stopNotifier(child);
  const again = await startRole(amends, 'billing', { AMENDS_OUTBOX_DAYS: '7' });
  await waitUntil('retention removed the old one', () => sql(amends, `select 1 from outbox_message where channel = 'teams'`).length === 0);
  await stopNotifier(again);
  const [[id]] = sql(amends, `select id from subscriber where address = 'hans@readers.example'`);
  await amends.call('DELETE', `/v1/subscribers/${id}?erase=true`);
  is(sql(amends, `select 1 from outbox_message where address = 'hans@readers.example'`).length, 0, 'erasing a person erases the messages to them');
}

scenario(async (cleanup) => {
  const http = await HttpSink.start();
  cleanup(() => http.stop());
  let amends = await Amends.up({ env: { ...AUTO, AMENDS_OUTBOX_MESSAGES: '8' } });
  cleanup(() => amends.destroy());
  const mails = await MailSink.start(amends.dir);
  cleanup(() => mails.stop());
  const hook = await catalogue(amends, http);
  const mail = await captured(amends, http, hook);
  await bounded(amends);
  await links(amends, mail);
  await post(amends, 'second');
  is((await amends.all('/v1/outbox')).length, 8, 'no more than outbox_messages are kept');
  const { key } = await amends.call('POST', '/v1/keys', { name: 'reader', scopes: ['subscribers:read'] });
  is((await amends.request('GET', `/v1/outbox/${(await amends.all('/v1/outbox'))[0].id}`, undefined, { key })).status, 403, 'a key that only reads sees no links of readers');

  // A second notifier has a relay: the first one keeps nothing from then on.
  const relay = { AMENDS_SMTP_URL: mails.url };
  const [[text]] = sql(amends, `select id from subscriber where channel = 'sms'`); // SMS would wait for a provider
  await amends.call('DELETE', `/v1/subscribers/${text}`);
  const child = await startNotifier(amends, relay);
  cleanup(() => stopNotifier(child));
  await waitUntil('the outbox is over', () => /another notifier has a relay/.test(amends.log()));
  await post(amends, 'third');
  is(mails.mails().map((one) => one.to), [], 'nobody who unsubscribed or was erased is sent to');
  is(http.at('/hook/').length, 1, 'the third post is really sent, the two before it are not');
  await stopNotifier(child);
  await amends.stop();

  // The same installation with a relay, and again without one.
  amends = await Amends.up({ dir: amends.dir, env: { ...AUTO, ...relay } });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'new@readers.example', confirmed: true });
  await post(amends, 'fourth');
  is(mails.mails().map((one) => one.to), ['new@readers.example'], 'a relay sends what is posted now, and nothing of before');
  is((await amends.all('/v1/outbox')).filter((one) => one.address === 'new@readers.example').length, 0, 'and keeps nothing');
  const refused = await startRole(amends, 'notifier', { AMENDS_OUTBOX: 'on' });
  is(await exited(refused), 64, 'outbox = on beside a relay is a fault of the configuration');
  await amends.stop();
  amends = await Amends.up({ dir: amends.dir, env: AUTO });
  await amends.call('POST', '/v1/incidents/fourth/updates', { state: 'identified', body: 'Found.', notify: true });
  await waitUntil('the webhook gets it', () => http.at('/hook/').length === 3);
  is(sql(amends, `select count(*) from outbox_message where at > (select at from relay_seen)`), [['0']], 'an installation that had a relay once keeps nothing: mail waits');
  ok(/none set: e-mail waits/.test(doctor(amends, { AMENDS_OUTBOX: 'auto' })), 'and doctor says that it waits');
});
