#!/usr/bin/env node
'use strict';
// Data older than retention_days is removed: whole partitions of outcomes, single rows if there are few
// broadcasts, the addresses of unsubscribed readers, files of answered claims, and measurements. Counts and keyed hashes stay.
const { Amends, waitUntil } = require('../../lib/amends.js');
const { source } = require('../../lib/alerts.js');
const { measure } = require('../../lib/measurements.js');
const { sql, startRole, stopNotifier } = require('../../lib/notifiers.js');
const { HttpSink } = require('../../lib/sinks.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const OTHERS = 250; // broadcasts, of which a hundred fill a partition

const partitions = (amends) => sql(amends, `select inhrelid::regclass from pg_inherits where inhparent = 'delivery'::regclass order by 1`).flat();
const outcomes = (amends, id) => Number(sql(amends, `select count(*) from delivery where broadcast_id = ${id}`)[0][0]);

const measured = (amends) => sql(amends, `select c.slug from amends.measured('-infinity', 'infinity') m join measurement_series s on s.id = m.series_id join component c on c.id = s.component_id order by 1`).flat();

async function post(amends, ref) {
  const made = await amends.call('POST', '/v1/incidents', {
    ref, title: ref, kind: 'incident', state: 'investigating', notify: true, body: 'Down.', components: [{ component: 'api', level: 'major_outage' }],
  }, { headers: { 'idempotency-key': ref } });
  return amends.settled(made.broadcast);
}

// A role checks when it starts, and continues while there is more.
async function billingLooks(amends, env) {
  const child = await startRole(amends, 'billing', env);
  await waitUntil('it has looked', () => sql(amends, `select 1 from pg_stat_activity where pid <> pg_backend_pid()
    and application_name = 'billing' and state = 'idle' and query like 'SELECT id FROM credit_run%' having count(*) = 2`));
  return child;
}

scenario(async (cleanup) => {
  const endpoints = await HttpSink.start();
  cleanup(() => endpoints.stop());
  const amends = await Amends.up({ env: { AMENDS_ALLOW_LOOPBACK: '1' } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const reader = { channel: 'webhook', address: `${endpoints.url}/hook/1`, confirmed: true };
  await amends.call('POST', '/v1/subscribers', reader);
  const gone = await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'left@readers.example', confirmed: true });
  const stays = await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'left-lately@readers.example', confirmed: true });
  for (const { id } of [gone, stays]) await amends.call('DELETE', `/v1/subscribers/${id}`);
  const old = await post(amends, 'old');
  is(outcomes(amends, old.id), 1, 'an outcome');

  // Years pass: many broadcasts later.
  sql(amends, `insert into broadcast (kind, priority, state, upper_id, created_at, done_at) select 'notice', 3, 'done', 1, now() - interval '500 days', now() - interval '500 days' from generate_series(1, ${OTHERS})`);
  sql(amends, `insert into delivery (broadcast_id, recipient_id, channel, state) select id, 1, 'webhook', 'accepted' from broadcast where kind = 'notice'`);
  sql(amends, `update broadcast set created_at = created_at - interval '500 days', done_at = done_at - interval '500 days' where id = ${old.id}`);
  sql(amends, `update subscriber set changed_at = now() - interval '500 days' where id = ${gone.id}`);
  sql(amends, `update idempotency set created_at = now() - interval '3 days'`);
  sql(amends, `insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor) values ('a', 'A', 'EUR', 2, 'UTC', 'month', '2020-01-01')`);
  sql(amends, `insert into claim (account_id, at, state, decided_at) select 1, now() - interval '600 days', * from (values ('declined', now() - interval '500 days'), ('declined', now()), ('open', null)) v`);
  sql(amends, `insert into claim_evidence (claim_id, type, name, size, sealed) select id, 'txt', 'x', 1, 'x' from claim`);
  const month = (ago) => new Date(Date.now() - ago * 86400e3).toISOString().replace(/T.*/, 'T00:00:00Z');
  const day = (slug, ago) => ({ component: slug, from: month(ago), to: month(ago - 1), good: 1, total: 1 });
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web' });
  await measure(amends, [day('api', 500), day('web', 500), day('api', 1)]);
  await amends.call('POST', '/v1/alert-rules', { name: 'r', component_label: 'service', level: 'major_outage', group_by: ['service'] });
  const send = await source(amends, 'play');
  const alert = (fingerprint, service, from, to) => ({ fingerprint, labels: { service }, status: to ? 'resolved' : 'firing', starts_at: month(from), ...(to && { ends_at: month(to) }) });
  await send(alert('ended', 'api', 500, 499), alert('ended', 'api', 2, 1), alert('fires', 'web', 500), alert('ends', 'web', 480, 470), alert('unmatched', 'none', 500, 499));
  const recent = await post(amends, 'recent');
  const before = partitions(amends);
  let child = await billingLooks(amends, { AMENDS_RETENTION_DAYS: '0' });
  await waitUntil('a partition ahead', () => partitions(amends).length > before.length);
  is([outcomes(amends, old.id), sql(amends, `select count(*) from subscriber where id = ${gone.id}`)], [1, [['1']]], 'retention_days = 0 keeps everything');
  is(sql(amends, `select key from idempotency`).flat(), ['recent'], 'but not what was good for a day');
  is(measured(amends), ['api', 'api', 'web'], 'and measurements are kept without measurement_days');
  await stopNotifier(child);

  child = await billingLooks(amends, { AMENDS_MEASUREMENT_DAYS: '90' });
  cleanup(() => stopNotifier(child));
  await waitUntil('the old outcome is gone', () => outcomes(amends, old.id) === 0);
  await waitUntil('so are the others', () => sql(amends, `select count(*) from delivery d join broadcast b on b.id = d.broadcast_id where b.kind = 'notice'`)[0][0] === '0');
  is([measured(amends), sql(amends, 'select count(*) from measurement_series')], [['api'], [['1']]], 'an old month of measurements is dropped, with the series that have no other');
  ok(!partitions(amends).includes('delivery_0'), `the oldest partition was dropped: ${partitions(amends).join(' ')}`);
  is(sql(amends, `select min(lo) from delivery_range`)[0][0], partitions(amends).map((name) => Number(name.split('_')[1])).sort((a, b) => a - b)[0].toString(), 'and its range forgotten');
  is(outcomes(amends, recent.id), 1, 'a recent outcome stays');
  await waitUntil('events of an ended alert are gone', () => sql(amends, 'select count(*) from alert_event')[0][0] === '5');
  is(sql(amends, `select fingerprint, count(*) from alert a join alert_event e on e.alert_id = a.id group by 1 order by 1`), [['ended', '2'], ['ends', '2'], ['fires', '1']], 'those of an incident that goes on stay');
  const { counts, channels, audience, first_at: first } = await amends.call('GET', `/v1/broadcasts/${old.id}`);
  is([counts, channels, audience, first], [old.counts, old.channels, old.audience, old.first_at], 'the numbers of an old broadcast stay');

  await waitUntil('who left is forgotten', () => sql(amends, `select 1 from subscriber where id = ${gone.id}`).length === 0);
  await waitUntil('the file of a claim answered long ago is gone', () => sql(amends, `select claim_id from claim_evidence where sealed is null`).flat().join() === '1');
  is(sql(amends, `select count(*) from subscriber where id = ${stays.id}`), [['1']], 'who left lately is not');
  const report = await amends.request('POST', '/v1/subscribers/import', '{"channel":"email","address":"left@readers.example","confirmed":true}', { headers: { 'content-type': 'application/x-ndjson' } });
  is(sql(amends, `select count(*) from subscriber where address = 'left@readers.example' and state = 'active'`), [['0']], `an import does not bring them back: ${report.status}`);
  is((await post(amends, 'after')).counts.accepted, 1, 'and broadcasts go on');
});
