#!/usr/bin/env node
'use strict';
// Staff find incidents by text, component, severity, state, kind and day, page by page, and read the audit
// log as sentences, by person and kind.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk, keyOf } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const incident = (ref, title, component, level, day, body = 'We look into it.') => ({
  ref, title, kind: 'incident', state: 'investigating', body, notify: false, posted_at: `${day}T12:00:00Z`, components: [{ component, level }],
});

async function incidents(amends, desk) {
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug.toUpperCase() });
  await amends.call('POST', '/v1/incidents', incident('a', 'Logins fail', 'web', 'major_outage', '2026-03-01', 'The identity provider is down.'));
  await amends.call('POST', '/v1/incidents', incident('b', 'API answers slowly', 'api', 'degraded_performance', '2026-04-10'));
  await amends.call('POST', '/v1/incidents', incident('c', '100% of API calls fail', 'api', 'partial_outage', '2026-05-20'));
  await amends.call('POST', '/v1/incidents/c/updates', { state: 'resolved', body: 'Fixed by a roll-back.', notify: false, components: [{ component: 'api', level: 'operational' }] });
  await amends.call('POST', '/v1/incidents', { ref: 'm', title: 'New database', kind: 'maintenance', state: 'scheduled', body: 'x', notify: false, components: [{ component: 'web', level: 'under_maintenance' }], scheduled_from: '2027-01-05T02:00:00Z', scheduled_until: '2027-01-05T03:00:00Z' });
  const refs = async (query) => (await amends.call('GET', `/v1/incidents?${query}`)).data.map((one) => one.ref).join('');
  for (const [query, want, what] of [
    ['', 'mcba', 'all'], ['q=API', 'cb', 'by a word of the title, in any case'], ['q=IDENTITY+provider', 'a', 'by a word of a post'],
    ['q=100%25', 'c', 'by text that is no pattern'], ['q=_', '', 'not by a wildcard'], ['component=api', 'cb', 'by component'], ['component=web', 'ma', 'also planned'],
    ['level=partial_outage', 'ca', 'by severity or worse'], ['level=under_maintenance', '', 'maintenance is none'], ['state=resolved', 'c', 'by state'],
    ['kind=maintenance', 'm', 'by kind'], ['from=2026-04-10&to=2026-05-19', 'b', 'by day, inclusive'], ['from=2027-01-05', 'm', 'by the planned day'],
    ['q=api&level=partial_outage&open=false', 'c', 'by all together'],
  ]) is(await refs(query), want, `${what}: ${query}`);
  is((await amends.request('GET', '/v1/incidents?from=yesterday')).body.errors[0].field, 'from', 'a day that is none is refused');
  const found = await desk.get('/staff/incidents?q=api&component=api&level=degraded_performance');
  ok(/API answers slowly/.test(found.text) && !/Logins fail/.test(found.text), 'the console finds them');
  ok(/<details open>/.test(found.text) && /<option value="api" selected>API/.test(found.text) && /value="api"/.test(found.text), 'and keeps what was asked');
  ok(/No incidents match/.test((await desk.get('/staff/incidents?q=nothing')).text), 'or says that none match');
  sql(amends, "insert into incident (ref, title, kind, state, started_at) select 'old-' || n, 'Old disk ' || n, 'incident', 'resolved', '2020-01-01' from generate_series(1, 60) n");
  const page = await desk.get('/staff/incidents?q=disk');
  const [, older] = page.text.match(/href="(\/staff\/incidents\?cursor=[^"]+)"/);
  const next = await desk.get(older.replaceAll('&amp;', '&'));
  is([page.text.match(/Old disk/g).length, next.text.match(/Old disk/g).length], [50, 10], 'page by page, with the same search');
}

async function audit(amends, desk) {
  await amends.call('POST', '/v1/accounts/import', `${JSON.stringify({ external_id: 'acme', name: 'Acme', currency: 'USD', timezone: 'UTC', interval: 'month', anchor: '2024-01-01', components: ['web'], prices: [{ from: '2024-01-01', amount_minor: 1240500 }], contacts: [] })}\n`, { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', { name: 'all', model: 'prorata', multiplier: '10', cap_percent: '10', weights_bp: { major_outage: 10000 } });
  await amends.call('POST', '/v1/incidents/a/updates', { state: 'resolved', body: 'x', notify: false, components: [{ component: 'web', level: 'operational' }], posted_at: '2026-03-20T12:00:00Z' });
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'all', incidents: ['a'], reason: 'x' });
  await desk.get('/staff');
  const codes = (await amends.call('GET', `/v1/credit-runs/${run.id}`)).warnings.map((one) => one.id);
  if (codes.length) await amends.call('POST', `/v1/credit-runs/${run.id}/acknowledge-warnings`, { warnings: codes });
  const key = keyOf(amends, 'ana', 'credit-runs:approve', 'credit-runs:read');
  await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, {}, { key });
  await waitUntil('it is issued', async () => (await amends.call('GET', `/v1/credit-runs/${run.id}`)).state === 'issued');
  const page = async (query = '') => (await desk.get(`/staff/access/audit${query}`)).text;
  const all = await page();
  ok(/<a href="\/staff\/credits\/runs\/1">Ana approved credit run 1 \(1 credit, 1,240\.50 USD\)<\/a>/.test(all), 'an approval is a sentence with its totals');
  ok(/Billing issued credit run 1 \(1 credit, 1,240\.50 USD\)/.test(all) && /<a href="\/staff\/incidents\/a">API key &quot;admin&quot; opened “Logins fail”<\/a>/.test(all), 'others name people, keys and titles');
  ok(/<code>key:\w+ credit_run\.approve credit_run:1<\/code>/.test(all), 'the exact entry is there');
  const hers = await page('?actor=staff%3Aana');
  ok(/Ana approved/.test(hers) && /Ana signed in/.test(hers) && !/opened “/.test(hers), 'by person, also with a key');
  const kind = await page('?action=credit_run');
  ok(/issued credit run/.test(kind) && !/signed in/.test(kind) && /<option value="credit_run" selected>/.test(kind), 'by kind');
  ok(/No entries match/.test(await page('?object=nothing')), 'or none');
  sql(amends, "insert into audit (actor, action, object) select 'cli', 'staff.profile', 'staff:1' from generate_series(1, 120)");
  ok(/cursor=[^"]+&amp;action=staff"/.test(await page('?action=staff')), 'page by page');
  const { data: [row] } = await amends.call('GET', '/v1/audit?action=credit_run.approve');
  is([row.actor_name, row.object_name, row.totals], ['Ana', '1', [{ currency: 'USD', credits: 1, amount_minor: 124050 }]], 'the API has the names, too');
}

async function paged(amends) {
  for (const name of ['one', 'two', 'three']) {
    await amends.call('POST', '/v1/staff', { login: name, roles: ['viewer'] });
    await amends.call('POST', '/v1/keys', { name, scopes: ['incidents:read'] });
    await amends.call('POST', '/v1/incident-templates', { name, kind: 'incident', title: 'x', state: 'investigating', body: 'x' });
  }
  for (const list of ['staff', 'keys', 'incident-templates']) {
    const all = (await amends.call('GET', `/v1/${list}`)).data.map((one) => one.id);
    const read = [];
    for (let cursor = ''; cursor !== null;) {
      const page = await amends.call('GET', `/v1/${list}?limit=2${cursor}`);
      read.push(...page.data.map((one) => one.id));
      cursor = page.next_cursor ? `&cursor=${encodeURIComponent(page.next_cursor)}` : null;
    }
    is([read, read.length > 2], [all, true], `${list} are read page by page`);
  }
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  const desk = await Desk.enter(amends, 'ana', ['admin'], { name: 'Ana' });
  await incidents(amends, desk);
  await audit(amends, desk);
  await paged(amends);
});
