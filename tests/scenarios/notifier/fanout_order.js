#!/usr/bin/env node
'use strict';
// No recipient receives an older update of an incident after a newer one: incidents are updated at
// random moments, by e-mail, webhook and SMS, through two notifiers of which one is killed, to
// endpoints that delay, refuse and hang for a while. A retry is made due early. A request of a killed one
// to an endpoint that has not answered counts as not arrived.
//   SEED=7 SECONDS=60 tests/scenarios/notifier/fanout_order.js
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { HttpSink, MailSink } = require('../../lib/sinks.js');
const { sql, startNotifier, stopNotifier } = require('../../lib/notifiers.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const SEED = Number(process.env.SEED || Date.now() % 100000);
const SECONDS = Number(process.env.SECONDS || 4);
const INCIDENTS = 3;
const READERS = 40; // a channel
const HANG_MS = 1600;

// mulberry32: the same seed gives the same run, apart from timing.
let state = SEED;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const pick = (n) => Math.floor(random() * n);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// The newest update in a message: {incident, update}.
function told(text) {
  const tokens = [...text.matchAll(/Zi(\d+)u(\d+)Z/g)].map(([, incident, update]) => ({ incident: Number(incident), update: Number(update) }));
  return tokens.sort((a, b) => b.update - a.update)[0];
}

// Messages per recipient, in the order of arrival, refused or not.
class Arrivals {
  constructor() {
    this.newest = new Map();
    this.n = 0;
    this.wrong = [];
  }

  take(who, text) {
    const seen = told(text);
    if (!seen) return;
    const key = `${who} ${seen.incident}`;
    const before = this.newest.get(key);
    this.n += 1;
    if (before !== undefined && seen.update < before) this.wrong.push(`${key}: ${seen.update} after ${before}`);
    if (before === undefined || seen.update > before) this.newest.set(key, seen.update);
  }
}

// Refuses, or accepts the message after a while, which counts as arrival.
function moody(request, arrivals) {
  const sms = request.path.startsWith('/2010-04-01/');
  const form = new URLSearchParams(request.body);
  const who = sms ? form.get('To') : request.path;
  const text = sms ? form.get('Body') : request.body;
  const chance = pick(100);
  if (chance < 8 && !sms) return { status: 503, before: () => arrivals.take(who, text) };
  const delay = chance < 12 && !sms ? HANG_MS : pick(40);
  return { ...HttpSink.usual(request), delay, before: () => arrivals.take(who, text) };
}

async function subscribe(amends, web) {
  const lines = [];
  for (let i = 0; i < READERS; i++) {
    const port = new URL(web.url).port;
    lines.push({ channel: 'email', address: `r${i}@readers.example` });
    lines.push({ channel: 'webhook', address: `http://127.0.2.${1 + (i % 20)}:${port}/hook/${i}` });
    lines.push({ channel: 'sms', address: `+1202555${String(1000 + i)}` });
  }
  const body = lines.map((line) => JSON.stringify({ ...line, confirmed: true })).join('\n');
  await amends.call('POST', '/v1/subscribers/import', body, { headers: { 'content-type': 'application/x-ndjson' } });
}

async function post(amends, incident, update) {
  const body = `Zi${incident}u${update}Z`;
  const components = [{ component: 'api', level: 'major_outage' }];
  if (update === 0) {
    const made = { ref: `i${incident}`, title: body, kind: 'incident', state: 'investigating', notify: true, body, components };
    return (await amends.call('POST', '/v1/incidents', made)).broadcast;
  }
  return (await amends.call('POST', `/v1/incidents/i${incident}/updates`, { state: 'identified', body, notify: true })).broadcast;
}

const hasten = (amends) => sql(amends, 'update delivery_retry set due_at = now() where batch_id is null and due_at > now()');

async function play(amends, other) {
  const updates = Array(INCIDENTS).fill(0);
  const broadcasts = [];
  const end = Date.now() + 1000 * SECONDS;
  let killed = false;
  for (let i = 0; Date.now() < end; i++) {
    const incident = pick(INCIDENTS);
    broadcasts.push(await post(amends, incident, updates[incident]));
    updates[incident] += 1;
    await pause(pick(500));
    if (i % 3 === 0) hasten(amends);
    if (!killed && Date.now() > end - 500 * SECONDS) {
      killed = true;
      process.kill(other.pid, 'SIGKILL');
    }
  }
  note(`seed ${SEED}: ${broadcasts.length} updates of ${INCIDENTS} incidents`);
  return broadcasts;
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const arrivals = new Arrivals();
  const mails = await MailSink.start(dir, ['--dot-delay-ms', '5', '--temp-every', '15', '--goodbye-after', '40']);
  cleanup(() => mails.stop());
  const web = await HttpSink.start('0.0.0.0');
  cleanup(() => web.stop());
  web.answer = (request) => moody(request, arrivals);
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1',
    AMENDS_SMS_PROVIDER: 'twilio', AMENDS_SMS_URL: web.url, AMENDS_SMS_FROM: '+12025550100', AMENDS_SMS_ACCOUNT: 'AC1', AMENDS_SMS_TOKEN: 'x' } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await subscribe(amends, web);
  const other = await startNotifier(amends);
  cleanup(() => stopNotifier(other));
  const broadcasts = await play(amends, other);
  await waitUntil('all are done', () => {
    hasten(amends);
    return Number(sql(amends, `select count(*) from broadcast where done_at is null`)[0][0]) === 0;
  });
  for (const mail of mails.mails()) arrivals.take(mail.to, mail.data);
  const outcomes = Number(sql(amends, `select count(*) from delivery where broadcast_id in (${broadcasts})`)[0][0]);
  note(`${arrivals.n} arrivals, ${outcomes} outcomes`);
  is(outcomes, broadcasts.length * READERS * 3, 'every recipient has one outcome per update');
  ok(arrivals.n > READERS * 3, 'messages arrived');
  is(arrivals.wrong, [], 'no older update arrived after a newer one');
});
