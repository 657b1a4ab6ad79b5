#!/usr/bin/env node
'use strict';
// Runs that the schedule of a policy makes: one for each window that ended, however many processes
// look, and none where nothing happened. The author of the policy counts as their drafter.
const { Amends, waitUntil } = require('../../lib/amends.js');
const { sql, startRole } = require('../../lib/notifiers.js');
const { Desk, keyOf, person } = require('../../lib/staff.js');
const lib = require('../../lib/cases.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const HOUR = 3600000;
const now = new Date();
const month = (ago) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1));
const day = (ago) => month(ago).toISOString().slice(0, 10);
const at = (ago, hours) => new Date(month(ago).getTime() + hours * HOUR).toISOString();

const incident = (ref, component, from, to) => ({
  ref, title: ref, kind: 'incident', posts: [{ at: from, state: 'investigating', body: 'Down.' }, { at: to, state: 'resolved', body: 'Up.' }],
  impacts: [{ component, level: 'major_outage', from, to }],
});

async function world(amends, author) {
  for (const slug of ['app', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug });
  const account = { external_id: 'a', name: 'A', currency: 'USD', timezone: 'UTC', interval: 'month', anchor: '2020-01-01', prices: [{ from: '2020-01-01', amount_minor: 3000000 }], contacts: [] };
  await amends.call('POST', '/v1/accounts/import', JSON.stringify(account), { headers: { 'content-type': 'application/x-ndjson' } });
  await lib.replayIncident(amends, incident('app-down', 'app', at(1, 200), at(1, 224)));
  await lib.replayIncident(amends, incident('web-down', 'web', at(1, -3), at(1, 3)));
  const add = (policy) => amends.call('POST', '/v1/policies', policy, { key: author });
  const schedule = { every: 'window', days_after: 0 };
  await add({ name: 'monthly', model: 'prorata', components: ['app'], window: { unit: 'month', timezone: 'UTC' }, schedule });
  await add({ name: 'gift', model: 'fixed', components: ['web'], amounts: { USD: 900 }, schedule });
  await add({ name: 'later', model: 'prorata', schedule: { ...schedule, days_after: 90 } });
  await add({ name: 'dropped', model: 'prorata', schedule });
  await add({ name: 'dropped', model: 'prorata' });
  sql(amends, `set session_replication_role = replica; update policy set created_at = '${at(2, 36)}'`);
}

const windows = (amends) => sql(amends, 'select policy, from_day, run_id is not null from scheduled_window order by 1, 2');

async function look(amends, cleanup) {
  for (let i = 0; i < 2; i++) {
    const child = await startRole(amends, 'billing');
    cleanup(() => child.kill());
  }
}

async function drafted(amends) {
  const runs = await waitUntil('two drafts', async () => {
    const { data } = await amends.call('GET', '/v1/credit-runs?state=draft');
    return data.length >= 2 && data;
  });
  const told = runs.map((run) => [run.policy, run.reason, run.incidents, run.scheduled, run.drafted_by.name, run.totals.map((total) => total.amount_minor)]);
  is(told.sort(), [
    ['gift', `Scheduled: ${day(2).slice(0, 7)}`, ['web-down'], { from: day(2), to: day(1) }, 'pat', [900]],
    ['monthly', `Scheduled: ${day(1).slice(0, 7)}`, ['app-down'], { from: day(1), to: day(0) }, 'pat', [Math.round(3000000 / ((month(0) - month(1)) / 24 / HOUR))]],
  ], 'a draft for each window that an incident of its components hit; a gift is given once');
  is(windows(amends), [['gift', day(2), 't'], ['gift', day(1), 'f'], ['monthly', day(2), 'f'], ['monthly', day(1), 't']], 'the windows without one are recorded; none before the policy was made, and none that is not due');
  const made = sql(amends, "select actor, detail->>'schedule' from audit where action = 'credit_run.create' order by 2");
  is(made, [['role:billing', 'gift'], ['role:billing', 'monthly']], 'the audit log says which schedule made them');
  return Object.fromEntries(runs.map((run) => [run.policy, run]));
}

async function approved(amends, run, author) {
  const desk = await Desk.enter(amends, 'sam', ['approver', 'billing']);
  const home = (await desk.get('/staff')).text;
  ok(home.includes(`Scheduled: ${day(1).slice(0, 7)}`) && home.includes('monthly · Drafted by the schedule of the policy by pat'), 'the first page asks for approval');
  ok((await desk.get(`/staff/credits/runs/${run.id}`)).text.includes('Drafted by the schedule of the policy by pat'), 'its page says how it was made');
  await lib.acknowledge(amends, run);
  const approve = (key) => amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
  is((await approve(author)).status, 403, 'the author of the policy does not approve it');
  const reply = await approve(keyOf(amends, 'sam', 'credit-runs:approve', 'credit-runs:read'));
  is([reply.status, reply.body.state, reply.body.approved_by.name], [200, 'issued', 'sam'], 'another person does');
}

// What comes late for a window: one draft after the other, by two persons each, and nothing twice.
async function late(amends, author, key) {
  const schedule = () => sql(amends, 'select * from amends.credit_schedule()').map(([id]) => Number(id));
  const amount = (hours) => Math.round((3000000 * hours) / ((month(0) - month(1)) / HOUR));
  const draftOf = (id) => waitUntil(`run ${id} is drafted`, async () => {
    const run = await amends.call('GET', `/v1/credit-runs/${id}`);
    return run.state === 'draft' && run;
  });
  const issue = async (run) => {
    await lib.acknowledge(amends, run);
    is((await amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key: author })).status, 403, 'not by the author of the policy');
    is((await amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key })).body.state, 'issued', 'by another person');
  };
  const told = (run) => [run.reason, run.incidents, run.scheduled, run.totals.map((total) => total.amount_minor)];
  const window = { from: day(1), to: day(0) };
  await lib.replayIncident(amends, incident('app-late', 'app', at(1, 300), at(1, 312)));
  const [id, ...more] = await waitUntil('a draft', () => { const { length } = sql(amends, 'select run_id from late_run'); if (!length) schedule(); return length && sql(amends, 'select run_id from late_run').map(([one]) => one); });
  const first = await draftOf(id);
  is([more, told(first)], [[], [`Late: ${day(1)}, app-late`, ['app-late'], window, [amount(12)]]], 'an incident that is published after the run of its window gets a draft of the difference');
  const impacts = (ref, hours, end) => amends.call('PUT', `/v1/incidents/${ref}/impacts`, { impacts: [{ component: 'app', level: 'major_outage', from: at(1, hours), to: at(1, end) }] });
  await impacts('app-down', 200, 230);
  is(schedule(), [], 'what comes then waits for it');
  is((await amends.call('GET', `/v1/credit-runs/${id}`)).late, ['app-down'], 'which says so');
  await issue(first);
  schedule();
  const [[second]] = await waitUntil('a correction', () => sql(amends, `select run_id from late_run where run_id > ${id}`));
  const correction = await draftOf(second);
  is([told(correction), correction.reconciles > 0], [[`Late: ${day(1)}, app-down`, ['app-down'], window, [amount(6)]], true], 'a change of an issued incident gets a correction');
  await issue(correction);
  is(schedule(), [], 'nothing more is due');
  await impacts('app-late', 300, 301);
  schedule();
  const [[third]] = await waitUntil('a correction', () => sql(amends, `select run_id from late_run where run_id > ${second}`));
  is((await draftOf(third)).totals, [], 'a shorter outage takes nothing back');
  await amends.call('POST', `/v1/credit-runs/${third}/void`);
  is(schedule(), [], 'and what was void is not drafted again');
  is(sql(amends, "select sum(amount_minor) from credit c join credit_run r on r.id = c.run_id join policy p on p.id = r.policy_id where p.name = 'monthly' and c.state = 'issued'"), [[String(amount(42))]], 'in all it was paid once');
}

// A gift is given once a window: a late incident gives it to those who got none.
async function gifts(amends) {
  await lib.replayIncident(amends, incident('web-late', 'web', at(2, 50), at(2, 51)));
  const made = sql(amends, 'select * from amends.credit_schedule()');
  const [[id]] = await waitUntil('a draft', () => sql(amends, "select run_id from late_run where policy = 'gift'"));
  const run = await waitUntil('it is drafted', async () => { const one = await amends.call('GET', `/v1/credit-runs/${id}`); return one.state === 'draft' && one; });
  is([made.length <= 1, run.incidents.sort(), run.totals.map((total) => total.amount_minor)], [true, ['web-down', 'web-late'], [900]], 'after a void, what is late makes a draft of the whole window');
  return run;
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  person(amends, 'pat', ['billing', 'approver']);
  const author = keyOf(amends, 'pat', 'policies:write', 'credit-runs:approve', 'credit-runs:read');
  await world(amends, author);
  await look(amends, cleanup);
  const { monthly, gift } = await drafted(amends);
  await approved(amends, monthly, author);
  await amends.call('POST', `/v1/credit-runs/${gift.id}/void`);
  is(sql(amends, 'select * from amends.credit_schedule()'), [], 'each window has had its run, also if it was void');
  const key = keyOf(amends, 'sam', 'credit-runs:approve', 'credit-runs:read');
  await late(amends, author, key);
  const given = await gifts(amends);
  await lib.acknowledge(amends, given);
  await amends.call('POST', `/v1/credit-runs/${given.id}/approve`, undefined, { key });
  await lib.replayIncident(amends, incident('web-again', 'web', at(2, 60), at(2, 61)));
  is(sql(amends, 'select * from amends.credit_schedule()'), [], 'and what is paid once a run is not given again for the window');
});
