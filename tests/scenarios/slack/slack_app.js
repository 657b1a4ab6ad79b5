#!/usr/bin/env node
'use strict';
// The Slack app: signatures, the link of a Slack user with a member of staff, /amends status. A fake Slack (lib/fake_slack.js)
// plays Slack; its own declarations and limits judge all that is sent to it.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS, ROOT, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { FakeSlack } = require('../../lib/fake_slack.js');
const { faults, beyondLimits, mrkdwnIn } = require('../../lib/slack_types.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const CHANNEL = 'C0OPS';
const linkIn = (reply) => mrkdwnIn(reply.json).match(/<https?:\/\/[^/|]+(\/staff\/slack\/[\w.-]+)\|/)?.[1];

async function signatures(amends, slack, user) {
  const now = Math.floor(Date.now() / 1000);
  const refused = [
    ['another secret', { secret: 'other' }], ['six minutes ago', { at: now - 361 }], ['six minutes ahead', { at: now + 361 }],
    ['no version', { signature: 'f'.repeat(64) }], ['an empty signature', { signature: '' }],
  ];
  for (const [name, options] of refused) is((await slack.command(amends, user, 'status', options)).status, 403, `refused: ${name}`);
  is((await slack.command(amends, user, 'status', { at: now - 290 })).status, 200, 'four minutes and fifty seconds are fine');
}

// A Slack user without a link is told how to get one, and nothing else.
async function linking(amends, slack, desk, user) {
  const first = linkIn(await slack.command(amends, user, 'status'));
  ok(first, 'an unknown user gets a link and no status');
  is((await amends.request('GET', first, undefined, { key: null, redirect: 'manual' })).status, 303, 'which asks to sign in');
  const page = await desk.get(first);
  ok(page.text.includes(user.name) && page.text.includes(user.id), 'the page names the Slack user');
  is(sql(amends, 'select count(*) from slack_link')[0][0], '0', 'and changes nothing');
  is((await desk.get(`${first.slice(0, -1)}${first.endsWith('A') ? 'B' : 'A'}`)).status, 404, 'another token is none');
  is((await desk.send(first, {})).status, 303, 'the button links them');
  is((await desk.send(first, {})).status, 409, 'once');
  const entry = (await amends.call('GET', '/v1/audit?limit=1')).data[0];
  is([entry.action, entry.actor, entry.detail.slack], ['staff.slack_link', 'staff:rita', `rita.r (${user.id}), example (${slack.team.id})`], 'the audit log says who');
  ok(mrkdwnIn((await slack.command(amends, user, 'status')).json).includes('No open incidents'), 'the user sees the status now');
  ok((await desk.get('/staff/account')).text.includes('rita.r, example'), 'the account shows the link');
  return first;
}

// Without a person there is the language of the service: for strangers, and for the channel.
async function languages(amends, slack) {
  ok(mrkdwnIn((await slack.command(amends, slack.user('stranger'), 'status')).json).includes('Konto verknüpfen'), 'a stranger reads the language of the service');
  const report = (about, detail) => sql(amends, `select amends.staff_report('${about}', 'English', 'English', '${JSON.stringify({ card: about, id: 9, url: 'https://status.example/staff', ...detail })}')`);
  report('suggestion:9', { what: 'suggestion', title: 'API', at: '2026-01-15T12:00:00Z' });
  report('credit_run:9', { what: 'run', quiet: true, policy: 'Pro', reason: 'x', amounts: [{ minor: 124050, currency: 'EUR' }, { minor: 300, currency: 'JPY' }] });
  const shown = async (pattern) => waitUntil(`a card with ${pattern}`, () => slack.messages.find(({ text }) => pattern.test(text)));
  const card = await shown(/Vorgeschlagener Vorfall: API/);
  is(card.blocks.at(-1).elements.map(({ text }) => text.text), ['Veröffentlichen …', 'Verwerfen'], 'so does the channel, buttons and all');
  ok((await shown(/Gutschriftenlauf/)).text.includes('1.240,50 EUR + 300 JPY'), 'also amounts');
}

async function ending(amends, slack, desk, user, first) {
  const { data: [link] } = await amends.call('GET', '/v1/slack-links');
  is([link.login, link.user], ['rita', user.id], 'admins see all links');
  const boss = await Desk.enter(amends, 'boss', ['admin']);
  ok((await boss.get('/staff/access')).text.match(/rita<\/span>[^]*Slack: rita\.r, example/), 'in the console, too, with the person');
  is((await boss.send('/staff/account/slack', { id: link.id })).status, 404, 'nobody ends the link of another by their own account');
  is((await desk.send('/staff/account/slack', { id: link.id })).status, 303, 'the person does');
  ok(linkIn(await slack.command(amends, user, 'status')), 'then Slack asks again');
  is((await desk.send(first, {})).status, 409, 'the old link links nobody');
  const second = linkIn(await slack.command(amends, user, ''));
  is((await boss.send(second, {})).status, 303, 'a new one does, whoever is signed in');
  sql(amends, "update staff set disabled_at = now() where login = 'boss'");
  ok(linkIn(await slack.command(amends, user, 'status')), 'a disabled person sees nothing');
  sql(amends, "update staff set disabled_at = null where login = 'boss'");
  const { data: [now] } = await amends.call('GET', '/v1/slack-links');
  is((await boss.send('/staff/access', { do: 'slack', id: now.id })).status, 303, 'an admin ends it');
  is((await amends.call('GET', '/v1/slack-links')).data, [], 'and none is left');
}

async function status(amends, slack, desk, user) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API <&>' });
  await amends.call('POST', '/v1/incidents', { ref: 'one', title: '<!channel> & <@U1> late', kind: 'incident', state: 'investigating', notify: false, body: 'Down.', components: [{ component: 'api', level: 'partial_outage' }] });
  const text = mrkdwnIn((await slack.command(amends, user, 'status')).json);
  ok(text.includes('&lt;!channel&gt; &amp; &lt;@U1&gt; late') && text.includes('/staff/incidents/one|'), 'a title mentions nobody');
  ok(text.includes('Investigating') && text.includes('API &lt;&amp;&gt;: Partial outage'), 'the state and the component');
  sql(amends, "update staff set locale = 'de' where login = 'rita'");
  ok(mrkdwnIn((await slack.command(amends, user, 'status')).json).includes('Wird untersucht'), "in the person's language");
  sql(amends, "update staff set locale = 'en' where login = 'rita'");
  ok(mrkdwnIn((await slack.command(amends, user, 'nonsense <!here>')).json).includes('/amends status'), 'other words get help');
}

// amends doctor asks Slack for the workspace of the token.
function doctor(amends, env) {
  return new Promise((resolve) => {
    execFile(AMENDS, ['doctor', '--json', '--data', path.join(amends.dir, 'var')], { env: { ...process.env, ...env } }, (error, text) => {
      resolve(JSON.parse(text).find(({ check }) => check === 'slack'));
    });
  });
}

async function doctors(amends, slack) {
  const row = await doctor(amends, slack.env());
  is([row.state, row.said], ['ok', 'workspace example'], 'doctor names the workspace');
  const wrong = await doctor(amends, { ...slack.env(), AMENDS_SLACK_BOT_TOKEN: 'xoxb-2' });
  is([wrong.state, wrong.said], ['fail', 'auth.test: invalid_auth'], "or Slack's error");
}

// The addresses in the manifest are those of our routes.
async function manifest(amends, slack) {
  const { features, settings } = JSON.parse(fs.readFileSync(path.join(ROOT, 'deploy/slack/manifest.json'), 'utf8'));
  const urls = [features.slash_commands[0].url, settings.interactivity.request_url, settings.event_subscriptions.request_url];
  const replies = [];
  for (const url of urls) replies.push((await slack.deliver(amends, new URL(url).pathname, 'ssl_check=1', { secret: 'other' })).status);
  is(replies, [403, 403, 403], `each of ${urls} asks for a signature`);
}

scenario(async (cleanup) => {
  const slack = await FakeSlack.start();
  cleanup(() => slack.stop());
  const amends = await Amends.up({ env: { ...slack.env(), AMENDS_LANGUAGE: 'de', AMENDS_SLACK_CHANNEL: CHANNEL } });
  cleanup(() => amends.destroy());
  const desk = await Desk.enter(amends, 'rita', ['responder']), user = slack.user('rita.r');
  await signatures(amends, slack, user);
  const first = await linking(amends, slack, desk, user);
  await status(amends, slack, desk, user);
  await languages(amends, slack);
  await ending(amends, slack, desk, user, first);
  await doctors(amends, slack);
  await manifest(amends, slack);
  ok(slack.slowest < 3000, `every answer within 3 s: ${slack.slowest} ms`);
  is(slack.seen.flatMap(([, value]) => beyondLimits(value)), [], 'within the limits of Slack');
  is(faults(freshDirectory(), slack.seen), [], '@slack/types finds no fault');
});
