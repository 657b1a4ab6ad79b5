#!/usr/bin/env node
'use strict';
// The outbox in the console: the banner, the list and its filters, each channel drawn, a mail alone in a
// document that may run and load nothing, and who may see what.
const { Amends, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk, command, person } = require('../../lib/staff.js');
const { PushBrowser } = require('../../lib/push_browser.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const BANNER = /Outbox mode: nothing leaves this installation/;
const BROWSER = new PushBrowser();
const READERS = [
  ['email', 'jane@readers.example'], ['sms', '+4915112345678'], ['slack', 'https://hooks.slack.com/services/T1/B1/secret'],
  ['teams', 'https://teams.webhook.office.com/secret'], ['discord', 'https://discord.com/api/webhooks/1/secret'], ['webhook', 'https://hooks.example/secret'],
  ['push', 'https://fcm.googleapis.com/fcm/send/secret', { p256dh: BROWSER.p256dh, auth: BROWSER.auth }],
];
const ATTACK = '<script>alert(1)</script> "x" *bold* <https://evil.example/" onclick="x|here>';

async function posted(amends) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  for (const [channel, address, more] of READERS) await amends.call('POST', '/v1/subscribers', { channel, address, confirmed: true, ...more });
  const made = await amends.call('POST', '/v1/incidents', {
    title: 'API & <errors>', kind: 'incident', state: 'investigating', notify: true, body: `We **look** at [it](https://status.example/x). ${ATTACK}`,
    components: [{ component: 'api', level: 'major_outage' }],
  });
  await amends.settled(made.broadcast);
}

async function drawn(desk, amends) {
  const lines = await amends.all('/v1/outbox');
  const page = async (channel, tail = '') => desk.get(`/staff/outbox/${lines.find((line) => line.channel === channel).id}${tail}`);
  const mail = await page('email');
  ok(/<iframe class="mail"[^>]* sandbox="allow-popups allow-popups-to-escape-sandbox">/.test(mail.text), 'a mail stands in a sandboxed frame');
  ok(/List-Unsubscribe-Post: List-Unsubscribe=One-Click/.test(mail.text) && /Message-Id: /i.test(mail.text), 'beside its text and headers');
  const alone = await page('email', '/html');
  const policy = alone.headers.get('content-security-policy');
  ok(/default-src 'none'/.test(policy) && /sandbox allow-popups/.test(policy) && !/script|allow-same-origin|https?:/.test(policy), `alone it may run and load nothing: ${policy}`);
  ok(/<base target="_blank">/.test(alone.text) && /<strong>look<\/strong>/.test(alone.text), 'and its links open outside of the frame');
  const sms = await page('sms');
  ok(/<p class="bubble">[^<]*API &amp; &lt;errors&gt;/.test(sms.text) && /Segments: \d/.test(sms.text), 'an SMS is a bubble with its segments');
  const slack = await page('slack');
  ok(/<p class="header">API &amp; &lt;errors&gt;<\/p>/.test(slack.text) && /<strong>Investigating<\/strong><br>We <strong>look<\/strong>/.test(slack.text), 'Slack blocks are drawn');
  ok(/href="https:\/\/status\.example\/x">it<\/a>/.test(slack.text), 'with links');
  for (const channel of ['slack', 'teams', 'discord', 'push']) {
    const { text } = await page(channel);
    const post = text.match(/<article class="post">[^]*?<\/article>/)[0];
    ok(!/<script|onclick="/.test(post.replace(/&lt;script/g, '')) && /API &amp; &lt;errors&gt;/.test(post), `${channel}: what staff wrote stays text`);
  }
  const hook = await page('webhook');
  ok(/&quot;title&quot;: &quot;API &amp; &lt;errors&gt;&quot;/.test(hook.text) && /webhook-signature: v1,/.test(hook.text), 'a webhook shows its headers and pretty JSON');
  const push = await page('push');
  ok(/<p class="header"><a [^>]*>Investigating: API &amp; &lt;errors&gt;<\/a><\/p>\s*<p class="section">API: Major outage<br>We look/.test(push.text) && />Manage subscription<\/a>/.test(push.text), 'a notification is drawn as the browser shows it');
  ok(/Urgency: high\nTopic: [\w-]+/.test(push.text) && !/Authorization|vapid/.test(push.text), 'with its headers');
  is((await page('webhook', '/html')).status, 404, 'and is no mail');
}

// A link that opens an account is for admins, and only while the installation is a trial.
async function invitation(amends, responder) {
  person(amends, 'root', ['admin']); // the link of the first admin is printed
  command(amends, 'staff', 'add', 'carl', '--role=admin', '--email=carl@staff.example');
  const invited = await waitUntil('the invitation', async () => (await amends.all('/v1/outbox')).find((one) => one.kind === 'invitation'));
  is((await responder.get(`/staff/outbox/${invited.id}`)).status, 404, 'a responder sees no invitation');
  ok(!/carl@staff/.test((await responder.get('/staff/outbox')).text), 'nor that there is one');
  ok(/\/staff\/welcome\//.test((await amends.call('GET', `/v1/outbox/${invited.id}`)).text), 'an admin does');
  sql(amends, `insert into relay_seen (host) values ('mail')`);
  is((await amends.request('GET', `/v1/outbox/${invited.id}`)).status, 404, 'until a relay is set');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ env: { AMENDS_OUTBOX: 'auto' } });
  cleanup(() => amends.destroy());
  await posted(amends);
  const desk = await Desk.enter(amends, 'ann', ['responder']);
  ok(BANNER.test((await desk.get('/staff/incidents')).text), 'pages of the console say that nothing leaves');
  const list = await desk.get('/staff/outbox');
  is((list.text.match(/href="\/staff\/outbox\/\d+"/g) || []).length, 7, 'the list has all seven');
  ok(!/secret|\/u\/k/.test(list.text), 'and no secret of a URL and no link of a reader');
  const filtered = await desk.get('/staff/outbox?channel=email&address=jane');
  is((filtered.text.match(/href="\/staff\/outbox\/\d+"/g) || []).length, 1, 'filtered by channel and address');
  await drawn(desk, amends);
  const billing = await Desk.enter(amends, 'bill', ['billing']);
  const seen = await billing.get('/staff/outbox');
  ok(seen.status === 200 && /jane@readers/.test(seen.text) && !/href="\/staff\/outbox\/\d+"/.test(seen.text), 'who may read addresses sees the list');
  const [first] = await amends.all('/v1/outbox');
  is((await billing.get(`/staff/outbox/${first.id}`)).status, 403, 'but no message, whose links act for its reader');
  const viewer = await Desk.enter(amends, 'vera', ['viewer']);
  is((await viewer.get('/staff/outbox')).status, 403, 'who may not read addresses sees neither');
  const home = await viewer.get('/staff');
  ok(BANNER.test(home.text) && !/href="\/staff\/outbox"/.test(home.text), 'only the banner');
  await invitation(amends, desk);
  await amends.stop();

  const sending = await Amends.up({ dir: amends.dir, env: { AMENDS_OUTBOX: 'off' } });
  cleanup(() => sending.destroy());
  const again = new Desk(sending);
  again.cookie = desk.cookie;
  ok(!BANNER.test((await again.get('/staff/incidents')).text), 'without the outbox there is no banner');
  ok(/The outbox is off/.test((await again.get('/staff/outbox')).text), 'and its page says so');
});
