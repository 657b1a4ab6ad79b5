#!/usr/bin/env node
'use strict';
// Cards in a channel of Slack: suggested incidents and credit runs with buttons, which change when somebody decides, there or
// in the console. Roles, two persons and the age of a link hold. lib/fake_slack.js plays Slack.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { source } = require('../../lib/alerts.js');
const { FakeSlack, linked } = require('../../lib/fake_slack.js');
const { faults, beyondLimits, mrkdwnIn } = require('../../lib/slack_types.js');
const { sql } = require('../../lib/notifiers.js');
const { keyOf } = require('../../lib/staff.js');
const lib = require('../../lib/cases.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const CHANNEL = 'C0OPS';
const one = lib.cases().find((each) => each.name.startsWith('2018-05'));

const textOf = (message) => `${message.text}\n${message.blocks.map((block) => block.text?.text || '').join('\n')}`;
const buttonsOf = (message) => message.blocks.filter(({ type }) => type === 'actions').flatMap(({ elements }) => elements.map((button) => button.action_id));
const card = (slack, pattern) => waitUntil(`the card ${pattern}`, () => slack.messages.find((message) => !message.thread && pattern.test(textOf(message))));
const refusal = (slack) => mrkdwnIn(slack.view);

async function suggestions(amends, slack, rita, vera) {
  const send = await source(amends, 'monitoring');
  await amends.call('POST', '/v1/alert-rules', { name: 'any', component_label: 'service', level: 'partial_outage', group_by: ['zone'] });
  const fire = (zone) => send({ fingerprint: zone, status: 'firing', starts_at: new Date(Date.now() - 60000).toISOString(), labels: { service: 'login', zone }, title: `<!channel> ${zone}` });
  await fire('z1');
  const first = await card(slack, /Suggested incident/);
  is([first.channel, buttonsOf(first)], [CHANNEL, ['amends_suggestion_publish', 'amends_suggestion_dismiss']], 'a suggestion arrives as a card with buttons');
  await slack.click(amends, vera, first, 'amends_suggestion_publish');
  const refused = await slack.submit(amends, vera, slack.view, { title: 'x', body: 'y' });
  ok(/role/.test(mrkdwnIn(refused.view)), 'a viewer publishes nothing');
  await slack.click(amends, rita, first, 'amends_suggestion_publish');
  const form = slack.view;
  ok(/Subscribers reached: 1 \(E-mail 1\)/.test(mrkdwnIn(form)), `Publish opens a preview that counts the audience: ${mrkdwnIn(form)}`);
  is(sql(amends, 'select count(*) from incident')[0][0], '1', 'and publishes nothing');
  const { view: done } = await slack.submit(amends, rita, form, { title: 'Login is down' });
  ok(mrkdwnIn(done).includes('Published'), 'the second click publishes it');
  await slack.again(amends);
  is((await amends.call('GET', '/v1/incidents?open=true')).data.filter(({ title }) => title === 'Login is down').length, 1, 'once, also when it is sent twice');
  await waitUntil('the card says so', () => /rita published it/.test(textOf(first)) && !buttonsOf(first).length);
  ok(slack.messages.some((message) => message.thread === first.ts && /rita published it/.test(textOf(message))), 'the card says who published it, and its thread');
  const entry = (await amends.call('GET', '/v1/audit?limit=20')).data.find(({ action }) => action === 'suggestion.publish');
  is([entry.actor, entry.detail.via], ['staff:rita', 'slack'], 'so does the audit log, through Slack');
  await slack.click(amends, rita, { ...first, blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'amends_suggestion_dismiss', value: '1' }] }] }, 'amends_suggestion_dismiss');
  ok(/published already/.test(refusal(slack)), 'a card that is out of date decides nothing');
  await fire('z2');
  const second = await waitUntil('the second card', () => slack.messages.find((message) => message !== first && buttonsOf(message).includes('amends_suggestion_dismiss')));
  await slack.click(amends, rita, second, 'amends_suggestion_dismiss');
  await waitUntil('it is dismissed', () => /rita dismissed it/.test(textOf(second)));
  await fire('z3');
  const third = await waitUntil('the third card', () => slack.messages.find((message) => buttonsOf(message).includes('amends_suggestion_dismiss')));
  const { data: [{ id }] } = await amends.call('GET', '/v1/suggestions?state=pending');
  await amends.call('POST', `/v1/suggestions/${id}/dismiss`);
  await waitUntil('the card of what the API dismissed', () => /dismissed it/.test(textOf(third)));
  ok(true, 'a card follows a decision made elsewhere');
}

async function runs(amends, slack, bob, ann, rita) {
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'pro-rata-10x', incidents: [one.incidents[0].ref], reason: 'The outage of May' }, { key: keyOf(amends, 'bob', 'credit-runs:write', 'credit-runs:read', 'policies:read', 'incidents:read') });
  await lib.acknowledge(amends, run);
  const shown = await card(slack, /Credit run \d+ waits/);
  ok(/\d+\.\d\d USD/.test(textOf(shown)), `a draft arrives as a card with its totals: ${textOf(shown).slice(0, 100)}`);
  const review = async (user) => {
    await slack.click(amends, user, shown, 'amends_run_approve');
    return slack.view;
  };
  const asBob = await review(bob);
  ok(!asBob.submit && /another person must approve/.test(mrkdwnIn(asBob)), 'its drafter cannot approve it');
  ok(/None of your roles/.test(mrkdwnIn(await review(rita))), 'nor who has no role for that');
  const early = await review(ann);
  ok(!early.submit && /too new/.test(mrkdwnIn(early)), 'nor who was linked a moment ago');
  const forged = await slack.interact(amends, { type: 'view_submission', user: bob, view: { ...asBob, state: { values: {} } } });
  ok(/another person must approve/.test(mrkdwnIn(forged.json)), 'a submission that was never offered approves nothing');
  is((await amends.call('GET', `/v1/credit-runs/${run.id}`)).state, 'draft', 'it is a draft still');
  sql(amends, "update slack_link set linked_at = now() - interval '25 hours'");
  const view = await review(ann);
  const { view: done } = await slack.submit(amends, ann, view);
  ok(mrkdwnIn(done).includes('Approved'), 'a second person approves it');
  await slack.again(amends);
  await waitUntil('it is issued', async () => (await amends.call('GET', `/v1/credit-runs/${run.id}`)).state === 'issued');
  is((await amends.call('GET', `/v1/credit-runs/${run.id}`)).approved_by.name, 'ann', 'and it is issued, once');
  await waitUntil('the card says so', () => /ann approved it/.test(textOf(shown)) && !buttonsOf(shown).length);
  const entry = (await amends.call('GET', '/v1/audit?limit=20')).data.find(({ action }) => action === 'credit_run.approve');
  is([entry.actor, entry.detail.via], ['staff:ann', 'slack'], 'the audit log says who, through Slack');
}

scenario(async (cleanup) => {
  const slack = await FakeSlack.start();
  cleanup(() => slack.stop());
  const amends = await Amends.up({ env: { ...slack.env(), AMENDS_SLACK_CHANNEL: CHANNEL } });
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  await lib.replayCase(amends, { ...one, incidents: one.incidents.slice(0, 1) });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'a@readers.example', confirmed: true });
  const rita = linked(amends, slack, 'rita', 'responder'), vera = linked(amends, slack, 'vera', 'viewer');
  const bob = linked(amends, slack, 'bob', 'billing', 'approver'), ann = linked(amends, slack, 'ann', 'approver');
  await suggestions(amends, slack, rita, vera);
  await runs(amends, slack, bob, ann, rita);
  ok(slack.slowest < 3000, `every answer within 3 s: ${slack.slowest} ms`);
  is(slack.seen.flatMap(([, value]) => beyondLimits(value)), [], 'within the limits of Slack');
  is(faults(freshDirectory(), slack.seen), [], '@slack/types finds no fault');
});
