#!/usr/bin/env node
'use strict';
// An anchor of the ledger is a signed note that others' programs check, timestamped by an authority that
// speaks RFC 3161 (openssl ts -reply), mailed to staff, and never overwritten.
const { spawn, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { Amends, AMENDS, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

function openssl(dir, ...args) {
  const done = spawnSync('openssl', args, { cwd: dir, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`openssl ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

const CONFIG = `[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:true
[stamper]
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = one
[one]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
`;

// A timestamp authority over HTTP. Returns its URL.
async function authority(dir, cleanup) {
  fs.mkdirSync(dir);
  fs.writeFileSync(path.join(dir, 'tsa.cnf'), CONFIG);
  fs.writeFileSync(path.join(dir, 'serial'), '01\n');
  openssl(dir, 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA', '-config', 'tsa.cnf', '-extensions', 'ca');
  openssl(dir, 'req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=Test TSA', '-config', 'tsa.cnf');
  openssl(dir, 'x509', '-req', '-in', 'tsa.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'tsa.pem', '-extfile', 'tsa.cnf', '-extensions', 'stamper');
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      fs.writeFileSync(path.join(dir, 'query'), Buffer.concat(parts));
      openssl(dir, 'ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query', '-out', 'reply');
      response.setHeader('content-type', 'application/timestamp-reply');
      response.end(request.headers['content-type'] === 'application/timestamp-query' ? fs.readFileSync(path.join(dir, 'reply')) : '');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup(() => server.close());
  return `http://127.0.0.1:${server.address().port}/`;
}

// C2SP signed-note, by Node's crypto.
function noteIsSigned(text, verifier) {
  const [, name, id, key] = verifier.match(/^([^+]+)\+([^+]+)\+(.+)$/);
  const raw = Buffer.from(key, 'base64');
  const keyId = crypto.createHash('sha256').update(`${name}\n`).update(raw).digest().subarray(0, 4);
  const [body, line] = [text.slice(0, text.indexOf('\n\n') + 1), text.match(/^— (\S+) (\S+)\n$/m)];
  const signature = Buffer.from(line[2], 'base64');
  const public_ = crypto.createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: raw.subarray(1).toString('base64url') } });
  return line[1] === name && id === keyId.toString('hex') && signature.subarray(0, 4).equals(keyId)
    && raw[0] === 1 && crypto.verify(null, Buffer.from(body), public_, signature.subarray(4));
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const tsa = path.join(amends.dir, 'tsa');
  const url = await authority(tsa, cleanup);
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', AMENDS_LEDGER_TSA_URL: url, AMENDS_LEDGER_TSA_CA_FILE: path.join(tsa, 'ca.pem') };
  // Not spawnSync: the authority answers in this process.
  const ledger = (args, more = {}) => new Promise((resolve) => {
    const child = spawn(AMENDS, ['ledger', ...args, '--data', path.join(amends.dir, 'var')], { env: { ...env, ...more } });
    let text = '';
    for (const out of [child.stdout, child.stderr]) out.on('data', (part) => { text += part; });
    child.on('close', (code) => resolve({ code, text }));
  });
  await waitUntil('the chain is begun', () => sql(amends, 'select count(*) from ledger_chain')[0][0] !== '0');
  const file = path.join(tsa, 'today');
  const made = await ledger(['anchor', '--mail', file]);
  is(made, { code: 0, text: '' }, 'an anchor is written');
  const text = fs.readFileSync(file, 'utf8');
  const { text: key } = await ledger(['key']);
  ok(/^amends ledger\n\d+\n\S{44}\n\n— amends-ledger \S+\n$/.test(text), text);
  ok(noteIsSigned(text, key.trim()), "Node's crypto agrees with the signature");
  ok(!noteIsSigned(text.replace(/\n\d+\n/, '\n99\n'), key.trim()), 'and not with another number');
  ok(/Verification: OK/.test(openssl(tsa, 'ts', '-verify', '-data', 'today', '-in', 'today.tsr', '-CAfile', 'ca.pem')), 'openssl takes the timestamp');
  const verified = await ledger(['verify', '--anchor', file]);
  ok(verified.code === 0 && /^anchor: entry \d+, timestamp \w+ +\d+ [\d:]+ \d+ GMT$/m.test(verified.text), verified.text.trim());
  const unchecked = await ledger(['verify', '--anchor', file], { AMENDS_LEDGER_TSA_CA_FILE: '' });
  ok(unchecked.code === 0 && /its signer not checked/.test(unchecked.text), 'without certificates it says so');
  const again = await ledger(['anchor', file]);
  ok(again.code !== 0 && /cannot create .*File exists/.test(again.text), 'an anchor is never overwritten');
  is(Number(sql(amends, "select count(*) from broadcast where kind = 'staff' and about like 'anchor:%' and body like '%amends-ledger %'")[0][0]), 1, 'it goes to staff by mail');

  fs.writeFileSync(file, text.replace(/\n\d+\n/, '\n99\n'));
  const forged = await ledger(['verify', '--anchor', file]);
  ok(forged.code === 64 && /today.tsr is no timestamp of this anchor/.test(forged.text), forged.text.trim());
  fs.rmSync(`${file}.tsr`);
  const later = await ledger(['verify', '--anchor', file]);
  ok(later.code === 1 && /the anchor has entry 99/.test(later.text) && /note: the anchor is signed by none/.test(later.text), later.text.trim());
  const other = path.join(tsa, 'other');
  openssl(tsa, 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'x.key', '-out', 'x.pem', '-subj', '/CN=Other', '-config', 'tsa.cnf', '-extensions', 'ca');
  const stranger = await ledger(['anchor', other], { AMENDS_LEDGER_TSA_CA_FILE: path.join(tsa, 'x.pem') });
  ok(stranger.code === 69 && !fs.existsSync(`${other}.tsr`), `an authority that nobody vouches for: ${stranger.text.trim()}`);
  const away = await ledger(['anchor', path.join(tsa, 'away')], { AMENDS_LEDGER_TSA_URL: 'http://127.0.0.1:1/' });
  ok(away.code === 69 && /no timestamp from ledger_tsa_url/.test(away.text), away.text.trim());
  note(made.text);
});
