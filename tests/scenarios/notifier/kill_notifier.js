#!/usr/bin/env node
'use strict';
// kill -9 of the notifier in the middle of 20,000 mails: every recipient has exactly one outcome,
// and at most 256 mails are repeated, each with the same Message-ID.
const { waitUntil } = require('../../lib/amends.js');
const { mailHeaders } = require('../../lib/sinks.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const READERS = 20000;
const REPEATS_ALLOWED = 256;

async function importReaders(amends) {
  const lines = Array.from({ length: READERS }, (_, i) =>
    JSON.stringify({ channel: 'email', address: `r${i}@readers.example`, confirmed: true }));
  for (let i = 0; i < READERS; i += 10000) {
    await amends.call('POST', '/v1/subscribers/import', lines.slice(i, i + 10000).join('\n'), {
      headers: { 'content-type': 'application/x-ndjson' },
    });
  }
}

async function killAt(amends, broadcast, share) {
  await waitUntil(`${share} accepted`, async () => {
    const { counts } = await amends.call('GET', `/v1/broadcasts/${broadcast}`);
    return counts.accepted >= READERS * share;
  });
  const pid = amends.rolePid('notifier');
  ok(pid, 'the notifier runs');
  process.kill(pid, 'SIGKILL');
  await waitUntil('another notifier', async () => {
    const next = amends.rolePid('notifier');
    return next && next !== pid;
  });
}

function checkMails(mails) {
  const byReader = new Map();
  for (const mail of mails) {
    const id = mailHeaders(mail.data)['message-id'][0];
    byReader.set(mail.to, [...(byReader.get(mail.to) || []), id]);
  }
  is(byReader.size, READERS, 'every reader got the mail');
  const repeated = [...byReader.values()].filter((ids) => ids.length > 1);
  note(`${mails.length - READERS} mails repeated`);
  ok(mails.length - READERS <= 2 * REPEATS_ALLOWED, `two kills repeat at most ${2 * REPEATS_ALLOWED}`);
  ok(repeated.every((ids) => new Set(ids).size === 1), 'each with the same Message-ID');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await importReaders(amends);
  const posted = await amends.call('POST', '/v1/incidents', {
    title: 'All of it', kind: 'incident', state: 'investigating', notify: true, body: 'Down.', components: [{ component: 'api', level: 'major_outage' }],
  });
  await killAt(amends, posted.broadcast, 0.1);
  await killAt(amends, posted.broadcast, 0.4);
  const broadcast = await amends.settled(posted.broadcast);
  is(broadcast.counts.accepted, READERS, 'every outcome is accepted');
  is(Object.values(broadcast.counts).reduce((a, b) => a + b), READERS, 'and nobody has two');
  checkMails(mails.mails());
});
