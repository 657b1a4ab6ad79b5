#!/usr/bin/env node
'use strict';
// Relays that cannot be resolved, are full, refuse, hang up or are gone: no address is suppressed,
// nothing is lost, and the mail goes out through the other relay, or as soon as there is one. And a rate limit
// that two notifiers share.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { importMailReaders, postIncident, startNotifier, stopNotifier } = require('../../lib/notifiers.js');
const { MailSink } = require('../../lib/sinks.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const N = 400;

const counts = async (amends, broadcast) => (await amends.call('GET', `/v1/broadcasts/${broadcast}`)).counts;

// Restart with these relays on the same directory.
async function withRelays(dir, url, env, body) {
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: url, ...env } });
  try {
    return await body(amends);
  } finally {
    await amends.stop();
  }
}

async function unknownHost(dir, sink) {
  const broadcast = await withRelays(dir, 'smtp://relay.invalid:25', {}, async (amends) => {
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    await importMailReaders(amends, N);
    const id = await postIncident(amends, 'DNS');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const now = await counts(amends, id);
    is([now.accepted, now.failed, now.suppressed], [0, 0, 0], 'a relay that is not in the DNS: nobody is blamed, all wait');
    return id;
  });
  await withRelays(dir, sink.url, {}, async (amends) => {
    const done = await amends.settled(broadcast);
    is(done.counts.accepted, N, 'with a better configuration all go out');
    const deliveries = await amends.all(`/v1/broadcasts/${broadcast}/deliveries`);
    is(deliveries.filter((one) => one.attempts !== 1).length, 0, 'at the first attempt');
  });
}

async function troubled(dir, cleanup) {
  const sinks = [];
  for (const options of [['--refuse-first', 'mail:20:452 4.3.1 The disk is full'], ['--goodbye-after', '9', '--dot-delay-ms', '2']]) {
    const one = await MailSink.start(freshDirectory(), options);
    cleanup(() => one.stop());
    sinks.push(one);
  }
  await withRelays(dir, sinks.map((one) => one.url).join(' '), {}, async (amends) => {
    const broadcast = await postIncident(amends, 'Refusing and hanging up');
    const done = await amends.settled(broadcast);
    is(done.counts.accepted, N, '452 to MAIL here, 421 there: everybody is reached');
    const got = sinks.map((one) => one.mails().length);
    is(got[0] + got[1], N, `once each: ${got}`);
    const deliveries = await amends.all(`/v1/broadcasts/${broadcast}/deliveries`);
    is(deliveries.filter((one) => one.attempts !== 1).length, 0, 'and nobody waits for a second attempt');
  });
}

async function gone(dir, sink, cleanup) {
  const second = await MailSink.start(freshDirectory(), ['--dot-delay-ms', '20', '--no-chunking']);
  cleanup(() => second.stop());
  await withRelays(dir, `${sink.url}#1 ${second.url}#3`, {}, async (amends) => {
    const broadcast = await postIncident(amends, 'One of two ends');
    await waitUntil('some are accepted', async () => (await counts(amends, broadcast)).accepted > 20);
    await second.stop();
    const now = await waitUntil('all are accepted or tried again', async () => {
      const seen = await counts(amends, broadcast);
      return seen.accepted + seen.retry === N && seen;
    });
    note(JSON.stringify(now));
    ok(now.retry <= 40, 'what was in flight to a relay that ended is tried again, no more');
    is(now.failed + now.unknown, 0, 'nobody is blamed for it');
  });
}

// Two notifiers, one limit.
async function limited(dir, cleanup) {
  const sink = await MailSink.start(freshDirectory());
  cleanup(() => sink.stop());
  await withRelays(dir, sink.url, { AMENDS_SMTP_RATE: '150' }, async (amends) => {
    const second = await startNotifier(amends);
    const broadcast = await postIncident(amends, 'Slowly');
    const done = await amends.settled(broadcast);
    await stopNotifier(second);
    is(done.counts.accepted, N, 'a limited rate: everybody');
    const seconds = (Date.parse(done.last_at) - Date.parse(done.first_at)) / 1000;
    note(`${N} in ${seconds} s`);
    ok(seconds > 0.85 * N / 150 - 0.4, `${N} messages at 150 a second take their time`);
    ok(seconds < 3 * N / 150, 'and not much more');
  });
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const sink = await MailSink.start(dir);
  cleanup(() => sink.stop());
  await unknownHost(dir, sink);
  await troubled(dir, cleanup);
  await gone(dir, sink, cleanup);
  await limited(dir, cleanup);
});
