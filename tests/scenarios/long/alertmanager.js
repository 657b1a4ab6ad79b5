#!/usr/bin/env node
'use strict';
// A real Prometheus sees a target fail and the real Alertmanager reports it, both by the samples of
// deploy/: a suggested incident, published, is mailed to the accounts of the failed region only; the
// target heals, the window closes at Prometheus' own time, and a credit run pays those accounts for
// the outage that Prometheus measured.
const path = require('node:path');
const { ROOT, waitUntil } = require('../../lib/amends.js');
const { acknowledge } = require('../../lib/cases.js');
const { Prometheus, missing, INTERVAL_MS } = require('../../lib/prometheus.js');
const { approver, command } = require('../../lib/staff.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const OUTAGE_MS = 5000;
const ms = (time) => Date.parse(time);
const pause = (length) => new Promise((resolve) => setTimeout(resolve, length));

async function prepare(amends) {
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug.toUpperCase() });
  const account = ([external_id, region, component]) => JSON.stringify({
    external_id, name: external_id, currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2024-01-01', components: [component],
    prices: [{ from: '2024-01-01', amount_minor: 10000000 }], labels: { region },
  });
  const accounts = [['eu-1', 'eu', 'api'], ['eu-2', 'eu', 'api'], ['eu-web', 'eu', 'web'], ['us-1', 'us', 'api']];
  await amends.call('POST', '/v1/accounts/import', accounts.map(account).join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  for (const [name] of accounts) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${name}@readers.example`, account: name, confirmed: true });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'nobody@readers.example', confirmed: true });
  await amends.call('POST', '/v1/policies', { name: 'p', model: 'prorata', multiplier: '10', cap_percent: '100', weights_bp: { major_outage: 10000 } });
  note(command(amends, 'rule', 'import', path.join(ROOT, 'deploy/alertmanager/rules.json')));
  return amends.call('POST', '/v1/alert-sources', { name: 'prometheus', format: 'alertmanager' });
}

const heard = (mails, text) => mails.mails().filter((mail) => mail.to.endsWith('@readers.example') && mail.data.includes(text)).map((mail) => mail.to.split('@')[0]).sort();

async function fails(amends, prometheus, mails) {
  prometheus.service.fails = true;
  const [one] = await waitUntil('an incident is suggested', async () => {
    const rows = await amends.all('/v1/suggestions?state=pending');
    return rows.length && rows;
  });
  is([one.title, one.accounts, one.post.audience, one.firing, one.windows[0].scope], ['API: major outage', 2, 'affected', true, { labels: { region: 'eu' } }], 'the failed target suggests an incident of its region');
  await waitUntil('staff are told', () => mails.mails().some((mail) => mail.to === 'staff@staff.example' && /Suggested incident/.test(mail.data)));
  const { incident } = await amends.call('POST', `/v1/suggestions/${one.id}/publish`, {});
  const [{ id }] = await amends.all(`/v1/broadcasts?incident=${incident}`);
  await amends.settled(id);
  is(heard(mails, 'API: major outage'), ['eu-1', 'eu-2'], 'published, it is mailed to the affected accounts only');
  return { id: one.id, incident };
}

async function heals(amends, prometheus, { id, incident }) {
  await pause(OUTAGE_MS);
  prometheus.service.fails = false;
  await waitUntil('the alert is over', async () => (await amends.all('/v1/suggestions?resolvable=true')).length === 1);
  const { impacts: [window] } = await amends.call('GET', `/v1/incidents/${incident}/impacts`);
  const fired = (await prometheus.samples('ALERTS{alertstate="firing"}')).map(([at]) => at);
  const up = await prometheus.range('up{service="api"}', ms(window.from) - 10000, ms(window.to) + 10000);
  const down = up.findIndex(([, value]) => value === 0), again = up.findIndex(([, value], i) => i > down && value === 1);
  const near = (time, [at]) => Math.abs(ms(time) - at) <= INTERVAL_MS;
  is([window.measured, ms(window.from), ms(window.to)], [true, fired[0], fired.at(-1) + INTERVAL_MS], 'its window begins and ends at the evaluations of Prometheus in which the alert fired and was resolved');
  ok(near(window.from, up[down]) && near(window.to, up[again]), `and equals, to the scrape interval, the time that the target was down: ${up[again][0] - up[down][0]} ms measured, ${ms(window.to) - ms(window.from)} ms in the window`);
  await amends.call('POST', `/v1/suggestions/${id}/resolve`, {});
  is((await amends.call('GET', `/v1/incidents/${incident}/impacts`)).impacts, [window], 'resolving leaves the window');
  return window;
}

async function pays(amends, incident, window) {
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'p', incidents: [incident], reason: 'The region was down' });
  await acknowledge(amends, run);
  await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key: approver(amends) });
  const credits = await amends.all(`/v1/credit-runs/${run.id}/credits`);
  is(credits.map((credit) => credit.account).sort(), ['eu-1', 'eu-2'], 'those accounts, and no others, get a credit');
  for (const credit of credits) {
    const { lines: [line] } = await amends.call('GET', `/v1/credits/${credit.id}/workings`);
    is(line.windows.map(({ from, to }) => [ms(from), ms(to)]), [[ms(window.from), ms(window.to)]], `${credit.account} is paid for the window that Prometheus measured: ${credit.amount_minor} cents`);
  }
}

scenario(async (cleanup) => {
  const why = missing();
  if (why) {
    ok(true, `SKIP ${why}`);
    return;
  }
  const { amends, mails, dir } = await upWithMail(cleanup, { AMENDS_MAIL_FROM: 'status@status.example', AMENDS_STAFF_EMAIL: 'staff@staff.example' });
  const { secret } = await prepare(amends);
  const prometheus = await Prometheus.start(dir, cleanup, { url: `${amends.url}/hooks/alerts/prometheus`, secret, labels: { service: 'api', region: 'eu' } });
  await waitUntil('the target is up', async () => (await prometheus.samples('up{service="api"}')).some(([, value]) => value === 1));
  const published = await fails(amends, prometheus, mails);
  const window = await heals(amends, prometheus, published);
  await waitUntil('the end is mailed', () => heard(mails, 'has been resolved').length >= 2);
  is(heard(mails, 'has been resolved'), ['eu-1', 'eu-2'], 'the end, to the same');
  await pays(amends, published.incident, window);
});
