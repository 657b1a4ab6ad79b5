#!/usr/bin/env node
'use strict';
// The documents of Statuspage's API v2 as its clients read them: times with milliseconds, impacts,
// levels before and after each update, history by month, and subscribers.json.
const { waitUntil } = require('../../lib/amends.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const get = (amends, target) => amends.request('GET', target, undefined, { key: null });

function timesOf(value, path = '') {
  if (typeof value !== 'object' || value === null) return /_(at|for|until)$/.test(path) && value !== null ? [[path, value]] : [];
  return Object.entries(value).flatMap(([name, one]) => timesOf(one, `${path}.${name}`));
}

async function document(amends, name, like) {
  return waitUntil(`${name} has ${like}`, async () => {
    const { body } = await get(amends, `/api/v2/${name}.json`);
    return JSON.stringify(body).includes(like) && body;
  });
}

async function prepare(amends) {
  for (const slug of ['api', 'web', 'mail']) await amends.call('POST', '/v1/components', { slug, name: slug.toUpperCase(), group: slug === 'mail' ? undefined : 'core' });
  await amends.call('POST', '/v1/incidents', { ref: 'slow', title: 'Slow', kind: 'incident', state: 'investigating', body: 'Slow.', components: [{ component: 'api', level: 'degraded_performance' }], posted_at: '2026-11-01T10:00:00.250Z', notify: false });
  await amends.call('POST', '/v1/incidents/slow/updates', { state: 'identified', body: 'Down now.', components: [{ component: 'api', level: 'major_outage' }], posted_at: '2026-11-01T11:00:00Z', notify: false });
}

async function incidents(amends) {
  const { incidents: [one], status } = await document(amends, 'summary', 'Down now');
  is(one.incident_updates.map((update) => update.affected_components), [
    [{ code: 'api', name: 'API', old_status: 'degraded_performance', new_status: 'major_outage' }],
    [{ code: 'api', name: 'API', old_status: 'operational', new_status: 'degraded_performance' }],
  ], 'an update has its components, before and after');
  is([one.impact, one.reminder_intervals, status.indicator], ['critical', null, 'major'], "impacts are Atlassian's: a component that is down is critical");
  is([one.created_at, one.started_at, one.incident_updates[1].created_at, one.incident_updates[1].display_at],
    Array(4).fill('2026-11-01T10:00:00.250Z'), 'created is when it was posted');
  await amends.call('POST', '/v1/incidents/slow/updates', { state: 'resolved', body: 'Fine again.', posted_at: '2026-11-01T12:00:00Z', notify: false });
  const { incidents: [over] } = await document(amends, 'incidents', 'Fine again');
  is([over.resolved_at, over.updated_at], Array(2).fill('2026-11-01T12:00:00.000Z'), 'resolved is when that was posted');
  is(over.incident_updates[0].affected_components[0], { code: 'api', name: 'API', old_status: 'major_outage', new_status: 'operational' }, 'and its components are up');
}

async function maintenance(amends) {
  const at = (hours) => new Date(Date.now() + hours * 3600000).toISOString();
  await amends.call('POST', '/v1/incidents', { ref: 'work', title: 'Work', kind: 'maintenance', state: 'in_progress', body: 'At work.', components: [{ component: 'web', level: 'under_maintenance' }], notify: false });
  const { status } = await document(amends, 'status', 'Maintenance');
  is(status, { indicator: 'maintenance', description: 'Service Under Maintenance' }, 'the indicator of maintenance is maintenance');
  await amends.call('POST', '/v1/incidents', { ref: 'later', title: 'Later', kind: 'maintenance', state: 'scheduled', body: 'Later.', scheduled_from: at(24), scheduled_until: at(25), components: [{ component: 'mail', level: 'under_maintenance' }], notify: false });
  const { scheduled_maintenances: [later] } = await document(amends, 'scheduled-maintenances/upcoming', 'Later');
  is([later.impact, later.incident_updates[0].affected_components], ['maintenance', [{ code: 'mail', name: 'MAIL', old_status: 'operational', new_status: 'operational' }]], 'a plan changes nothing yet');
}

async function times(amends) {
  const names = ['summary', 'status', 'components', 'incidents', 'incidents/unresolved', 'scheduled-maintenances', 'scheduled-maintenances/active', 'scheduled-maintenances/upcoming'];
  for (const name of names) {
    const found = timesOf((await get(amends, `/api/v2/${name}.json`)).body);
    ok(found.length > 0, `${name} has times`);
    is(found.filter(([, time]) => !TIME.test(time)), [], 'each in UTC with milliseconds');
  }
}

async function history(amends) {
  const { body } = await get(amends, '/history.json');
  is(body.months.length, 3, 'history.json has three months');
  const all = [];
  for (let page = 1; page <= 3; page++) all.push(...(await get(amends, `/history.json?page=${page}`)).body.months);
  is(all.length, 9, 'page by page');
  const november = all.find((month) => month.year === 2026 && month.name === 'November');
  is([november.starts_on, november.days], [0, 30], 'each with its days');
  is(november.incidents.find((one) => one.code === 'slow'), { code: 'slow', name: 'Slow', message: 'Fine again.', impact: 'critical',
    timestamp: "Nov <var data-var='date'>1</var>, <var data-var='time'>10:00</var> - <var data-var='time'>12:00</var> UTC" }, "and its incidents as Statuspage's page has them");
  is((await get(amends, '/history.json?page=x')).status, 422, 'a page is a number');
}

async function subscribers(amends, mails) {
  const send = (body, type) => amends.request('POST', '/api/v2/subscribers.json', body, { key: null, headers: { 'content-type': type } });
  const form = 'application/x-www-form-urlencoded';
  const reply = await send('subscriber[email]=One%40readers.example&subscriber[component_id]=api', form);
  is([reply.status, reply.body.mode, reply.body.email, reply.body.page.name.length > 0], [200, 'email_sms', 'One@readers.example', true], 'a form asks for a subscription');
  const json = await send(JSON.stringify({ subscriber: { email: 'two@readers.example' } }), 'application/json');
  is(json.body.email, 'two@readers.example', 'so does JSON');
  const hook = await send(JSON.stringify({ subscriber: { email: 'own@readers.example', endpoint: 'https://hooks.readers.example/x', component_ids: ['core'] } }), 'application/json');
  is([hook.body.mode, hook.body.webhook], ['webhook', 'https://hooks.readers.example/x'], 'also of a webhook');
  is((await send('subscriber[email]=nobody', form)).body.errors[0].field, 'subscriber[email]', 'an error names the field');
  is((await send('subscriber[email]=a%40b.example&subscriber[component_id]=nothing', form)).status, 422, 'and what is not there is refused');
  await waitUntil('two mails', () => mails.mails().length >= 2);
  ok(mails.mails().every((mail) => /confirm/i.test(mail.data)), 'its owner is asked to confirm');
  const all = await amends.all('/v1/subscribers');
  const one = all.find((subscriber) => subscriber.address === 'One@readers.example' || subscriber.address === 'one@readers.example');
  is([one.state, one.components], ['pending', ['api']], 'and is pending until then');
  const endpoint = all.find((subscriber) => subscriber.channel === 'webhook');
  is([endpoint.format, endpoint.groups], ['statuspage', ['core']], "a webhook gets Statuspage's format");
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  await prepare(amends);
  await incidents(amends);
  await maintenance(amends);
  await times(amends);
  await history(amends);
  await subscribers(amends, mails);
});
