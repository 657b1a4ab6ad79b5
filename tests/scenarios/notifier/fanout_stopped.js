#!/usr/bin/env node
'use strict';
// A notifier that hangs (SIGSTOP) keeps its database session, so only its lease ends. Another
// one takes its batches over then; outcomes of the first one no longer count when it wakes up.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink } = require('../../lib/sinks.js');
const { sql, startNotifier, stopNotifier, importMailReaders, postIncident, repeats } = require('../../lib/notifiers.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const READERS = 1200;
const REPEATS_ALLOWED = 256;

const heldBy = (amends, pid, broadcast) => Number(sql(amends, `select count(*) from batch b
  join notifier n on n.id = b.owner where n.pid = ${pid} and b.broadcast_id = ${broadcast}`)[0][0]);

// While it holds a partly settled batch. It runs while we look, since otherwise the other one would
// have sent everything on a busy machine before this one gets a batch.
async function stopInTheMiddle(amends, pid, broadcast) {
  const inTheMiddle = () => heldBy(amends, pid, broadcast) > 0
    && Number(sql(amends, `select count(*) from delivery where broadcast_id = ${broadcast}`)[0][0]) > 0;
  await waitUntil('it is stopped with a batch', () => {
    if (!inTheMiddle()) return false;
    process.kill(pid, 'SIGSTOP');
    if (inTheMiddle()) return true;
    process.kill(pid, 'SIGCONT');
    return false;
  });
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir, ['--dot-delay-ms', '20']);
  cleanup(() => mails.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await importMailReaders(amends, READERS);
  const other = await startNotifier(amends);
  cleanup(() => stopNotifier(other));
  const broadcast = await postIncident(amends);
  await stopInTheMiddle(amends, other.pid, broadcast);
  const [[left]] = sql(amends, `select extract(epoch from min(leased_until) - now()) from batch where broadcast_id = ${broadcast}`);
  ok(Number(left) <= 60, `its lease ends in a minute at most: ${Math.round(Number(left))} s`);
  await new Promise((resolve) => setTimeout(resolve, 700));
  ok(heldBy(amends, other.pid, broadcast) > 0, 'nobody takes its batch while the lease lasts');
  sql(amends, `update batch set leased_until = now() - interval '1 second' where owner = (select id from notifier where pid = ${other.pid})`);
  await waitUntil('its batch is taken over', () => heldBy(amends, other.pid, broadcast) === 0);
  const before = mails.mails().length;
  process.kill(other.pid, 'SIGCONT');
  const done = await amends.settled(broadcast);
  note(`${before} mails when it woke up, ${mails.mails().length} at the end`);
  is(done.counts.accepted, READERS, 'everybody has one outcome');
  const again = repeats(mails.mails());
  note(`${again.n} mails repeated`);
  is(again.readers, READERS, 'and the mail');
  ok(again.n <= REPEATS_ALLOWED && again.same, `at most ${REPEATS_ALLOWED} are repeated, with their Message-ID`);
  ok(other.exitCode === null && other.signalCode === null, 'who hung goes on with others');
  const next = await amends.settled(await postIncident(amends, 'The next'));
  is(next.counts.accepted, READERS, 'the next one reaches everybody once');
});
