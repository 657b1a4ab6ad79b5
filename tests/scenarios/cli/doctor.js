#!/usr/bin/env node
'use strict';
// `amends doctor` beside a running instance: its report without errors, and with each possible
// error of DNS, the relay, the keys and the public URL.
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { AMENDS } = require('../../lib/amends.js');
const { NameServer } = require('../../lib/dns.js');
const { OidcProvider } = require('../../lib/oidc_provider.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const keyOf = (bits) => crypto.generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const GOOD = {
  'status.example.com': ['google-site-verification=x', 'v=spf1 ip4:192.0.2.1 include:_spf.example.net -all'],
  '_spf.example.net': ['v=spf1 ip4:198.51.100.0/24 ~all'],
  's1._domainkey.status.example.com': [`v=DKIM1; k=rsa; p=${keyOf(2048)}`],
  '_dmarc.example.com': ['v=DMARC1; p=reject; rua=mailto:dmarc@example.com'],
};
const many = (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`i${i}.example.net`, [`v=spf1 include:i${i + 1}.example.net ~all`]]));

// The change of the zone (null: removed), the row, its state and its text or advice.
const WRONG = [
  [{ 'status.example.com': null }, 'spf', 'fail', /no record.*publish TXT/],
  [{ 'status.example.com': ['v=spf1 -all', 'v=spf1 mx -all'] }, 'spf', 'fail', /2 records/],
  [{ 'status.example.com': ['v=spf1 +all'] }, 'spf', 'fail', /allows every host to send/],
  [{ ...many(12), 'status.example.com': ['v=spf1 include:i0.example.net -all'] }, 'spf', 'fail', /more than 10 lookups/],
  [{ 's1._domainkey.status.example.com': null }, 'dkim s1', 'fail', /no record at s1\._domainkey\.status\.example\.com/],
  [{ 's1._domainkey.status.example.com': ['v=DKIM1; p='] }, 'dkim s1', 'fail', /revoked/],
  [{ 's1._domainkey.status.example.com': [`p=${keyOf(1024)}`] }, 'dkim s1', 'warn', /less than 2048 bits/],
  [{ 's1._domainkey.status.example.com': [`p=${keyOf(512)}`] }, 'dkim s1', 'fail', /less than 1024 bits/],
  [{ 's1._domainkey.status.example.com': ['p=%%%'] }, 'dkim s1', 'fail', /not base64/],
  [{ '_dmarc.example.com': null }, 'dmarc', 'fail', /publish TXT "v=DMARC1; p=none" at _dmarc\.status\.example\.com/],
  [{ '_dmarc.example.com': ['v=DMARC1; rua=mailto:x@example.com'] }, 'dmarc', 'fail', /p=none, quarantine or reject/],
];

// Returns {code, rows: {check: {state, text}}, text}. The name server runs in this process.
function doctor(amends, env, ...more) {
  return new Promise((resolve) => {
    const child = spawn(AMENDS, ['doctor', '--data', path.join(amends.dir, 'var'), ...more], { env: { ...process.env, ...env } });
    let text = '';
    child.stdout.on('data', (chunk) => { text += chunk; });
    child.stderr.on('data', (chunk) => note(chunk));
    child.on('close', (code) => {
      const rows = text.startsWith('[') ? Object.fromEntries(JSON.parse(text).map(({ check, state, said, todo }) => [check, { state, text: `${said} ${todo || ''}` }])) : null;
      resolve({ code, rows, text });
    });
  });
}

async function judgeZones(amends, env) {
  for (const [change, check, state, words] of WRONG) {
    const zone = Object.fromEntries(Object.entries({ ...GOOD, ...change }).filter(([, texts]) => texts));
    const names = await NameServer.start(zone);
    const { code, rows } = await doctor(amends, env, '--json', '--resolver', names.address);
    await names.stop();
    const row = rows[check] || { state: 'missing', text: '' };
    ok(row.state === state && words.test(row.text) && code === (state === 'fail' ? 69 : 0), `${check}: ${row.state}: ${row.text}`);
  }
}

async function openId(amends, local) {
  const provider = await OidcProvider.start();
  const env = { ...local, ...provider.env() };
  const look = async (change = {}) => (await doctor(amends, { ...env, ...change }, '--json')).rows.oidc;
  is((await look()).state, 'ok', 'an OpenID provider that answers');
  is((await look({ AMENDS_OIDC_CLIENT_ID: '' })).state, 'warn', 'one that is configured by half');
  provider.calls_itself = `${provider.issuer}/`;
  const other = await look();
  ok(other.state === 'fail' && /different issuer.*oidc_issuer/.test(other.text), `one with another name: ${other.text}`);
  provider.stop();
  is((await look()).state, 'fail', 'one that is away');
  is(await look({ AMENDS_OIDC_ISSUER: '' }), undefined, 'none');
}

scenario(async (cleanup) => {
  const { amends, mails, dir } = await upWithMail(cleanup);
  const names = await NameServer.start(GOOD);
  const env = { AMENDS_SMTP_URL: mails.url, AMENDS_MAIL_FROM: 'Status <status@status.example.com>', AMENDS_DKIM_SELECTORS: 's1' };

  const well = await doctor(amends, env, '--json', '--resolver', names.address);
  is([well.code, Object.entries(well.rows).filter(([, { state }]) => state !== 'ok')], [0, []], 'all is well');
  is(Object.keys(well.rows), ['settings', 'database', 'clock', 'schema', 'api', 'notifier', 'billing', 'keys', 'disk', 'public_url', 'relay 1', 'mail_from', 'spf', 'dkim s1', 'dmarc'], 'it looks at all of it');
  ok(/PIPELINING, CHUNKING/.test(well.rows['relay 1'].text), well.rows['relay 1'].text);
  const table = await doctor(amends, { ...env, AMENDS_DKIM_SELECTORS: '' }, '--resolver', names.address);
  ok(table.code === 0 && /^dkim +warn not checked\n +-> set dkim_selectors/m.test(table.text), 'a table for people, with advice');

  await judgeZones(amends, env);
  await names.stop();

  const silent = await doctor(amends, env, '--json', '--resolver', names.address);
  is([silent.code, silent.rows.spf.state], [0, 'warn'], `no answer is not a fault of ours: ${silent.rows.spf.text}`);
  const wrong = await doctor(amends, env, '--json', '--resolver', 'nonsense');
  is([wrong.code, wrong.rows.dns.state], [69, 'fail'], `a resolver that is none: ${wrong.rows.dns.text}`);

  const local = { ...env, AMENDS_MAIL_FROM: 'Status <status@localhost>' };
  const keys = path.join(dir, 'var/master.key');
  fs.chmodSync(keys, 0o644);
  const open = await doctor(amends, { ...local, AMENDS_SMTP_URL: 'smtp://127.0.0.1:1', AMENDS_PUBLIC_URL: 'http://127.0.0.1:1' }, '--json');
  is(open.rows.keys.state, 'fail', open.rows.keys.text);
  is(open.rows['relay 1'].state, 'fail', open.rows['relay 1'].text);
  is(open.rows.public_url.state, 'warn', open.rows.public_url.text);
  await openId(amends, local);
  const plain = await doctor(amends, { ...local, AMENDS_SMTP_URL: mails.url.replace('//', '//user:hunter2@') }, '--json');
  ok(plain.rows['relay 1'].state === 'fail' && /STARTTLS/.test(plain.rows['relay 1'].text), `a password in the clear: ${plain.rows['relay 1'].text}`);
  ok(!plain.text.includes('hunter2'), 'which is not printed');
});
