#!/usr/bin/env node
'use strict';
// An overdue promised update: staff are alerted at once and at doubling intervals, each time once,
// even if processes die; the page shows it; a post ends it. Also incident templates, and correcting a
// typo without a second message.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink, mailHeaders, mailBodies } = require('../../lib/sinks.js');
const { sql, startNotifier, stopNotifier } = require('../../lib/notifiers.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const anybody = { key: null };
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
const letters = (mails) => mails.mails().filter((mail) => mail.to === 'desk@staff.example');
const promises = async (amends, state) => (await amends.call('GET', `/v1/promises${state ? `?state=${state}` : ''}`)).data;

// A person on call who turned on alerts.
async function onCall(amends) {
  const desk = await Desk.enter(amends, 'kenji', ['responder'], { email: 'kenji@staff.example' });
  const fields = { do: 'save', name: 'Kenji', locale: 'ja', timezone: 'Asia/Tokyo', alert: ['email', 'sms'] };
  is((await desk.send('/staff/account', { ...fields, phone: '12' })).status, 422, 'a number is one');
  await desk.send('/staff/account', { ...fields, phone: '+81 90-1234-5678' });
  ok(/value="\+819012345678"[^]*value="sms" checked/.test((await desk.get('/staff/account')).text), 'staff turn on alerts by SMS');
}

async function overdue(amends, mails, http, other) {
  await onCall(amends);
  await amends.call('POST', '/v1/incidents', {
    ref: 'late', title: 'Sign-in <fails>', kind: 'incident', state: 'investigating', body: 'Looking.', posted_at: ago(58), next_update_minutes: 1,
  });
  is((await promises(amends, 'due')).map((one) => [one.incident, one.state]), [['late', 'due']], 'what is promised is listed');
  is(await promises(amends, 'overdue'), [], 'it is not late yet');
  is(letters(mails).length, 0, 'and nobody is disturbed');
  await waitUntil('staff are told', () => letters(mails).length === 1);
  is(mailHeaders(letters(mails)[0].data).subject, ['Status: Update overdue: Sign-in <fails>'], 'when it is late staff get a letter');
  ok(mailBodies(letters(mails)[0].data)['text/plain'].includes(`${amends.url}/staff/incidents/late`), 'with where to go');
  await waitUntil('Slack is told', () => http.at('/staff').length === 1);
  const [sms] = await waitUntil('the person on call is texted', () => http.at('/text').length && http.at('/text').map((one) => JSON.parse(one.body)));
  ok(sms.to === '+819012345678' && /更新が遅れています: Sign-in <fails>/.test(sms.text) && sms.text.includes('/staff/incidents/late'), 'who is on call gets an SMS in their language');
  const own = await waitUntil('and a mail', () => mails.mails().find((mail) => mail.to === 'kenji@staff.example'));
  ok(/GMT\+9 までの約束/.test(mailBodies(own.data)['text/plain']), 'and a mail with their time');
  const [promise] = await promises(amends, 'overdue');
  is([promise.reminders, Date.parse(promise.remind_at) - Date.parse(promise.reminded_at)], [1, 300000], 'the next one follows after 5 minutes');
  const page = await waitUntil('the page says so', async () => {
    const seen = await amends.request('GET', '/', undefined, anybody);
    return /class="promise overdue"/.test(seen.text) && seen.text;
  });
  ok(/Next update by <time[^>]*>[^<]*<\/time> <strong>overdue<\/strong>/.test(page), 'readers see that it is overdue');
  ok(/amends_promises_overdue 1\n/.test((await amends.request('GET', '/metrics')).text), 'and a metric counts it');

  const again = () => sql(amends, 'update promise set remind_at = now() where met_at is null');
  again();
  await waitUntil('the second letter', () => letters(mails).length === 2);
  const [second] = await promises(amends);
  is([second.reminders, Date.parse(second.remind_at) - Date.parse(second.reminded_at)], [2, 600000], 'then the gap doubles');
  // Mail accepted by a relay without a recorded outcome is sent again after a crash.
  await waitUntil('both are settled', () => sql(amends, "select count(*) from broadcast where kind = 'staff' and state = 'done'")[0][0] === '2');
  other.kill('SIGKILL');
  process.kill(amends.rolePid('notifier'), 'SIGKILL');
  again();
  await waitUntil('the third letter', () => letters(mails).length === 3);
  is((await promises(amends))[0].reminders, 3, 'a crash neither loses nor repeats one');
  is(sql(amends, "select count(*) from broadcast where kind = 'staff'"), [['3']], 'three letters were written');

  await amends.call('POST', '/v1/incidents/late/updates', { state: 'monitoring', body: 'We think it is fixd.', posted_at: ago(0.1) });
  again();
  is(await promises(amends), [], 'a post keeps the promise');
  is((await amends.call('GET', '/v1/incidents/late')).promises.length, 1, 'which stays on record');
  ok(/amends_promises_overdue 0\n/.test((await amends.request('GET', '/metrics')).text), 'and the metric falls');
  await waitUntil('the page forgets it', async () => !/class="promise/.test((await amends.request('GET', '/', undefined, anybody)).text));
  is(letters(mails).length, 3, 'staff are left alone');
}

async function typo(amends, mails) {
  const { updates } = await amends.call('GET', '/v1/incidents/late');
  const id = updates.at(-1).id;
  const before = sql(amends, 'select count(*) from broadcast')[0][0];
  const edited = await amends.call('PATCH', `/v1/incidents/late/updates/${id}`, { body: 'We think it is **fixed**.' });
  is([edited.id, edited.body, edited.state], [id, 'We think it is **fixed**.', 'monitoring'], 'a typo is put right');
  const page = await waitUntil('the page has it', async () => {
    const seen = await amends.request('GET', '/incidents/late', undefined, anybody);
    return /<strong>fixed/.test(seen.text) && seen.text;
  });
  ok(/\(edited\)/.test(page) && !/fixd/.test(page), 'the page shows it, and that it was edited');
  is(sql(amends, 'select count(*) from broadcast')[0][0], before, 'nothing is sent again');
  is(JSON.parse(sql(amends, "select detail from audit where action = 'incident.update.edit'")[0][0]), { update: id, before: 'We think it is fixd.' }, 'the audit log keeps what it said');
  is((await amends.request('PATCH', `/v1/incidents/other/updates/${id}`, { body: 'x' })).status, 404, 'not of another incident');
  is((await amends.request('PATCH', `/v1/incidents/late/updates/${id}`, {})).status, 422, 'and not to nothing');
  ok(mails.mails().length > 0, 'mails went');
}

// Two readers of one incident each, and one of both: each gets one mail.
async function postmortem(amends, mails) {
  await amends.call('POST', '/v1/components', { slug: 'chat', name: 'Chat' });
  for (const slug of ['login', 'chat']) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${slug}@readers.example`, components: [slug], confirmed: true });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'none@readers.example', groups: [], components: ['other'], confirmed: true });
  for (const slug of ['login', 'chat']) {
    await amends.call('POST', '/v1/incidents', { ref: `pm-${slug}`, title: `No ${slug}`, state: 'investigating', body: 'Looking.', notify: false, components: [{ component: slug, level: 'major_outage' }] });
  }
  const both = { incidents: ['pm-login', 'pm-chat'], title: 'One cause', body: 'A certificate **expired**.' };
  const early = await amends.request('POST', '/v1/postmortems', both);
  is([early.status, early.body.errors[0].field], [422, 'incidents[0]'], 'a post-mortem waits for the end');
  for (const slug of ['login', 'chat']) await amends.call('POST', `/v1/incidents/pm-${slug}/updates`, { state: 'resolved', body: 'Over.', notify: false });
  is((await amends.request('POST', '/v1/postmortems', { ...both, incidents: ['pm-chat', 'pm-chat'] })).status, 422, 'of different incidents');
  const posted = await amends.call('POST', '/v1/postmortems', both);
  await amends.settled(posted.broadcast);
  const got = (who) => mails.mails().filter((mail) => mail.to === `${who}@readers.example` && /One cause/.test(mail.data)).length;
  is(['login', 'chat', 'one', 'none'].map(got), [1, 1, 1, 0], 'each reader of any of them gets one mail, others none');
  for (const slug of ['login', 'chat']) {
    const shown = await amends.call('GET', `/v1/incidents/pm-${slug}`);
    is([shown.state, shown.updates.at(-1).state, shown.updates.at(-1).body], ['postmortem', 'postmortem', '### One cause\n\nA certificate **expired**.'], `pm-${slug} has it in its timeline`);
  }
  await waitUntil('the page has it', async () => /One cause/.test((await amends.request('GET', '/incidents/pm-chat', undefined, anybody)).text));
  is(sql(amends, "select count(*) from amends.digest_news('UTC', current_date) n join incident i on i.id = n.incident_id where i.ref like 'pm-%'"), [['2']], 'a daily digest tells of it for both');
}

async function templates(amends) {
  const text = { name: 'Login down', title: 'Signing in fails', state: 'investigating', body: 'We look into it.', next_update_minutes: 30, components: [{ component: 'login', level: 'major_outage' }] };
  const made = await amends.call('POST', '/v1/incident-templates', text);
  is([made.kind, made.components, made.next_update_minutes], ['incident', text.components, 30], 'a template is kept');
  is((await amends.request('POST', '/v1/incident-templates', text)).status, 409, 'under its own name');
  const wrong = await amends.request('POST', '/v1/incident-templates', { ...text, name: 'x', state: 'scheduled' });
  is([wrong.status, wrong.body.errors[0].field], [422, 'state'], 'in a state of its kind');
  const unknown = await amends.request('POST', '/v1/incident-templates', { ...text, name: 'x', components: [{ component: 'nothing', level: 'major_outage' }] });
  is([unknown.status, unknown.body.errors[0].field], [422, 'components[0].component'], 'with components that exist');
  const changed = await amends.call('PATCH', `/v1/incident-templates/${made.id}`, { title: 'Signing in is slow', components: [] });
  is([changed.title, changed.body, changed.components], ['Signing in is slow', text.body, []], 'it can be changed in part');
  is((await amends.call('GET', '/v1/incident-templates')).data.map((one) => one.name), ['Login down'], 'and is listed');
  is((await amends.request('DELETE', `/v1/incident-templates/${made.id}`)).status, 204, 'and dropped');
  is((await amends.request('PATCH', `/v1/incident-templates/${made.id}`, { title: 'x' })).status, 404, 'once');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const http = await HttpSink.start();
  cleanup(() => http.stop());
  const amends = await Amends.up({
    dir,
    env: { AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1', AMENDS_STAFF_EMAIL: 'desk@staff.example', AMENDS_STAFF_SLACK_URL: `${http.url}/staff`, AMENDS_SMS_PROVIDER: 'generic', AMENDS_SMS_URL: `${http.url}/text`, AMENDS_SMS_COUNTRIES: '+81' },
  });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'login', name: 'Login' });
  await amends.call('POST', '/v1/components', { slug: 'other', name: 'Other' });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'one@readers.example', confirmed: true });
  const other = await startNotifier(amends);
  cleanup(() => stopNotifier(other));
  await overdue(amends, mails, http, other);
  await typo(amends, mails);
  await postmortem(amends, mails);
  await templates(amends);
});
