#!/usr/bin/env node
'use strict';
// Nine public clients of Statuspage read a page of ours, unchanged, at pinned versions: aRez,
// DiscordStatus, whadup, statuscheck, statuspage-prometheus-exporter and feedparser from PyPI;
// statuspage.io, @aero/statuspage and Atlassian's own status-widget, in Chromium, from npm.
const fs = require('node:fs');
const path = require('node:path');
const { Amends, waitUntil } = require('../../lib/amends.js');
const { HOME, SOURCES, run } = require('../../lib/clients.js');
const { launch } = require('../../lib/walk.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const FROM = path.join(SOURCES, 'statuspage');
const TO = path.join(HOME, 'statuspage');
const VENV = path.join(TO, 'venv/bin');

async function install() {
  fs.mkdirSync(TO, { recursive: true });
  for (const file of fs.readdirSync(FROM)) fs.copyFileSync(path.join(FROM, file), path.join(TO, file));
  await run('python3', ['-m', 'venv', path.join(TO, 'venv')], { cwd: TO });
  await run(path.join(VENV, 'pip'), ['install', '-q', '--no-deps', '-r', 'requirements.txt'], { cwd: TO });
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: TO });
}

async function prepare(amends) {
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug.toUpperCase(), group: 'core' });
  await amends.call('POST', '/v1/incidents', { ref: 'down', title: 'Down', kind: 'incident', state: 'investigating', body: 'Looking.', components: [{ component: 'api', level: 'major_outage' }], posted_at: new Date(Date.now() - 60000).toISOString(), notify: false });
  await amends.call('POST', '/v1/incidents/down/updates', { state: 'identified', body: 'Found.', notify: false });
  const from = Date.now() + 86400000;
  await amends.call('POST', '/v1/incidents', { ref: 'work', title: 'Work', kind: 'maintenance', state: 'scheduled', body: 'Planned.', scheduled_from: new Date(from).toISOString(), scheduled_until: new Date(from + 3600000).toISOString(), components: [{ component: 'web', level: 'under_maintenance' }], notify: false });
  for (const target of ['/api/v2/summary.json', '/api/v2/scheduled-maintenances/upcoming.json', '/api/v2/scheduled-maintenances.json', '/history.atom']) {
    await waitUntil(`${target} has it`, async () => (await amends.request('GET', target, undefined, { key: null })).text.includes('Planned.'));
  }
  for (const target of ['/api/v2/incidents.json', '/api/v2/incidents/unresolved.json']) {
    await waitUntil(`${target} has it`, async () => (await amends.request('GET', target, undefined, { key: null })).text.includes('Found.'));
  }
}

async function python(amends) {
  const seen = JSON.parse(await run(path.join(VENV, 'python'), ['python_clients.py', amends.url], { cwd: TO }));
  const { incident, ...page } = seen.arez;
  is(page, { status: 'Partial System Outage', impact: 'Major', groups: ['Core'], component: 'Major Outage', maintenance: ['Work', 'Scheduled', 'Maintenance', 3600] }, 'aRez');
  is([incident[0], incident[1], incident[2], incident[4]], ['Down', 'Critical', 'Found.', ['API']], 'aRez: its incident');
  is(seen.discordstatus, [3, 3, 1, 1, 1, 0, 1, 'major'], 'DiscordStatus');
  is(seen.whadup, ['major', 'API'], 'whadup');
  is(seen.statuscheck.slice(1, 3), [false, ['Down', 'Work']], 'statuscheck');
  is(seen.exporter, [true, 'critical', null, ['Down']], 'statuspage-prometheus-exporter takes the impact of the worst incident');
  is([Number(seen.feedparser[0]), [...seen.feedparser[1]].sort()], [0, ['Down', 'Work']], 'feedparser reads history.atom');
}

async function javascript(amends) {
  const load = (name) => require(path.join(TO, 'node_modules', name));
  const { Statuspage } = load('statuspage.io');
  const page = new Statuspage('amends');
  page.apiClient.defaults.baseURL = amends.url;
  const unresolved = await page.api.incidents.getUnresolved();
  is([(await page.api.getSummary()).status.indicator, unresolved.incidents.map((one) => one.name), (await page.api.scheduledMaintenances.getUpcoming()).scheduled_maintenances.length],
    ['major', ['Down'], 1], 'statuspage.io');
  // It keeps the path of its last call, so each call has a client of its own.
  const { StatusPageClient } = load('@aero/statuspage');
  const [incident] = await new StatusPageClient(amends.url).incidents(true);
  const summary = await new StatusPageClient(amends.url).summary();
  const [group] = await new StatusPageClient(amends.url).components();
  is([incident.name, group.children.map((one) => one.name).sort(), Boolean(summary)], ['Down', ['API', 'WEB'], true], '@aero/statuspage: incidents, and components in their group');
}

async function widget(amends, cleanup) {
  const browser = await launch();
  cleanup(() => browser.close());
  const page = await browser.newPage();
  await page.setContent(`<statuspage-widget src="${amends.url}"></statuspage-widget>`);
  await page.addScriptTag({ path: path.join(TO, 'node_modules/@statuspage/status-widget/dist/index.js') });
  const text = await waitUntil('the widget shows the status', async () => {
    const seen = await page.evaluate(() => document.querySelector('statuspage-widget').shadowRoot?.textContent || document.querySelector('statuspage-widget').textContent);
    return /outage/i.test(seen) && seen;
  }, 20000);
  ok(/Partial System Outage/i.test(text), `Atlassian's widget: ${text.trim().replace(/\s+/g, ' ').slice(-60)}`);
}

scenario(async (cleanup) => {
  await install();
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await prepare(amends);
  await python(amends);
  await javascript(amends);
  await widget(amends, cleanup);
});
