#!/usr/bin/env node
'use strict';
// Two api processes on one database: a change through one applies to the other at once, and a request with an
// Idempotency-Key takes effect once although its process is killed in the middle.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { Amends, exited, waitUntil } = require('../../lib/amends.js');
const { freePort } = require('../../lib/patroni.js');
const { sql, startRole } = require('../../lib/notifiers.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

// Another api; its request() goes there.
async function second(amends, cleanup) {
  const port = await freePort();
  const child = await startRole(amends, 'api', { AMENDS_LISTEN: `127.0.0.1:${port}`, AMENDS_LISTEN_FD: undefined });
  const other = Object.assign(Object.create(amends), { url: `http://127.0.0.1:${port}`, process: child });
  cleanup(() => child.kill('SIGKILL'));
  await waitUntil('the other api', async () => (await fetch(`${other.url}/readyz`).catch(() => ({}))).ok);
  return other;
}

async function revoking(amends, other) {
  const make = (name, scopes) => amends.call('POST', '/v1/keys', { name, scopes });
  const reads = (key) => other.request('GET', '/v1/incidents', undefined, { key });
  const slow = [];
  for (let n = 0; n < 3; n += 1) {
    const { id, key } = await make(`key ${n}`, ['incidents:read']);
    is((await reads(key)).status, 200, 'a new key is good in the other process');
    await amends.call('DELETE', `/v1/keys/${id}`);
    const began = Date.now();
    await waitUntil('it is revoked there too', async () => (await reads(key)).status === 401, 8000);
    slow.push(Date.now() - began);
  }
  note(`revoked elsewhere after ${slow.join(', ')} ms`);
  ok(slow.sort((a, b) => a - b)[1] < 500, 'a revoked one is refused there at once');
  const { key } = await make('less', ['incidents:read']);
  await reads(key);
  sql(amends, `update api_key set scopes = '{components:read}' where name = 'less'`);
  await waitUntil('its scopes are known there', async () => (await reads(key)).status === 403, 1000);
  ok(true, 'and one with less is known');
}

async function people(amends, other) {
  const desk = await Desk.enter(amends, 'ann', ['responder']);
  const there = Object.assign(Object.create(desk), { amends: other });
  is((await there.get('/v1/subscribers')).status, 200, 'a session is good in the other process');
  const { id } = (await amends.call('GET', '/v1/staff')).data.find((one) => one.login === 'ann');
  await amends.call('PATCH', `/v1/staff/${id}`, { roles: ['viewer'] });
  is((await there.get('/v1/subscribers')).status, 403, 'what a role no longer may is refused there');
  await amends.call('PATCH', `/v1/staff/${id}`, { access: 'disabled' });
  is((await there.get('/staff')).status, 303, 'and a disabled person is signed out');
}

async function repeating(amends, other) {
  const headers = { 'idempotency-key': 'component-1' };
  const body = { slug: 'api', name: 'API' };
  const first = await amends.request('POST', '/v1/components', body, { headers });
  const again = await other.request('POST', '/v1/components', body, { headers });
  is([first.status, again.status, again.body], [201, 201, first.body], 'the other process repeats the answer');
  is([first.headers.get('idempotent-replayed'), again.headers.get('idempotent-replayed')], [null, 'true'], 'and says so');
  const changed = await other.request('POST', '/v1/components', { ...body, name: 'Other' }, { headers });
  is([changed.status, changed.body.errors[0].field], [422, 'Idempotency-Key'], 'the key is good for one request only');
  is((await amends.request('POST', '/v1/components', body, { headers: { 'idempotency-key': 'two words' } })).status, 422, 'a key is visible ASCII');
  const refused = { headers: { 'idempotency-key': 'component-2' } };
  const grouped = { ...body, group: 'new' };
  const twice = [await amends.request('POST', '/v1/components', grouped, refused), await other.request('POST', '/v1/components', grouped, refused)];
  is(twice.map((reply) => reply.status), [409, 409], 'a refusal is repeated too');
  is(twice[1].body.request_id, twice[0].body.request_id, 'word for word');
  is(sql(amends, `select count(*) from component_group where slug = 'new'`), [['0']], 'and has left nothing');
}

// A transaction of ours that locks the rows the request needs until it ends.
async function hold(amends, table) {
  const child = spawn('psql', ['-h', path.join(amends.dir, 'var/run'), '-U', 'amends', '-d', 'amends', '-XAtq'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(`begin; lock table ${table} in exclusive mode; select 'held';\n`);
  await once(child.stdout, 'data');
  return { child, release: () => { child.stdin.end(); return exited(child); } };
}

const waiting = (amends) => sql(amends, `select 1 from pg_stat_activity where application_name = 'api' and wait_event_type = 'Lock'`).length > 0;

// The request waits for the table, and its process is killed; a repeated request is served once.
async function killedAt(amends, cleanup, table, name) {
  const other = await second(amends, cleanup);
  const post = (api) => api.request('POST', '/v1/incidents', {
    ref: name, title: 'Killed', kind: 'incident', state: 'investigating', notify: true, body: 'Down.',
  }, { headers: { 'idempotency-key': name } });
  const held = await hold(amends, table);
  const lost = post(other).catch(() => 'lost');
  await waitUntil('the request waits', () => waiting(amends));
  is((await post(amends)).status, 409, `${name}: meanwhile it says that the first still runs`);
  other.process.kill('SIGKILL');
  is(await lost, 'lost', 'its process is killed');
  await held.release();
  const began = Date.now();
  const reply = await waitUntil('the key is free', async () => {
    const tried = await post(amends);
    return tried.status !== 409 && tried;
  });
  note(`free after ${Date.now() - began} ms`);
  is([reply.status, reply.headers.get('idempotent-replayed')], [201, null], 'the same request is done then');
  const again = await post(amends);
  is([again.status, again.body, again.headers.get('idempotent-replayed')], [201, reply.body, 'true'], 'and repeated after that');
  is(sql(amends, `select (select count(*) from incident where ref = '${name}'),
    (select count(*) from incident_update join incident i on i.id = incident_id where i.ref = '${name}'),
    (select count(*) from broadcast b join incident i on i.id = b.incident_id where i.ref = '${name}'),
    (select count(*) from audit where object = '${name}')`), [['1', '1', '1', '1']], 'once');
}

// A run that is committed, while its process waited for billing.
async function killedWaiting(amends, cleanup) {
  const other = await second(amends, cleanup);
  const billing = amends.rolePid('billing');
  await amends.call('POST', '/v1/policies', { name: 'flat', model: 'fixed', amounts: { EUR: 100 } });
  const post = (api) => api.request('POST', '/v1/credit-runs', { policy: 'flat', incidents: ['early'], reason: 'Sorry.' }, { headers: { 'idempotency-key': 'run' } });
  process.kill(billing, 'SIGSTOP');
  const lost = post(other).catch(() => 'lost');
  await waitUntil('the run', () => sql(amends, 'select 1 from credit_run').length);
  other.process.kill('SIGKILL');
  await lost;
  const reply = await post(amends);
  process.kill(billing, 'SIGCONT');
  is([reply.status, reply.body.state, reply.headers.get('idempotent-replayed')], [201, 'computing', 'true'], 'a run whose answer was lost is answered as it began');
  await waitUntil('its draft', async () => (await amends.call('GET', `/v1/credit-runs/${reply.body.id}`)).state === 'draft');
  is(sql(amends, 'select count(*) from credit_run'), [['1']], 'and drafted once');
  const whole = await amends.request('POST', '/v1/credit-runs', { policy: 'flat', incidents: ['late'], reason: 'Again.' }, { headers: { 'idempotency-key': 'whole' } });
  const again = await amends.request('POST', '/v1/credit-runs', { policy: 'flat', incidents: ['late'], reason: 'Again.' }, { headers: { 'idempotency-key': 'whole' } });
  is([whole.body.state, again.body], ['draft', whole.body], 'one that nobody disturbs answers its draft, twice');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const other = await second(amends, cleanup);
  await revoking(amends, other);
  await people(amends, other);
  await repeating(amends, other);
  await killedAt(amends, cleanup, 'incident', 'early');
  await killedAt(amends, cleanup, 'idempotency', 'late');
  await killedWaiting(amends, cleanup);
});
