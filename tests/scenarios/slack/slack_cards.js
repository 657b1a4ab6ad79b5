#!/usr/bin/env node
'use strict';
// Cards in a channel of Slack: suggested incidents and credit runs with buttons, which change when somebody decides, there or
// in the console. Roles, two persons and the age of a link hold. lib/fake_slack.js plays Slack.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { source } = require('../../lib/alerts.js');
const { FakeSlack, linked, inputOf } = require('../../lib/fake_slack.js');
const { faults, beyondLimits, mrkdwnIn } = require('../../lib/slack_types.js');
const { Session, sql } = require('../../lib/notifiers.js');
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
  ok(!slack.view.submit && /Your roles do not allow/.test(refusal(slack)), 'a viewer reads that they publish nothing');
  await slack.click(amends, vera, first, 'amends_suggestion_dismiss');
  ok(/Your roles do not allow this/.test(refusal(slack)), `nor dismiss: ${refusal(slack)}`);
  slack.late = 3500;
  await slack.click(amends, rita, first, 'amends_suggestion_publish');
  is(slack.whispers.map(({ channel, user, text }) => [channel, user, /did not open the form \(expired_trigger_id\)/.test(text)]), [[CHANNEL, rita.id, true]], 'who clicked is told, and nobody else, if Slack opens no form');
  slack.late = 0;
  await slack.click(amends, rita, first, 'amends_suggestion_publish');
  const form = slack.view;
  const refused = await slack.submit(amends, vera, { ...form }, { title: 'x', body: 'y' });
  ok(/roles/.test(mrkdwnIn(refused.view)), 'and publishes nothing by a form of another');
  await slack.click(amends, rita, first, 'amends_suggestion_publish');
  ok(/Subscribers reached: 1 \(E-mail 1\)/.test(mrkdwnIn(form)), `Publish opens a preview that counts the audience: ${mrkdwnIn(form)}`);
  is(sql(amends, 'select count(*) from incident')[0][0], '1', 'and publishes nothing');
  const { view: done } = await slack.submit(amends, rita, slack.view, { title: 'Login is down' });
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

const openCard = (slack, action, not) => waitUntil(`a card with ${action}`, () => slack.messages.find((message) => message !== not && buttonsOf(message).includes(action)));

// A card says what became of its subject, however late it is sent.
async function late(amends, slack, rita) {
  const send = await source(amends, 'late');
  const alert = (zone, more = {}) => send({ fingerprint: zone, status: 'firing', starts_at: new Date(Date.now() - 60000).toISOString(), labels: { service: 'login', zone }, ...more });
  const pending = async () => (await amends.call('GET', '/v1/suggestions?state=pending')).data;
  const posts = () => slack.asked.filter((method) => method === 'chat.postMessage').length;
  // Dismiss what an alert suggests as soon as Slack is asked to show it; the cards from then on.
  const dismissed = async (zone) => {
    const before = slack.messages.length, asked = posts();
    await alert(zone);
    await waitUntil(`the card of ${zone} is under way`, () => posts() > asked);
    const [{ id }] = await pending();
    await amends.call('POST', `/v1/suggestions/${id}/dismiss`);
    slack.delay = 0;
    await waitUntil(`${zone} is told`, () => slack.messages.slice(before).some((message) => message.thread && /dismissed it/.test(textOf(message))));
    return slack.messages.slice(before).filter((message) => !message.thread);
  };
  slack.delay = 4000;
  const [shown, ...more] = await dismissed('y1');
  await waitUntil('the card follows', () => /dismissed it/.test(textOf(shown)));
  is([buttonsOf(shown), more], [[], []], 'a decision while the card is being sent changes it');
  slack.busy = 1;
  const [second] = await dismissed('y2');
  is(second.first.filter(({ type }) => type === 'actions'), [], 'one that is decided before it was sent never has buttons');
  await amends.call('POST', '/v1/incident-templates', { name: 'Login', title: 'Login fails', state: 'identified', body: 'Login fails.', translations: { de: { title: 'Anmeldung gestört', body: 'Die Anmeldung ist gestört.' }, fr: { body: 'Panne.' } } });
  sql(amends, "update alert_rule set template_id = (select id from incident_template), audience = 'both', affected_body = 'Your login fails.'");
  await alert('y3');
  const third = await openCard(slack, 'amends_suggestion_publish');
  const [{ id }] = await pending();
  await slack.click(amends, rita, third, 'amends_suggestion_publish');
  const view = slack.view;
  is(['body', 'body:de', 'affected_body'].map((field) => inputOf(view, field).element.initial_value), ['Login fails.', 'Die Anmeldung ist gestört.', 'Your login fails.'], 'Publish shows the texts of the template, in its languages');
  await slack.choose(amends, rita, view, { languages: ['de', 'ja'] });
  await slack.submit(amends, rita, view, { body: 'Signing in fails.', affected_body: null, 'body:de': 'Anmelden geht nicht.', 'body:ja': '障害。' });
  const { incident } = await amends.call('GET', `/v1/suggestions/${id}`);
  const { updates: [said], translations: titles } = await amends.call('GET', `/v1/incidents/${incident}`);
  is([said.body, said.affected_body, said.translations, titles], ['Signing in fails.', null, { de: { body: 'Anmelden geht nicht.' }, ja: { body: '障害。' } }, { de: { title: 'Anmeldung gestört' } }], 'and publishes them as they were changed');
  await waitUntil('it is published', () => !buttonsOf(third).length);
  await alert('y3', { status: 'resolved', ends_at: new Date(Date.now() - 1000).toISOString() });
  await waitUntil('its alerts are over', () => buttonsOf(third).includes('amends_suggestion_resolve'));
  await slack.click(amends, rita, third, 'amends_suggestion_resolve');
  is([slack.view.callback_id, slack.view.blocks[0].element.initial_option.value], ['amends_resolve', incident], 'Resolve opens the form for its incident');
  await amends.call('POST', `/v1/incidents/${incident}/updates`, { state: 'resolved', body: 'Over.' });
  await waitUntil('the card says so', () => /Resolved/.test(textOf(third)) && !buttonsOf(third).length);
  ok(true, 'and goes, however it was resolved');
  await slack.click(amends, rita, { ...third, blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'amends_suggestion_resolve', value: String(id) }] }] }, 'amends_suggestion_resolve');
  ok(/is over/.test(refusal(slack)), `an old Resolve says that there is nothing to resolve: ${refusal(slack)}`);
  await alert('y4');
  const fourth = await openCard(slack, 'amends_suggestion_publish');
  sql(amends, "delete from suggestion where state = 'pending'");
  await waitUntil('a withdrawn one says so', () => /withdrawn/i.test(textOf(fourth)) && !buttonsOf(fourth).length);
  ok(true, 'so does one whose alert was withdrawn');
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
  ok(/Your roles do not allow/.test(mrkdwnIn(await review(rita))), 'nor who has no role for that');
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
  const { warnings } = await amends.call('POST', '/v1/credit-runs', { policy: 'pro-rata-10x', incidents: [one.incidents[0].ref], reason: 'Once more' });
  sql(amends, "update staff set locale = 'de' where login = 'ann'");
  await slack.click(amends, ann, await waitUntil('the second card', () => slack.messages.find((message) => /Credit run 2 waits/.test(message.text))), 'amends_run_approve');
  const german = mrkdwnIn(slack.view);
  ok(warnings.length && !warnings.some(({ text }) => german.includes(text)) && /Auch Lauf 1 .*ausgestellt.* umfasst/.test(german), `warnings are in the language of the person: ${german}`);
}

// A run that is being decided when its card is due gets none.
async function meanwhile(amends, slack) {
  const draft = async (reason) => (await amends.call('POST', '/v1/credit-runs', { policy: 'pro-rata-10x', incidents: [one.incidents[0].ref], reason })).id;
  const cardOf = (id) => slack.messages.find((message) => new RegExp(`Credit run ${id} waits`).test(message.text));
  const [[last]] = sql(amends, 'select max(id) from credit_run');
  const decided = Number(last) + 1;
  const psql = new Session(amends);
  await psql.say(`begin; select from pg_advisory_xact_lock(amends.lock_key('run_card'), ${decided})`);
  is(await draft('being decided'), decided, 'a draft');
  await psql.say(`update credit_run set state = 'void', voided_at = now() where id = ${decided}`);
  const later = await draft('later');
  await waitUntil('the card of a later one', () => cardOf(later));
  await psql.say('commit');
  psql.end();
  const after = await draft('after it');
  await waitUntil('the card of the last one', () => cardOf(after));
  is([cardOf(decided), slack.messages.filter(({ text }) => text.includes(`run ${decided} `)).length], [undefined, 0], 'that is being decided when its card is due has none');
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
  await late(amends, slack, rita);
  await runs(amends, slack, bob, ann, rita);
  await meanwhile(amends, slack);
  ok(slack.slowest < 3000, `every answer within 3 s: ${slack.slowest} ms`);
  is(slack.seen.flatMap(([, value]) => beyondLimits(value)), [], 'within the limits of Slack');
  is(faults(freshDirectory(), slack.seen), [], '@slack/types finds no fault');
});
