#!/usr/bin/env node
'use strict';
// Imports that are wrong throughout, cancelled while they wait, read or write, and undone in the
// background: bounded, with progress, all or nothing.
const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { scenario, ok, is, note } = require('../../lib/tap.js');

const MANY = 40000;
const csv = (n, prefix) => `address\n${Array.from({ length: n }, (_, i) => `${prefix}${i}@many.example\n`).join('')}`;
const load = (amends, text, query = '') => amends.request('POST', `/v1/subscribers/import${query}`, text, { headers: { 'content-type': /^\{/.test(text) ? 'application/x-ndjson' : 'text/csv' } });
const get = (amends, id) => amends.call('GET', `/v1/imports/${id}`);
const cancel = (amends, id) => amends.request('POST', `/v1/imports/${id}/cancel`);
const running = ({ state }) => ['waiting', 'reading', 'comparing', 'writing', 'undoing'].includes(state);
const ended = (amends, id) => waitUntil(`import ${id} ends`, async () => { const one = await get(amends, id); return !running(one) && one; });
const count = (amends) => Number(sql(amends, 'select count(*) from subscriber')[0][0]);

function cli(amends, ...args) {
  return new Promise((resolve) => execFile(AMENDS, [...args, '--data', path.join(amends.dir, 'var')], (error, stdout, stderr) => resolve({ code: error ? error.code : 0, said: stdout + stderr })));
}

async function wrongThroughout(amends) {
  const n = 100000;
  const size = () => Number(sql(amends, 'select pg_database_size(current_database())')[0][0]);
  const before = size();
  const file = path.join(amends.dir, 'wrong.ndjson');
  fs.writeFileSync(file, '{}\n'.repeat(n));
  const { code, said } = await cli(amends, 'subscriber', 'import', file);
  ok(code !== 0 && said.includes(`${n} of ${n} lines are invalid`) && said.includes(`and ${n - 100} more`), 'the command line says how many more there are');
  const one = (await amends.call('GET', '/v1/imports')).data[0];
  is([one.state, one.rows, one.invalid, one.unlisted], ['refused', n, n, n - 10000], 'all are counted, the first 10,000 are listed');
  is(sql(amends, `select count(*) from import_line where import_id = ${one.id}`)[0][0], '10000', 'and kept');
  const lines = (await amends.request('GET', `/v1/imports/${one.id}/lines`)).text.trim().split('\r\n');
  is([lines.length, lines.at(-1)], [10002, `,invalid,,,${n - 10000} more invalid lines are not listed`], 'the CSV says so in its last line');
  const grown = (size() - before) / 1024 / 1024;
  ok(grown < 8, `the database grew by ${grown.toFixed(1)} MiB`);
  const dry = await cli(amends, 'subscriber', 'import', '--dry-run', file);
  ok(dry.said.includes(`${n - 10000} more invalid lines are not listed`), 'so does a dry run');
  const accounts = await amends.request('POST', '/v1/accounts/import?dry_run=true', '{}\n'.repeat(20000), { headers: { 'content-type': 'application/x-ndjson' } });
  is([accounts.status, accounts.body.invalid, accounts.body.errors.length], [200, 20000, 100], 'accounts are counted alike');
}

// Somebody else's transaction: what needs the same stops there.
function hold(amends, statement) {
  const child = spawn('psql', ['-h', path.join(amends.dir, 'var/run'), '-U', 'amends', '-d', 'amends', '-XAtq'], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.write(`begin; ${statement}; select 'held';\n`);
  return new Promise((resolve) => child.stdout.once('data', () => resolve(child)));
}

async function cancelled(amends, state, table) {
  const other = await hold(amends, `lock table ${table} in access exclusive mode`);
  const { body } = await load(amends, csv(MANY, 'c'), '?wait=false');
  await waitUntil(`it is ${state}`, async () => (await get(amends, body.id)).state === state, 30000);
  const began = Date.now();
  const reply = await cancel(amends, body.id);
  const one = await ended(amends, body.id);
  is([reply.status, one.state, one.cancelled_by.startsWith('key:'), count(amends)], [202, 'cancelled', true, 0], `one that is ${state} is cancelled, and wrote nothing`);
  note(`ended after ${Date.now() - began} ms`);
  is((await cancel(amends, body.id)).status, 409, 'once');
  other.stdin.end('rollback;\n');
}

async function queued(amends) {
  const first = await load(amends, csv(MANY, 'q'), '?wait=false&dry_run=true');
  const second = await load(amends, 'address\nnever@many.example\n', '?wait=false');
  is([(await cancel(amends, second.body.id)).status, (await get(amends, second.body.id)).state], [202, 'cancelled'], 'one that waits is cancelled at once');
  await ended(amends, first.body.id);
  const third = await load(amends, 'address\nafter@many.example\n', '?wait=false');
  is([(await ended(amends, third.body.id)).state, count(amends)], ['done', 1], 'and the next one runs');
  is([(await ended(amends, second.body.id)).state, (await cancel(amends, third.body.id)).status, (await cancel(amends, 999999)).status], ['cancelled', 409, 404], 'what has ended is not cancelled');
  await amends.call('POST', `/v1/imports/${third.body.id}/undo`);
}

async function undone(amends) {
  const { body: { id } } = await load(amends, csv(MANY, 'u'));
  const other = await hold(amends, 'select from subscriber order by id desc limit 1 for update');
  const began = await amends.request('POST', `/v1/imports/${id}/undo?wait=false`);
  is([began.status, began.body.state], [202, 'undoing'], 'an undo in the background');
  is((await amends.request('POST', `/v1/imports/${id}/undo`)).status, 409, 'is the only one');
  const seen = await waitUntil('progress', async () => { const one = await get(amends, id); return one.undone_rows >= MANY - 10000 && one; }, 60000);
  is([seen.state, seen.undone_rows], ['undoing', MANY - 10000], 'shows its progress');
  const stopped = await cancel(amends, id);
  const kept = await ended(amends, id);
  is([stopped.status, kept.state, kept.removed, count(amends)], [202, 'done', 0, MANY], 'cancelled while it waits for a lock, it has undone nothing');
  other.stdin.end('rollback;\n');
  const { code, said } = await cli(amends, 'subscriber', 'undo', String(id));
  ok(code === 0 && said.includes(`removed    ${MANY}`), 'afterwards it is undone by the command');
  is([(await get(amends, id)).state, count(amends)], ['undone', 0], 'wholly');
}

// Twice as many callers as there are workers.
async function callersAtOnce(amends) {
  const { body: { id } } = await load(amends, csv(MANY, 'w'));
  const undos = Array.from({ length: 8 }, () => amends.request('POST', `/v1/imports/${id}/undo`));
  let slowest = 0;
  let going = true;
  const all = Promise.all(undos).then((replies) => { going = false; return replies; });
  while (going) {
    const at = Date.now();
    await get(amends, id);
    slowest = Math.max(slowest, Date.now() - at);
  }
  is((await all).map(({ status }) => status).sort(), [200, ...Array(7).fill(409)], 'one of eight undos undoes');
  ok(slowest < 2000, `meanwhile workers answer: ${slowest} ms`);
}

scenario(async (after) => {
  const amends = await Amends.up();
  after(() => amends.destroy());
  await wrongThroughout(amends);
  await cancelled(amends, 'reading', 'component');
  await cancelled(amends, 'writing', 'consent');
  await queued(amends);
  await undone(amends);
  await callersAtOnce(amends);
});
