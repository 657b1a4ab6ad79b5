#!/usr/bin/env node
'use strict';
// Undo that undoes: while a post is held, and after it is undone, not a byte of any public document differs
// from before, nobody is sent anything and no credit changes. Released, all of it is there at once, also
// when the api and the notifier are killed in between. An undo that races the release wins or loses whole.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink } = require('../../lib/sinks.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk } = require('../../lib/staff.js');
const { targets, readAll, differing, freshApi, anybody } = require('../../lib/public_surface.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const LONG = 3600;
const down = (component, level = 'major_outage') => [{ component, level }];
const soon = (hours) => new Date(Math.ceil(Date.now() / 1000) * 1000 + hours * 3600000).toISOString().replace('.000', '');
const ago = (hours) => soon(-hours);

const post = (ref, more = {}) => ({
  ref, title: `About ${ref}`, kind: 'incident', state: 'investigating', body: 'We are looking.', notify: true, ...more,
});
const plan = (ref, more = {}) => post(ref, {
  kind: 'maintenance', state: 'scheduled', body: 'Planned work.', components: down('web', 'under_maintenance'),
  scheduled_from: soon(48), scheduled_until: soon(50), ...more,
});

async function catalogue(amends, http) {
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug });
  await amends.call('POST', '/v1/accounts/import', JSON.stringify({
    external_id: 'a1', name: 'One', timezone: 'UTC', currency: 'USD', plan: 'pro', components: ['api', 'web'],
    interval: 'month', anchor: '2020-01-01', prices: [{ from: '2020-01-01', amount_minor: 100000 }],
  }), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'reader@readers.example', verbosity: 'every', confirmed: true });
  await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address: `${http.url}/hook`, verbosity: 'every', confirmed: true });
  await amends.call('POST', '/v1/subscribers', { channel: 'slack', address: `${http.url}/slack/T/B/x`, verbosity: 'every', confirmed: true });
}

// What is there before anything is held: an incident under way, one that has ended, planned work.
async function history(amends) {
  await amends.call('POST', '/v1/incidents', post('open', { posted_at: ago(2), notify: false }));
  for (const ref of ['past', 'older']) {
    await amends.call('POST', '/v1/incidents', post(ref, { posted_at: ago(30), notify: false, components: down('api') }));
    await amends.call('POST', `/v1/incidents/${ref}/updates`, { state: 'resolved', body: 'Over.', posted_at: ago(29), notify: false });
  }
  for (const ref of ['moved', 'called-off']) await amends.call('POST', '/v1/incidents', plan(ref, { notify: false }));
  await amends.call('POST', '/v1/incidents', post('worded', { posted_at: ago(3), notify: false }));
}

const money = async (amends) => (await amends.call('POST', '/v1/policies/dry-run', {
  policy: { name: 'trial', model: 'prorata', multiplier: '1', cap_percent: '100', rounding: 'half_up', weights_bp: { major_outage: 10000 } },
  period: { from: ago(24 * 40), to: soon(24 * 40) },
})).totals;

// Everything that can be held: [name, verb, target, body].
const update = (amends, ref) => amends.call('GET', `/v1/incidents/${ref}`).then((one) => one.updates[0].id);
const everything = async (amends) => [
  ['incident', 'POST', '/v1/incidents', post('wrong', { components: down('web'), next_update_minutes: 30, translations: { de: { title: 'Irrtum', body: 'Wir suchen.' } } })],
  ['incident', 'POST', '/v1/incidents', plan('wrong-plan', { scheduled_from: soon(1), scheduled_until: soon(2) })],
  ['update', 'POST', '/v1/incidents/open/updates', { state: 'identified', body: 'It is the disk.', translations: { de: { body: 'Es ist die Platte.' } }, components: down('api'), next_update_minutes: 15 }],
  ['impacts', 'PUT', '/v1/incidents/past/impacts', { impacts: [{ component: 'api', level: 'major_outage', from: ago(40), to: ago(20) }] }],
  ['postmortem', 'POST', '/v1/postmortems', { incidents: ['older'], body: 'The disk was full.', translations: { de: { body: 'Die Platte war voll.' } } }],
  ['schedule', 'PATCH', '/v1/incidents/moved', { title: 'Moved', translations: { de: { title: 'Verschoben' } }, scheduled_from: soon(70), scheduled_until: soon(72) }],
  ['update', 'POST', '/v1/incidents/called-off/updates', { state: 'cancelled', body: 'Not now.' }],
  ['edit', 'PATCH', `/v1/incidents/worded/updates/${await update(amends, 'worded')}`, { body: 'Other words.', translations: { de: { body: 'Andere Worte.' } } }],
];
const REFS = ['open', 'past', 'older', 'moved', 'called-off', 'worded', 'wrong', 'wrong-plan'];

async function untouched(amends, mails, http) {
  const list = targets(await amends.call('GET', '/openapi.json?pages=true'), REFS);
  note(`${list.length} public documents`);
  for (const one of ['/', '/history', '/feed.atom', '/feed.rss', '/maintenance.ics', '/badge.svg', '/embed', '/embed.json', '/incidents/wrong', '/api/v2/summary.json', '/api/v2/incidents.json']) {
    ok(list.includes(one), `${one} is among them`);
  }
  await freshApi(amends, waitUntil);
  const before = await readAll(amends, list);
  is(differing(before, await readAll(amends, list)), [], 'without a post nothing differs');
  is(before['/incidents/wrong'].status, 404, 'there is no such incident');
  const owed = await money(amends);
  ok(owed.length > 0, `credits are owed: ${JSON.stringify(owed)}`);
  const all = await everything(amends);
  for (const [action, verb, target, body] of all) {
    const made = await amends.call(verb, target, { ...body, hold_seconds: LONG });
    ok(made.held_post > 0 && Math.abs(Date.parse(made.publish_at) - Date.now() - LONG * 1000) < 5000, `${verb} ${target} is held: ${made.publish_at}`);
    ok(!made.broadcast, 'and sends nothing');
    const held = await amends.call('GET', `/v1/held-posts/${made.held_post}`);
    is([held.action, held.state, held.seconds_left > LONG - 10], [action, 'held', true], 'staff see it');
  }
  is(differing(before, await readAll(amends, list)), [], 'while eight posts are held, nothing differs');
  await freshApi(amends, waitUntil);
  is(differing(before, await readAll(amends, list)), [], 'nor when everything is rendered anew');
  is(await money(amends), owed, 'no credit changes');
  is(sql(amends, "select count(*) from impact where from_at > now() - interval '1 hour'"), [['0']], 'there is no impact');
  const held = await amends.all('/v1/held-posts?state=held');
  is(held.length, all.length, 'all of them are listed');
  for (const { id } of held) is((await amends.call('POST', `/v1/held-posts/${id}/undo`)).state, 'undone', `${id} is undone`);
  is(differing(before, await readAll(amends, list)), [], 'after they were undone, nothing differs');
  await freshApi(amends, waitUntil);
  is(differing(before, await readAll(amends, list)), [], 'nor when everything is rendered anew');
  is(await money(amends), owed, 'and no credit');
  is([mails.mails().length, http.requests.length], [0, 0], 'nobody was sent anything');
  is(sql(amends, 'select count(*) from broadcast'), [['0']], 'nor will be');
  const kept = (await amends.call('GET', '/v1/audit?limit=200')).data.filter((one) => one.action === 'held_post.undo');
  is(kept.length, all.length, 'the audit log keeps each');
  ok(kept.some((one) => JSON.stringify(one).includes('It is the disk.')), 'with its text');
}

// Nothing else can be posted to the incident meanwhile.
async function refusals(amends) {
  const { held_post: id } = await amends.call('POST', '/v1/incidents/open/updates', { state: 'identified', body: 'Held.', hold_seconds: LONG });
  const tries = [
    ['POST', '/v1/incidents/open/updates', { state: 'monitoring', body: 'Another.' }],
    ['POST', '/v1/incidents/open/updates', { state: 'monitoring', body: 'Another.', hold_seconds: 30 }],
    ['POST', '/v1/incidents/open/updates/preview', { state: 'monitoring', body: 'Another.' }],
    ['PUT', '/v1/incidents/open/impacts', { impacts: [] }],
    ['PATCH', '/v1/incidents/open', { title: 'Renamed' }],
    ['PATCH', `/v1/incidents/open/updates/${await update(amends, 'open')}`, { body: 'x' }],
  ];
  for (const [verb, target, body] of tries) {
    const seen = await amends.request(verb, target, body);
    is([seen.status, new RegExp(`post ${id} to this incident is held until`).test(seen.body.detail)], [409, true], `${verb} ${target}: ${seen.body.detail}`);
  }
  const shown = await amends.call('GET', '/v1/incidents/open');
  is([shown.state, shown.held_post], ['investigating', id], 'the incident names the held post');
  is((await amends.call('GET', '/v1/held-posts?incident=open')).data[0].id, id, 'it is found by its incident');
  await amends.call('POST', '/v1/incidents', post('taken', { hold_seconds: LONG }));
  is((await amends.request('POST', '/v1/incidents', post('taken'))).status, 409, 'the name of a held incident is taken');
  const early = await amends.request('POST', '/v1/incidents/taken/updates', { state: 'identified', body: 'Too early.' });
  is([early.status, /not public yet/.test(early.body.detail)], [409, true], `an update to it is refused: ${early.body.detail}`);
  for (const one of await amends.all('/v1/held-posts?state=held')) await amends.call('POST', `/v1/held-posts/${one.id}/undo`);
  is((await amends.request('POST', `/v1/held-posts/${id}/undo`)).status, 409, 'an undo is once');
  is((await amends.request('POST', `/v1/held-posts/${id}/publish`)).status, 409, 'and no way back');
  is((await amends.request('POST', '/v1/held-posts/999999/undo')).status, 404, 'no such post');
}

const shows = (amends, ref) => amends.request('GET', '/api/v2/incidents/unresolved.json', undefined, anybody)
  .then((seen) => seen.body.incidents.find((one) => one.id === ref));

// Held for two seconds: until then nothing, then all of it.
async function released(amends, mails, http) {
  const made = await amends.call('POST', '/v1/incidents', post('real', { components: down('web'), next_update_minutes: 30, hold_seconds: 2, translations: { de: { title: 'Wirklich', body: 'Wir suchen.' } } }));
  const due = Date.parse(made.publish_at);
  is([made.update.posted_at, made.update.id > 0], [made.publish_at, true], 'its time will be that of its publication');
  const at = await waitUntil('it is published', async () => (await shows(amends, 'real')) && Date.now());
  note(`on the page ${at - due} ms after the end of the undo window`);
  ok(at >= due && at < due + 3000, 'it is on the page soon after the end of its undo window');
  await waitUntil('the mail', () => mails.mails().length === 1);
  await waitUntil('webhook and chat', () => http.at('/hook').length === 1 && http.at('/slack/').length === 1);
  const shown = await amends.call('GET', '/v1/incidents/real');
  is([shown.translations, shown.updates[0].translations], [{ de: { title: 'Wirklich' } }, { de: { body: 'Wir suchen.' } }], 'with its translations');
  const pressed = due - 2000;
  ok(Math.abs(Date.parse(shown.impacts[0].from) - pressed) < 500, `the outage began when it was submitted: ${shown.impacts[0].from}`);
  ok(Math.abs(Date.parse(shown.updates[0].posted_at) - due) < 1500 && shown.updates[0].id === made.update.id, 'the update has the time of its publication and the id of the reply');
  ok(Math.abs(Date.parse(shown.promises[0].due_at) - Date.parse(shown.updates[0].posted_at) - 30 * 60000) < 5, 'from which the promise counts');
  const ended = await amends.call('GET', `/v1/held-posts/${made.held_post}`);
  is([ended.state, ended.update], ['published', made.update.id], 'the held post is published');
  const late = Date.parse(ended.ended_at) - due;
  ok(late >= 0 && late < 1000, `${late} ms after the end of its undo window`);
  is((await amends.settled(ended.broadcast)).counts.accepted, 3, 'and names its broadcast');
  is((await amends.call('GET', '/v1/incidents/real/warnings')).data.filter((one) => one.code === 'impact_before_post'), [], 'the undo window is no delay of staff');
  const resolved = await amends.call('POST', '/v1/incidents/real/updates', { state: 'resolved', body: 'Over.', hold_seconds: LONG });
  is((await amends.call('POST', `/v1/held-posts/${resolved.held_post}/publish`)).state, 'published', 'a post can be published now');
  const end = await amends.call('GET', '/v1/incidents/real');
  is([end.state, end.impacts[0].to === null || end.impacts[0].to === undefined], ['resolved', false], 'and ends the outage');
  await waitUntil('the second mail', () => mails.mails().length === 2);
}

// No notifier runs: the api publishes. Then neither runs, and the post waits for whichever returns.
async function crashes(amends) {
  const notifier = amends.rolePid('notifier');
  process.kill(notifier, 'SIGSTOP');
  const made = await amends.call('POST', '/v1/incidents', post('by-api', { hold_seconds: 1 }));
  const at = await waitUntil('the api publishes it', async () => (await shows(amends, 'by-api')) && Date.now());
  ok(at - Date.parse(made.publish_at) < 5000, `without a notifier the api publishes, after ${at - Date.parse(made.publish_at)} ms`);
  process.kill(notifier, 'SIGKILL');
  await amends.call('POST', '/v1/incidents', post('survivor', { hold_seconds: 1 }));
  await freshApi(amends, waitUntil);
  await waitUntil('it is published afterwards', () => shows(amends, 'survivor'));
  is(sql(amends, "select count(*) from incident_update u join incident i on i.id = u.incident_id where i.ref in ('survivor', 'by-api')"), [['2']], 'once each, although api and notifier were killed');
  is(sql(amends, "select count(*) from broadcast b join incident i on i.id = b.incident_id where i.ref in ('survivor', 'by-api')"), [['2']], 'with one message each');
}

async function race(amends) {
  const outcomes = { undone: 0, published: 0 };
  const made = [];
  for (let n = 0; n < 12; n += 1) made.push(await amends.call('POST', '/v1/incidents', post(`race-${n}`, { hold_seconds: 1, notify: false })));
  await Promise.all(made.map(async (one, n) => {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Date.parse(one.publish_at) - Date.now() + n * 30)));
    const replies = await Promise.all([1, 2].map(() => amends.request('POST', `/v1/held-posts/${one.held_post}/${n % 3 ? 'undo' : 'publish'}`)));
    const won = replies.filter((reply) => reply.status === 200).length;
    ok(won <= 1 && replies.every((reply) => [200, 409].includes(reply.status)), `one of two wins at most: ${replies.map((reply) => reply.status)}`);
    const { state } = await amends.call('GET', `/v1/held-posts/${one.held_post}`);
    outcomes[state] += 1;
    const there = (await amends.request('GET', `/v1/incidents/${one.ref}`)).status;
    is(there, state === 'published' ? 200 : 404, `${one.ref} is ${state}, and nothing else`);
    if (n % 3 && won) is(state, 'undone', 'an undo that was confirmed holds');
  }));
  note(`of 12 posts ${outcomes.undone} were undone and ${outcomes.published} published`);
}

// A step of the calendar waits for what staff say.
async function calendar(amends) {
  await amends.call('POST', '/v1/incidents', plan('tonight', { scheduled_from: soon(0.001), scheduled_until: soon(1), notify: false }));
  const { held_post: id } = await amends.call('POST', '/v1/incidents/tonight/updates', { state: 'cancelled', body: 'Not tonight.', hold_seconds: LONG });
  await waitUntil('its start', () => sql(amends, "select 1 from incident where ref = 'tonight' and scheduled_from + interval '2 seconds' < now()").length);
  is((await amends.call('GET', '/v1/incidents/tonight')).state, 'scheduled', 'it does not begin while its cancellation is held');
  await amends.call('POST', `/v1/held-posts/${id}/publish`);
  is((await amends.call('GET', '/v1/incidents/tonight')).updates.map((one) => one.state), ['scheduled', 'cancelled'], 'and is cancelled');
}

async function console_(amends) {
  const desk = await Desk.enter(amends, 'rae', ['responder']);
  const went = await desk.send('/staff/incidents/new', { kind: 'incident', title: 'By mistake', state: 'investigating', body: 'Oh.', notify: '1', hold: '120', promise: '0' });
  const target = went.headers.get('location');
  is([went.status, /^\/staff\/held\/\d+$/.test(target)], [303, true], `a held post leads to its page: ${target}`);
  const page = (await desk.get(target)).text;
  ok(/data-countdown="1[12]\d"/.test(page) && page.includes('value="undo"') && page.includes('value="publish"') && page.includes('By mistake'), 'which counts down and can undo it or publish it now');
  ok((await desk.get('/staff')).text.includes(target), 'the first page leads there');
  ok((await desk.get('/staff/incidents')).text.includes(target), 'and the list of incidents');
  is((await desk.send(target, { do: 'undo' })).status, 303, 'undo');
  ok(/Undone/.test((await desk.get(target)).text), 'it says so');
  is(await amends.all('/v1/incidents').then((list) => list.filter((one) => one.title === 'By mistake')), [], 'and there is no incident');
  ok(!(await desk.get('/staff')).text.includes(target), 'the first page has it no more');
  const again = (await desk.send('/staff/incidents/new', { kind: 'incident', title: 'In earnest', state: 'investigating', body: 'Yes.', notify: '1', hold: '120', promise: '0' })).headers.get('location');
  const broadcast = (await desk.send(again, { do: 'publish' })).headers.get('location');
  ok(/^\/staff\/held\/\d+$/.test(broadcast), 'publish now');
  is((await desk.get(again)).status, 303, 'then it leads to the messages');
  const viewer = await Desk.enter(amends, 'vic', ['viewer']);
  is((await viewer.send(again, { do: 'undo' })).status, 403, 'a viewer may not');
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
  await untouched(amends, mails, http);
  await refusals(amends);
  await released(amends, mails, http);
  await crashes(amends);
  await race(amends);
  await calendar(amends);
  await console_(amends);
});
