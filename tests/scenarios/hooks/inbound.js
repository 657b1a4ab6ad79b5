#!/usr/bin/env node
'use strict';
// Returned mail: a real Postfix bounces to `amends inbound mail`, which suppresses; reports by HTTP;
// forged, repeated and expired ones; complaints; manual changes of the suppression list; a report that
// has only a copy of the message.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS, ROOT, freshDirectory, executableIn, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { Postfix, missing } = require('../../lib/postfix.js');
const { MailSink } = require('../../lib/sinks.js');
const { scenario, ok, is } = require('../../lib/tap.js');

const VERP = /bounces\+[\w.-]+@status\.example(\.com)?/g;
const fixture = (name) => fs.readFileSync(path.join(ROOT, `tests/fixtures/inbound/${name}.eml`), 'latin1');
const state = async (amends, address) => (await amends.all('/v1/subscribers')).find((one) => one.address === address);

// A fixture with the return path of a sent message.
const addressed = (name, verp) => fixture(name).replace(VERP, verp);
const post = (amends, text, recipient = '') => amends.call('POST', `/hooks/mail${recipient && `?recipient=${encodeURIComponent(recipient)}`}`, text, { headers: { 'content-type': 'message/rfc822' } });

async function letter(amends, n) {
  const made = await amends.call('POST', '/v1/notices', { audience: 'all', subject: `Hello ${n}`, body: 'x' });
  await amends.settled(made.broadcast);
  return made.broadcast;
}

// Return paths as Postfix saw them: {broadcast's n-th letter: {address: path}}.
function returnPaths(postfix) {
  const from = {};
  const found = {};
  for (const line of postfix.lines()) {
    const sent = /qmgr\[\d+\]: (\w+): from=<(bounces\+[^>]+)>/.exec(line);
    const to = /\[\d+\]: (\w+): to=<([^>]+)>/.exec(line);
    if (sent) [, , from[sent[1]]] = sent;
    if (to && from[to[1]]) (found[to[2]] = found[to[2]] || new Set()).add(from[to[1]]);
  }
  return found;
}

async function realBounce(amends, postfix) {
  const first = await letter(amends, 1);
  await waitUntil('the bounce came', async () => (await state(amends, 'nobody@bounced.example')).state === 'suppressed');
  const gone = await state(amends, 'nobody@bounced.example');
  is(gone.state_reason, 'bounce', 'what Postfix bounces is suppressed');
  const failed = await amends.call('GET', `/v1/broadcasts/${first}/deliveries?state=failed`);
  is([failed.data.length, failed.data[0].reason], [1, 'bounced'], 'the delivery that was accepted has failed');
  ok(/^5\.1\.1 .*user unknown/.test(failed.data[0].diagnostic), `in its words: ${failed.data[0].diagnostic}`);
  is(Object.keys(returnPaths(postfix)).length >= 3, true, 'the others were taken');
}

async function away(amends) {
  const env = { ...process.env, AMENDS_DATABASE_URL: 'postgresql://127.0.0.1:1/none', AMENDS_KEY_FILE: path.join(amends.dir, 'var', 'master.key'), ASAN_OPTIONS: 'detect_leaks=0' };
  const bounce = addressed('postfix-no-such-user', 'bounces+x.y@status.example');
  is(spawnSync(AMENDS, ['inbound', 'mail'], { env, input: bounce }).status, 75, 'while the database is away it should be tried again');
}

async function reports(amends, paths) {
  const of = (address) => [...paths[address]];
  const [ann] = of('ann@ok.example');
  is((await post(amends, addressed('postfix-delayed', ann))).result, 'ignored', 'a delay is no bounce');
  is((await post(amends, addressed('auto-vacation', ann))).kind, 'auto_reply', 'nor is a vacation');
  is((await post(amends, fixture('postfix-no-such-user'))).result, 'forged', 'who forges the return path suppresses nobody');
  const flipped = ann.replace(/.@/, (two) => `${two[0] === 'A' ? 'B' : 'A'}@`);
  is((await post(amends, addressed('gmail-no-such-user', flipped))).result, 'forged', 'by a letter');
  is((await state(amends, 'ann@ok.example')).state, 'active', 'and she still gets mail');
  is((await post(amends, addressed('exchange-mailbox-full', ann))).result, 'counted', 'a full mailbox is counted');
  is((await post(amends, addressed('exchange-mailbox-full', ann))).result, 'repeated', 'once');
  await amends.call('PUT', '/v1/bounce-rule', { soft_count: 2, soft_days: 10 });
  is((await post(amends, addressed('qmail-over-quota', of('ann@ok.example')[1]))).result, 'suppressed', 'as often as the rule says');
  is((await state(amends, 'ann@ok.example')).state_reason, 'bounce', 'then she is suppressed');
  const [bob] = of('bob@ok.example');
  sql(amends, "update broadcast set created_at = created_at - interval '40 days' where id = (select min(id) from broadcast)");
  is((await post(amends, addressed('postfix-no-such-user', bob))).result, 'expired', 'a bounce after weeks is nobody\'s');
  is((await post(amends, addressed('arf-abuse', bob), 'abuse@status.example')).result, 'suppressed', 'a complaint still counts');
  is((await state(amends, 'bob@ok.example')).state_reason, 'complaint', 'at once');
  is(sql(amends, "select action, source from consent where source = 'complaint'"), [['unsubscribed', 'complaint']], 'and is in the consent log');
  ok(/amends_inbound_mail_total\{kind="bounce",result="forged"\} 2/.test((await amends.request('GET', '/metrics')).text), 'all of it is counted');
  is((await amends.request('POST', '/hooks/mail', 'x', { key: null })).status, 401, 'only with a key');
}

// A report that names no return path: the copy of our message says whose it was.
async function copies(amends, sink) {
  for (const name of ['dan', 'eve']) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${name}@kept.example`, confirmed: true });
  await letter(amends, 3);
  const header = async (to, name) => {
    const { data } = await waitUntil(`the letter to ${to} is there`, () => sink.mails().find((mail) => mail.data.includes(`To: ${to}@`)));
    return new RegExp(`^${name}: .*(?:\\r?\\n[ \\t].*)*`, 'im').exec(data)[0];
  };
  const copy = (id, to, link = 'X-Link: none') => fixture('jmrp').replace(/Return-Path: <bounces.*\n/, `${link}\n`).replace(/Message-ID: <42.*/, id)
    .replace('To: ann@reader.example', `To: ${to}@kept.example`).replace(VERP, 'staff@status.example');
  const [id, link] = [await header('dan', 'Message-ID'), await header('dan', 'List-Unsubscribe')];
  is((await post(amends, copy(id.replace(/<./, '<!'), 'dan', link))).result, 'unknown', 'a copy of some other message is nobody\'s');
  is((await post(amends, copy(id, 'eve'))).result, 'unknown', 'nor is one with another address in it');
  const { kind, result } = await post(amends, copy(id, 'hidden', link));
  is([kind, result], ['complaint', 'suppressed'], 'a copy of ours tells the reader by its own link');
  is((await state(amends, 'dan@kept.example')).state_reason, 'complaint', 'who gets no more mail');
  is((await post(amends, copy(await header('eve', 'Message-ID'), 'eve'))).result, 'suppressed', 'or by the address, which the Message-ID proves');
}

async function list(amends) {
  const all = await amends.all('/v1/suppressions');
  is(all.map((one) => [one.address, one.reason]), [['bob@ok.example', 'complaint'], ['ann@ok.example', 'bounce'], ['nobody@bounced.example', 'bounce']], 'the list, latest first');
  is((await amends.call('GET', '/v1/suppressions?reason=complaint')).data.length, 1, 'by reason');
  const [ann] = (await amends.call('GET', '/v1/suppressions?address=ANN%40ok.example')).data;
  is(ann.detail, '5.2.2 soft', 'by address, which is hashed');
  const type = (...args) => spawnSync(AMENDS, [...args, '--data', path.join(amends.dir, 'var')], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
  is(type('suppression', 'remove', 'ann@ok.example').status, 64, 'who removes says why');
  is(type('suppression', 'remove', 'ann@ok.example', '--note', 'mailbox emptied').status, 0, 'and does');
  is((await state(amends, 'ann@ok.example')).state, 'active', 'she gets mail again');
  is(type('suppression', 'add', 'cy@ok.example', '--note', 'asked by telephone').stdout, 'cy@ok.example is suppressed: manual\n', 'by hand');
  is((await state(amends, 'cy@ok.example')).state, 'suppressed', 'who is subscribed gets no more');
  ok(/cy@ok\.example +asked by telephone/.test(type('suppression', 'list').stdout), 'the command lists');
  is(sql(amends, "select action, detail->>'note' from audit where action like 'suppression.%' order by seq"), [['suppression.remove', 'mailbox emptied'], ['suppression.add', 'asked by telephone']], 'who and why is in the audit log');
}

async function main(cleanup) {
  const dir = freshDirectory();
  const data = path.join(dir, 'var');
  const sink = await MailSink.start(dir);
  cleanup(() => sink.stop());
  const postfix = await Postfix.start(dir, {
    tls: false, // accepted in the session, then found to be undeliverable
    settings: { transport_maps: `inline:{ {bounced.example=late:}, {status.example=amends:} {kept.example=smtp:[127.0.0.1]:${sink.port}} }` },
    services: ['late unix - n n - 1 pipe\n  flags=R user=nobody argv=/bin/sh -c {exit 67}', `amends unix - n n - 2 pipe\n  flags=Rq null_sender= user=postgres argv=${executableIn(dir)} inbound mail --data ${data} --recipient \${recipient}`],
  });
  cleanup(() => postfix.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: postfix.url, AMENDS_MAIL_FROM: 'Status <status@status.example>' } });
  cleanup(() => amends.destroy());
  for (const address of ['ann@ok.example', 'bob@ok.example', 'cy@ok.example', 'nobody@bounced.example']) await amends.call('POST', '/v1/subscribers', { channel: 'email', address, confirmed: true });
  await realBounce(amends, postfix);
  await letter(amends, 2);
  const paths = await waitUntil('both letters are gone', () => {
    const found = returnPaths(postfix);
    return found['ann@ok.example'].size === 2 && found['bob@ok.example'].size === 2 && found;
  });
  await away(amends);
  await reports(amends, paths);
  await list(amends);
  await copies(amends, sink);
}

const why = missing();
if (why) console.log(`1..0 # SKIP ${why}`);
else scenario(main);
