#!/usr/bin/env node
'use strict';
// A customer on the page of their account, from the mail to the sign-out, on a phone in the dark and at a desk: every tab,
// what is refused, an invitation. axe-core finds nothing, nothing is wider than the screen; staff see the account, too.
const { waitUntil } = require('../lib/amends.js');
const { mailTo } = require('../lib/readers.js');
const { PASSWORD, approver, person } = require('../lib/staff.js');
const lib = require('../lib/cases.js');
const { launch, open, nameOf, chosen, PHONE, DESK } = require('../lib/walk.js');
const { upWithMail } = require('../lib/mailed.js');
const { ok, is, scenario } = require('../lib/tap.js');

const HOUR = 3600000;
const at = (hours) => new Date(Date.now() + hours * HOUR).toISOString();
const WALKS = [
  { language: 'en', zone: 'UTC', scheme: 'light', size: DESK, device: 'desk' },
  { language: 'de', zone: 'Europe/Berlin', scheme: 'dark', size: PHONE, device: 'phone' },
  { language: 'ja', zone: 'Asia/Tokyo', scheme: 'light', size: PHONE, device: 'phone' },
  { language: 'en', zone: 'UTC', scheme: 'dark', size: DESK, device: 'desk' },
  { language: 'fr', zone: 'Europe/Paris', scheme: 'dark', size: PHONE, device: 'phone', bare: true }];

const contact = (n) => `ada-${n}@engines.example`;

async function world(amends) {
  for (const [slug, name] of [['api', 'Public API'], ['jobs', 'Background jobs'], ['web', 'Web console']]) await amends.call('POST', '/v1/components', { slug, name, group: 'core' });
  await amends.call('PATCH', '/v1/component-groups/core', { name: 'Core services' });
  const contacts = WALKS.map((how, n) => ({ email: contact(n), name: `Ada ${n}`, locale: how.language }));
  await amends.call('POST', '/v1/accounts/import', JSON.stringify({ external_id: 'engines', name: 'Analytical Engines Ltd', currency: 'EUR', timezone: 'Europe/Berlin', interval: 'month',
    anchor: '2020-01-15', prices: [{ from: '2020-01-15', amount_minor: 1250000 }], components: ['api', 'jobs'], plan: 'Enterprise', contacts }), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', { name: 'sla', model: 'prorata', multiplier: '10', cap_percent: '100', claim: { required: false } });
  await lib.replayIncident(amends, { ref: 'api-down', title: 'The API did not answer', kind: 'incident', posts: [], impacts: [{ component: 'api', level: 'major_outage', from: at(-500), to: at(-497) }, { component: 'jobs', level: 'partial_outage', from: at(-499), to: at(-497) }] });
  await amends.call('POST', '/v1/incidents/api-down/updates', { state: 'resolved', body: 'The database has **recovered**.', notify: false, posted_at: at(-497) });
  await amends.call('POST', '/v1/incidents', { ref: 'slow', title: 'Jobs of one shard start late', kind: 'incident', state: 'identified', body: 'We know why.', audience: 'affected', scope: { accounts: [{ account: 'engines' }] }, notify: false, components: [{ component: 'jobs', level: 'degraded_performance' }] });
  await amends.call('POST', '/v1/incidents', { ref: 'plan', title: 'Upgrade of the database', kind: 'maintenance', state: 'scheduled', body: 'No interruption is expected.', notify: false, scheduled_from: at(48), scheduled_until: at(50), components: [{ component: 'api', level: 'under_maintenance' }] });
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'sla', incidents: ['api-down'], reason: 'sorry' });
  await lib.acknowledge(amends, run);
  await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key: approver(amends) });
  await waitUntil('the credits are issued', async () => (await amends.call('GET', `/v1/credit-runs/${run.id}`)).state === 'issued');
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'ops@engines.example', account: 'engines', confirmed: true });
}

// The form for the link, a wrong address, the mail, and the button behind its link.
async function enters(walk, mails, n) {
  await walk.go('/account');
  await walk.look('ask');
  await walk.page.evaluate(() => document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })).catch(() => null);
  await walk.page.fill('#address', 'ada');
  if (!walk.bare) {
    await walk.press('main button');
    ok(await walk.page.isVisible('#address-wrong'), 'an address that is none is refused beside its field');
    await walk.look('ask-refused');
  }
  await walk.page.fill('#address', contact(n));
  await walk.press('main button');
  ok(await walk.page.isVisible('[role=status]'), 'the link is on its way');
  await walk.look('asked');
  const mail = await mailTo(mails, contact(n));
  const link = mail.link('a');
  await walk.go(`${link}?incident=`);
  await walk.look('enter');
  await walk.press('main button');
  return link;
}

async function tabs(walk, link) {
  const { page } = walk;
  ok((await page.textContent('h1')).includes('Analytical Engines Ltd'), 'the page opens');
  await walk.look('overview');
  await walk.press('main article a');
  await walk.look('incident');
  await walk.go(`${link}/credits`);
  await walk.look('credits');
  await walk.press('ul.past a');
  await walk.look('credit');
  await walk.go(`${link}/claims`);
  await walk.look('claims');
  for (const unit of ['month', 'billing']) {
    await walk.go(`${link}/report?unit=${unit}`);
    await walk.look(`report-${unit}`);
  }
}

async function contacts(walk, link, mails, n) {
  const { page } = walk;
  await walk.go(`${link}/contacts`);
  await page.evaluate(() => document.querySelectorAll('main details').forEach((one) => { one.open = true; })).catch(() => null);
  await walk.look('contacts');
  if (walk.bare) return;
  await page.evaluate(() => document.querySelectorAll('form').forEach((form) => { form.noValidate = true; }));
  await page.fill('#email', 'grace');
  await walk.press('button[value=invite]');
  await walk.look('invite-refused');
  const guest = `grace-${n}@engines.example`;
  await page.fill('#email', guest);
  await page.fill('#name', 'Grace Hopper');
  await walk.press('button[value=invite]');
  await walk.look('invited');
  const mail = await mailTo(mails, guest);
  await walk.go(mail.link('join'));
  await walk.look('join');
  await walk.go(`${link}/contacts`);
  await walk.press('ul.past a.button');
  await walk.look('channel');
}

async function leaves(walk, link) {
  await walk.go(link);
  await walk.press('button[value=leave]');
  ok(!/Analytical/.test(await walk.page.textContent('main')), 'signed out, the link is a button again');
  await walk.look('left');
  await walk.go(`${link.slice(0, -4)}AAAA`);
  await walk.look('wrong-link');
}

async function desk(walk) {
  await walk.go('/staff/login');
  await walk.page.fill('#login', walk.name);
  await walk.page.fill('#password', PASSWORD);
  await walk.press('main button');
  await walk.go('/staff/credits/accounts/engines');
  await walk.page.evaluate(() => document.querySelectorAll('main details').forEach((one) => { one.open = true; })).catch(() => null);
  await walk.look('staff-account');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  await world(amends);
  const browser = await launch();
  cleanup(() => browser.close());
  for (const [n, how] of chosen(WALKS, [1])) {
    const walk = await open(browser, amends.url, { ...how, name: `account-${nameOf(how)}`, expected: /status of (422|404)/ });
    const link = await enters(walk, mails, n);
    await tabs(walk, link);
    await contacts(walk, link, mails, n);
    await leaves(walk, link);
    person(amends, walk.name, ['admin']);
    await desk(walk);
    is(walk.faults, [], `${walk.name}: axe-core finds nothing, and nothing is too wide`);
  }
});
