#!/usr/bin/env node
'use strict';
// Reading a run: its report, export, warnings by name, the feed by account, incident, run, time and
// state, unacknowledged credits, and acknowledgement.
const { Amends } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { Desk, approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const LONELY = { external_id: 'acct-100', name: '=cmd()', currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2012-01-01', prices: [{ from: '2012-01-01', amount_minor: 5000 }], contacts: [] };
const PRICELESS = { ...LONELY, external_id: 'acct-101', name: 'No price', prices: [] };

async function warned(amends, run) {
  const codes = run.warnings.map((warning) => warning.code);
  ok(codes.includes('no_price') && codes.includes('no_contact'), `accounts without price or contact are warned of: ${codes}`);
  const detail = run.warnings.find((warning) => warning.code === 'no_price').detail;
  is([detail.account, detail.accounts > 0], ['acct-101', true], 'what they name is there for programs');
  const desk = await Desk.enter(amends, 'wilma', ['billing']);
  const page = async (lang) => (await desk.get(`/staff/credits/runs/${run.id}?lang=${lang}`)).text;
  ok((await page('de')).includes(`Konten ohne jeden Preis, die nichts bekommen: ${detail.accounts}, zum Beispiel acct-101.`), 'the console warns in German');
  const japanese = await page('ja');
  ok(run.warnings.every((warning) => !japanese.includes(warning.text)) && japanese.includes('acct-101'), 'and all of it in Japanese');
  const say = (warnings) => amends.request('POST', `/v1/credit-runs/${run.id}/acknowledge-warnings`, { warnings });
  is((await say(['no_such_code'])).status, 422, 'a warning that is not there is not acknowledged');
  const after = await say(['no_contact']);
  is(after.body.warnings.filter((warning) => warning.acknowledged_by).map((warning) => warning.code), ['no_contact'], 'one is acknowledged by its name');
  is((await say([...new Set(codes)])).status, 200, 'the others by theirs');
}

async function report(amends, run) {
  const seen = await amends.call('GET', `/v1/credit-runs/${run.id}/report`);
  const sum = (rows, currency) => rows.filter((row) => row.currency === currency).reduce((all, row) => all + row.amount_minor, 0);
  for (const total of run.totals) {
    is(sum(seen.plans, total.currency), total.amount_minor, `${total.currency}: plans add up to the total`);
    is(sum(seen.largest, total.currency), total.amount_minor, `${total.currency}: fewer than twenty, so the largest are all`);
    const spread = seen.distribution.find((row) => row.currency === total.currency);
    ok(spread.least <= spread.p50 && spread.p50 <= spread.most && spread.credits === total.credits, 'the distribution is in order');
  }
  const out = Object.fromEntries(seen.left_out.map((row) => [row.reason, row.examples]));
  ok(out.no_price.includes('acct-009') && out.no_price.includes('acct-101'), 'accounts without a price are left out, and why');
  const accounts = run.totals.reduce((all, total) => all + total.credits, 0) + seen.left_out.reduce((all, row) => all + row.accounts, 0);
  is(accounts, 12, 'every account has a credit or a reason');
}

async function exported(amends, run) {
  const csv = await amends.call('GET', `/v1/credit-runs/${run.id}/export`) || (await amends.request('GET', `/v1/credit-runs/${run.id}/export`)).text;
  const rows = csv.trim().split('\r\n');
  is(rows.length - 1, run.totals.reduce((all, total) => all + total.credits, 0), 'the CSV has a line a credit');
  ok(rows.some((row) => row.includes("'=cmd()")), 'a name that is a formula is defused');
  const lines = (await amends.request('GET', `/v1/credit-runs/${run.id}/export?format=ndjson`)).text.trim().split('\n').map((line) => JSON.parse(line));
  is(lines.map((line) => String(line.amount_minor)), rows.slice(1).map((row) => row.split(',').at(-3)), 'and NDJSON says the same');
  ok(lines.every((line) => line.lines.reduce((all, one) => all + one.amount_minor, 0) === line.amount_minor), 'with lines that add up');
}

async function filters(amends, run, ref, before) {
  const feed = (query) => amends.all(`/v1/credits?${query}`).then((rows) => rows.map((row) => row.id));
  const mine = await feed(`run=${run.id}`);
  ok(mine.length > 0, 'the feed by run');
  is(await feed(`incident=${ref}`), mine, 'by incident');
  is(await feed(`since=${encodeURIComponent(before)}`), await feed(''), 'by time');
  is(await feed('since=2100-01-01T00:00:00Z'), [], 'none is of the future');
  is((await amends.all('/v1/credits?account=acct-002')).map((row) => row.account), ['acct-002'], 'by account');
  is(await feed('account=nobody'), [], 'an unknown account has none');
  is([await feed('state=issued&older_than_days=0'), await feed('state=issued&older_than_days=1')], [mine, []], 'by age');
  const page = await amends.call('GET', '/v1/credits?account=acct-002&limit=1');
  is((await amends.call('GET', `/v1/credits?account=acct-002&cursor=${page.next_cursor}`)).data, [], 'a cursor goes on where its page ended');
  return mine;
}

async function applied(amends, ids) {
  const ack = (credit, reference, state) => amends.request('POST', '/v1/credits/acks', { acks: [{ credit, reference, ...(state ? { state } : {}) }] });
  const state = async (id) => (await amends.call('GET', `/v1/credits/${id}`)).state;
  const waiting = await amends.call('GET', '/v1/credits/ageing');
  is(waiting.oldest.map((row) => row.credit).sort(), [...ids].sort(), 'what is not acknowledged is listed');
  is((await ack(ids[0], 'cn-1')).body, { acknowledged: 1, repeated: 0 }, 'a credit is taken over');
  is((await ack(ids[0], 'cn-2', 'applied')).status, 409, 'another reference conflicts');
  is((await ack(ids[0], 'cn-1', 'applied')).body, { acknowledged: 1, repeated: 0 }, 'then applied');
  is((await ack(ids[0], 'cn-1', 'applied')).body, { acknowledged: 0, repeated: 1 }, 'and may be said again');
  is((await ack(ids[0], 'cn-1')).body, { acknowledged: 0, repeated: 1 }, 'a late first word changes nothing');
  is(await state(ids[0]), 'applied', 'it stays applied');
  is((await ack(ids[1], 'cn-3', 'applied')).status, 200, 'both may be said at once');
  is(await state(ids[1]), 'applied', 'which applies it');
  is((await ack(ids[2], 'cn-4', 'paid')).status, 422, 'there is no other state');
  is((await amends.call('GET', '/v1/credits/ageing')).oldest.length, ids.length - 2, 'the list grows shorter');
  is((await amends.all('/v1/credits?state=applied')).length, 2, 'the feed by state');
  await amends.call('POST', `/v1/credits/${ids[1]}/reversal`, { reason: 'wrong' });
  is(await state(ids[1]), 'reversed', 'an applied credit can be reversed');
}

// Gives the cost of a run with the same policy, and leaves nothing behind.
async function dryRun(amends, run) {
  const year = { from: '2013-01-01T00:00:00Z', to: '2014-01-01T00:00:00Z' };
  const [policy] = lib.policies();
  const cost = await amends.call('POST', '/v1/policies/dry-run', { policy, period: year });
  for (const total of run.totals) {
    const rows = cost.totals.filter((row) => row.currency === total.currency);
    is(rows.reduce((all, row) => all + row.amount_minor, 0), total.amount_minor, `a dry run of the year costs the same in ${total.currency}`);
    ok(rows.every((row) => /^201[23]-\d\d$/.test(row.month)), 'by month and plan');
  }
  const again = await amends.call('POST', '/v1/policies/dry-run', { policy, period: year });
  is(again, cost, 'twice the same');
  is((await amends.call('GET', '/v1/policies')).data.length, lib.policies().length, 'no policy is added');
  is((await amends.request('GET', `/v1/credit-runs/${run.id + 1}`)).status, 404, 'and no run');
  const wrong = await amends.request('POST', '/v1/policies/dry-run', { policy: { ...policy, days: '-1' }, period: year });
  is(wrong.status, 422, 'what is wrong with a policy is said');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  await amends.call('POST', '/v1/accounts/import', [LONELY, PRICELESS].map((one) => JSON.stringify(one)).join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  const one = lib.cases().find((each) => each.name.startsWith('2013'));
  await lib.replayCase(amends, one);
  const key = approver(amends);
  const before = new Date().toISOString();
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'two-days', incidents: [one.incidents[0].ref], reason: 'test' });
  await warned(amends, run);
  await dryRun(amends, run);
  await report(amends, run);
  await exported(amends, run);
  await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
  await applied(amends, await filters(amends, run, one.incidents[0].ref, before));
});
