#!/usr/bin/env node
'use strict';
// The forms of /amends, from the shortcut to the post and its undo; they change while they are filled in: a level per
// component, a text for the affected, texts in other languages, templates. lib/fake_slack.js plays Slack.
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { FakeSlack, linked, inputOf } = require('../../lib/fake_slack.js');
const { faults, beyondLimits, mrkdwnIn } = require('../../lib/slack_types.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const form = async (amends, slack, user, text) => {
  slack.view = null;
  const reply = await slack.command(amends, user, text);
  return slack.view ?? mrkdwnIn(reply.json);
};
const fields = (view) => view.blocks.filter(({ type }) => type === 'input').map((block) => block.block_id.split('~')[0]);
const has = (view, field) => fields(view).includes(field);
const startOf = (view, field) => {
  const { element } = inputOf(view, field);
  return element.initial_value ?? element.initial_option?.value ?? element.initial_options?.map(({ value }) => value) ?? null;
};
const draft = (amends) => JSON.parse(sql(amends, 'select body from slack_draft order by id desc limit 1')[0][0]);
const levelsOf = ({ components }) => Object.fromEntries(components.map(({ component, level }) => [component, level]));

async function opening(amends, slack, user) {
  const view = await form(amends, slack, user, 'open');
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
  const view = await form(amends, slack, user, 'open');
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
  const resolve = await form(amends, slack, user, `resolve ${incident.ref}`);
  const { view: third } = await slack.submit(amends, user, resolve, { hold_seconds: '0' });
  await slack.submit(amends, user, third);
  const end = await amends.call('GET', `/v1/incidents/${incident.ref}`);
  is(end.updates.map(({ state }) => state), ['investigating', 'identified', 'resolved'], 'updated and resolved');
  is(end.updates[2].body, 'This incident has been resolved.', 'with the usual text');
  ok(/No open incidents/.test(await form(amends, slack, user, 'update')), 'then there is nothing to update');
}

async function planning(amends, slack, user) {
  const view = await form(amends, slack, user, 'schedule');
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
  const view = await form(amends, slack, user, 'open');
  const { errors } = await slack.submit(amends, viewer, view, { title: 'x', body: 'y' });
  ok(/incidents:write|role/i.test(errors.body), `a viewer who submits a form of another is refused: ${errors.body}`);
  is(sql(amends, "select count(*) from incident where title = 'x'")[0][0], '0', 'and posts nothing');
}

// Slack does not answer, or late: the person is told in time, and posts do not wait for it.
async function trouble(amends, slack, user) {
  slack.down = true;
  ok(mrkdwnIn((await slack.command(amends, user, 'open')).json).includes('Slack did not open the form'), 'down: the command says so');
  slack.down = false;
  const view = await form(amends, slack, user, 'open');
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

// Submit a form and its preview; the preview's text.
async function post(amends, slack, user, view, typed = {}) {
  const { view: preview, errors } = await slack.submit(amends, user, view, { hold_seconds: '0', ...typed });
  if (errors) throw new Error(JSON.stringify(errors));
  const shown = mrkdwnIn(preview);
  const { view: done } = await slack.submit(amends, user, preview);
  if (!mrkdwnIn(done).includes('Published')) throw new Error(mrkdwnIn(done));
  return shown;
}

async function levels(amends, slack, user) {
  const view = await form(amends, slack, user, 'open');
  ok(!fields(view).some((field) => field.startsWith('level:')), 'a new form has one level for all');
  await slack.choose(amends, user, view, { title: 'Two are down', components: ['api', 'web'] });
  is(fields(view).filter((field) => field.startsWith('level:')), ['level:api', 'level:web'], 'each chosen component gets its own');
  is([inputOf(view, 'level:web').label.text, startOf(view, 'level:web')], ['Web & <apps>', 'same'], 'named as the component, beginning with that of all');
  await slack.choose(amends, user, view, { 'level:web': 'major_outage', components: ['api', 'web', 'mail'] });
  await slack.choose(amends, user, view, { level: 'degraded_performance' });
  const preview = await post(amends, slack, user, view, { body: 'We look.' });
  is(levelsOf(draft(amends)), { api: 'degraded_performance', web: 'major_outage', mail: 'degraded_performance' }, 'a chosen level stays while components are added');
  ok(preview.includes('Web &amp; &lt;apps&gt;: Major outage'), `the preview names components as people do: ${preview}`);
  is((await amends.call('GET', '/v1/incidents?open=true')).data[0].title, 'Two are down', 'and what was typed');
  const again = await form(amends, slack, user, 'open');
  await slack.choose(amends, user, again, { components: ['api', 'web'] });
  await slack.choose(amends, user, again, { components: ['web'] });
  ok(!has(again, 'level:api') && has(again, 'level:web'), 'a component that is no longer chosen loses its level');
}

// What people get wrong, and what they type of themselves.
async function mistakes(amends, slack, user, viewer) {
  ok(/“opne”/.test(await form(amends, slack, user, 'opne')), 'an unknown command is named');
  is(startOf(await form(amends, slack, user, ' OPEN  API is <down>  '), 'title'), 'API is <down>', 'a title can be typed behind open, in any case');
  for (const act of ['open', 'update', 'schedule']) ok(/Your roles do not allow/.test(await form(amends, slack, viewer, act)), `who may not ${act} is told at once`);
  await slack.shortcut(amends, viewer, 'amends_open');
  ok(/Your roles do not allow/.test(mrkdwnIn(slack.view)), 'also by a shortcut');
  await amends.call('POST', '/v1/incidents', { ref: 'queue', title: 'Queue is slow', kind: 'incident', state: 'investigating', notify: false, body: 'Slow.', components: [{ component: 'mail', level: 'partial_outage' }] });
  const view = await form(amends, slack, user, 'update QUEUE is');
  is(startOf(view, 'incident'), 'queue', 'an incident is found by words of its title');
  await amends.call('POST', '/v1/incidents', { ref: 'queue-2', title: 'Queue is stuck', kind: 'incident', state: 'investigating', notify: false, body: 'Stuck.' });
  const several = await form(amends, slack, user, 'update queue IS');
  is([has(several, 'incident'), startOf(several, 'incident')], [true, null], 'words of several titles open the form, to choose one');
  is(inputOf(several, 'incident').element.options.slice(0, 2).map(({ value }) => value).sort(), ['queue', 'queue-2'], 'of which those come first');
  await amends.call('POST', '/v1/incidents/queue/updates', { state: 'resolved', body: 'Over.' });
  const { view: told } = await slack.submit(amends, user, view, { body: 'Late.' });
  ok(/has ended/.test(mrkdwnIn(told)), `an update of an incident that has ended meanwhile says so: ${mrkdwnIn(told)}`);
  const blank = await slack.submit(amends, user, await form(amends, slack, user, 'open'), { title: 'x', body: ' \n ' });
  ok(blank.errors?.body, `a text of spaces is none: ${JSON.stringify(blank.errors)}`);
  const { view: preview } = await slack.submit(amends, user, await form(amends, slack, user, 'open'), { title: 'x', body: 'y', audience: 'affected', scope: 'plan=pro acct-9' });
  ok(/Affected accounts only: plan=pro acct-9/.test(mrkdwnIn(preview)), 'a preview says who sees it');
}

async function hundreds(amends, slack, user) {
  const all = (await amends.all('/v1/components')).map(({ slug }) => slug);
  const view = await form(amends, slack, user, 'open');
  await slack.choose(amends, user, view, { components: all, level: 'major_outage', 'level:s-001': 'degraded_performance' });
  ok(view.blocks.length <= 100 && mrkdwnIn(view).includes('level of all'), `${all.length} components: the form says which have no level of their own`);
  await slack.submit(amends, user, view, { title: 'All of it', body: 'x' });
  const given = levelsOf(draft(amends));
  is([Object.keys(given).length, given['s-001'], given['s-119']], [all.length, 'degraded_performance', 'major_outage'], 'and posts the level of all for them');
}

async function both(amends, slack, user) {
  const view = await form(amends, slack, user, 'open');
  ok(!has(view, 'affected_body'), 'one text');
  await slack.choose(amends, user, view, { audience: 'affected' });
  ok(!has(view, 'affected_body'), 'also if only the affected read it');
  await slack.choose(amends, user, view, { audience: 'both', languages: ['de'] });
  ok(['affected_body', 'title:de', 'body:de', 'affected_body:de'].every((field) => has(view, field)), 'two texts for both audiences, in each language');
  const wrong = await slack.submit(amends, user, view, { title: 'Split', body: 'Public.', affected_body: 'Yours.', scope: 'region=, acct-1' });
  ok(wrong.errors?.scope, `a scope that is none is refused at its field: ${JSON.stringify(wrong.errors)}`);
  const preview = await post(amends, slack, user, view, {
    title: 'Split', body: 'Public.', scope: 'acct-1', affected_body: 'Yours <@U1>.', 'body:de': 'Öffentlich.', 'affected_body:de': 'Ihres.', components: ['api'],
  });
  ok(/Public\.[^]*Yours &lt;@U1&gt;\.[^]*Deutsch/.test(preview), `the preview has both, and names the languages: ${preview}`);
  ok(/1 of them read the text for the affected/.test(preview), 'and counts who reads which');
  const incident = (await amends.call('GET', '/v1/incidents?open=true')).data.find(({ title }) => title === 'Split');
  const whole = await amends.call('GET', `/v1/incidents/${incident.ref}`);
  is([whole.audience, whole.updates[0].affected_body, whole.updates[0].translations], ['both', 'Yours <@U1>.', { de: { body: 'Öffentlich.', affected_body: 'Ihres.' } }], 'all of it is posted');
  const update = await form(amends, slack, user, `update ${incident.ref}`);
  ok(has(update, 'affected_body'), 'its updates have two texts, too');
  await post(amends, slack, user, update, { state: 'identified', body: 'Found.', affected_body: 'Found yours.' });
  const resolve = await form(amends, slack, user, `resolve ${incident.ref}`);
  await post(amends, slack, user, resolve, { affected_body: 'Over for you.' });
  is((await amends.call('GET', `/v1/incidents/${incident.ref}`)).updates.map((one) => one.affected_body), ['Yours <@U1>.', 'Found yours.', 'Over for you.'], 'and its end');
}

async function lists(amends, slack, user) {
  await amends.call('POST', '/v1/account-lists/shard-7', '{"account": "acct-1"}', { headers: { 'content-type': 'application/x-ndjson' } });
  const view = await form(amends, slack, user, 'open');
  await slack.submit(amends, user, view, { title: 'x', body: 'x', scope: 'plan=pro', scope_list: 'shard-7', audience: 'affected' });
  is(draft(amends).scope, { labels: { plan: 'pro' }, list: 'shard-7' }, 'an account list can be the scope');
}

async function templates(amends, slack, user) {
  const plain = { title: 'API is slow', state: 'identified', body: 'The API is **slow**.', components: [{ component: 'api', level: 'degraded_performance' }, { component: 'web', level: 'major_outage' }], next_update_minutes: 60 };
  const translations = { de: { title: 'Die API ist langsam', body: 'Die API ist **langsam**.' }, 'pt-PT': { body: 'A API está lenta.' } };
  const { id } = await amends.call('POST', '/v1/incident-templates', { name: 'Slow', ...plain, translations });
  await amends.call('POST', '/v1/incident-templates', { name: 'Too long', ...plain, body: 'x'.repeat(3001) });
  await amends.call('POST', '/v1/incident-templates', { name: 'Fixed', title: 'x', state: 'resolved', body: 'All is **well**.', translations: { de: { title: 'x', body: 'Alles ist **gut**.' } } });
  await amends.call('POST', '/v1/incident-templates', { name: 'Window', kind: 'maintenance', title: 'Upgrade', state: 'scheduled', body: 'Short breaks.', components: [{ component: 'web', level: 'under_maintenance' }] });
  const view = await form(amends, slack, user, 'open');
  is(inputOf(view, 'template').element.options.map(({ text }) => text.text), ['No template', 'Slow'], 'the templates for a beginning, of incidents, as long as Slack takes');
  await slack.choose(amends, user, view, { body: 'typed', scope: 'plan=pro', template: String(id) });
  is([startOf(view, 'title'), startOf(view, 'body'), startOf(view, 'state'), startOf(view, 'components'), startOf(view, 'level:web'), startOf(view, 'next_update_minutes'), startOf(view, 'scope')],
    [plain.title, plain.body, 'identified', ['api', 'web'], 'major_outage', '60', 'plan=pro'], 'a template fills in the form, and nothing else changes');
  is([startOf(view, 'languages'), startOf(view, 'title:de'), startOf(view, 'body:pt-PT')], [['de', 'pt-PT'], 'Die API ist langsam', 'A API está lenta.'], 'with its texts in other languages');
  await slack.submit(amends, user, view, { scope: null });
  is([draft(amends).translations, levelsOf(draft(amends))], [translations, { api: 'degraded_performance', web: 'major_outage' }], 'which are posted');
  await slack.choose(amends, user, view, { languages: ['de', 'fr'] });
  await slack.submit(amends, user, view, { 'body:de': 'Anders.', 'body:fr': 'Lente.' });
  is(draft(amends).translations, { de: { title: 'Die API ist langsam', body: 'Anders.' }, fr: { body: 'Lente.' } }, 'a language can be changed, added and left out');
  await slack.choose(amends, user, view, { template: '0' });
  is([startOf(view, 'title'), startOf(view, 'languages')], [null, null], 'and the template, too');
  const planned = await form(amends, slack, user, 'schedule');
  const [, window] = inputOf(planned, 'template').element.options;
  await slack.choose(amends, user, planned, { template: window.value });
  is([startOf(planned, 'title'), startOf(planned, 'components'), has(planned, 'level'), inputOf(planned, 'components').hint?.text], ['Upgrade', ['web'], false, 'Under maintenance from the start to the end.'], 'a maintenance has its own, and one level, which the form names');
  const from = Math.floor(Date.now() / 1000) + 86400;
  is((await slack.submit(amends, user, planned, { scheduled_from: from, scheduled_until: from + 3600 })).errors, undefined, 'it can be planned');
  is(levelsOf(draft(amends)), { web: 'under_maintenance' }, 'with its components');
}

async function updates(amends, slack, user) {
  for (const [ref, component] of [['first', 'api'], ['second', 'web']]) {
    await amends.call('POST', '/v1/incidents', { ref, title: ref, kind: 'incident', state: 'investigating', notify: false, body: 'Down.', components: [{ component, level: 'partial_outage' }] });
  }
  const view = await form(amends, slack, user, 'update');
  ok(!has(view, 'level:api'), 'no incident is chosen among several');
  await slack.choose(amends, user, view, { body: 'Better.', incident: 'first' });
  is([startOf(view, 'state'), startOf(view, 'components'), startOf(view, 'level:api'), inputOf(view, 'level:api').hint.text, startOf(view, 'body')],
    ['investigating', ['api'], 'same', 'Now: Partial outage', 'Better.'], 'the one that is chosen fills in its state and its components');
  await slack.choose(amends, user, view, { incident: 'second' });
  is(startOf(view, 'components'), ['web'], 'so does another');
  ok(!inputOf(view, 'state').element.options.some(({ value }) => value === 'completed'), 'only states of its kind');
  await slack.choose(amends, user, view, { components: ['web', 'mail'] });
  const { errors } = await slack.submit(amends, user, view, { state: 'monitoring' });
  ok(errors?.['level:mail'], `a new component needs a level: ${JSON.stringify(errors)}`);
  await post(amends, slack, user, view, { state: 'monitoring', 'level:mail': 'degraded_performance' });
  is(levelsOf(draft(amends)), { mail: 'degraded_performance' }, 'a level that is not changed is not posted');
  ok(/No open incident/.test(await form(amends, slack, user, 'update secnod')), 'a name that is none is told');
  const resolve = await form(amends, slack, user, 'resolve second');
  is([startOf(resolve, 'body'), startOf(resolve, 'body:de')], ['All is **well**.', 'Alles ist **gut**.'], 'an end begins with the template for it, in all its languages');
  await post(amends, slack, user, resolve);
  const { updates: said } = await amends.call('GET', '/v1/incidents/second');
  is([said.at(-1).state, said.at(-1).body, said.at(-1).translations], ['resolved', 'All is **well**.', { de: { body: 'Alles ist **gut**.' } }], 'and posts them');
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
  await amends.call('PATCH', '/v1/components/api', { name: 'API' });
  await amends.call('PATCH', '/v1/components/web', { name: 'Web & <apps>' });
  await amends.call('POST', '/v1/components', { slug: 'mail', name: 'Mail' });
  const account = (ref) => JSON.stringify({ external_id: ref, name: ref, currency: 'USD', timezone: 'UTC', interval: 'month', anchor: '2024-01-01', prices: [{ from: '2024-01-01', amount_minor: 100 }], components: ['api'] });
  await amends.call('POST', '/v1/accounts/import', `${account('acct-1')}\n`, { headers: { 'content-type': 'application/x-ndjson' } });
  for (const ref of ['acct-1', undefined]) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${ref}@readers.example`, confirmed: true, account: ref });
  await levels(amends, slack, user);
  await both(amends, slack, user);
  await lists(amends, slack, user);
  await templates(amends, slack, user);
  await updates(amends, slack, user);
  await mistakes(amends, slack, user, viewer);
  for (let i = 1; i < 120; i++) await amends.call('POST', '/v1/components', { slug: `s-${String(i).padStart(3, '0')}`, name: `Shard ${i}` });
  await hundreds(amends, slack, user);
  ok(slack.slowest < 3000, `every answer within 3 s: ${slack.slowest} ms`);
  is(slack.wrong, [], 'Slack refuses no view');
  is(slack.seen.flatMap(([, value]) => beyondLimits(value)), [], 'within the limits of Slack');
  is(faults(freshDirectory(), slack.seen), [], '@slack/types finds no fault');
});
