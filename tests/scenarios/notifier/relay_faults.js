#!/usr/bin/env node
'use strict';
// Faults of a relay in the middle of a broadcast: its disk is full (452 to MAIL, to RCPT and
// after the data), or it is restarted. Each ends with exactly one outcome per subscriber, and no
// address is suppressed.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { importMailReaders, postIncident, repeats, sql } = require('../../lib/notifiers.js');
const { MailSink } = require('../../lib/sinks.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const N = 400;
// Twice each: a refused MAIL makes the notifier leave the relay alone for longer.
const FULL = ['mail', 'rcpt', 'end'].flatMap((stage) => ['--refuse-first', `${stage}:2:452 4.3.1 Insufficient system storage`]);

const hasten = (amends) => sql(amends, 'update delivery_retry set due_at = now() where batch_id is null and due_at > now()');

async function settled(amends, broadcast) {
  return waitUntil('every recipient has an outcome', async () => {
    hasten(amends);
    const now = await amends.call('GET', `/v1/broadcasts/${broadcast}`);
    return now.state === 'done' && now;
  });
}

function isHarmless(amends, counts, what) {
  is([counts.accepted, counts.failed, counts.suppressed, counts.unknown], [N, 0, 0, 0], `${what}: everybody has one outcome`);
  const blamed = sql(amends, `select (select count(*) from suppression), (select count(*) from subscriber where state <> 'active')`);
  is(blamed[0], ['0', '0'], 'and nobody is suppressed');
}

async function withRelay(dir, url, body) {
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: url } });
  try {
    return await body(amends);
  } finally {
    await amends.stop();
  }
}

async function diskFull(dir, cleanup, options) {
  const sink = await MailSink.start(freshDirectory(), [...FULL, ...options]);
  cleanup(() => sink.stop());
  await withRelay(dir, sink.url, async (amends) => {
    if (sql(amends, 'select 1 from subscriber limit 1').length === 0) {
      await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
      await importMailReaders(amends, N);
    }
    const done = await settled(amends, await postIncident(amends, 'No room'));
    isHarmless(amends, done.counts, `452 at every stage (${options})`);
    is(repeats(sink.mails()), { readers: N, n: 0, same: true }, 'one mail each');
  });
}

async function restarted(dir, cleanup) {
  const first = await MailSink.start(freshDirectory(), ['--dot-delay-ms', '20']);
  cleanup(() => first.stop());
  await withRelay(dir, first.url, async (amends) => {
    const broadcast = await postIncident(amends, 'A restart');
    await waitUntil('some are accepted', () => first.mails().length > 50);
    await first.stop();
    const second = await MailSink.start(freshDirectory(), ['--listen', `127.0.0.1:${first.port}`]);
    cleanup(() => second.stop());
    const done = await settled(amends, broadcast);
    isHarmless(amends, done.counts, 'a relay that is restarted');
    const got = first.mails().length + second.mails().length;
    ok(got >= N && got <= N + 256, `at most what is sent and not settled comes twice: ${got} mails for ${N}`);
  });
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  await diskFull(dir, cleanup, []);
  await diskFull(dir, cleanup, ['--no-chunking']);
  await restarted(dir, cleanup);
});
