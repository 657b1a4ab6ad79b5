#!/usr/bin/env node
'use strict';
// An incident posted by mistake is retracted: afterwards not a byte of any public document differs from
// before it was posted, no credit counts it, drafts that used it have failed and issued credits are named.
// Those who were sent a message about it, and only those, get one correction if staff say so.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { Amends, AMENDS, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink, mailBodies } = require('../../lib/sinks.js');
const { acknowledge } = require('../../lib/cases.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk, approver } = require('../../lib/staff.js');
const { targets, readAll, differing, freshApi } = require('../../lib/public_surface.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const HOUR = 3600000;
const at = (hours) => new Date(Math.floor(Date.now() / 1000) * 1000 + hours * HOUR).toISOString().replace('.000', '');
const to = (mails, who) => mails.mails().filter((mail) => mail.to.startsWith(`${who}@`));
const hooks = (http, where) => http.at(where).map((request) => JSON.parse(request.body));

const post = (ref, more = {}) => ({
  ref, title: `About ${ref}`, kind: 'incident', state: 'investigating', body: 'All is lost.', notify: true,
  components: [{ component: 'api', level: 'major_outage' }], ...more,
});

const POLICY = { name: 'trial', model: 'prorata', multiplier: '1', cap_percent: '100', rounding: 'half_up', weights_bp: { major_outage: 10000 } };
const money = async (amends) => (await amends.call('POST', '/v1/policies/dry-run', {
  policy: { ...POLICY, name: 'other' }, period: { from: at(-24 * 40), to: at(24 * 40) },
})).totals;

async function catalogue(amends, http) {
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug });
  await amends.call('POST', '/v1/accounts/import', JSON.stringify({
    external_id: 'a1', name: 'One', timezone: 'UTC', currency: 'USD', plan: 'pro', components: ['api', 'web'],
    interval: 'month', anchor: '2020-01-01', prices: [{ from: '2020-01-01', amount_minor: 100000 }],
  }), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', POLICY);
  const subscriber = (channel, address, more) => amends.call('POST', '/v1/subscribers', { channel, address, verbosity: 'every', confirmed: true, ...more });
  await subscriber('email', 'told@readers.example');
  await subscriber('email', 'muted@readers.example', { verbosity: 'milestones' });
  await subscriber('email', 'other@readers.example', { components: ['web'] });
  await subscriber('email', 'daily@readers.example', { verbosity: 'daily', timezone: 'Europe/Berlin' });
  await subscriber('webhook', `${http.url}/hook`);
  await subscriber('webhook', `${http.url}/page`, { format: 'statuspage' });
}

async function history(amends) {
  await amends.call('POST', '/v1/incidents', post('past', { posted_at: at(-30), notify: false }));
  await amends.call('POST', '/v1/incidents/past/updates', { state: 'resolved', body: 'Over.', posted_at: at(-29), notify: false });
}

const draft = async (amends, ref) => {
  const made = await amends.call('POST', '/v1/credit-runs', { policy: 'trial', incidents: [ref], reason: `About ${ref}` });
  return amends.call('GET', `/v1/credit-runs/${made.id}`);
};

// An issued run and a draft that use the incident.
async function runs(amends) {
  const key = approver(amends);
  const issued = await draft(amends, 'wrong');
  await acknowledge(amends, issued);
  await amends.call('POST', `/v1/credit-runs/${issued.id}/approve`, undefined, { key });
  await waitUntil('credits are issued', async () => (await amends.call('GET', `/v1/credit-runs/${issued.id}`)).state === 'issued');
  await amends.call('PUT', '/v1/incidents/wrong/impacts', { impacts: [{ component: 'api', level: 'major_outage', from: at(-9), to: at(-2) }] });
  const waiting = await draft(amends, 'wrong');
  return { issued: issued.id, waiting: waiting.id, key };
}

async function retraction(amends, mails, http) {
  const list = targets(await amends.call('GET', '/openapi.json?pages=true'), ['past', 'wrong', 'wrong-plan', 'unsent', 'silent']);
  await freshApi(amends, waitUntil);
  const before = await readAll(amends, list);
  const owed = await money(amends);
  const made = await amends.call('POST', '/v1/incidents', post('wrong', { posted_at: at(-5), next_update_minutes: 600 }));
  await amends.settled(made.broadcast);
  await amends.call('POST', '/v1/incidents', post('wrong-plan', {
    kind: 'maintenance', state: 'scheduled', notify: false, scheduled_from: at(40), scheduled_until: at(42), components: [{ component: 'web', level: 'under_maintenance' }],
  }));
  const changed = await waitUntil('the page has it', async () => differing(before, await readAll(amends, list)).length > 8 && differing(before, await readAll(amends, list)));
  note(`${changed.length} of ${list.length} documents changed: ${changed.join(' ')}`);
  is([to(mails, 'told').length, to(mails, 'other').length, hooks(http, '/hook').length], [1, 0, 1], 'its subscribers were told');
  const [[digest]] = sql(amends, "select amends.digest_make('Europe/Berlin', (u.posted_at at time zone 'Europe/Berlin')::date) from incident_update u join incident i on i.id = u.incident_id where i.ref = 'wrong'");
  await amends.settled(Number(digest));
  is(to(mails, 'daily').length, 1, 'and those of the daily digest');
  const used = await runs(amends);
  const dry = await amends.call('POST', '/v1/incidents/wrong/retract', { dry_run: true });
  is([dry.told, dry.failed_runs, dry.issued.map((one) => one.run), dry.broadcast], [5, [used.waiting], [used.issued], null], 'a dry run names the consequences');
  is((await amends.call('GET', '/v1/incidents/wrong')).state, 'investigating', 'and does nothing');

  const body = { notify: true, body: 'We were **wrong**.', reason: 'a bad probe' };
  const options = { headers: { 'idempotency-key': 'retract-1' } };
  const reply = await amends.call('POST', '/v1/incidents/wrong/retract', body, options);
  is([reply.state, reply.failed_runs, reply.issued[0].run, reply.issued[0].credits, reply.issued[0].currency], ['retracted', [used.waiting], used.issued, 1, 'USD'], 'retracted; the draft and the issued credits are named');
  is(await amends.call('POST', '/v1/incidents/wrong/retract', body, options), reply, 'a repeated request has the same reply');
  is((await amends.request('POST', '/v1/incidents/wrong/retract', {})).status, 409, 'it is retracted once');
  is((await amends.call('POST', '/v1/incidents/wrong-plan/retract', {})).state, 'retracted', 'planned work too');
  await waitUntil('no document differs', async () => differing(before, await readAll(amends, list)).length === 0, 5000).catch(() => 0);
  is(differing(before, await readAll(amends, list)), [], 'not a byte of any public document differs from before it was posted');
  await freshApi(amends, waitUntil);
  is(differing(before, await readAll(amends, list)), [], 'nor when everything is rendered anew');
  is(await money(amends), owed, 'no credit counts it');

  await amends.settled(reply.broadcast);
  is([to(mails, 'told').length, to(mails, 'muted').length, to(mails, 'daily').length, to(mails, 'other').length], [2, 2, 2, 0], 'who was told is told once more, nobody else');
  const letter = mailBodies(to(mails, 'told')[1].data)['text/plain'];
  ok(/We were wrong\./.test(letter) && /Retracted/.test(letter) && !/All is lost/.test(letter) && !/\/incidents\//.test(letter), 'with the correction, not with the mistake or its page');
  const [, event] = hooks(http, '/hook');
  is([event.type, event.incident.state, event.incident.ref, event.update.body], ['incident.retracted', 'retracted', 'wrong', 'We were wrong.'], 'webhooks get an event of its own');
  is(hooks(http, '/page').filter((one) => one.incident).map((one) => one.incident.status), ['investigating', 'resolved'], "in Statuspage's format it ends");
  return used;
}

async function afterwards(amends, used) {
  const failed = await amends.call('GET', `/v1/credit-runs/${used.waiting}`);
  is([failed.state, /wrong was retracted/.test(failed.failure)], ['failed', true], `the draft has failed: ${failed.failure}`);
  is((await amends.call('GET', `/v1/credit-runs/${used.issued}`)).state, 'issued', 'issued credits stay');
  for (const [verb, target, body] of [
    ['POST', '/v1/incidents/wrong/updates', { state: 'resolved', body: 'x' }],
    ['PUT', '/v1/incidents/wrong/impacts', { impacts: [] }],
    ['PATCH', '/v1/incidents/wrong', { title: 'x' }],
  ]) is((await amends.request(verb, target, body)).status, 409, `${verb} ${target} is refused`);
  is((await amends.request('POST', '/v1/credit-runs', { policy: 'trial', incidents: ['wrong'], reason: 'again' })).status, 422, 'no run can use it');
  const kept = await amends.call('GET', '/v1/incidents/wrong');
  is([kept.state, kept.updates.map((one) => one.state), kept.impacts, kept.issued[0].run], ['retracted', ['investigating', 'retracted'], [], used.issued], 'staff still see it, with the credits to reconcile');
  is((await amends.all('/v1/incidents')).map((one) => one.ref), ['wrong-plan', 'wrong', 'past'], 'in their list');
  is((await amends.call('GET', '/v1/incidents?open=true')).data, [], 'not among the open ones');
  const [entry] = (await amends.call('GET', '/v1/audit?limit=200')).data.filter((one) => one.action === 'incident.retract' && one.object === 'wrong');
  ok(/a bad probe/.test(JSON.stringify(entry)), 'the audit log keeps it, with its reason');
  is((await amends.call('GET', '/v1/promises')).data, [], 'its promise is void');
  const reconciled = await amends.call('POST', '/v1/credit-runs', { reconcile: used.issued, reason: 'retracted' });
  const after = await waitUntil('the reconciliation', async () => {
    const run = await amends.call('GET', `/v1/credit-runs/${reconciled.id}`);
    return run.state !== 'computing' && run;
  });
  is(after.state, 'draft', 'the issued run can be reconciled');
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
  const { status } = spawnSync(AMENDS, ['ledger', 'verify', '--data', path.join(amends.dir, 'var')], { env });
  is(status, 0, 'the ledger verifies');
}

// A draft that was approved meanwhile, or computed: never issued.
async function approved(amends, used) {
  await amends.call('POST', '/v1/incidents', post('racing', { posted_at: at(-4), notify: false }));
  const run = await draft(amends, 'racing');
  await acknowledge(amends, run);
  sql(amends, "update incident set state = 'retracted', retracted_at = now(), impact_revision_id = null where ref = 'racing'");
  is((await amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key: used.key })).status, 409, 'a run is not issued on retracted evidence, however it came');
  is((await amends.call('GET', `/v1/credit-runs/${run.id}`)).state, 'failed', 'and has failed');
}

// Nobody was told yet: messages not begun are cancelled, and no correction follows. Without notify
// only programs hear of it.
async function quiet(amends, mails, http) {
  const notifier = amends.rolePid('notifier');
  const before = [to(mails, 'told').length, hooks(http, '/hook').length];
  process.kill(notifier, 'SIGSTOP');
  await amends.call('POST', '/v1/incidents', post('unsent'));
  const unsent = await amends.call('POST', '/v1/incidents/unsent/retract', { notify: true });
  process.kill(notifier, 'SIGCONT');
  await amends.settled(unsent.broadcast);
  is([to(mails, 'told').length, hooks(http, '/hook').length], before, 'who was not told of it is not told of its retraction');
  const made = await amends.call('POST', '/v1/incidents', post('silent'));
  await amends.settled(made.broadcast);
  const silent = await amends.call('POST', '/v1/incidents/silent/retract', {});
  await amends.settled(silent.broadcast);
  is([to(mails, 'told').length, hooks(http, '/hook').length], [before[0] + 1, before[1] + 2], 'without notify the readers get nothing, webhooks an event');
  await amends.call('POST', '/v1/incidents', post('never', { notify: false }));
  is((await amends.call('POST', '/v1/incidents/never/retract', {})).broadcast, null, 'nobody needs a correction of what was never sent');
  is((await amends.request('POST', '/v1/incidents/none/retract', {})).status, 404, 'no such incident');
  const { held_post: id } = await amends.call('POST', '/v1/incidents/past/updates', { state: 'postmortem', body: 'x', hold_seconds: 600 });
  is((await amends.request('POST', '/v1/incidents/past/retract', {})).status, 409, 'not while a post about it is held');
  await amends.call('POST', `/v1/held-posts/${id}/undo`);
}

async function console_(amends) {
  await amends.call('POST', '/v1/incidents', post('clicked', { notify: false }));
  const desk = await Desk.enter(amends, 'rae', ['responder']);
  ok((await desk.get('/staff/incidents/clicked')).text.includes('/staff/incidents/clicked/retract'), 'the incident leads to its retraction');
  const page = (await desk.get('/staff/incidents/clicked/retract')).text;
  ok(/cannot be undone/.test(page) && /posted by mistake/.test(page), 'which names the consequences first');
  is((await desk.send('/staff/incidents/clicked/retract', { body: 'Sorry.' })).status, 303, 'and does it');
  const shown = (await desk.get('/staff/incidents/clicked')).text;
  ok(/Retracted/.test(shown) && !/name="do" value="post"/.test(shown), 'the incident is shown as retracted, without a form');
  ok(/Credits were already issued/.test((await desk.get('/staff/incidents/wrong')).text), 'and the other one with the credits that were issued');
  ok(/Retracted/.test((await desk.get('/staff/incidents')).text), 'the list says so');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const http = await HttpSink.start();
  cleanup(() => http.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1' } });
  cleanup(() => amends.destroy());
  await catalogue(amends, http);
  await history(amends);
  const used = await retraction(amends, mails, http);
  await afterwards(amends, used);
  await approved(amends, used);
  await quiet(amends, mails, http);
  await console_(amends);
});
