#!/usr/bin/env node
'use strict';
// Live figures of a broadcast: counts, rate, estimate and limiting factor, also as events; cancel stops
// unsent messages in every process; retry sends failed ones again.
const fs = require('node:fs');
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink } = require('../../lib/sinks.js');
const { startNotifier, stopNotifier, importMailReaders, postIncident } = require('../../lib/notifiers.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const READERS = 20000;
const STREAMS = 256;
const LIMITS = ['hold', 'retry', 'notifier', 'rate_limit', 'relay', 'database', 'window'];

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const sum = (counts) => Object.values(counts).reduce((all, n) => all + n, 0);

// Events of a broadcast as they come: {event, id, data, at}; `ended` resolves with them all.
async function watch(amends, id, headers = {}) {
  const stop = new AbortController();
  const response = await fetch(`${amends.url}/v1/broadcasts/${id}/events`, {
    headers: { authorization: `Bearer ${amends.key}`, ...headers }, signal: stop.signal,
  });
  const events = [];
  const read = async () => {
    let rest = '';
    for await (const chunk of response.body) {
      const blocks = (rest + Buffer.from(chunk).toString('utf8')).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
        events.push({ ...fields, data: fields.data && JSON.parse(fields.data), at: Date.now() });
      }
    }
    return events;
  };
  return { status: response.status, type: response.headers.get('content-type'), events, ended: read().catch(() => events), close: () => stop.abort() };
}

function checkLive(live) {
  const { counts } = live;
  is(Object.keys(counts).sort(), ['accepted', 'delivered', 'failed', 'retry', 'superseded', 'suppressed', 'unknown'], 'the counts have every state');
  is(sum(counts) - counts.retry + live.open, live.audience, 'outcomes and what is open add up to the audience');
  is(sum(live.channels.email || {}), sum(counts), 'the channel has the same');
  ok(live.oldest_open_seconds >= 0 && live.oldest_open_seconds < 30, `the oldest waits for ${live.oldest_open_seconds} s`);
  ok(live.rate_per_second > 0, `${live.rate_per_second} outcomes a second`);
  ok(live.estimate_seconds > 0 && live.estimate_seconds < 3600, `${live.estimate_seconds} s to the end`);
  ok(LIMITS.includes(live.limited_by), `limited by ${live.limited_by}`);
}

function checkEvents(events) {
  const going = events.filter((one) => one.event === 'broadcast');
  ok(going.length >= 2, `${going.length} events while it was sent`);
  const gaps = going.slice(1).map((one, i) => one.at - going[i].at);
  ok(gaps.every((gap) => gap > 500 && gap < 2500), `about a second apart: ${gaps}`);
  const accepted = events.map((one) => one.data.counts.accepted);
  ok(accepted.every((n, i) => i === 0 || n >= accepted[i - 1]), `accepted only rises: ${accepted}`);
  is(events.filter((one) => one.event === 'done').length, 1, 'one event says that it is done');
  is([events.at(-1).event, events.at(-1).id, events.at(-1).data.state], ['done', 'done', 'cancelled'], 'the last one');
}

// Two processes hold batches when it is cancelled.
async function cancel(amends, mails) {
  const second = await startNotifier(amends);
  const before = mails.mails().length;
  const arrived = () => mails.mails().length - before;
  const broadcast = await postIncident(amends);
  const stream = await watch(amends, broadcast);
  is([stream.status, stream.type], [200, 'text/event-stream'], 'events are streamed');
  await waitUntil('some are accepted and two events came', () => arrived() > 300 && stream.events.length >= 3);
  const live = await amends.call('GET', `/v1/broadcasts/${broadcast}`);
  checkLive(live);
  const cancelled = await amends.call('POST', `/v1/broadcasts/${broadcast}/cancel`);
  is(cancelled.state, 'cancelled', 'cancelled');
  const returned = arrived();
  await sleep(1000);
  const later = arrived();
  await sleep(1500);
  is(arrived(), later, `nothing is sent a second after the answer (${returned} then, ${later} a second later)`);
  const events = await stream.ended;
  checkEvents(events);
  const end = await amends.call('GET', `/v1/broadcasts/${broadcast}`);
  is(end.counts, { ...end.counts, accepted: later, retry: 0, failed: 0, unknown: 0, superseded: 0 }, 'what arrived is accepted, nothing else has an outcome');
  ok(later < READERS / 2, `${READERS - later} were not sent to`);
  is([end.open, Boolean(end.done_at), end.limited_by], [0, true, undefined], 'nothing is open');
  is((await amends.request('POST', `/v1/broadcasts/${broadcast}/retry`)).status, 409, 'a cancelled one is not retried');
  is((await amends.request('POST', `/v1/broadcasts/${broadcast}/cancel`)).status, 409, 'nor cancelled twice');
  is((await watch(amends, broadcast, { 'last-event-id': 'done' })).status, 204, 'who has seen the end is told not to come back');
  await stopNotifier(second);
}

// Three are refused; then the relay accepts them.
async function retry(amends, dir, refusing, cleanup) {
  for (const name of ['a', 'b', 'refused-1', 'refused-2', 'refused-3']) {
    await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${name}@retry.example`, confirmed: true });
  }
  const broadcast = await postIncident(amends);
  const first = await amends.settled(broadcast);
  is([first.counts.accepted, first.counts.failed], [2, 3], 'three are refused');
  await refusing.stop();
  const willing = await MailSink.start(dir, ['--listen', `127.0.0.1:${refusing.port}`, '--no-chunking', '--dot-delay-ms', '40']);
  cleanup(() => willing.stop());
  const again = await amends.call('POST', `/v1/broadcasts/${broadcast}/retry`);
  is([again.state, again.counts.accepted, again.counts.failed, again.counts.retry, again.done_at], ['sending', 2, 0, 3, undefined], 'three are tried again');
  const second = await amends.settled(broadcast);
  is([second.counts.accepted, second.counts.failed, second.open], [5, 0, 0], 'all have it');
  is(willing.mails().map((mail) => mail.to).sort(), ['refused-1@retry.example', 'refused-2@retry.example', 'refused-3@retry.example'], 'only those got it now');
  return willing;
}

function cpuTicks(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

// The relay is gone: the broadcast stays open, and so do its streams.
async function streams(amends) {
  const broadcast = await postIncident(amends);
  await waitUntil('the relay is named', async () => (await amends.call('GET', `/v1/broadcasts/${broadcast}`)).limited_by === 'relay');
  ok(true, 'a relay that does not answer is what limits');
  const open = [];
  for (let i = 0; i < STREAMS; i += 32) {
    open.push(...await Promise.all(Array.from({ length: 32 }, () => watch(amends, broadcast))));
  }
  is(open.filter((one) => one.status === 200).length, STREAMS, `${STREAMS} streams`);
  const refused = await amends.request('GET', `/v1/broadcasts/${broadcast}/events`);
  is([refused.status, refused.headers.get('content-type')], [503, 'application/problem+json'], 'one more is refused');
  const api = amends.rolePid('api');
  const ticks = cpuTicks(api);
  await sleep(1500);
  const used = (cpuTicks(api) - ticks) / 150;
  ok(used < 0.5, `${STREAMS} streams take ${(used * 100).toFixed(0)} % of a processor`);
  for (const one of open.slice(1)) one.close();
  const again = [];
  await waitUntil('all places are free again', async () => {
    const one = await watch(amends, broadcast);
    if (one.status === 200) again.push(one);
    else one.close();
    return again.length === STREAMS - 1;
  });
  ok(true, 'closed streams give all their places back');
  for (const one of again) one.close();
  return open[0];
}

async function metrics(amends) {
  await amends.request('GET', '/nowhere/at/all', undefined, { key: null });
  const text = await waitUntil('a request is counted, behind its answer', async () => {
    const seen = await amends.request('GET', '/metrics');
    return seen.text.includes('unmatched') && seen.text;
  });
  for (const [line, what] of [
    [/^amends_lane_window\{.*channel="email".*\} \d+$/m, 'the window of the lane'],
    [/^amends_lane_trouble\{.*channel="email".*\} 1$/m, 'its trouble'],
    [/^amends_lag_seconds\{channel="email"\} [1-9]\d*$/m, 'the lag'],
    [/^amends_outcomes_last_minute\{channel="email",state="accepted",class="2xx"\} \d+$/m, 'outcomes'],
    [/^amends_http_requests_total\{method="unmatched",route="unmatched",status="4xx"\} \d+$/m, 'requests without a route'],
  ]) ok(line.test(text), `/metrics has ${what}`);
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const refusing = await MailSink.start(dir, ['--refuse-rcpt', 'refused-[0-9]@:554 5.7.1 not today']);
  cleanup(() => refusing.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: refusing.url } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const slow = await retry(amends, dir, refusing, cleanup);
  await importMailReaders(amends, READERS);
  await cancel(amends, slow);
  await slow.stop();
  const stream = await streams(amends);
  await metrics(amends);
  const began = Date.now();
  is(await amends.stop(), 0, 'it stops while a stream is open');
  ok(Date.now() - began < 15000, `within ${Date.now() - began} ms`);
  await stream.ended;
  ok(stream.events.length > 0, 'and the stream ends');
  note(`${stream.events.length} events`);
});
