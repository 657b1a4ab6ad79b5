#!/usr/bin/env node
'use strict';
// Scheduled maintenance: announced, reminder, rescheduled, begun, verified and completed automatically
// and by hand, cancelled. Three notifiers run, one of them dies; each message is sent once, impacts
// follow the plan, and the calendar's SEQUENCE increases.
const ICAL = require('../../node_modules/ical.js/dist/ical.es5.cjs');
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink, mailBodies } = require('../../lib/sinks.js');
const { sql, startNotifier, stopNotifier } = require('../../lib/notifiers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const day = (at) => new Date(at).toLocaleDateString('en-US', { month: 'short', day: 'numeric', year: 'numeric', timeZone: 'UTC' });
const whole = (ms) => new Date(Math.ceil(ms / 1000) * 1000).toISOString().replace('.000', '');
const soon = (seconds) => whole(Date.now() + seconds * 1000);
const anybody = { key: null };
const text = (mail) => mailBodies(mail.data)['text/plain'];

const plan = (ref, from, until, more = {}) => ({
  ref, title: 'Database upgrade', kind: 'maintenance', state: 'scheduled', body: 'Signing in may fail.',
  components: [{ component: 'login', level: 'under_maintenance' }], scheduled_from: from, scheduled_until: until, ...more,
});
const state = async (amends, ref) => (await amends.call('GET', `/v1/incidents/${ref}`)).state;
const reaches = (amends, ref, what) => waitUntil(`${ref} is ${what}`, async () => (await state(amends, ref)) === what);
const to = (mails, who) => mails.mails().filter((mail) => mail.to.includes(who));
const told = (mails, who) => to(mails, who).map((mail) => text(mail).split(/\r?\n/)[1]);

// One of Statuspage's lists, once it has the maintenance.
const listed = (amends, list, ref) => waitUntil(`${list}.json has ${ref}`, async () => {
  const seen = await amends.request('GET', `/api/v2/scheduled-maintenances/${list}.json`, undefined, anybody);
  const found = seen.body.scheduled_maintenances;
  return found.some((one) => one.id === ref) && found;
});

async function event(amends, ref) {
  const { text: body } = await amends.request('GET', '/maintenance.ics', undefined, anybody);
  const calendar = new ICAL.Component(ICAL.parse(body));
  const found = calendar.getAllSubcomponents('vevent').find((one) => one.getFirstPropertyValue('uid').startsWith(`${ref}@`));
  return found && {
    sequence: found.getFirstPropertyValue('sequence'), status: found.getFirstPropertyValue('status'),
    start: found.getFirstPropertyValue('dtstart').toJSDate().toISOString(),
  };
}

async function refusals(amends) {
  const refused = async (body, field) => {
    const seen = await amends.request('POST', '/v1/incidents', { ...plan('no', soon(100), soon(200)), ...body });
    is([seen.status, seen.body.errors && seen.body.errors[0].field], [422, field], `refused: ${field} ${JSON.stringify(body)}`);
  };
  await refused({ kind: 'incident', state: 'investigating' }, 'scheduled_from');
  await refused({ scheduled_until: soon(50) }, 'scheduled_until');
  await refused({ scheduled_from: undefined }, 'scheduled_from');
  await refused({ scheduled_from: soon(-100), scheduled_until: soon(-50) }, 'scheduled_until');
  await refused({ verify_minutes: 5 }, 'verify_minutes');
  await refused({ components: [{ component: 'login', level: 'major_outage' }] }, 'components[0].level');
}

async function byItself(amends, mails, http) {
  const from = soon(62);
  const until = whole(Date.parse(from) + 122000);
  const made = await amends.call('POST', '/v1/incidents', plan('night', from, until, { reminder_minutes: 1, verify_minutes: 2 }));
  await amends.settled(made.broadcast);
  const shown = await amends.call('GET', '/v1/incidents/night');
  is([shown.planned, shown.impacts, shown.scheduled_from], [['login'], [], from], 'a plan is no impact yet');
  is((await amends.call('GET', '/v1/components')).data.find((one) => one.slug === 'login').level, 'operational', 'the component works');
  is(told(mails, 'login@').length, 1, 'subscribers of a scheduled component are notified');
  is(told(mails, 'website@'), [], 'who subscribes to another does not');
  ok(text(to(mails, 'login@')[0]).includes(`Scheduled: ${day(from)}`), 'the mail has the window');
  ok(/Geplant: /.test(text(to(mails, 'deutsch@')[0])), 'in German too');
  const page = await waitUntil('the page shows it', async () => {
    const seen = await amends.request('GET', '/', undefined, anybody);
    return /Scheduled maintenance/.test(seen.text) && seen.text;
  });
  ok(page.includes(`datetime="${from}"`), 'with its time');
  const [upcoming] = await listed(amends, 'upcoming', 'night');
  is([upcoming.id, upcoming.components.map((one) => one.id), Date.parse(upcoming.scheduled_until)], ['night', ['login'], Date.parse(until)], 'Statuspage clients see it');

  await waitUntil('the reminders', () => ['login@', 'deutsch@'].every((one) => told(mails, one).length === 2));
  is(told(mails, 'login@')[1].split(',')[0], 'Reminder: scheduled maintenance begins soon', 'a reminder goes before it begins');
  is(told(mails, 'deutsch@')[1].split(',')[0], 'Erinnerung: Geplante Arbeiten beginnen bald', 'in German too');
  ok(await waitUntil('the reminder at the webhook', () => http.at('/hook').some((request) => JSON.parse(request.body).type === 'maintenance.reminder')), 'and to webhooks');

  // Changes the plan instead of the clock.
  sql(amends, "update incident set scheduled_from = scheduled_from - interval '62 seconds', scheduled_until = scheduled_until - interval '62 seconds' where ref = 'night'");
  await reaches(amends, 'night', 'verifying');
  const begun = await amends.call('GET', '/v1/incidents/night');
  is(begun.updates.map((one) => [one.state, one.auto]), [['scheduled', null], ['in_progress', 'started'], ['verifying', 'verifying']], 'it begins and verifies by itself');
  is(begun.impacts.map((one) => [one.component, one.level, one.from, one.to]), [['login', 'under_maintenance', begun.scheduled_from, null]], 'the impact is from the planned start');
  is((await listed(amends, 'active', 'night')).length, 1, 'and is among what is under way');
  sql(amends, "update incident set scheduled_until = scheduled_from + interval '1 second' where ref = 'night'");
  await reaches(amends, 'night', 'completed');
  const over = await amends.call('GET', '/v1/incidents/night');
  is([over.impacts[0].to, over.resolved_at], [over.scheduled_until, over.scheduled_until], 'the impact ends with the plan');
  await waitUntil('the last mail', () => told(mails, 'login@').some((line) => /^Completed/.test(line)));
  await waitUntil('the same in German', () => to(mails, 'deutsch@').some((mail) => text(mail).includes('Die geplanten Arbeiten sind abgeschlossen.')));
  ok(true, 'automatic updates are in the reader\'s language');
  is(told(mails, 'login@').filter((line) => /^Reminder/.test(line)).length, 1, 'one reminder');
  is(told(mails, 'deutsch@').length, new Set(told(mails, 'deutsch@')).size, 'nothing twice');
}

async function byHand(amends, mails) {
  const from = soon(5000);
  await amends.call('POST', '/v1/incidents', plan('hand', from, soon(9000)));
  const before = await waitUntil('the calendar has it', () => event(amends, 'hand'));
  const announced = (await amends.call('GET', '/v1/incidents/hand')).announced_at;
  const later = soon(20000);
  const moved = await amends.call('PATCH', '/v1/incidents/hand', { scheduled_from: later, scheduled_until: soon(22000) });
  await amends.settled(moved.broadcast);
  is(moved.updates.map((one) => one.auto), [null, 'rescheduled'], 'another time is an update');
  ok(moved.announced_at > announced, 'and announced anew: credits count from it');
  ok(text(to(mails, 'login@').at(-1)).includes('has been rescheduled') && text(to(mails, 'login@').at(-1)).includes(`Scheduled: ${day(later)}`), 'the message has the new window');
  const after = await waitUntil('the calendar moves', async () => {
    const now = await event(amends, 'hand');
    return now.start !== before.start && now;
  });
  ok(after.sequence > before.sequence, `SEQUENCE rises: ${before.sequence}, ${after.sequence}`);
  const within = await amends.call('PATCH', '/v1/incidents/hand', { scheduled_from: whole(Date.parse(later) + 1000), body: 'A little later.', notify: false });
  is([within.announced_at, within.broadcast, within.updates.at(-1).body], [moved.announced_at, null, 'A little later.'], 'a window within the old one is announced already; quietly, in our words');
  await amends.call('PATCH', '/v1/incidents/hand', { title: 'Database move', auto_start: false });
  await amends.call('POST', '/v1/incidents/hand/updates', { state: 'in_progress', body: 'We begin.', notify: false });
  is((await amends.call('GET', '/v1/incidents/hand')).impacts.length, 1, 'begun by hand it has its impact');
  is((await amends.request('PATCH', '/v1/incidents/hand', { scheduled_from: soon(30000) })).status, 409, 'maintenance in progress cannot begin later');
  await amends.call('PATCH', '/v1/incidents/hand', { scheduled_until: soon(30000), notify: false });
  is(await state(amends, 'hand'), 'in_progress', 'but last longer');
  await amends.call('POST', '/v1/incidents/hand/updates', { state: 'completed', body: 'Done.', notify: false });
  ok((await amends.call('GET', '/v1/incidents/hand')).impacts[0].to, 'completed by hand it is closed');
}

async function cancelled(amends, mails) {
  await amends.call('POST', '/v1/incidents', plan('never', soon(3600), soon(7200)));
  const before = await waitUntil('the calendar has it', () => event(amends, 'never'));
  const update = await amends.call('POST', '/v1/incidents/never/updates', { state: 'cancelled', body: 'Not needed any more.' });
  await amends.settled(update.broadcast);
  ok(/^Cancelled/.test(told(mails, 'login@').at(-1)), 'it is told');
  const after = await waitUntil('the calendar has it cancelled', async () => {
    const now = await event(amends, 'never');
    return now.status === 'CANCELLED' && now;
  });
  ok(after.sequence > before.sequence, 'with a higher SEQUENCE');
  sql(amends, "update incident set scheduled_from = now() - interval '1 minute', scheduled_until = now() + interval '1 hour' where ref = 'never'");
  await amends.call('POST', '/v1/incidents', plan('after', soon(1), soon(5000), { notify: false }));
  await reaches(amends, 'after', 'in_progress');
  is([await state(amends, 'never'), (await amends.call('GET', '/v1/incidents/never')).impacts], ['cancelled', []], 'what is cancelled does not begin');
  is(to(mails, 'login@').filter((mail) => /after/.test(text(mail))).length, 0, 'what was planned quietly begins quietly');
  is((await amends.request('PATCH', '/v1/incidents/never', { scheduled_until: soon(99999) })).status, 409, 'nor moves');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const http = await HttpSink.start();
  cleanup(() => http.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1' } });
  cleanup(() => amends.destroy());
  for (const slug of ['login', 'website']) await amends.call('POST', '/v1/components', { slug, name: slug });
  for (const slug of ['login', 'website']) {
    await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${slug}@readers.example`, components: [slug], confirmed: true });
  }
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'deutsch@readers.example', locale: 'de-AT', timezone: 'Europe/Vienna', confirmed: true });
  await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address: `${http.url}/hook`, confirmed: true });
  const others = [await startNotifier(amends), await startNotifier(amends)];
  for (const other of others) cleanup(() => stopNotifier(other));
  await refusals(amends);
  const died = setTimeout(() => others[0].kill('SIGKILL'), 2000);
  cleanup(() => clearTimeout(died));
  await byItself(amends, mails, http);
  await byHand(amends, mails);
  await cancelled(amends, mails);
});
