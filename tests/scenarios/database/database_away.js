#!/usr/bin/env node
'use strict';
// PostgreSQL is restarted, crashes and is unreachable for ten seconds, each in the middle of a
// broadcast: every recipient ends with exactly one outcome and, since the notifier lives, with one
// mail. AWAY_SECONDS: length of the outage.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink } = require('../../lib/sinks.js');
const { importMailReaders, postIncident, repeats } = require('../../lib/notifiers.js');
const { restartServer, cutOff } = require('../../lib/outage.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const READERS = 3000;
const AWAY_MS = 1000 * Number(process.env.AWAY_SECONDS || 10);
const BACK_MS = 20000; // it tries every 5 s at the latest; without that a lease ends after 5 minutes

async function broadcastThrough(amends, mails, what, outage) {
  const before = mails.mails().length;
  const broadcast = await postIncident(amends, what);
  await waitUntil('a part is accepted', () => mails.mails().length - before >= READERS * 0.2);
  await outage();
  const back = Date.now();
  const done = await waitUntil(`done after ${what}`, async () => {
    const reply = await amends.request('GET', `/v1/broadcasts/${broadcast}`);
    return reply.status === 200 && reply.body.state === 'done' && reply.body;
  });
  const ended = Date.now();
  is(done.counts.accepted, READERS, `${what}: everybody has one outcome`);
  is(repeats(mails.mails().slice(before)), { readers: READERS, n: 0, same: true }, 'and one mail');
  note(`done ${ended - back} ms after the end of it`);
  ok(ended - back < BACK_MS + READERS, 'soon after it is back');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir, ['--dot-delay-ms', '20']);
  cleanup(() => mails.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await importMailReaders(amends, READERS);
  const notifier = amends.rolePid('notifier');
  await broadcastThrough(amends, mails, 'PostgreSQL restarted', () => restartServer(amends, 'SIGINT'));
  await broadcastThrough(amends, mails, 'PostgreSQL crashed', () => restartServer(amends, 'SIGQUIT'));
  await broadcastThrough(amends, mails, `PostgreSQL out of reach for ${AWAY_MS / 1000} s`, () => cutOff(amends, AWAY_MS));
  is(amends.rolePid('notifier'), notifier, 'the notifier is the same process as at the start');
});
