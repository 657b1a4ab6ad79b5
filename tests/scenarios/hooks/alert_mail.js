#!/usr/bin/env node
'use strict';
// Monitoring that can only send mail: a real Postfix, set up as in deploy/postfix, delivers its mails to
// `amends inbound mail`. A mail to the address of a source suggests an incident of its component.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { Amends, ROOT, freshDirectory, executableIn, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { Postfix, missing } = require('../../lib/postfix.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const read = (name) => fs.readFileSync(path.join(ROOT, 'deploy/postfix', name), 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));

// The line of master.cf that the guide says to append, with the executable and data of this test.
function service(dir) {
  return read('master.cf.amends').map((line) => line.trim()).join(' ').replace('user=amends', 'user=postgres')
    .replace('/usr/local/bin/amends', executableIn(dir)).replace('--config /etc/amends/amends.conf', `--data ${dir}/var`);
}

// transport.amends, and the settings of main.cf that it names.
function settings() {
  const maps = read('transport.amends').map((line) => line.split(/\s+/)).map(([address, transport]) => `{${address.replace('.com', '')}=${transport}}`);
  return { transport_maps: `inline:{ ${maps.join(' ')} }`, recipient_delimiter: '+', amends_destination_recipient_limit: '1' };
}

// Speak SMTP as a monitoring system does. The replies' codes.
function mail(port, to, subject, text = 'Probe failed.') {
  const lines = ['EHLO noc.example', 'MAIL FROM:<mon@noc.example>', `RCPT TO:<${to}>`, 'DATA',
    `From: Monitor <mon@noc.example>\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\n${text}\r\n.`, 'QUIT'];
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1'), codes = [];
    socket.on('data', (chunk) => {
      for (const [, code] of String(chunk).matchAll(/^(\d{3})(?: |\r?$)/gm)) {
        codes.push(Number(code));
        if (lines.length) socket.write(`${lines.shift()}\r\n`);
      }
    });
    socket.on('close', () => resolve(codes));
    socket.on('error', reject);
  });
}

const taken = (codes) => is(codes, [220, 250, 250, 250, 354, 250, 221], 'Postfix takes the mail');
const delivered = (postfix, status) => postfix.lines().filter((line) => new RegExp(`relay=amends, .*status=${status}`).test(line)).length;
const pending = async (amends) => (await amends.all('/v1/suggestions?state=pending')).sort((a, b) => a.id - b.id);
const results = async (amends) => Object.fromEntries([...(await amends.request('GET', '/metrics')).text.matchAll(/amends_inbound_mail_total\{kind="alert",result="(\w+)"\} (\d+)/g)].map(([, result, n]) => [result, Number(n)]));

async function suggests(amends, postfix, address) {
  const before = Date.now();
  taken(await mail(postfix.port, address, 'DOWN: checkout'));
  const [one] = await waitUntil('it is suggested', async () => { const all = await pending(amends); return all.length === 1 && all; }, 30000);
  is([one.rule, one.firing, one.windows.map((window) => [window.component, window.level]), one.alerts.map((alert) => [alert.title, alert.text.trim(), alert.labels.from])],
    ['mail', true, [['web', 'major_outage']], [['DOWN: checkout', 'Probe failed.', 'Monitor <mon@noc.example>']]], 'a mail suggests an incident of the component');
  const started = new Date(one.started_at).getTime();
  ok(started > before - 1000 && started <= Date.now(), 'which began when the mail came');
  await mail(postfix.port, address, 'UP: checkout');
  await waitUntil('it is over', async () => (await pending(amends))[0].ended_at, 30000);
  ok(true, 'a mail with the same words ends it');
}

async function refuses(amends, postfix, address) {
  const wrong = address.replace(/\.([0-9a-f])/, (all, digit) => `.${digit === '0' ? '1' : '0'}`);
  await waitUntil('those before are delivered', () => delivered(postfix, 'sent') === 2, 30000);
  for (const to of [wrong, address.replace('+mon.', '+nobody.'), address.replace(/\+.*@/, '@'), address.replace(/\+.*@/, '+mon@')]) await mail(postfix.port, to, 'DOWN: forged');
  await waitUntil('all are delivered', () => delivered(postfix, 'sent') === 6, 30000);
  is([(await pending(amends)).length, await results(amends)], [1, { received: 2, forged: 2, unknown: 1 }], 'with another token, name or none nothing is suggested, and nothing is sent back');
}

async function later(amends, postfix, address) {
  await amends.call('PATCH', '/v1/alert-sources/mon', { per_minute: 1 });
  sql(amends, "update alert_source set minute = date_trunc('minute', now() + interval '10 seconds'), received = 1 where name = 'mon'");
  await mail(postfix.port, address, 'DOWN: later');
  await waitUntil('Postfix keeps the mail, or the minute is over', async () => delivered(postfix, 'deferred') === 1 || (await pending(amends)).length === 2, 30000);
  await amends.call('PATCH', '/v1/alert-sources/mon', { per_minute: 600 });
  spawnSync('/usr/sbin/postqueue', ['-c', `${postfix.dir}/etc`, '-f']);
  await waitUntil('the mail comes later', async () => (await pending(amends)).length === 2, 30000);
  ok(true, 'a mail above the limit is kept by Postfix and comes later');
}

async function rotated(amends, postfix, address) {
  const { url } = await amends.call('POST', '/v1/alert-sources/mon/rotate-secret', {});
  await mail(postfix.port, url.replace('mailto:', ''), 'DOWN: new address');
  await mail(postfix.port, address, 'DOWN: old address');
  const titles = async () => (await pending(amends)).map((one) => one.alerts[0].title).filter((title) => / address$/.test(title)).sort();
  await waitUntil('both are there', async () => (await titles()).length === 2, 30000);
  is(await titles(), ['DOWN: new address', 'DOWN: old address'], 'after a rotation both addresses work');
}

// A mail server elsewhere posts what it gets, as it does with bounces.
async function posted(amends, address) {
  const post = (to, key) => amends.request('POST', `/hooks/mail?recipient=${encodeURIComponent(to)}`, 'From: mon@noc.example\r\nSubject: DOWN: posted\r\n\r\nx\r\n', { headers: { 'content-type': 'message/rfc822' }, ...(key !== undefined && { key }) });
  const before = (await pending(amends)).length;
  is([(await post(address)).body, (await post(address.replace('+mon.', '+none.'))).body, (await post(address, null)).status], [{ kind: 'alert', result: 'received' }, { kind: 'alert', result: 'unknown' }, 401], 'POST /hooks/mail takes such a mail, too');
  is((await pending(amends)).length, before + 1, 'which suggests an incident');
}

async function main(cleanup) {
  const dir = freshDirectory();
  const postfix = await Postfix.start(dir, { tls: false, settings: settings(), services: [service(dir)] });
  cleanup(() => postfix.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_MAIL_FROM: 'Status <status@status.example>' } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web' });
  const made = await amends.call('POST', '/v1/alert-sources', { name: 'mon', format: 'mail' });
  await amends.call('POST', '/v1/alert-rules', { name: 'mail', source: 'mon', component: 'web', level: 'major_outage', group_by: ['cause'] });
  const address = made.url.replace('mailto:', '');
  await suggests(amends, postfix, address);
  await refuses(amends, postfix, address);
  await later(amends, postfix, address);
  await rotated(amends, postfix, address);
  await posted(amends, address);
}

const why = missing();
if (why) console.log(`1..0 # SKIP ${why}`);
else scenario(main);
