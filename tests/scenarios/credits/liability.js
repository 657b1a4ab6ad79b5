#!/usr/bin/env node
'use strict';
// What an open incident would cost, while it is open: by policy and currency, now and later, and the
// second at which that changes. Every amount is that of a dry run whose outage ends at that instant.
const { Amends, waitUntil } = require('../../lib/amends.js');
const { sql, startRole } = require('../../lib/notifiers.js');
const { Desk, command } = require('../../lib/staff.js');
const lib = require('../../lib/cases.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const HOUR = 3600000;
const now = new Date();
const began = new Date(Math.floor(Date.now() / 1000) * 1000 - 2 * HOUR);
const month = { from: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString(), to: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 1)).toISOString() };

// The next tier is 20 to 80 minutes away.
function tiers() {
  const from = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
  const seconds = (Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - from) / 1000;
  const uptime = (hours) => (100 - (hours * 3600 * 100) / seconds).toFixed(4);
  return [{ uptime_below: '99.99', percent: '10' }, { uptime_below: uptime(2.6), percent: '25' }, { uptime_below: uptime(5), percent: '50' }];
}
const POLICIES = [
  { name: 'tiered', model: 'tiered', window: { unit: 'month', timezone: 'UTC' }, tiers: tiers() },
  { name: 'lost-time', model: 'prorata', components: ['app'], multiplier: '10' },
  { name: 'elsewhere', model: 'prorata', components: ['web'] },
];

async function world(amends) {
  for (const slug of ['app', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug });
  const account = (id, currency, amount) => ({ external_id: id, name: id, currency, timezone: 'UTC', interval: 'month', anchor: '2020-01-01', prices: [{ from: '2020-01-01', amount_minor: amount }], contacts: [] });
  const accounts = [account('a', 'EUR', 1000003), account('b', 'EUR', 1000003), account('c', 'USD', 777777), account('d', 'JPY', 99)];
  await amends.call('POST', '/v1/accounts/import', accounts.map((one) => JSON.stringify(one)).join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  for (const policy of POLICIES) await amends.call('POST', '/v1/policies', policy);
  await amends.call('POST', '/v1/incidents', {
    ref: 'fire', title: 'Fire', state: 'investigating', body: 'Down.', components: [{ component: 'app', level: 'major_outage' }],
  });
  await impacts(amends, null);
}

const impacts = (amends, to, more = {}) => amends.call('PUT', '/v1/incidents/fire/impacts', { impacts: [{ component: 'app', level: 'major_outage', from: began.toISOString(), ...to && { to }, ...more }] });

// As a dry run has it if the outage ends at the instant; sums by currency.
async function dry(amends, policy, at) {
  sql(amends, `set session_replication_role = replica; update impact m set to_at = '${new Date(at).toISOString()}' from incident i where i.ref = 'fire' and m.revision_id = i.impact_revision_id`);
  const { sums } = await amends.call('POST', '/v1/policies/dry-run', { name: policy, period: month });
  sql(amends, "set session_replication_role = replica; update impact m set to_at = null from incident i where i.ref = 'fire' and m.revision_id = i.impact_revision_id");
  return sums.map((sum) => [sum.currency, sum.exponent, sum.accounts, sum.amount_minor]);
}

const liability = (amends) => amends.call('GET', '/v1/incidents/fire/liability');
const minor = (sums) => sums.reduce((sum, one) => ({ ...sum, [one[0]]: one[3] }), {});

async function estimated(amends) {
  const seen = await waitUntil('an estimate', async () => {
    const one = await liability(amends);
    return one.policies.length && one;
  });
  is([seen.open, seen.policies.map((one) => [one.policy, one.version])], [true, [['lost-time', 1], ['tiered', 1]]], 'each current policy that pays for the component');
  const at = Date.parse(seen.at);
  for (const { policy, sums } of seen.policies) {
    is(sums.map((sum) => [sum.currency, sum.exponent, sum.accounts, sum.amount_minor]).filter((sum) => sum[3]), await dry(amends, policy, at), `${policy}: owed now is what a dry run gives`);
    for (const [i, minutes] of [15, 60, 240].entries()) {
      is(sums.map((sum) => [sum.currency, sum.exponent, sum.forecast[i].accounts, sum.forecast[i].amount_minor]).filter((sum) => sum[3]), await dry(amends, policy, at + minutes * 60000), `and in ${minutes} minutes`);
    }
  }
  return seen;
}

async function thresholds(amends, seen) {
  const { thresholds: [eur, jpy, usd, ...more] } = seen.policies[1];
  is([eur, jpy, usd].map((one) => [one.currency, one.accounts, one.at]), [['EUR', 2, eur.at], ['JPY', 1, eur.at], ['USD', 1, eur.at]], 'the next tier is the same second for all');
  is(more, [], 'the one behind it comes later');
  is([eur, jpy, usd].map((one) => [one.uptime_below, one.down_from_seconds, one.units]), Array(3).fill([String(Number(tiers()[1].uptime_below)), undefined, undefined]), 'it names the tier that they fall below');
  const before = minor(await dry(amends, 'tiered', Date.parse(eur.at) - 1000));
  const after = minor(await dry(amends, 'tiered', Date.parse(eur.at)));
  is([eur, jpy, usd].map((one) => one.amount_minor), ['EUR', 'JPY', 'USD'].map((one) => after[one] - before[one]), 'by what a dry run gives more than a second earlier');
  is([before, minor(await dry(amends, 'tiered', Date.parse(seen.at)))], [before, before], 'until when nothing changes');
  is(seen.policies[0].thresholds, [], 'what grows every second has none');
}

async function alerts(amends, seen) {
  const owed = seen.policies[1].sums.find((sum) => sum.currency === 'EUR').amount_minor;
  const set = (currency, amount) => amends.request('PUT', `/v1/liability-alerts/${currency}`, { amount_minor: amount });
  is([(await set('EUR', owed)).status, (await set('USD', 10 ** 12)).status, (await set('EURO', 1)).status, (await set('GBP', 0)).status, (await set('XXZ', 1)).status], [200, 200, 422, 422, 422], 'amounts by currency');
  is((await amends.call('GET', '/v1/liability-alerts')).data, [{ currency: 'EUR', amount_minor: owed }, { currency: 'USD', amount_minor: 10 ** 12 }], 'are listed');
}

async function page(amends, desk, seen) {
  const { text } = await desk.get('/staff/incidents/fire');
  const rows = seen.policies.flatMap((one) => one.sums);
  is(text.split('id="liability"')[1].split('</section>')[0].match(/<tr><th scope="row">/g).length, rows.length, 'the page of the incident shows each policy and currency');
  ok(text.includes('data-again="10"'), 'fresh');
  // The estimate may be made again between the two looks, and once of an end that dry() wrote.
  const falls = `2 accounts fall below ${Number(tiers()[1].uptime_below)}\u00a0%: +`;
  await waitUntil('the page has the next change', async () => {
    const { policies } = await amends.call('GET', '/v1/incidents/fire/liability');
    const { text: next } = await desk.get('/staff/incidents/fire');
    return next.includes(policies[1].thresholds[0]?.at || 'none yet') && next.includes(falls);
  }, 30000);
}

const owed = async (amends) => Object.fromEntries((await liability(amends)).policies[0].sums.map((sum) => [sum.currency, sum.amount_minor]));

// From this month on the account in USD is billed by the year.
async function billByYear(amends) {
  const { USD: before } = await owed(amends);
  const yearly = { external_id: 'c', name: 'c', currency: 'USD', timezone: 'UTC', terms: [{ from: '2020-01-01', interval: 'month' }, { from: month.from.slice(0, 10), interval: 'year' }], prices: [{ from: '2020-01-01', amount_minor: 777777 }], contacts: [] };
  await amends.call('POST', '/v1/accounts/import', JSON.stringify(yearly), { headers: { 'content-type': 'application/x-ndjson' } });
  return async () => {
    await waitUntil('an estimate by the new term', async () => (await owed(amends)).USD < before / 6, 20000);
    ok(true, 'a change of terms counts in an estimate soon after');
  };
}

const SCOPE = { scope: { accounts: [{ account: 'b' }, { account: 'c' }] } };
async function restricted(amends) {
  await impacts(amends, null, SCOPE);
  await waitUntil('an estimate of the scope', async () => Object.keys(await owed(amends)).join() === 'EUR,USD', 20000);
  ok(true, 'as does a scope');
}

// The console's form of the alerts.
async function form(amends, desk) {
  const send = (fields) => desk.send('/staff/credits/alerts', { do: 'save', ...fields });
  const alerts = async () => (await amends.call('GET', '/v1/liability-alerts')).data.map((one) => [one.currency, one.amount_minor]);
  const wrong = [[{ currency: 'EURO', amount: '1' }, 'Enter a currency such as EUR.'], [{ currency: 'XXZ', amount: '1' }, 'Enter a currency such as EUR.'],
    [{ currency: 'JPY', amount: '1.50' }, 'Enter an amount above 0'], [{ currency: 'EUR', amount: '0' }, 'Enter an amount above 0'], [{ currency: 'EUR', amount: 'much' }, 'Enter an amount above 0']];
  for (const [fields, text] of wrong) {
    const reply = await send(fields);
    is([reply.status, reply.text.includes(text)], [422, true], `${fields.amount} ${fields.currency} is refused beside its field`);
  }
  is([(await send({ currency: 'kwd', amount: '12.345' })).status, await alerts()], [303, [['KWD', 12345]]], 'an alert is added');
  ok((await desk.get('/staff/credits/alerts?edit=KWD')).text.includes('value="12.345"'), 'it is in the form to change it');
  is([(await send({ currency: 'KWD', amount: '7' })).status, await alerts()], [303, [['KWD', 7000]]], 'it is changed');
  is([(await send({ currency: 'KWD', do: 'delete' })).status, await alerts()], [303, []], 'and removed');
  const viewer = await Desk.enter(amends, 'view', ['viewer']);
  ok(!(await viewer.get('/staff/credits/alerts')).text.includes('name="amount"'), 'a viewer has no form');
}

async function reported(amends) {
  const after = Date.now();
  const seen = await waitUntil('two more estimates', async () => {
    const one = await liability(amends);
    return Date.parse(one.at) > after + 2000 && one;
  });
  const told = sql(amends, "select about, extra->>'currency', extra->>'incident', subject from broadcast where about like 'liability:%'");
  is(told.map(([, currency, ref]) => [currency, ref]), [['EUR', 'fire']], `staff are told once of the amount that is passed: ${told}`);
  const { text: metrics } = await amends.request('GET', '/metrics');
  for (const { policy, sums } of seen.policies) for (const sum of sums) ok(metrics.includes(`amends_liability_minor{incident="fire",policy="${policy}",currency="${sum.currency}"} `), `a metric of ${policy} in ${sum.currency}`);
  is((await amends.request('DELETE', '/v1/liability-alerts/USD')).status, 204, 'an alert is removed');
  is((await amends.request('DELETE', '/v1/liability-alerts/USD')).status, 404, 'once');
}

function fromTheShell(amends, seen) {
  const parsed = JSON.parse(command(amends, 'incident', 'liability', 'fire', '--output=json'));
  is(parsed.policies.map((one) => one.policy), seen.policies.map((one) => one.policy), 'the command prints the same');
  const text = command(amends, 'incident', 'liability', 'fire');
  ok(text.includes(`2 accounts fall below ${Number(tiers()[1].uptime_below)} %: +`), `and in words: ${text.split('\n').at(-1)}`);
}

// Each refresh takes this long; returns what undoes it.
function slowed(amends, seconds) {
  const [[was]] = sql(amends, "select replace(pg_get_functiondef('amends.liability_changes()'::regprocedure), E'\\n', ' ')");
  sql(amends, `create or replace function amends.liability_changes() returns bigint language sql as 'select 0::bigint from pg_sleep(${seconds})'`);
  return () => sql(amends, was);
}
const sleeping = (amends) => waitUntil('a refresh that takes long', () => sql(amends, "select pid, query_start from pg_stat_activity where wait_event = 'PgSleep'")[0]);

async function noneWaits(amends) {
  const undo = slowed(amends, 600);
  const refresh = await sleeping(amends);
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'lost-time', incidents: ['fire'], reason: 'meanwhile' });
  const { state } = await waitUntil('a draft', async () => {
    const one = await amends.call('GET', `/v1/credit-runs/${run.id}`);
    return one.state !== 'computing' && one;
  }, 10000);
  is([state, await sleeping(amends)], ['draft', refresh], 'a draft is made while a refresh goes on');
  undo();
  sql(amends, `select pg_cancel_backend(${refresh[0]})`);
  await amends.call('POST', `/v1/credit-runs/${run.id}/void`);
}

// The process that estimates dies amid a refresh: the other goes on.
async function killed(amends) {
  const holders = () => sql(amends, "select pid from pg_locks where locktype = 'advisory' and objid = amends.lock_key('liability') and granted").flat();
  const undo = slowed(amends, 1);
  const [pid] = await sleeping(amends);
  is(holders(), [pid], 'of two processes one estimates');
  process.kill(amends.rolePid('billing'), 'SIGKILL');
  undo();
  const after = Date.now();
  await waitUntil('the next estimate', async () => Date.parse((await liability(amends)).at) > after, 20000);
  const [next, ...more] = holders();
  ok(next !== pid && !more.length, 'when it is killed, the other');
}

// The last estimate is what a run gives.
async function settled(amends, seen) {
  for (const { policy, sums } of seen.policies) {
    const dry = await amends.call('POST', '/v1/policies/dry-run', { name: policy, period: month });
    is(sums.map((sum) => [sum.currency, sum.accounts, sum.amount_minor]), dry.sums.map((sum) => [sum.currency, sum.accounts, sum.amount_minor]), `the last one of ${policy} is what a run gives`);
  }
}

async function over(amends) {
  const end = new Date(Math.floor(Date.now() / 1000) * 1000);
  await impacts(amends, end.toISOString(), SCOPE);
  await amends.call('POST', '/v1/incidents/fire/updates', { state: 'resolved', body: 'Up.', components: [{ component: 'app', level: 'operational' }] });
  const last = await waitUntil('the last estimate', async () => {
    const one = await liability(amends);
    return !one.open && one;
  });
  await settled(amends, last);
  is([...new Set(last.policies[0].sums.map((sum) => sum.forecast[2].amount_minor === sum.amount_minor))], [true], 'what is over costs no more later');
  await impacts(amends, new Date(end.getTime() - HOUR).toISOString(), SCOPE);
  const corrected = await waitUntil('an estimate of corrected impacts', async () => {
    const one = await liability(amends);
    return one.at > last.at && one;
  }, 10000);
  is(corrected.open, false, 'impacts corrected later are estimated once more');
  await settled(amends, corrected);
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ env: { AMENDS_LIABILITY_SECONDS: '1' } });
  cleanup(() => amends.destroy());
  await world(amends);
  is((await amends.request('GET', '/v1/incidents/water/liability')).status, 404, 'an unknown incident');
  const seen = await estimated(amends);
  await noneWaits(amends);
  const child = await startRole(amends, 'billing'); // a second process
  cleanup(() => child.kill());
  await thresholds(amends, seen);
  const desk = await Desk.enter(amends, 'bill', ['billing']);
  await page(amends, desk, seen);
  await form(amends, desk);
  fromTheShell(amends, seen);
  await alerts(amends, seen);
  const counts = await billByYear(amends);
  await reported(amends);
  await killed(amends);
  await counts();
  await restricted(amends);
  await over(amends);
});
