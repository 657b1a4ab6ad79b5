#!/usr/bin/env node
'use strict';
// Where a policy rates billing periods, an account sees its uptime by its own: the periods that its credits name, counted
// from the anchor of each term and cut where the next begins.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { acknowledge } = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const DAY = 86400000;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const iso = (time) => new Date(time).toISOString().slice(0, 10);
const today = iso(Date.now());

// Anchor plus months, the last day of a month that is shorter.
function added(anchor, months) {
  const [year, month, day] = anchor.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return iso(Date.UTC(year, month - 1 + months, Math.min(day, last)));
}

// The periods of terms that contain the days from first to last, by counting all of them.
function periods(terms, first, last) {
  return terms.flatMap(({ from, interval, anchor = from }, n) => {
    const step = interval === 'year' ? 12 : 1, end = terms[n + 1]?.from || '9999-12-31';
    const all = Array.from({ length: 240 }, (_, k) => [added(anchor, k * step), added(anchor, (k + 1) * step)]);
    return all.map(([a, b]) => [a < from ? from : a, b > end ? end : b]).filter(([a, b]) => a < b && a <= last && b > first);
  });
}

const changed = iso(Date.now() - 100 * DAY);
const TERMS = {
  late: [{ from: '2020-01-31', interval: 'month' }],
  yearly: [{ from: '2021-03-15', interval: 'year' }],
  moved: [{ from: '2021-05-10', interval: 'year' }, { from: changed, interval: 'month' }],
  cut: [{ from: '2020-06-20', interval: 'month', anchor: '2020-06-05' }],
  calendar: [{ from: '2020-01-01', interval: 'month' }],
};

async function world(amends) {
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug });
  const lines = Object.entries(TERMS).map(([external_id, terms]) => JSON.stringify({ external_id, name: `Company ${external_id}`, currency: 'EUR', timezone: 'Europe/Berlin', terms, prices: [{ from: '2020-01-01', amount_minor: 100000 }], components: ['api'], contacts: [{ email: `ada@${external_id}.example`, name: 'Ada', locale: 'en' }] }));
  await amends.call('POST', '/v1/accounts/import', lines.join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  const began = Date.now() - 50 * DAY;
  await amends.call('POST', '/v1/incidents', { ref: 'down', title: 'Down', kind: 'incident', state: 'investigating', body: 'x', notify: false, posted_at: new Date(began).toISOString(), components: [{ component: 'api', level: 'major_outage' }] });
  await amends.call('POST', '/v1/incidents/down/updates', { state: 'resolved', body: 'x', notify: false, posted_at: new Date(began + 7200000).toISOString() });
}

async function visit(amends, name) {
  const link = new URL((await amends.call('POST', `/v1/accounts/${name}/page-link`, {})).url).pathname;
  const cookie = (await amends.request('POST', link, '', { key: null, headers: FORM })).headers.get('set-cookie').split(';')[0];
  return async (tail) => (await amends.request('GET', link + tail, undefined, { key: null, headers: { cookie } })).text;
}

async function reports(amends) {
  const range = [iso(Date.now() - 800 * DAY), iso(Date.now() - 30 * DAY)];
  for (const [name, terms] of Object.entries(TERMS)) {
    const { key } = await amends.call('POST', '/v1/keys', { name, account: name, scopes: ['account:read'] });
    const uptime = async (query) => (await amends.request('GET', `/v1/account/uptime?unit=billing${query}`, undefined, { key })).body;
    const report = await uptime(`&from=${range[0]}&to=${range[1]}`);
    is([report.unit, report.windows.map(({ from, to }) => [from, to])], ['billing', periods(terms, range[0], iso(Date.parse(range[1]) - DAY))], `${name}: its periods in a range`);
    const now = await uptime('');
    is([now.windows.at(-1).from <= today, now.windows.at(-1).to > today, now.windows.at(-1).open], [true, true, true], 'up to now, without one');
  }
}

// The window of a credit's line has its downtime and its amount.
async function credits(amends) {
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'sla', incidents: ['down'], reason: 'x' });
  await acknowledge(amends, run);
  await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key: approver(amends) });
  await waitUntil('the credits are issued', async () => (await amends.call('GET', `/v1/credit-runs/${run.id}`)).state === 'issued');
  const rows = await amends.all(`/v1/credit-runs/${run.id}/credits`);
  is(rows.length, 5, 'every account has a credit');
  for (const { account, amount_minor: amount, lines: [line] } of rows) {
    const { windows } = await amends.call('GET', `/v1/accounts/${account}/sla-report?unit=billing`);
    const found = windows.filter((one) => one.down_seconds !== '0');
    is(found.map((one) => [one.from, one.to, one.down_seconds, one.credits.map((each) => each.owed_minor)]), [[line.period_from, line.period_to, '7200', [amount]]], `${account}: the outage and its credit are in the period of the credit`);
  }
  ok(/^moved,/m.test((await amends.request('GET', '/v1/accounts/moved/sla-report?unit=billing&format=csv')).text), 'as CSV, too');
}

async function pages(amends) {
  const tab = /unit=billing/;
  const [late, calendar] = [await visit(amends, 'late'), await visit(amends, 'calendar')];
  ok(!tab.test(await late('/report')), 'the page offers billing periods only if a policy rates them');
  await amends.call('POST', '/v1/policies', { name: 'quarterly', model: 'tiered', window: { unit: 'quarter' }, components: ['api'], tiers: [{ uptime_below: '99.9', percent: '10' }] });
  await amends.call('POST', '/v1/policies', { name: 'others', model: 'prorata', components: ['web'] });
  await amends.call('POST', '/v1/policies', { name: 'plans', model: 'prorata', applies: { plans: ['gold'] } });
  ok(!tab.test(await late('/report')), 'a policy of quarters, of other components or of other plans is none');
  await amends.call('POST', '/v1/policies', { name: 'sla', model: 'prorata', multiplier: '10' });
  const page = await late('/report?unit=billing');
  const [from] = periods(TERMS.late, today, today)[0];
  ok(/aria-current="page">Billing period</.test(page) && page.includes(new Date(`${from}T00:00Z`).toLocaleDateString('en-US', { month: 'short', day: 'numeric', year: 'numeric', timeZone: 'UTC' })), 'then it does, by their days');
  for (const lang of ['de', 'ja', 'fr', 'es', 'pt-BR']) ok(!/Billing period/.test(await late(`/report?unit=billing&lang=${lang}`)), `in ${lang}`);
  ok(!tab.test(await calendar('/report')), 'to an account whose periods are months, it does not');
  ok(/Uptime, billing period/.test(await late('')) && !/Uptime, billing period/.test(await calendar('')), 'the overview has the current one');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await world(amends);
  await reports(amends);
  await pages(amends);
  await credits(amends);
});
