#!/usr/bin/env node
'use strict';
// Posts from Slack: each form, its errors at its fields, a preview with the audience, the post, its undo window, and what
// happens when Slack repeats, is slow or is down. lib/fake_slack.js plays Slack.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { FakeSlack, linked } = require('../../lib/fake_slack.js');
const { faults, beyondLimits, mrkdwnIn } = require('../../lib/slack_types.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const command = async (amends, slack, user, text) => {
  slack.view = null;
  const reply = await slack.command(amends, user, text);
  return { reply, view: slack.view };
};

async function opening(amends, slack, user) {
  const { view } = await command(amends, slack, user, 'open');
  is(view.title.text, 'Open an incident', '/amends open opens a form');
  await slack.submit(amends, user, view, { title: 'Late', body: 'x', components: ['api'], audience: 'affected', scope: 'plan=pro  region=eu,us acct-9' });
  const [[body]] = sql(amends, 'select body from slack_draft');
  is(JSON.parse(body).scope, { labels: { plan: 'pro', region: ['eu', 'us'] }, accounts: [{ account: 'acct-9' }] }, 'words are a scope');
  const { view: preview } = await slack.submit(amends, user, view, {
    title: 'Messages <!channel> late', body: 'They **are** late. <@U1>', components: ['api', 'web'], level: 'major_outage', next_update_minutes: '30', hold_seconds: '120',
  });
  const text = mrkdwnIn(preview);
  ok(text.includes('*are*') && text.includes('api: Major outage, web: Major outage'), 'the preview shows text and levels');
  ok(text.includes('Subscribers reached: 3 (E-mail 2, Webhook 1)'), `and counts the audience: ${text}`);
  ok(!/<!channel>|<@U1>/.test(text), 'it mentions nobody');
  is(sql(amends, 'select count(*) from incident')[0][0], '0', 'nothing is posted yet');
  const { view: done } = await slack.submit(amends, user, preview);
  ok(mrkdwnIn(done).includes('Held back until'), 'the post waits for its undo window');
  is((await slack.again(amends)).json.view.blocks.length, 2, 'the same submission again');
  const { data: held } = await amends.call('GET', '/v1/held-posts?state=held');
  is(held.length, 1, 'posts once');
  is([held[0].created_by.name, held[0].title], ['rita', 'Messages <!channel> late'], 'as the person');
  await slack.click(amends, user, done, 'amends_undo');
  ok(mrkdwnIn(done).includes('nothing was published'), 'Undo shows so');
  is(sql(amends, 'select count(*) from incident')[0][0], '0', 'and nothing was');
  await slack.again(amends);
  ok(mrkdwnIn(done).includes('nothing was published'), 'a repeated click says the same');
  const audit = (await amends.call('GET', '/v1/audit?limit=10')).data;
  const undone = audit.find(({ action }) => action === 'held_post.undo');
  is([undone.actor, undone.detail.via], ['staff:rita', 'slack'], 'the audit log says who, through Slack');
  const own = await amends.call('POST', '/v1/components', { slug: 'other', name: 'Other' });
  ok(own, 'and of other requests');
  is((await amends.call('GET', '/v1/audit?limit=1')).data[0].detail?.via, undefined, 'nothing of the kind');
}

async function lifeOfAnIncident(amends, slack, user) {
  const { view } = await command(amends, slack, user, 'open');
  const { view: preview } = await slack.submit(amends, user, view, { title: 'API down', body: 'Down.', components: ['api'], hold_seconds: '0' });
  const { view: done } = await slack.submit(amends, user, preview);
  ok(mrkdwnIn(done).includes('Published.'), 'without an undo window it is published at once');
  const { data: [incident] } = await amends.call('GET', '/v1/incidents?open=true');
  is([incident.title, incident.state], ['API down', 'investigating'], 'the incident is open');
  const status = await slack.command(amends, user, 'status');
  await slack.click(amends, user, status.json, 'amends_update', incident.ref);
  const update = slack.view;
  is(update.blocks[0].element.initial_option.value, incident.ref, 'Update of the status knows its incident');
  const { view: second } = await slack.submit(amends, user, update, { state: 'identified', body: 'Found.', components: ['api'], level: 'degraded_performance', hold_seconds: '0', notify: [] });
  ok(mrkdwnIn(second).includes('Nobody is notified'), 'notify can be off');
  await slack.submit(amends, user, second);
  const { view: resolve } = await command(amends, slack, user, `resolve ${incident.ref}`);
  const { view: third } = await slack.submit(amends, user, resolve, { hold_seconds: '0' });
  await slack.submit(amends, user, third);
  const end = await amends.call('GET', `/v1/incidents/${incident.ref}`);
  is(end.updates.map(({ state }) => state), ['investigating', 'identified', 'resolved'], 'updated and resolved');
  is(end.updates[2].body, 'This incident has been resolved.', 'with the usual text');
  const none = await command(amends, slack, user, 'update');
  ok(!none.view && mrkdwnIn(none.reply.json).includes('No open incidents'), 'then there is nothing to update');
}

async function planning(amends, slack, user) {
  const { view } = await command(amends, slack, user, 'schedule');
  const from = Math.floor(Date.now() / 1000) + 86400;
  const wrong = await slack.submit(amends, user, view, { title: 'Upgrade', body: 'Short breaks.', scheduled_from: from, scheduled_until: from - 60 });
  ok(wrong.errors?.scheduled_until, `an end before the start is told at the end: ${JSON.stringify(wrong.errors)}`);
  const { view: preview } = await slack.submit(amends, user, view, { title: 'Upgrade', body: 'Short breaks.', components: ['api'], scheduled_from: from, scheduled_until: from + 3600, hold_seconds: '0' });
  ok(mrkdwnIn(preview).includes(`<!date^${from}^`), 'the preview shows the times in the zone of the reader');
  await slack.submit(amends, user, preview);
  const { data: [{ ref }] } = await amends.call('GET', '/v1/incidents?kind=maintenance');
  const planned = await amends.call('GET', `/v1/incidents/${ref}`);
  is([planned.state, planned.scheduled_from, planned.planned], ['scheduled', new Date(from * 1000).toISOString().replace('.000', ''), ['api']], 'the maintenance is planned');
}

async function shortcuts(amends, slack, user, viewer, stranger) {
  await slack.shortcut(amends, user, 'amends_open', { text: 'API &lt;slow&gt; &amp; late' });
  is(slack.view.blocks.find(({ block_id: block }) => block === 'body').element.initial_value, 'API <slow> & late', 'a message becomes the text of an incident');
  slack.view = null;
  await slack.shortcut(amends, stranger, 'amends_open');
  ok(/staff\/slack\//.test(mrkdwnIn(slack.view)), 'an unknown user is asked to link');
  const { view } = await command(amends, slack, user, 'open');
  const { errors } = await slack.submit(amends, viewer, view, { title: 'x', body: 'y' });
  ok(/incidents:write|role/i.test(errors.body), `a viewer who submits a form of another is refused: ${errors.body}`);
  is(sql(amends, "select count(*) from incident where title = 'x'")[0][0], '0', 'and posts nothing');
}

// Slack does not answer, or late: the person is told in time, and posts do not wait for it.
async function trouble(amends, slack, user) {
  slack.down = true;
  ok(mrkdwnIn((await slack.command(amends, user, 'open')).json).includes('Slack did not open the form'), 'down: the command says so');
  slack.down = false;
  const { view } = await command(amends, slack, user, 'open');
  const { view: preview } = await slack.submit(amends, user, view, { title: 'While Slack is slow', body: 'y', hold_seconds: '120' });
  const kept = { ...preview };
  slack.delay = 5000;
  ok(mrkdwnIn((await slack.command(amends, user, 'open')).json).includes('Slack did not open the form'), 'slow: the command says so');
  const { view: done } = await slack.submit(amends, user, preview);
  await slack.click(amends, user, done, 'amends_publish');
  slack.delay = 0;
  is(sql(amends, "select count(*) from incident where title = 'While Slack is slow'")[0][0], '1', 'a post does not wait for Slack');
  sql(amends, "update slack_draft set created_at = now() - interval '2 days'");
  await slack.submit(amends, user, view, { title: 'Another', body: 'y' });
  const { view: old } = await slack.submit(amends, user, kept);
  ok(mrkdwnIn(old).includes('too old'), 'a preview of two days ago posts nothing');
}

scenario(async (cleanup) => {
  const slack = await FakeSlack.start();
  cleanup(() => slack.stop());
  const amends = await Amends.up({ env: slack.env() });
  cleanup(() => amends.destroy());
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug });
  for (const address of ['a@readers.example', 'b@readers.example']) await amends.call('POST', '/v1/subscribers', { channel: 'email', address, confirmed: true });
  await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address: `${slack.url}/hook`, confirmed: true });
  const user = linked(amends, slack, 'rita', 'responder'), viewer = linked(amends, slack, 'vera', 'viewer');
  await opening(amends, slack, user);
  await lifeOfAnIncident(amends, slack, user);
  await planning(amends, slack, user);
  await shortcuts(amends, slack, user, viewer, slack.user('nobody'));
  await trouble(amends, slack, user);
  ok(slack.slowest < 3000, `every answer within 3 s: ${slack.slowest} ms`);
  is(slack.seen.flatMap(([, value]) => beyondLimits(value)), [], 'within the limits of Slack');
  is(faults(freshDirectory(), slack.seen), [], '@slack/types finds no fault');
});
