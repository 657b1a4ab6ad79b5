#!/usr/bin/env node
'use strict';
// A real relay chain signs: Postfix passes each mail to OpenDKIM, a sink keeps the result, and
// mailauth verifies it with the key from our own DNS. The signature must cover both
// List-Unsubscribe headers (RFC 8058, 4), which OpenDKIM does not sign by default.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { dkimVerify } = require('../../node_modules/mailauth/lib/dkim/verify');
const { simpleParser } = require('../../node_modules/mailparser');
const { Amends, exited, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink } = require('../../lib/sinks.js');
const { Postfix, missing } = require('../../lib/postfix.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const OPENDKIM = '/usr/sbin/opendkim';
const READERS = ['ann@kept.example', 'bob@kept.example'];

async function freePort() {
  const server = net.createServer();
  const port = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// A milter that signs for sender.example; its public key as a DNS record.
async function startMilter(cleanup, dir) {
  const key = path.join(dir, 'dkim.pem');
  spawnSync('openssl', ['genrsa', '-out', key, '2048']);
  fs.chmodSync(key, 0o600);
  const { stdout } = spawnSync('openssl', ['rsa', '-in', key, '-pubout', '-outform', 'DER']);
  const port = await freePort();
  const lines = ['Syslog no', 'Mode s', 'Domain sender.example', 'Selector news', `KeyFile ${key}`, `Socket inet:${port}@127.0.0.1`,
    'Canonicalization relaxed/relaxed', 'OversignHeaders From', 'SignHeaders *,+list-unsubscribe,+list-unsubscribe-post', 'InternalHosts 0.0.0.0/0', 'RequireSafeKeys no',
    `PidFile ${path.join(dir, 'opendkim.pid')}`]; // it unlinks this file as it ends
  const file = path.join(dir, 'opendkim.conf');
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  const child = spawn(OPENDKIM, ['-f', '-x', file], { stdio: 'inherit' });
  cleanup(async () => { child.kill('SIGTERM'); await exited(child); });
  await waitUntil('OpenDKIM listens', () => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  }), 10000);
  return { port, record: `v=DKIM1; k=rsa; p=${stdout.toString('base64')}` };
}

const verify = (bytes, record) => dkimVerify(bytes, {
  resolver: async (name, type) => {
    if (type === 'TXT' && name === 'news._domainkey.sender.example') return [[record]];
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  },
});

async function judge(mail, record) {
  const bytes = Buffer.from(mail.data, 'latin1');
  const { results: [result] } = await verify(bytes, record);
  is([result.status.result, result.signingDomain], ['pass', 'sender.example'], `mailauth verifies the mail to ${mail.to}`);
  const covered = result.signingHeaders.keys.toLowerCase().split(/[:,]\s*/);
  ok(['list-unsubscribe', 'list-unsubscribe-post'].every((name) => covered.includes(name)), 'the signature covers both List-Unsubscribe headers');
  const changed = Buffer.from(mail.data.replace('List-Unsubscribe: <http', 'List-Unsubscribe: <https'), 'latin1');
  is((await verify(changed, record)).results[0].status.result, 'fail', 'and another link would be noticed');
  const parsed = await simpleParser(bytes);
  ok(parsed.text.includes('Wir schauen nach: Grüße') && parsed.html.includes('Grüße'), 'mailparser reads what came out');
}

async function main(cleanup) {
  const dir = freshDirectory();
  const milter = await startMilter(cleanup, dir);
  const sink = await MailSink.start(dir);
  cleanup(() => sink.stop());
  const postfix = await Postfix.start(dir, { kept: sink.port, tls: false, settings: { smtpd_milters: `inet:127.0.0.1:${milter.port}`, milter_default_action: 'tempfail' } });
  cleanup(() => postfix.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: postfix.url, AMENDS_MAIL_FROM: 'Störungsmeldungen <news@sender.example>' } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  for (const address of READERS) await amends.call('POST', '/v1/subscribers', { channel: 'email', address, confirmed: true });
  const posted = await amends.call('POST', '/v1/incidents', {
    ref: 'signed', title: 'Äpfel & „Birnen“', kind: 'incident', state: 'investigating', notify: true, body: 'Wir schauen nach: Grüße.\n\n.\n\nFrom here on.',
    components: [{ component: 'api', level: 'major_outage' }],
  });
  is((await amends.settled(posted.broadcast)).counts.accepted, READERS.length, 'the relay takes the mails');
  const mails = await waitUntil('the mails came out', () => sink.mails().length === READERS.length && sink.mails());
  for (const mail of mails) await judge(mail, milter.record);
}

const why = missing() || (fs.existsSync(OPENDKIM) ? null : 'OpenDKIM is not installed');
if (why) console.log(`1..0 # SKIP ${why}`);
else scenario(main);
