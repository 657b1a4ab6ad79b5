#!/usr/bin/env node
'use strict';
// Every policy of the library opens in the console's form, and saving the form's fields alone gives the
// same canonical document (in `make check` three with many fields). Columns, caps and days that a person takes away or adds do the same.
const fs = require('node:fs');
const path = require('node:path');
const { Parser } = require('../../node_modules/htmlparser2');
const { spawnSync } = require('node:child_process');
const { AMENDS, Amends, ROOT } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const FORM = '/staff/credits/new-policy';
const DIR = path.join(ROOT, 'billing/library');
const SOME = ['atlassian', 'aws-s3', 'telecom-uk'];
const library = fs.readdirSync(DIR).map((name) => JSON.parse(fs.readFileSync(path.join(DIR, name), 'utf8')).policy)
  .filter(({ name }) => process.env.ALL_WALKS || SOME.includes(name));

// What a browser would send: {name: [values]} of the form beside the panel.
function fieldsOf(html) {
  const fields = {};
  const add = (name, value) => { if (name) (fields[name] = fields[name] || []).push(value); };
  let inside = false, select = null, area = null;
  const parser = new Parser({
    onopentag(tag, at) {
      if (tag === 'form') inside = (at.class || '').includes('beside');
      if (!inside) return;
      if (tag === 'input' && (!['checkbox', 'radio'].includes(at.type) || 'checked' in at)) add(at.name, at.value || '');
      if (tag === 'select') select = { name: at.name, value: null };
      if (tag === 'option' && select && (select.value === null || 'selected' in at)) select.value = at.value;
      if (tag === 'textarea') area = { name: at.name, text: '' };
    },
    ontext(text) { if (area) area.text += text; },
    onclosetag(tag) {
      if (tag === 'form') inside = false;
      if (tag === 'select' && select) { add(select.name, select.value); select = null; }
      if (tag === 'textarea' && area) { add(area.name, area.text); area = null; }
    },
  }, { decodeEntities: true });
  parser.end(html);
  return fields;
}

const open = async (desk, query) => fieldsOf((await desk.get(`${FORM}?${query}`)).text);
const preview = async (desk, fields, what = 'preview') => fieldsOf((await desk.send(FORM, { ...fields, do: what })).text);
const documentOf = (fields) => JSON.parse(fields.document[0]);

async function everyScheme(amends, desk) {
  const canonical = new Map();
  for (const policy of library) canonical.set(policy.name, JSON.stringify((await amends.call('POST', '/v1/policies', policy)).document));
  const wrong = [];
  for (const { name } of library) {
    const fields = await open(desk, `published=${name}`);
    const saved = await desk.send(FORM, { ...fields, other: '{}', do: 'add' });
    const [newest] = (await amends.call('GET', `/v1/policies?name=${name}&newest=true`)).data;
    const same = saved.status === 303 && newest.version === 1 && JSON.stringify(newest.document) === canonical.get(name);
    if (!same || fields.other[0] !== '{}') wrong.push([name, saved.status, newest.version, fields.other[0], JSON.stringify(newest.document), canonical.get(name)]);
  }
  is(wrong, [], `each of ${library.length} policies of the library goes through the form unchanged`);
}

async function changes(desk) {
  const uk = await open(desk, 'published=telecom-uk');
  is([uk['grace.calendar.weekend'], uk['grace.calendar.holidays'], uk['steps.amounts']], [['', '6', '7'], ['2026-04-03, 2026-04-06'], ['10.34 GBP']], 'days, dates and amounts as a person writes them');
  const friday = documentOf(await preview(desk, { ...uk, 'grace.calendar.weekend': ['', '5'] }));
  is(friday.grace.calendar.weekend, [5], 'another weekend');
  const hours = await open(desk, 'published=hours-by-length');
  is(hours['tiers.down_from_seconds'], ['10m', '1h', '2h', '3h', '4h', '7h'], 'lengths of downtime');
  const more = await preview(desk, { ...hours, 'tiers.columns': ['down_from_seconds', 'hours', 'amounts', 'pays'] });
  is(more['tiers.amounts'], ['', '', '', '', '', ''], 'a column more');
  const both = documentOf(await preview(desk, { ...more, 'tiers.amounts': ['5.00 EUR, 400 JPY', '', '', '', '', ''], 'tiers.pays': ['sum', ...Array(5).fill('greatest')] }));
  is(both.tiers[0], { down_from_seconds: 600, hours: '24', amounts: { EUR: 500, JPY: 400 }, pays: 'sum' }, 'several remedies in one tier');
  const capped = await preview(desk, { ...(await open(desk, 'starter=lost_time')), cap: 'several' });
  is([capped['caps.percent'], capped.cap_percent], [[''], undefined], 'several caps in place of one');
  const year = documentOf(await preview(desk, { ...capped, 'caps.percent': '30', 'caps.per': 'year' }));
  is([year.caps, year.cap_percent], [[{ percent: '30', per: 'year' }], undefined], 'one per year');
  const free = documentOf(await preview(desk, { ...capped, cap: 'none' }));
  is([free.caps, free.cap_percent], [[], undefined], 'or no bound');
  const labelled = documentOf(await preview(desk, { ...(await open(desk, 'starter=lost_time')), 'applies.labels.label': ['region', 'tier'], 'applies.labels.values': ['eu, uk', 'gold'], 'applies.plans': 'a, b' }));
  is(labelled.applies, { plans: ['a', 'b'], labels: { region: ['eu', 'uk'], tier: 'gold' } }, 'plans and labels');
}

async function mistakes(desk) {
  const okta = await open(desk, 'published=okta');
  const reply = await desk.send(FORM, { ...okta, 'window.timezone': 'Mars/Base', do: 'add' });
  ok(reply.status === 422 && /id="w-window\.timezone"[^>]*>Enter a time zone/.test(reply.text), 'a mistake in a part of a part is beside its field');
  const grace = await desk.send(FORM, { ...(await open(desk, 'starter=lost_time')), 'grace.seconds': 'soon', do: 'preview' });
  ok(/<details class="card folded" id="g-grace" open>/.test(grace.text), 'its group is open');
  ok(!/<details class="card folded" id="g-claim" open>/.test(grace.text), 'others are not');
  const beyond = await desk.send(FORM, { ...(await open(desk, 'starter=lost_time')), beyond: '1', do: 'add' });
  ok(beyond.status === 422 && /id="w-beyond"[^>]*>needs below/.test(beyond.text), 'what lint refuses, the form does');
  const words = (await desk.get(`${FORM}?published=okta`)).text;
  ok(/id="policy-words"[^>]*>.*uptime below 99\.9\s%.*within 30 days/s.test(words), 'the words stand beside the form');
  ok(/id="policy-example"[^>]*>.*receives 9\.90 USD/s.test(words), 'and the example, for an account that claims');
}

// What lint refuses: the file, the API and the console say the same of the same field.
const REFUSED = [
  { model: 'tiered', multiplier: '2', tiers: [{ uptime_below: '99', percent: '5' }] },
  { model: 'tiered', tiers: [{ uptime_below: '99.9', percent: '25' }, { uptime_below: '99', percent: '10' }] },
  { model: 'prorata', weights_bp: { degraded_performance: 0, partial_outage: 9000, major_outage: 5000 } },
  { model: 'prorata', weights_bp: { degraded_performance: 0, partial_outage: 0, major_outage: 0 } },
  { model: 'prorata', cap_percent: '0' },
  { model: 'prorata', caps: [{ percent: '10' }], cap_percent: '50' },
  { model: 'prorata', beyond: true },
  { model: 'prorata', remedy: 'days', base: 'lines' },
  { model: 'prorata', claim: { within_days: 30 } },
  { model: 'prorata', audience: 'all' },
  { model: 'days', days: '1', per: 'affected_day', audience: 'all' },
  { model: 'steps', steps: [{ percent: '5' }], unit_seconds: 60, tiers: [] },
  { model: 'prorata', window: { unit: 'month', timezone: 'Mars/X' } },
].map((one, n) => ({ name: `wrong-${n}`, ...one }));

async function refusals(amends, desk, dir) {
  const file = path.join(dir, 'wrong.json');
  fs.writeFileSync(file, JSON.stringify(REFUSED));
  const lint = spawnSync(AMENDS, ['policy', 'lint', file, '--output', 'json'], { encoding: 'utf8' }).stdout.trim().split('\n').map((line) => JSON.parse(line));
  is(lint.filter((one) => one.valid).map((one) => one.policy), [], 'lint refuses them all');
  const period = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
  for (const [what, target, body, prefix] of [
    ['POST /v1/policies', '/v1/policies', (policy) => policy, ''],
    ['an example', '/v1/policies/example', (policy) => ({ policy }), 'policy.'],
    ['a dry run', '/v1/policies/dry-run', (policy) => ({ policy, period }), 'policy.'],
    ['its other side', '/v1/policies/dry-run', (policy) => ({ library: 'okta', against: { policy }, period }), 'against.policy.']]) {
    const said = [];
    for (const policy of REFUSED) {
      const reply = await amends.request('POST', target, body(policy));
      const error = (reply.body.errors || [{}])[0];
      said.push([policy.name, reply.status, error.field, error.detail]);
    }
    is(said, lint.map((one) => [one.policy, 422, prefix + one.field, one.fault]), `${what} refuses them with the field and reason of lint`);
  }
  const typed = [];
  const was = await open(desk, 'starter=lost_time');
  for (const policy of REFUSED) typed.push((await desk.send(FORM, { ...was, document: JSON.stringify(policy), do: 'add' })).status);
  is(typed, REFUSED.map(() => 422), 'so does the console, of JSON');
  is((await amends.all('/v1/policies')).filter((one) => /^wrong/.test(one.name)), [], 'nothing is stored');
}

// A version from before this stays as it is, computes, and may be sent again; what is new is refused.
async function before(amends) {
  const { document } = await amends.call('POST', '/v1/policies', { name: 'before', model: 'tiered', tiers: [{ uptime_below: '99', percent: '5' }] });
  is((await amends.request('POST', '/v1/policies', document)).status, 200, 'a stored document, which has fields of other models, may be sent again');
  is((await amends.request('POST', '/v1/policies', { ...document, claim: { required: true } })).status, 201, 'and changed');
  const old = { ...document, name: 'old', multiplier: '3' };
  sql(amends, `insert into policy (name, version, document, created_by) values ('old', 1, '${JSON.stringify(old)}', 1)`);
  is((await amends.request('POST', '/v1/policies', old)).status, 200, 'one that would be refused now, too, since it is stored');
  is((await amends.request('POST', '/v1/policies', { ...old, multiplier: '4' })).body.errors[0].field, 'multiplier', 'but no new version of it');
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/accounts/import', JSON.stringify({ external_id: 'a', name: 'A', currency: 'USD', timezone: 'UTC', interval: 'month', anchor: '2025-01-01', prices: [{ from: '2025-01-01', amount_minor: 10000 }] }), { headers: { 'content-type': 'application/x-ndjson' } });
  await lib.replayIncident(amends, { ref: 'i', title: 'i', kind: 'incident', posts: [], impacts: [{ component: 'api', level: 'major_outage', from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z' }] });
  const drafted = await amends.call('POST', '/v1/credit-runs', { policy: 'old', incidents: ['i'], reason: 'x' });
  is([drafted.totals[0].amount_minor, (await amends.call('GET', '/v1/policies?name=old')).data[0].document], [500, old], 'it computes as before');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({});
  cleanup(() => amends.destroy());
  const desk = await Desk.enter(amends, 'bill', ['billing']);
  await everyScheme(amends, desk);
  await changes(desk);
  await mistakes(desk);
  await refusals(amends, desk, amends.dir);
  await before(amends);
});
