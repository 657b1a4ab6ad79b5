#!/usr/bin/env node
'use strict';
// The SLA report: uptime by window in the account's zone and by component, announced maintenance
// excluded, never rounded up; credits from the ledger, in the window of their outage; JSON and CSV.
const { Amends } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { is, ok, scenario } = require('../../lib/tap.js');

const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } };
const account = (external_id, change) => JSON.stringify({ external_id, name: `Account ${external_id}`, currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2025-01-01', prices: [{ from: '2025-01-01', amount_minor: 3000 }], ...change });
const ACCOUNTS = [
  account('all'), account('berlin', { timezone: 'Europe/Berlin', components: ['web'] }),
  account('yearly', { interval: 'year', components: ['web'], prices: [{ from: '2025-01-01', amount_minor: 365000 }] }),
  account('late', { anchor: '2025-03-15' }), account('=risky', { components: ['mail'] })];

const impact = (component, level, from, to) => ({ component, level, from, to });
const incident = (ref, impacts, more) => ({ ref, title: ref, kind: 'incident', posts: [], impacts, ...more });
const INCIDENTS = [
  // Two components overlap: 10 minutes on one, 15 on the other, 20 together. Degraded counts for nothing.
  incident('overlap', [impact('web', 'major_outage', '2025-03-10T10:00:00Z', '2025-03-10T10:10:00Z'), impact('mail', 'partial_outage', '2025-03-10T10:05:00Z', '2025-03-10T10:20:00Z'),
    impact('web', 'degraded_performance', '2025-03-10T10:05:00Z', '2025-03-10T11:00:00Z')]),
  // Half an hour on either side of April's first midnight in Berlin, 22:00 UTC.
  incident('midnight', [impact('web', 'major_outage', '2025-03-31T21:30:00Z', '2025-03-31T22:30:00Z')]),
  incident('work', [impact('mail', 'under_maintenance', '2025-05-02T00:00:00Z', '2025-05-02T02:00:00Z')], { kind: 'maintenance', announced_at: '2025-04-25T00:00:00Z' }),
  incident('excused', [impact('mail', 'major_outage', '2025-05-02T01:00:00Z', '2025-05-02T02:30:00Z')]),
  incident('surprise', [impact('mail', 'under_maintenance', '2025-06-02T00:00:00Z', '2025-06-02T02:00:00Z')], { kind: 'maintenance', announced_at: '2025-06-02T01:00:00Z' }),
  incident('not-excused', [impact('mail', 'major_outage', '2025-06-02T01:00:00Z', '2025-06-02T01:30:00Z')]),
  incident('scoped', [{ ...impact('web', 'major_outage', '2025-02-10T00:00:00Z', '2025-02-10T01:00:00Z'), scope: { accounts: [{ account: 'yearly' }] } }]),
  incident('scoped-work', [{ ...impact('web', 'under_maintenance', '2025-08-10T00:00:00Z', '2025-08-10T02:00:00Z'), scope: { accounts: [{ account: 'yearly' }] } }], { kind: 'maintenance', announced_at: '2025-08-01T00:00:00Z' }),
  incident('half-excused', [impact('web', 'major_outage', '2025-08-10T01:00:00Z', '2025-08-10T01:30:00Z')]),
  incident('blink', [impact('web', 'partial_outage', '2025-07-01T00:00:00Z', '2025-07-01T00:00:00.001Z')])];

const report = (amends, id, query) => amends.call('GET', `/v1/accounts/${encodeURIComponent(id)}/sla-report?${query}`);
const part = (window, slug) => window.components.find((one) => one.component === slug);
const HALF = 'from=2025-01-01&to=2025-08-01';

async function uptime(amends) {
  const { windows, ...head } = await report(amends, 'all', HALF);
  is(head, { account: 'all', name: 'Account all', timezone: 'UTC', unit: 'month' }, 'a report names the account and its zone');
  is(windows.map((one) => one.from), ['01', '02', '03', '04', '05', '06', '07'].map((month) => `2025-${month}-01`), 'months are the windows');
  const [, february, march, , may, june, july] = windows;
  is([february.uptime_percent, february.measured_seconds, february.open], ['100', String(28 * 86400), false], 'a month without an outage has 100 %');
  is([march.down_seconds, part(march, 'web').down_seconds, part(march, 'mail').down_seconds], ['4800', '4200', '900'], 'an account is down while any of its components is');
  is([march.degraded_seconds, part(march, 'web').degraded_seconds], ['2400', '3000'], 'degraded time is told apart, and what is down is not degraded as well');
  is(march.uptime_percent, '99.8207', 'uptime is cut off after four digits');
  is([may.maintenance_seconds, may.down_seconds, part(may, 'mail').down_seconds, part(may, 'web').maintenance_seconds], ['7200', '1800', '1800', '0'], 'announced maintenance excuses its component');
  is([june.maintenance_seconds, june.down_seconds], ['0', '1800'], 'a maintenance announced too late excuses nothing');
  is([july.down_seconds, july.uptime_percent], ['0.001', '99.9999'], 'a millisecond keeps a month below 100 %');
  const berlin = (await report(amends, 'berlin', HALF)).windows;
  is([berlin[2], berlin[3]].map((one) => [one.down_seconds, one.measured_seconds]), [['2400', String(31 * 86400 - 3600)], ['1800', String(30 * 86400)]], 'a month is that of the account\'s zone, an hour shorter in March');
  is(berlin[2].components.map((one) => one.component), ['web'], 'only components that the account uses are in it');
  const february_of = async (id) => (await report(amends, id, HALF)).windows[1].down_seconds;
  is([await february_of('yearly'), await february_of('berlin')], ['3600', '0'], 'an outage with a scope is of the accounts in it');
  const august_of = async (id) => (await report(amends, id, 'from=2025-08-01&to=2025-09-01')).windows.map((one) => [one.down_seconds, one.maintenance_seconds])[0];
  is([await august_of('yearly'), await august_of('berlin')], [['0', '7200'], ['1800', '0']], 'a maintenance with a scope excuses the accounts in it alone');
  const quarters = (await report(amends, 'all', `${HALF}&unit=quarter`)).windows;
  is(quarters.map((one) => [one.from, one.to, one.down_seconds]), [['2025-01-01', '2025-04-01', '4800'], ['2025-04-01', '2025-07-01', '3600'], ['2025-07-01', '2025-10-01', '1800.001']], 'quarters');
  const years = (await report(amends, 'all', `${HALF}&unit=year`)).windows;
  is([years.length, years[0].measured_seconds, years[0].down_seconds], [1, String(365 * 86400), '10200.001'], 'a year');
  const late = (await report(amends, 'late', HALF)).windows;
  is([late.length, late[0].from, late[0].measured_seconds], [5, '2025-03-01', String(17 * 86400)], 'nothing is measured before the first term');
  const now = (await report(amends, 'all', '')).windows;
  const end = now[now.length - 1];
  ok(now.length === 12 && end.open && Number(end.measured_seconds) < 31 * 86400, 'by default the last twelve months, the present one up to now');
}

async function credits(amends, key) {
  const policy = { name: 'lost-time', model: 'prorata', multiplier: '10' };
  await amends.call('POST', '/v1/policies', policy);
  const one = { title: 'overlap', incidents: [{ ref: 'overlap' }] };
  await lib.runCredits(amends, one, key, 'lost-time');
  const all = await amends.all('/v1/credits');
  const of = (id) => all.find((each) => each.account === id);
  const money = async (id, query = HALF) => (await report(amends, id, query)).windows.filter((each) => each.credits.length).map((each) => [each.from, each.credits]);
  const sums = (owed, issued, reversed, confirmed, applied) => [{ currency: 'EUR', exponent: 2, owed_minor: owed, issued_minor: issued, reversed_minor: reversed, confirmed_minor: confirmed, applied_minor: applied }];
  const year = of('yearly').amount_minor;
  is(await money('yearly'), [['2025-03-01', sums(year, year, 0, 0, 0)]], 'a credit stands in the window of its outage, though its period began earlier');
  const [mine, other] = [of('all'), of('berlin')];
  await amends.call('POST', '/v1/credits/acks', { acks: [{ credit: mine.id, reference: 'inv-1' }] });
  is(await money('all'), [['2025-03-01', sums(mine.amount_minor, mine.amount_minor, 0, mine.amount_minor, 0)]], 'what billing acknowledged is confirmed');
  await amends.call('POST', `/v1/credits/${other.id}/reversal`, { reason: 'test' });
  is(await money('berlin'), [['2025-03-01', sums(0, other.amount_minor, other.amount_minor, 0, 0)]], 'what was reversed is no longer owed');
  is((await money('all', `${HALF}&unit=quarter`)).map(([from]) => from), ['2025-01-01'], 'by quarter');
  await amends.call('POST', '/v1/credit-runs', { policy: 'lost-time', incidents: ['midnight'], reason: 'draft' });
  is((await money('all'))[0][1][0].issued_minor, mine.amount_minor, 'a draft is nothing yet');
}

async function everybody(amends) {
  const first = await amends.call('GET', `/v1/sla-report?${HALF}&limit=3`);
  const rest = await amends.call('GET', `/v1/sla-report?${HALF}&limit=3&cursor=${encodeURIComponent(first.next_cursor)}`);
  is([...first.data, ...rest.data].map((one) => one.account), ['all', 'berlin', 'yearly', 'late', '=risky'], 'the report of all accounts is paged');
  is(first.data[1], await report(amends, 'berlin', HALF), 'and is the same as that of one');
  const one = await amends.request('GET', `/v1/accounts/berlin/sla-report?${HALF}&format=csv`);
  const lines = one.text.split('\r\n');
  ok(/^text\/csv/.test(one.headers.get('content-type')), 'CSV has its type');
  is(lines[0], 'account,name,timezone,from,to,row,component,measured_seconds,maintenance_seconds,degraded_seconds,down_seconds,uptime_percent,currency,exponent,owed_minor,issued_minor,reversed_minor,confirmed_minor,applied_minor', 'a header');
  is(lines.filter((line) => line.split(',')[3] === '2025-03-01').slice(0, 2), ['berlin,Account berlin,Europe/Berlin,2025-03-01,2025-04-01,window,,2674800,0,3000,2400,99.9102,,,,,,,', 'berlin,Account berlin,Europe/Berlin,2025-03-01,2025-04-01,component,web,2674800,0,3000,2400,99.9102,,,,,,,'], 'a line per window and per component');
  is(lines.filter((line) => /,credit,/.test(line)).map((line) => line.split(',').slice(5)), [['credit', '', '', '', '', '', '', 'EUR', '2', '0', ...first.data[1].windows[2].credits.map((each) => [each.issued_minor, each.reversed_minor].map(String)).flat(), '0', '0']], 'and per currency of its credits');
  const csv = (await amends.request('GET', `/v1/sla-report?${HALF}&format=csv`)).text;
  is([new Set(csv.split('\r\n').slice(1, -1).map((line) => line.split(',')[0])).size, /"'=risky",/.test(csv)], [5, true], 'as CSV all accounts come at once, and no cell is a formula');
}

async function refusals(amends) {
  const status = async (query, id = 'all') => {
    const { status: code, body } = await amends.request('GET', `/v1/accounts/${id}/sla-report?${query}`);
    return [code, body.errors?.[0].field];
  };
  is([await status('unit=week'), await status('from=2025-02-01&to=2025-02-01'), await status('from=1990-01-01'), await status('', 'nobody'), await status('from=tomorrow')],
    [[422, 'unit'], [422, 'to'], [422, 'from'], [404, undefined], [422, 'from']], 'wrong queries are refused by field');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  for (const slug of ['web', 'mail']) await amends.call('POST', '/v1/components', { slug, name: slug });
  await amends.call('POST', '/v1/accounts/import', ACCOUNTS.join('\n'), NDJSON);
  for (const one of INCIDENTS) await lib.replayIncident(amends, one);
  await uptime(amends);
  await credits(amends, await approver(amends));
  await everybody(amends);
  await refusals(amends);
});
