#!/usr/bin/env node
'use strict';
// A host with relays and webhooks vanishes in the middle of broadcasts: no packet comes back, no
// connection is closed. What was in flight there ends within a good minute, with one outcome each;
// the other relay and the other webhooks are not delayed; when it is back, the rest is sent.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink } = require('../../lib/sinks.js');
const { FarHost, hookSink, inNamespace } = require('../../lib/far_host.js');
const { sql, importMailReaders, postIncident, repeats } = require('../../lib/notifiers.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const READERS = 6000; // of the installation with two relays
const LONELY = 3000; // of the one whose only relay vanishes
const HOOKS = { near: 1500, far: 150 };
const IN_FLIGHT = 256;
const OTHERS_MS = 50000; // before what is in flight at the host ends, which would make room
const NOTICED_MS = 90000; // a host that acknowledges nothing for a minute is gone
const GONE_MS = 100000;

const counts = async (amends, broadcast) => (await amends.call('GET', `/v1/broadcasts/${broadcast}`)).counts;

async function installation(cleanup, relays, readers) {
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_SMTP_URL: relays.map(({ url }) => url).join(' '), AMENDS_ALLOW_LOOPBACK: '1' } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await importMailReaders(amends, readers);
  return amends;
}

async function subscribeHooks(amends, { near, far }) {
  const urls = [...Array.from({ length: HOOKS.far }, (_, i) => `${far.url}/hook/${i}`), ...Array.from({ length: HOOKS.near }, (_, i) => `${near.url}/hook/${i}`)];
  await amends.call('POST', '/v1/subscribers/import', urls.map((address) => JSON.stringify({ channel: 'webhook', address, confirmed: true })).join('\n'), {
    headers: { 'content-type': 'application/x-ndjson' },
  });
}

// Of a broadcast: how many have an outcome and how many wait for another attempt, by channel.
function standing(amends, broadcast) {
  const count = (from, where) => Number(sql(amends, `select count(*) from ${from} where broadcast_id = ${broadcast} and ${where}`)[0][0]);
  return {
    mails: count('delivery', `channel = 'email'`),
    mailsAgain: count('delivery_retry', `channel = 'email' and attempts > 0`),
  };
}

// Waits until an installation is in the middle of its broadcast.
async function inTheMiddle(one, readers) {
  one.broadcast = await postIncident(one.amends, 'A host vanishes');
  await waitUntil('a part is accepted', () => one.relays.reduce((n, relay) => n + relay.mails().length, 0) > readers / 10);
}

async function othersGoOn({ amends, broadcast, hooks }, began) {
  await waitUntil('all but what was in flight', async () =>
    (await counts(amends, broadcast)).accepted >= READERS - IN_FLIGHT + HOOKS.near && hooks.near.requests().length >= HOOKS.near, 700000);
  const took = Date.now() - began;
  const now = standing(amends, broadcast);
  ok(took < OTHERS_MS, `the others go on: ${now.mails} of ${READERS} mails and all ${HOOKS.near} webhooks elsewhere after ${took} ms`);
  return READERS - now.mails;
}

async function noticed(one, began, readers) {
  const held = await waitUntil('what was in flight ends', () => {
    const now = standing(one.amends, one.broadcast);
    return now.mailsAgain > 0 && now;
  }, 700000);
  const took = Date.now() - began;
  ok(took < NOTICED_MS, `what was in flight ends ${took} ms after the host was gone: ${held.mailsAgain} of ${readers} mails wait for another attempt`);
}

async function ends(one, readers, hooks, back) {
  const done = await one.amends.settled(one.broadcast, 600000);
  note(`done ${Math.round((Date.now() - back) / 1000)} s after the host was back`);
  is([done.counts.accepted, done.counts.failed], [readers + hooks, 0], 'everybody has one outcome');
  const again = repeats(one.relays.flatMap((relay) => relay.mails()));
  is(again.readers, readers, 'and the mail');
  note(`${again.n} mails repeated`);
  ok(again.n <= IN_FLIGHT && again.same, 'no more is repeated than was in flight, with its Message-ID');
}

function judgeHooks({ near, far }) {
  const ids = new Map();
  for (const { path, id } of far.requests()) ids.set(path, new Set([...(ids.get(path) || []), id]));
  is([new Set(near.requests().map(({ path }) => path)).size, ids.size], [HOOKS.near, HOOKS.far], 'every webhook has heard');
  is(near.requests().length, HOOKS.near, 'those elsewhere once');
  ok([...ids.values()].every((seen) => seen.size === 1), 'what was repeated to the others had the same webhook-id');
}

async function vanishes(cleanup) {
  const host = await FarHost.start(cleanup);
  const relay = async (delayMs, where) => {
    const sink = await MailSink.start(freshDirectory(), ['--dot-delay-ms', String(delayMs)], where);
    cleanup(() => sink.stop());
    return sink;
  };
  const hooks = { near: await hookSink(`${freshDirectory()}/hooks`, cleanup), far: await hookSink(`${freshDirectory()}/hooks`, cleanup, host) };
  const two = { hooks, relays: [await relay(100), await relay(100, host)] };
  const lonely = { relays: [await relay(300, host)] };
  two.amends = await installation(cleanup, two.relays, READERS);
  lonely.amends = await installation(cleanup, lonely.relays, LONELY);
  await subscribeHooks(two.amends, hooks);
  await Promise.all([inTheMiddle(lonely, LONELY), inTheMiddle(two, READERS)]);
  host.vanish();
  const began = Date.now();
  note(`${two.relays.map((one) => one.mails().length)} of ${READERS} mails, ${hooks.near.requests().length} and ${hooks.far.requests().length} webhooks, ${lonely.relays[0].mails().length} of ${LONELY} mails when the host is gone`);
  const open = await othersGoOn(two, began);
  ok(open > 0, `${open} mails were in flight`);
  await noticed(two, began, READERS);
  await noticed(lonely, began, LONELY);
  is([(await counts(two.amends, two.broadcast)).failed, (await counts(lonely.amends, lonely.broadcast)).failed], [0, 0], 'nobody is blamed');
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, began + GONE_MS - Date.now())));
  host.back();
  const back = Date.now();
  await ends(lonely, LONELY, 0, back);
  await ends(two, READERS, HOOKS.near + HOOKS.far, back);
  judgeHooks(hooks);
}

if (inNamespace(__filename)) scenario(vanishes);
