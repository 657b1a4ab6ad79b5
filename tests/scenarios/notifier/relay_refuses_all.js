#!/usr/bin/env node
'use strict';
// A relay that refuses everybody alike costs no reader: the mails wait until staff resume them or
// give them up, and what was suppressed meanwhile is taken back.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { Amends, AMENDS, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk } = require('../../lib/staff.js');
const { MailSink } = require('../../lib/sinks.js');
const { scenario, ok, is } = require('../../lib/tap.js');

const READERS = 300;
const show = (amends, id) => amends.call('GET', `/v1/broadcasts/${id}`);
const notice = async (amends) => (await amends.call('POST', '/v1/notices', { audience: 'all', subject: 'Hello', body: 'x' })).broadcast;
const counted = (amends, query) => sql(amends, query).map(([name, n]) => [name, Number(n)]);
const states = (amends) => counted(amends, "select state, count(*) from subscriber where address like 'reader%' group by 1 order by 1");
const deliveries = (amends, id) => Object.fromEntries(counted(amends, `select state, count(*) from delivery where broadcast_id = ${id} group by 1`));
const rows = (amends, table) => Number(sql(amends, `select count(*) from ${table}`)[0][0]);
const held = (amends, id) => waitUntil('it is held', async () => {
  const live = await show(amends, id);
  return live.trouble && live.counts.retry + live.counts.accepted >= live.audience && rows(amends, 'batch') === 0 && live;
});

// The same port, with other manners.
async function relay(dir, cleanup, refusals, before) {
  if (before) await before.stop();
  const listen = before ? ['--listen', `127.0.0.1:${before.port}`] : [];
  const sink = await MailSink.start(dir, [...listen, ...refusals]);
  cleanup(() => sink.stop());
  return sink;
}

async function refusesAll(amends, words) {
  const id = await notice(amends);
  const live = await held(amends, id);
  is([live.state, live.limited_by], ['sending', 'relay_trouble'], `${words}: the broadcast waits`);
  ok(live.trouble.includes(words.replace(/^\d+ /, '')), `in the relay's words: ${live.trouble}`);
  is(states(amends), [['active', READERS]], 'nobody is suppressed');
  is(deliveries(amends, id).failed || 0, 0, 'nothing has failed');
  is(rows(amends, 'suppression'), 0, 'the list is empty');
  const told = sql(amends, `select replace(body, e'\\n', ' ') from broadcast where kind = 'staff' and about like 'relay:${id}:%'`);
  is(told.length, 1, 'staff are told once');
  ok(told[0][0].includes(words.replace(/^\d+ /, '')) && told[0][0].includes(`/staff/broadcasts/${id}`), 'with the words and the way there');
  return id;
}

async function resumed(amends, id) {
  const desk = await Desk.enter(amends, 'ann', ['admin']);
  ok((await desk.get(`/staff/broadcasts/${id}`)).text.includes('<q>relay not permitted</q>'), 'the console shows the words');
  ok(/amends_broadcasts_held_by_relay 1\n/.test((await amends.request('GET', '/metrics')).text), 'it is counted');
  is((await desk.send(`/staff/broadcasts/${id}`, { do: 'resume' })).status, 303, 'staff resume it there');
  await amends.settled(id);
  is(deliveries(amends, id), { accepted: READERS }, 'and everybody gets it');
  is((await amends.request('POST', `/v1/broadcasts/${id}/resume`, {})).status, 409, 'once');
}

async function givenUp(amends, id) {
  await amends.call('POST', `/v1/broadcasts/${id}/cancel`);
  await waitUntil('it has ended', async () => (await show(amends, id)).done_at);
  is([(await show(amends, id)).state, states(amends)], ['cancelled', [['active', READERS]]], 'or give it up: nobody is lost');
}

// Staff say that the addresses are really no more; then think better of it.
async function anyway(amends, id) {
  await amends.call('POST', `/v1/broadcasts/${id}/resume`, { anyway: true });
  await amends.settled(id);
  is(states(amends), [['suppressed', READERS]], 'sent anyway: every refused mailbox is suppressed');
  const metrics = (await amends.request('GET', '/metrics')).text;
  ok(metrics.includes(`amends_suppressions_last_hour{channel="email",reason="refused"} ${READERS}\n`), 'the jump is seen');
  is((await amends.request('POST', '/v1/suppressions/undo', { note: 'all of them' })).status, 422, 'who undoes says which');
  is((await amends.call('POST', '/v1/suppressions/undo', { broadcast: id + 1000, note: 'x' })).undone, 0, 'not those of another broadcast');
  is((await amends.call('POST', '/v1/suppressions/undo', { until: '2020-01-01T00:00:00Z', note: 'x' })).undone, 0, 'nor of another time');
  is((await amends.call('POST', '/v1/suppressions/undo', { reason: 'complaint', note: 'x' })).undone, 0, 'nor of another reason');
  const typed = spawnSync(AMENDS, ['suppression', 'undo', '--broadcast', String(id), '--note', 'the filter was wrong', '--data', path.join(amends.dir, 'var')], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
  is([typed.status, typed.stdout], [0, `${READERS} addresses are no longer suppressed\n`], 'the command undoes a broadcast');
  is(states(amends), [['active', READERS]], 'all read again');
  is(sql(amends, "select detail->>'note', detail->>'undone' from audit where action = 'suppression.undo' order by seq desc limit 1"), [['the filter was wrong', String(READERS)]], 'which the audit log has');
  await amends.call('POST', `/v1/broadcasts/${id}/retry`);
  await amends.settled(id);
  const desk = await Desk.enter(amends, 'bob', ['admin']);
  ok((await desk.get(`/staff/broadcasts/${id}`)).text.includes('value="undo"'), 'the console offers the same');
  is([(await desk.send(`/staff/broadcasts/${id}`, { do: 'undo', sure: 1, note: 'again' })).status, rows(amends, 'suppression')], [303, 0], 'and does it');
  await desk.get('/staff/subscribers/suppressed');
  is((await desk.send('/staff/subscribers/suppressed', { do: 'undo', sure: 1, since: '2020-01-01T00:00', until: '', reason: '', note: 'again' })).status, 303, 'by time too');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  let sink = await relay(dir, cleanup, ['--refuse-rcpt', 'reader:550 relay not permitted']);
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: sink.url } });
  cleanup(() => amends.destroy());
  for (let i = 0; i < READERS; i++) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `reader${i}@ok.example`, confirmed: true });

  const first = await refusesAll(amends, '550 relay not permitted');
  sink = await relay(dir, cleanup, [], sink);
  await resumed(amends, first);

  sink = await relay(dir, cleanup, ['--refuse-rcpt', 'reader:550 5.7.1 Message refused by policy'], sink);
  await givenUp(amends, await refusesAll(amends, '550 5.7.1 Message refused by policy'));

  sink = await relay(dir, cleanup, ['--refuse-rcpt', 'reader:550 5.1.1 user unknown'], sink);
  await anyway(amends, await refusesAll(amends, '550 5.1.1 user unknown'));

  sink = await relay(dir, cleanup, ['--refuse-rcpt', 'reader1:550 5.1.1 user unknown'], sink);
  const last = await notice(amends);
  await amends.settled(last);
  is([deliveries(amends, last).failed > 50, (await show(amends, last)).trouble], [true, undefined], 'a third that is no more does not stop the others');
});
