#!/usr/bin/env node
'use strict';
// `amends doctor` and the roles judge settings alike: for each wrong value, the role that reads it
// does not start (or logs what waits), and doctor fails a row of that setting in the same words.
const { spawn, spawnSync } = require('node:child_process');
const path = require('node:path');
const { Amends, AMENDS } = require('../../lib/amends.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

// Setting, wrong value, the role that reads it, its words; the setting that is then missing.
const WRONG = [
  ['approval_total', 'EUR=5,00', 'api', '"5,00" is no amount in EUR'],
  ['approval_total', '500', 'api', '"500" is not CURRENCY=AMOUNT'],
  ['approval_total', 'EUX=5', 'api', 'EUX'],
  ['trusted_proxies', '10.0.0.0/33', 'api', '"10.0.0.0/33" is neither an address nor a network'],
  ['listen', 'localhost', 'api', "'localhost' is not HOST:PORT"],
  ['metrics_listen', '127.0.0.1:99999', 'api', 'is not HOST:PORT'],
  ['public_url', 'status.example.com', 'api', 'is not a URL such as'],
  ['public_url', 'https://status.example.com/', 'notifier', 'must not end with a slash'],
  ['oidc_roles', 'ops=responders', 'api', 'there is no role responders'],
  ['oidc_roles', 'ops', 'api', '"ops" is not GROUP=ROLE'],
  ['subscribe_channels', 'email,sms', 'api', '"email,sms" is not a channel'],
  ['language', 'German!', 'api', '"German!" is not a language tag'],
  ['sms_countries', '49', 'api', '"49" is not a prefix such as +49'],
  ['key_file', '/nonexistent', 'api', '/nonexistent'],
  ['key_file', '/nonexistent', 'billing', '/nonexistent'],
  ['key_file', '/nonexistent', 'notifier', '/nonexistent'],
  ['database_url', 'postgres://%zz', 'billing', 'is neither a libpq URI nor a conninfo string'],
  ['mail_from', 'Status', 'notifier', 'e-mail waits'],
  ['smtp_url', 'smtp://127.0.0.1:25#200', 'notifier', "a relay's weight is 0 to 100"],
  ['smtp_url', 'http://127.0.0.1', 'notifier', 'e-mail waits'],
  ['smtp_ca_file', '/nonexistent', 'notifier', '/nonexistent: No such file'],
  ['sms_provider', 'twillio', 'notifier', 'SMS wait'],
  ['sms_provider', 'generic', 'notifier', 'and the provider has no default', 'sms_url'],
  ['templates_dir', '/nonexistent', 'api', '/nonexistent: No such file'],
  ['templates_dir', '/nonexistent', 'notifier', '/nonexistent: No such file'],
  ['push_contact', 'ops@example.com', 'notifier', 'push waits'],
  ['staff_email', 'a@example.com,b@example.com', 'notifier', 'alerts to staff fail'],
  ['staff_slack_url', 'ftp://x.example', 'notifier', 'alerts to staff fail'],
  ['slack_channel', '#ops', 'notifier', 'is not the id of a channel such as C0123ABCD'],
];
const WAITS = /waits?"|fail"/;
const GOOD = { approval_total: 'EUR=5.00  JPY=800', trusted_proxies: '10.0.0.0/8 ::1', metrics_listen: '[::1]:0', oidc_roles: 'a=b=admin ops=responder', subscribe_channels: 'email  webhook', sms_countries: '+49 +43', smtp_url: 'smtp://127.0.0.1:1#3 smtp://127.0.0.1:2', staff_email: 'a@example.com b@example.com', sms_provider: 'twilio', mail_from: '"Acme, Inc." <status@example.com>' };

// Its environment as `amends up` gives it, with one setting changed.
function environment(amends, change) {
  const variables = Object.fromEntries(Object.entries(change).map(([name, value]) => [`AMENDS_${name.toUpperCase()}`, value]));
  const run = path.join(amends.dir, 'var/run');
  return {
    ...process.env, ASAN_OPTIONS: 'detect_leaks=0', AMENDS_DATABASE_URL: `host='${run}' user=amends dbname=amends`, AMENDS_KEY_FILE: path.join(amends.dir, 'var/master.key'),
    AMENDS_LISTEN: '127.0.0.1:0', AMENDS_PUBLIC_URL: amends.url, AMENDS_SMTP_URL: 'smtp://127.0.0.1:1', AMENDS_LOG_LEVEL: 'info', ...variables,
  };
}

// What a role logs until it ends or says that it is ready.
function start(role, env) {
  return new Promise((resolve) => {
    const child = spawn(AMENDS, [role], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += chunk;
      if (WAITS.test(text)) child.kill('SIGKILL');
      else if (/msg=(listening|ready)/.test(text)) child.kill('SIGTERM');
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 8000);
    child.on('close', (code, signal) => { clearTimeout(timer); resolve({ code, signal, text }); });
  });
}

function doctor(env) {
  return new Promise((resolve) => {
    const child = spawn(AMENDS, ['doctor', '--json', '--resolver', '127.0.0.1:1'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => { out[name] += chunk; });
    child.on('close', () => resolve(out.stdout.startsWith('[') ? JSON.parse(out.stdout) : [{ check: 'none', state: 'fail', said: out.stderr }]));
  });
}

async function judge(amends, [setting, value, role, words, named = setting]) {
  const env = environment(amends, { [setting]: value });
  const [ran, rows] = await Promise.all([start(role, env), doctor(env)]);
  const row = rows.find(({ check }) => check === named);
  const refused = (ran.code > 0 || WAITS.test(ran.text)) && ran.text.includes(words.replaceAll('"', '\\"'));
  if (!ok(refused, `${setting} = ${value}: the ${role} refuses it: ${words}`)) note(ran.text);
  const same = row && row.state === 'fail' && ran.text.replaceAll('\\"', '"').includes(row.said.replace(/ \([^(]*\)$/, ''));
  ok(same, `${setting} = ${value}: doctor in the same words: ${row ? row.said : 'it passes it'}`);
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const left = [...WRONG];
  await Promise.all([1, 2, 3].map(async () => { for (let one; (one = left.shift());) await judge(amends, one); }));
  const good = environment(amends, GOOD);
  const row = (await doctor(good)).find(({ check }) => check === 'settings');
  is([row?.state, row?.said], ['ok', 'valid for every role'], 'right values pass');
  for (const role of ['api', 'billing']) {
    const ran = await start(role, good);
    ok(ran.code === 0, `and the ${role} starts with them: ${ran.code} ${ran.signal || ''}`);
    if (ran.code) note(ran.text);
  }
  const bad = environment(amends, { sms_segments: '99' });
  const [api, look] = [spawnSync(AMENDS, ['api'], { env: bad, encoding: 'utf8' }), spawnSync(AMENDS, ['doctor'], { env: bad, encoding: 'utf8' })];
  is([api.status, look.status, api.stderr === look.stderr], [78, 78, true], `bounds are read by both: ${look.stderr}`);
});
