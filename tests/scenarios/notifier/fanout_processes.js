#!/usr/bin/env node
'use strict';
// Two and four notifiers share one broadcast without a repeat. One that is killed repeats at
// most what it had not settled, and others take over its batches within two seconds.
const { Amends, freshDirectory, waitUntil, exited } = require('../../lib/amends.js');
const { MailSink } = require('../../lib/sinks.js');
const { sql, startNotifier, stopNotifier, importMailReaders, postIncident, repeats } = require('../../lib/notifiers.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const READERS = 4000;
const REPEATS_ALLOWED = 256;
const TAKEN_OVER_MS = 2000;

async function share(amends, mails, processes) {
  const before = mails.mails().length;
  const broadcast = await postIncident(amends);
  const owners = new Set();
  const done = await waitUntil('done', async () => {
    for (const [owner] of sql(amends, `select distinct owner from batch where broadcast_id = ${broadcast}`)) owners.add(owner);
    const now = await amends.call('GET', `/v1/broadcasts/${broadcast}`);
    return now.state === 'done' && now;
  });
  is(done.counts.accepted, READERS, `${processes} processes: everybody has one outcome`);
  is(owners.size, processes, 'each process took a part');
  is(repeats(mails.mails().slice(before)), { readers: READERS, n: 0, same: true }, 'and nobody got it twice');
}

// Stopped first, so that its batches do not change while we read them.
async function killOwner(amends, child, broadcast) {
  const held = await waitUntil('it holds a batch', () => {
    process.kill(child.pid, 'SIGSTOP');
    const rows = sql(amends, `select b.lo, b.hi from batch b join notifier n on n.id = b.owner
      where n.pid = ${child.pid} and b.broadcast_id = ${broadcast} and b.hi > 0`);
    if (rows.length === 0) process.kill(child.pid, 'SIGCONT');
    return rows.length > 0 && rows;
  });
  const [[at]] = sql(amends, 'select extract(epoch from clock_timestamp())');
  process.kill(child.pid, 'SIGKILL');
  await exited(child);
  return { held, at: Number(at) };
}

async function killOne(amends, mails, child) {
  const before = mails.mails().length;
  const broadcast = await postIncident(amends);
  await waitUntil('a part is accepted', () => mails.mails().length - before >= READERS * 0.3);
  const { held, at } = await killOwner(amends, child, broadcast);
  const done = await amends.settled(broadcast);
  is(done.counts.accepted, READERS, 'one killed: everybody has one outcome');
  for (const [lo, hi] of held) {
    const [[first]] = sql(amends, `select min(extract(epoch from settled_at)) from delivery where broadcast_id = ${broadcast}
      and recipient_id > ${lo} and recipient_id <= ${hi} and settled_at > to_timestamp(${at})`);
    const waited = Math.round((Number(first) - at) * 1000);
    ok(first && waited < TAKEN_OVER_MS, `its batch goes on after ${waited} ms`);
  }
  const again = repeats(mails.mails().slice(before));
  note(`${again.n} mails repeated`);
  ok(again.n <= REPEATS_ALLOWED && again.same, `at most ${REPEATS_ALLOWED} are repeated, with their Message-ID`);
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir, ['--dot-delay-ms', '20']);
  cleanup(() => mails.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await importMailReaders(amends, READERS);

  const more = [];
  const start = async () => {
    const child = await startNotifier(amends);
    cleanup(() => stopNotifier(child));
    more.push(child);
  };
  await start();
  await share(amends, mails, 2);
  await start();
  await start();
  await share(amends, mails, 4);
  await killOne(amends, mails, more[0]);
  await killOne(amends, mails, more[1]);
  is(await stopNotifier(more[2]), 0, 'a notifier that is asked to end ends well');
});
