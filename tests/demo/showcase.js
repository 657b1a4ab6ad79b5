'use strict';
// The installation that the demo leaves to look at: the five cases as if they had happened in the last 90
// days, each with its end, on a page that is healthy now; a published policy; an alert that fires, which only
// staff see; ten readers and the accounts' contacts, whose messages lie in the outbox. Nothing leaves it.
const { Amends, freshDirectory } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');
const { command, keyOf, person } = require('../lib/staff.js');
const lib = require('../lib/cases.js');
const alerted = require('./alerted.js');
const { letter } = require('./letter.js');

const DAY = 86400000;
const WEEK = 7 * DAY;
const DAYS_AGO = [79, 66, 0, 52, 22]; // the last instant of each case, in their order, at least
const TIMES = ['at', 'from', 'to', 'announced_at'];
const ENDS = ['resolved', 'postmortem', 'completed', 'cancelled'];
const READERS = [
  ['email', 'ann@customer.example', {}], ['email', 'jens@customer.example', { locale: 'de', timezone: 'Europe/Berlin' }],
  ['email', 'hanako@customer.example', { locale: 'ja', timezone: 'Asia/Tokyo' }], ['email', 'weekly@customer.example', { verbosity: 'milestones' }],
  ['email', 'platform@customer.example', { groups: ['platform'] }], ['sms', '+4915112345678', { verbosity: 'milestones' }],
  ['slack', 'https://hooks.slack.com/services/T0DEMO/B0DEMO/EXAMPLE', {}], ['teams', 'https://demo.webhook.office.com/webhookb2/EXAMPLE', {}],
  ['discord', 'https://discord.com/api/webhooks/1/EXAMPLE', {}], ['webhook', 'https://hooks.customer.example/amends', {}],
  // The keys of the example in RFC 8291.
  ['push', 'https://fcm.googleapis.com/fcm/send/EXAMPLE', {
    p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4', auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  }],
];

const instants = (value) => (value && typeof value === 'object'
  ? Object.entries(value).flatMap(([name, one]) => (TIMES.includes(name) && one ? [Date.parse(one)] : instants(one))) : []);

// A copy whose times are later by so many milliseconds.
function later(value, by) {
  if (Array.isArray(value)) return value.map((one) => later(one, by));
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) =>
    [name, TIMES.includes(name) && one ? new Date(Date.parse(one) + by).toISOString() : later(one, by)]));
}

// By whole weeks, so that days keep their names and hours; a ref begins with its new day.
function recent(one, daysAgo, now) {
  const parts = { incidents: one.incidents, maintenance: one.maintenance };
  const by = Math.floor((now - daysAgo * DAY - Math.max(...instants(parts))) / WEEK) * WEEK;
  const moved = later(parts, by);
  for (const incident of [...moved.incidents, ...(moved.maintenance ? [moved.maintenance] : [])]) {
    const day = new Date(Math.min(...instants(incident))).toISOString().slice(0, 10);
    incident.ref = incident.ref.replace(/^\d{4}-\d\d-\d\d/, day);
  }
  return { ...one, ...moved };
}

// The end that a case does not tell: when its last impact ended.
async function end(amends, incident) {
  const last = incident.posts.at(-1);
  if (last && ENDS.includes(last.state)) return;
  const planned = incident.kind === 'maintenance';
  const at = Math.max(...incident.impacts.map((impact) => Date.parse(impact.to)));
  await amends.call('POST', `/v1/incidents/${incident.ref}/updates`, {
    state: planned ? 'completed' : 'resolved', posted_at: new Date(at).toISOString(), notify: false,
    body: planned ? 'The maintenance is completed.' : 'This incident is resolved.',
  });
}

async function playCase(amends, one, approver) {
  for (const incident of [...one.incidents, ...(one.maintenance ? [one.maintenance] : [])]) {
    const monitoring = await (alerted.begins(one) ? alerted.replayAlerted : lib.replayIncident)(amends, incident, (reply) => amends.settled(reply.broadcast));
    if (monitoring) await monitoring.send('firing', [{ component: 'transcripts', level: 'degraded_performance', from: new Date().toISOString() }]);
    await end(amends, incident);
  }
  const { draft, credits } = await lib.runCredits(amends, one, approver);
  const notices = await amends.call('POST', `/v1/credit-runs/${draft.id}/notices`, letter(one));
  await amends.settled(notices.broadcast);
  await amends.call('POST', '/v1/credits/acks', { acks: credits.map(({ id }) => ({ credit: id, reference: `invoice-${id}` })) });
  return credits.length;
}

async function play(amends) {
  await lib.createCatalogue(amends);
  await amends.call('PUT', '/v1/policies/sla-tiers/publication', { title: 'Uptime of each billing period' });
  // The components are as old as the cases say; otherwise their days before today would be "no data".
  sql(amends, `update component set created_at = now() - interval '1 year'`);
  for (const [channel, address, more] of READERS) await amends.call('POST', '/v1/subscribers', { channel, address, confirmed: true, ...more });
  person(amends, 'second', ['approver'], { name: 'Second person' });
  const approver = keyOf(amends, 'second', 'credit-runs:read', 'credit-runs:approve');
  const now = Date.now();
  let credits = 0;
  for (const [n, one] of lib.cases().entries()) credits += await playCase(amends, recent(one, DAYS_AGO[n], now), approver);
  return credits;
}

// What must hold: expect(what, got, want) is told.
async function check(amends, expect, credits) {
  const { status } = await amends.call('GET', '/api/v2/status.json', undefined, { key: null });
  const { policies } = await amends.call('GET', '/sla.json', undefined, { key: null });
  expect('showcase: what is owed, in public', policies.map(({ name }) => name), ['sla-tiers']);
  expect('showcase: the page', [status.indicator, status.description], ['none', 'All Systems Operational']);
  expect('showcase: open incidents', (await amends.all('/v1/incidents?open=true')).map(({ ref }) => ref), []);
  expect('showcase: suggested incidents', (await amends.all('/v1/suggestions?state=pending')).map(({ title }) => title), ['Transcripts: degraded performance']);
  const incidents = await amends.all('/v1/incidents');
  const old = Date.now() - 90 * DAY;
  expect('showcase: incidents older than 90 days', incidents.filter((one) => Date.parse(one.started_at) < old).map(({ ref }) => ref), []);
  const kept = await amends.all('/v1/outbox');
  expect('showcase: letters in the outbox', kept.filter((one) => one.kind === 'credit_notice').length, credits);
  expect('showcase: channels in the outbox', [...new Set(kept.map((one) => one.channel))].sort(), ['discord', 'email', 'push', 'slack', 'sms', 'teams', 'webhook']);
  expect('showcase: unacknowledged credits', (await amends.call('GET', '/v1/credits/ageing')).totals, []);
}

// Starts it in a directory of its own: {amends, links}.
async function showcase(expect) {
  const amends = await Amends.up({
    dir: freshDirectory(),
    env: {
      AMENDS_OUTBOX: 'auto', AMENDS_SMTP_URL: '', AMENDS_SMS_PROVIDER: '', AMENDS_MAIL_FROM: 'Harbour Chat Status <status@harbour.example>',
      AMENDS_POSTAL_ADDRESS: '1 Pier Road, Harbour Town', AMENDS_BRAND: 'Harbour Chat',
    },
  });
  try {
    await check(amends, expect, await play(amends));
    const console = command(amends, 'staff', 'add', 'you', '--role=admin').split('\n').pop();
    return { amends, links: { 'status page': `${amends.url}/`, 'console (once)': console, outbox: `${amends.url}/staff/outbox` } };
  } catch (error) {
    await amends.destroy();
    throw error;
  }
}

module.exports = { showcase, recent };
