#!/usr/bin/env node
'use strict';
// The page of a run: an approver reads what they may do and why not, the reason, and the complaint behind a
// further credit; accounts are found by name, filtered, and come in pages.
const { Amends } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { Desk } = require('../../lib/staff.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const account = (n, more) => ({
  external_id: `many-${String(n).padStart(3, '0')}`, name: `Shop ${n}`, currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2012-01-01',
  prices: [{ from: '2012-01-01', amount_minor: 5000 }], contacts: [], ...more,
});
const names = (text) => [...text.matchAll(/<span class="meta">((?:many|acct)-\d+)<\/span>/g)].map(([, id]) => id);

async function approval(amends, run) {
  const told = async (desk, phrase, what) => ok((await desk.get(`/staff/credits/runs/${run}`)).text.includes(phrase), what);
  const bill = await Desk.enter(amends, 'bill', ['billing']);
  const ann = await Desk.enter(amends, 'ann', ['approver']);
  const both = await Desk.enter(amends, 'both', ['billing', 'approver']);
  const say = async (desk) => (await desk.get(`/v1/credit-runs/${run}`)).body.approval;
  await told(bill, 'Your roles do not include approval', 'a billing person is told that an approver must');
  await told(ann, 'Warnings are not acknowledged yet', 'an approver, that warnings wait');
  is([await say(bill), await say(ann)], [{ may: false, reason: 'role' }, { may: false, reason: 'warnings' }], 'the API says the same');
  const { warnings } = await amends.call('GET', `/v1/credit-runs/${run}`);
  await amends.call('POST', `/v1/credit-runs/${run}/acknowledge-warnings`, { warnings: warnings.map((warning) => warning.id) });
  await told(ann, 'You can approve this run.', 'then they may');
  ok((await ann.get(`/staff/credits/runs/${run}`)).text.includes('Everybody was down &lt;again&gt;'), 'with the reason at the top');
  const mine = await both.send('/staff/credits/new', { policy: 'two-days', incident: 'all-down', reason: 'Mine' });
  const own = mine.headers.get('location').split('/').pop();
  await amends.call('POST', `/v1/credit-runs/${own}/acknowledge-warnings`, { warnings: (await amends.call('GET', `/v1/credit-runs/${own}`)).warnings.map((warning) => warning.id) });
  ok((await both.get(`/staff/credits/runs/${own}`)).text.includes('You drafted this run'), 'a drafter with both roles reads why not');
  sql(amends, `insert into audit (actor, action, object, detail) select 'staff:both', 'staff.change', 'staff:' || id, '{"roles":[]}' from staff where login = 'ann'`);
  const held = (await ann.get(`/v1/credit-runs/${own}`)).body.approval;
  is([held.may, held.reason, new Date(held.from) > new Date()], [false, 'wait', true], 'a recent change of access says until when');
  ok((await ann.get(`/staff/credits/runs/${own}`)).text.includes(`datetime="${held.from}"`), 'also on the page');
  return { bill, ann };
}

async function found(amends, desk, run) {
  const page = async (query = '') => (await desk.get(`/staff/credits/runs/${run}${query}`)).text;
  const first = await page();
  is([names(first).length, first.includes('Shop 1</a>')], [25, true], 'a page has 25 accounts, by name');
  const [, more] = first.match(/href="(\/staff\/credits\/runs\/\d+\?[^"]*cursor=[^"]+)#credits"/);
  const second = (await desk.get(more.replaceAll('&amp;', '&'))).text;
  ok(names(second).length > 0 && names(second).every((id) => !names(first).includes(id)), 'and goes on');
  is(names(await page('?q=shop%2017')), ['many-017'], 'found by a part of the name');
  is(names(await page('?q=many-003')), ['many-003'], 'by the start of the id');
  is(names(await page('?only=capped')), ['many-040'], 'those that a cap made smaller');
  const capped = (await amends.call('GET', `/v1/credit-runs/${run}/credits?only=capped`)).data;
  is(capped.map((credit) => [credit.account, credit.capped, credit.name]), [['many-040', true, 'Shop 40']], 'in the API too');
  const warned = await page('?only=warned&q=many-01');
  ok(names(warned).length === 10, 'those that a warning concerns: without a contact');
  is(names(await page('?only=zero&q=many')), ['many-041'], 'those without a credit');
  ok((await page('?only=zero&q=many')).includes('No price in the period'), 'with the reason');
  ok((await page('?q=nobody')).includes('No accounts match.'), 'nobody is told');
  const report = await amends.call('GET', `/v1/credit-runs/${run}/report`);
  const left = await amends.all(`/v1/credit-runs/${run}/left-out`);
  const count = (reason) => left.filter((row) => row.reason === reason).length;
  is(report.left_out.map((row) => [row.reason, row.accounts]), report.left_out.map((row) => [row.reason, count(row.reason)]), 'the list says what the report counts');
}

async function complaint(amends, bill, run) {
  const ann = await Desk.enter(amends, 'zoe', ['approver']); // nobody changed her access
  const reply = await ann.send(`/staff/credits/runs/${run}/approve`, { do: 'approve', sure: 1 });
  is(reply.status, 303, 'the run is issued');
  const credit = (await amends.call('GET', `/v1/credits?run=${run}&account=many-001`)).data[0];
  sql(amends, `select amends.credit_review_open(${credit.id}, null, 'We were down <all> day.')`);
  const [[review]] = sql(amends, 'select id from credit_review');
  await bill.send(`/staff/credits/reviews/${review}`, { decision: 'further_credit', amount: '7.00', message: 'You are right.', do: 'answer' });
  const further = (await amends.call('GET', `/v1/reviews/${review}`)).run;
  const text = (await ann.get(`/staff/credits/runs/${further}`)).text;
  ok(text.includes('We were down &lt;all&gt; day.') && text.includes('You are right.'), 'an approver reads the complaint and the answer');
  ok(text.includes(`/staff/credits/items/${credit.id}"`) && text.includes('many-001'), 'and the credit and the account that it is about');
}

// Answered reviews: the newest first, in pages.
async function answered(amends, desk) {
  sql(amends, "insert into credit_review (credit_id, message, state, answer) select min(id), 'No. ' || n, 'declined', 'No' from credit, generate_series(1, 55) n group by n order by n");
  const ids = (text) => [...text.matchAll(/\/staff\/credits\/reviews\/(\d+)"/g)].map(([, id]) => Number(id));
  const first = (await desk.get('/staff/credits/reviews')).text;
  const [, more] = first.match(/href="(\/staff\/credits\/reviews\?cursor=[^"]+)"/);
  const all = [...ids(first), ...ids((await desk.get(more)).text)];
  is([ids(first).length, all.length, all], [50, 56, [...all].sort((a, b) => b - a)], 'answered reviews come in pages, newest first');
  is((await amends.call('GET', '/v1/reviews?state=open')).data, [], 'none of them is open');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({});
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const accounts = [...Array(40).keys()].map((n) => account(n + 1, n === 39 ? { prices: [{ from: '2012-01-01', amount_minor: 100 }] } : {}));
  accounts.push(account(41, { prices: [] }));
  await amends.call('POST', '/v1/accounts/import', accounts.map((one) => JSON.stringify(one)).join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', { name: 'ten', model: 'fixed', amounts: { EUR: 200 } });
  await amends.call('POST', '/v1/policies', lib.policies().find((policy) => policy.name === 'two-days'));
  await lib.replayIncident(amends, {
    ref: 'all-down', title: 'All down', kind: 'incident', posts: [{ at: '2026-01-10T10:00:00Z', state: 'investigating', body: 'x' }, { at: '2026-01-10T12:00:00Z', state: 'resolved', body: 'y' }],
    impacts: [{ component: 'api', level: 'major_outage', from: '2026-01-10T10:00:00Z', to: '2026-01-10T12:00:00Z' }],
  });
  const draft = await amends.call('POST', '/v1/credit-runs', { policy: 'ten', incidents: ['all-down'], reason: 'Everybody was down <again>' });
  const desks = await approval(amends, draft.id);
  await found(amends, desks.ann, draft.id);
  await complaint(amends, desks.bill, draft.id);
  await answered(amends, desks.bill);
});
