#!/usr/bin/env node
'use strict';
// What a long import or a long draft holds keeps nobody waiting: policies, reversals and other
// imports are answered at once or told to come back, and the public page does not notice. A session
// of the test holds the locks that an import of each kind and a draft hold to their end.
const { spawn } = require('node:child_process');
const path = require('node:path');
const { Amends, exited, waitForLine, waitUntil } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk, approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');
const { measured, prompt, watchPage } = require('../../lib/waiting.js');

const WORKERS = 4;
const CSV = { headers: { 'content-type': 'text/csv' } };

async function holdLocks(amends) {
  const child = spawn('psql', ['-h', path.join(amends.dir, 'var/run'), '-U', 'amends', '-d', 'amends', '-XAtq'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(`begin; select pg_advisory_xact_lock_shared(amends.lock_key('ledger'));
    select pg_advisory_xact_lock(amends.lock_key(name)) from unnest('{subscriber_stage,account_stage}'::text[]) name; select 'held';\n`);
  await waitForLine(child, /^(held)$/m, 60000);
  return async () => {
    child.stdin.end('commit;\n');
    await exited(child);
  };
}

const reverse = (amends, credit) => amends.request('POST', `/v1/credits/${credit.id}/reversal`, { reason: 'test' });
const policy = (amends, name) => amends.request('POST', '/v1/policies', { ...lib.policies()[0], name });
const accounts = (amends) => amends.request('POST', '/v1/accounts/import', lib.accounts().map((one) => JSON.stringify(one)).join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
const readers = (amends, query = '') => amends.request('POST', `/v1/subscribers/import${query}`, 'address\nlate@a.example\n', CSV);

async function whileHeld(amends, desk, credit) {
  const uploaded = await measured(() => desk.upload('/staff/subscribers/imports', 'address\nstaff@a.example\n'));
  is(uploaded.status, 303, 'a file that staff upload is queued');
  prompt([uploaded], 'staff');
  const queued = await measured(() => readers(amends, '?wait=false'));
  is([queued.status, queued.body.state], [202, 'waiting'], 'an import that nobody waits for is queued');
  ok(queued.took < 1000, `at once: ${queued.took} ms`);
  for (let round = 0; round < 3; round++) {
    const policies = await Promise.all(Array.from({ length: WORKERS }, (_, n) => measured(() => policy(amends, `held-${round}-${n}`))));
    is(policies.map(({ status }) => status), policies.map(() => 201), 'policies are added');
    prompt(policies, 'policies');
    const reversals = await Promise.all([1, 2].map(() => measured(() => reverse(amends, credit))));
    is(reversals.map(({ status }) => status), [503, 503], 'reversals are told to come back');
    prompt(reversals, 'reversals');
    const imports = await Promise.all([accounts, readers].map((load) => measured(() => load(amends))));
    is(imports.map(({ status }) => status), [503, 503], 'so are imports that are waited for');
    prompt(imports, 'imports');
  }
  is((await amends.request('GET', '/v1/credit-runs/1/reconcile')).status, 200, 'what shares the lock of a draft does not wait');
  return [queued.body.id, uploaded.headers.get('location').match(/\d+$/)[0]];
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  const approverKey = approver(amends);
  const [one] = lib.cases();
  await lib.replayCase(amends, one);
  const { credits: [credit] } = await lib.runCredits(amends, one, approverKey);
  const desk = await Desk.enter(amends, 'ada', ['responder']);
  const release = await holdLocks(amends);
  const page = watchPage(amends);
  const queued = await whileHeld(amends, desk, credit);
  await page.stop(50);
  await release();
  is((await reverse(amends, credit)).status, 200, 'afterwards the credit is reversed');
  for (const id of queued) {
    const done = await waitUntil(`import ${id} runs`, async () => {
      const now = await amends.call('GET', `/v1/imports/${id}`);
      return now.done_at && now;
    });
    is([done.state, done.created], ['done', 1], 'an import in the queue is done');
  }
  is((await accounts(amends)).status, 200, 'as is one that comes back');
  const waiting = sql(amends, `select state, error from subscriber_import where id not in (${queued})`);
  ok(waiting.every(([state, error]) => state === 'failed' && /another import/.test(error)), 'the refused ones say why');
});
