#!/usr/bin/env node
'use strict';
// A claim in a real browser: a customer claims with a file on a phone, staff decide it beside its windows and what
// the policy would give, and draft the run. axe-core finds nothing, nothing is wider than the screen.
const fs = require('node:fs');
const path = require('node:path');
const { Amends, freshDirectory } = require('../lib/amends.js');
const { PASSWORD, person } = require('../lib/staff.js');
const lib = require('../lib/cases.js');
const { launch, open, PHONE, DESK } = require('../lib/walk.js');
const { ok, is, scenario } = require('../lib/tap.js');

const HOUR = 3600000;
const at = (hours) => new Date(Date.now() - hours * HOUR).toISOString();

async function world(amends) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/accounts/import', JSON.stringify({ external_id: 'acct-1', name: 'Analytical Engines Ltd', currency: 'EUR', timezone: 'Europe/Berlin', interval: 'month',
    anchor: '2020-01-01', prices: [{ from: '2020-01-01', amount_minor: 100000 }], components: ['api'], contacts: [{ email: 'ada@engines.example', name: 'Ada', locale: 'en' }] }), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', { name: 'sla', model: 'prorata', multiplier: '10', claim: { required: true, within_days: 30 } });
  for (const [ref, title, hours] of [['api-down', 'The API did not answer', 100], ['slow-queue', 'Jobs started late', 1500]]) {
    await lib.replayIncident(amends, { ref, title, kind: 'incident', posts: [], impacts: [{ component: 'api', level: 'major_outage', from: at(hours), to: at(hours - 2) }] });
  }
}

async function customer(amends, walk, file) {
  const { url } = await amends.call('POST', '/v1/accounts/acct-1/claim-link', { contact: 'ada@engines.example' });
  await walk.go(new URL(url).pathname);
  await walk.look('claim-form');
  await walk.page.check('input[value=api-down]');
  await walk.page.fill('#text', 'Our shop took no orders for two hours.');
  await walk.page.setInputFiles('#evidence', { name: 'page.html', mimeType: 'application/pdf', buffer: Buffer.from('<html></html>') });
  await walk.press('main button');
  ok(await walk.page.isVisible('#evidence ~ .wrong'), 'a file that is none is refused beside its field');
  is(await walk.page.inputValue('#text'), 'Our shop took no orders for two hours.', 'and what was typed is kept');
  await walk.look('claim-refused');
  await walk.page.setInputFiles('#evidence', file);
  await walk.press('main button');
  ok(await walk.page.isVisible('[role=status]'), 'the claim is made, with its file');
  await walk.look('claim-made');
}

async function desk(amends, walk) {
  person(amends, 'bill', ['billing'], { email: 'bill@staff.example' });
  await walk.go('/staff/login');
  await walk.page.fill('#login', 'bill');
  await walk.page.fill('#password', PASSWORD);
  await walk.press('main button');
  await walk.go('/staff');
  await walk.press('a:has-text("Analytical Engines Ltd")');
  ok(/EUR/.test(await walk.page.textContent('p.amount')), 'staff see what the policy would give');
  await walk.look('claim');
  const [download] = await Promise.all([walk.page.waitForEvent('download'), walk.page.click('a[download]')]);
  ok(/^claim-\d+\.txt$/.test(download.suggestedFilename()), 'the file is a download under a name of ours');
  await walk.page.fill('#message', 'You are right, we are sorry.');
  await walk.press('button[value=decide]');
  await walk.look('claims');
  ok(await walk.page.isChecked('input[name=claim]'), 'the accepted claim is chosen for a run');
  await walk.page.fill('#reason', 'Claims of this week');
  await walk.press('main button[type=submit]');
  ok(/\/staff\/credits\/runs\/\d+$/.test(walk.page.url()), 'the run is drafted');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const amends = await Amends.up({ dir });
  cleanup(() => amends.destroy());
  await world(amends);
  const browser = await launch();
  cleanup(() => browser.close());
  const file = path.join(dir, 'orders.log');
  fs.writeFileSync(file, '10:00 no orders\n');
  const phone = await open(browser, amends.url, { language: 'en', zone: 'UTC', scheme: 'dark', size: PHONE, device: 'phone', name: 'claim-phone' });
  await customer(amends, phone, file);
  const wide = await open(browser, amends.url, { language: 'en', zone: 'UTC', scheme: 'light', size: DESK, device: 'desk', name: 'claim-desk' });
  await desk(amends, wide);
  is([...phone.faults, ...wide.faults], [], 'axe-core finds nothing, and nothing is too wide');
});
