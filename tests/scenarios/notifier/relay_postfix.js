#!/usr/bin/env node
'use strict';
// A real Postfix as relay: STARTTLS, AUTH, CHUNKING; it is restarted in mid-broadcast, limited
// to three connections, and then offers neither CHUNKING nor PIPELINING. Every subscriber
// has exactly one outcome each time, and the mails are the same by each way.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, mailBodies, mailHeaders } = require('../../lib/sinks.js');
const { Postfix, missing } = require('../../lib/postfix.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const N = 250;
const KEPT = ['ann@kept.example', 'b.o+b@kept.example'];
const ALL = N + KEPT.length;

function post(amends, ref, state, body) {
  const fields = { state, body, notify: true };
  if (state === 'monitoring') return amends.call('POST', `/v1/incidents/${ref}/updates`, fields);
  return amends.call('POST', '/v1/incidents',
    { ...fields, ref, title: 'A relay', kind: 'incident', components: [{ component: 'api', level: 'major_outage' }] });
}

const counts = async (amends, broadcast) => (await amends.call('GET', `/v1/broadcasts/${broadcast}`)).counts;

// The part of a mail that is equal for all posts.
function essence(mail) {
  const headers = mailHeaders(mail.data);
  const same = (text) => text.replace(/https?:\/\/[^\s"<)]+/g, 'URL').replace(/\d?\d:\d\d(:\d\d)?( [AP]M)?/g, 'TIME').replace(/\r/g, '');
  return JSON.stringify([Object.keys(headers), headers.subject, headers.to, same(JSON.stringify(mailBodies(mail.data)))]);
}

// The relay is down for a second, and then limited to three connections.
async function trouble(amends, postfix) {
  const first = await post(amends, 'trouble', 'investigating', 'We are looking.');
  await waitUntil('some are accepted', async () => (await counts(amends, first.broadcast)).accepted >= 50);
  await postfix.restart({ smtpd_client_connection_count_limit: '3', smtpd_timeout: '1s' }, 1000);
  const seen = await waitUntil('all are accepted or wait for another attempt', async () => {
    const now = await counts(amends, first.broadcast);
    return now.accepted + now.retry === ALL && now;
  });
  note(`restarted: ${JSON.stringify(seen)}`);
  is(seen.failed + seen.suppressed + seen.unknown, 0, 'nobody is blamed for the restart of the relay');
  const second = await post(amends, 'trouble', 'monitoring', 'A fix is in place.');
  const ended = (await amends.settled(second.broadcast, 30000)).counts;
  is([ended.accepted, ended.failed], [ALL, 0], 'the update reaches everybody over three connections');
  const past = (await amends.settled(first.broadcast, 30000)).counts;
  is(past.accepted + past.superseded, ALL, 'the first post has one outcome for each');
}

// One post with Postfix's current extensions; returns the kept mails.
async function round(amends, sink, ref) {
  const before = sink.mails().length;
  const { broadcast } = await post(amends, ref, 'investigating', 'We are looking.\n\n.a line with a dot\n\n..and two\n');
  is((await amends.settled(broadcast, 30000)).counts.accepted, ALL, `${ref}: everybody once`);
  // Queued mails of an earlier post may come in between.
  const kept = await waitUntil('the kept ones came', () => {
    const mine = sink.mails().slice(before).filter((mail) => /a line with a dot/.test(mail.data));
    return mine.length >= KEPT.length && mine;
  });
  return KEPT.map((address) => essence(kept.find((mail) => mail.to === address)));
}

async function main(cleanup) {
  const dir = freshDirectory();
  const sink = await MailSink.start(dir);
  cleanup(() => sink.stop());
  const postfix = await Postfix.start(dir, { kept: sink.port });
  cleanup(() => postfix.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: postfix.url, AMENDS_SMTP_CA_FILE: postfix.ca } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const addresses = [...Array.from({ length: N }, (_, i) => `reader${i}@bench.example`), ...KEPT];
  await amends.call('POST', '/v1/subscribers/import',
    addresses.map((address) => JSON.stringify({ channel: 'email', address, confirmed: true })).join('\n'),
    { headers: { 'content-type': 'application/x-ndjson' } });

  await trouble(amends, postfix);
  const mails = [];
  for (const [ref, without, verb] of [['chunking', '', 'bdat'], ['pipelining', 'chunking', 'data'], ['lock-step', 'chunking, pipelining', 'data']]) {
    await postfix.restart({ smtpd_timeout: '1s', smtpd_discard_ehlo_keywords: without });
    const before = postfix.commands()[verb] || 0;
    mails.push(await round(amends, sink, ref));
    const after = await waitUntil('idle sessions are over', () => {
      const commands = postfix.commands();
      return commands[verb] >= before + ALL && commands;
    });
    ok(after.starttls > 0 && after.auth > 0, `${ref}: STARTTLS, AUTH and ${verb.toUpperCase()}`);
  }
  is(mails[1], mails[0], 'PIPELINING brings the same mails as CHUNKING');
  is(mails[2], mails[0], 'and so does lock-step');
  const got = postfix.discarded();
  is(new Set(got).size, N, 'Postfix had everybody');
  note(`${got.length} mails discarded; ${JSON.stringify(postfix.commands())}`);
}

const why = missing();
if (why) console.log(`1..0 # SKIP ${why}`);
else scenario(main);
