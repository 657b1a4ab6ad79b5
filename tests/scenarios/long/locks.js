#!/usr/bin/env node
'use strict';
// ../credits/locks.js with the real things: while LINES subscribers are imported and while a draft
// of ACCOUNTS is computed, policies and reversals are answered promptly and the page is there.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, waitUntil } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');
const { approver } = require('../../lib/staff.js');
const { measured, prompt, watchPage } = require('../../lib/waiting.js');

const LINES = Number(process.env.LINES || 1000000);
const ACCOUNTS = Number(process.env.ACCOUNTS || 1000000);
const LONG_MS = 15 * 60 * 1000;

// Post policies and reversals until the work is done; what it results in.
async function meanwhile(amends, name, credit, work) {
  const page = watchPage(amends);
  const said = { policies: [], reversals: [] };
  const began = Date.now();
  let running = true;
  const done = work.finally(() => { running = false; });
  for (let n = 0; running; n++) {
    const [policy, reversal] = await Promise.all([
      measured(() => amends.request('POST', '/v1/policies', { ...lib.policies()[0], name: `${name}-${n}` })),
      measured(() => amends.request('POST', `/v1/credits/${credit.id}/reversal`, { reason: 'test' })),
    ]);
    said.policies.push(policy);
    said.reversals.push(reversal);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  note(`${name}: ${Date.now() - began} ms, ${said.policies.length} policies and reversals`);
  for (const [what, replies] of Object.entries(said)) prompt(replies, `${what} during the ${name}`);
  is([...new Set(said.policies.map(({ status }) => status))], [201], 'each policy is added');
  await page.stop(50);
  return { result: await done, refused: said.reversals.filter(({ status }) => status === 503).length };
}

function csvFile(amends) {
  const file = path.join(amends.dir, 'readers.csv');
  const out = fs.openSync(file, 'w');
  fs.writeSync(out, 'channel,address\r\n');
  for (let i = 0; i < LINES; i += 10000) {
    fs.writeSync(out, Array.from({ length: Math.min(10000, LINES - i) }, (_, k) => `email,reader.${i + k}@many.example\r\n`).join(''));
  }
  fs.closeSync(out);
  return file;
}

// What a command prints; meanwhile connections of ours are served.
function output(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const out = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.on('close', (code) => (code ? reject(new Error(`${command}: ${code}`)) : resolve(Buffer.concat(out).toString())));
  });
}

const upload = async (amends, file) => JSON.parse(await output('curl', ['-sS', '-T', file, '-X', 'POST', '-H', 'Expect:', '-H', 'Content-Type: text/csv',
  '-H', `Authorization: Bearer ${amends.key}`, `${amends.url}/v1/subscribers/import`]));

// Twins of an account with credits.
function multiply(amends, account) {
  return output('psql', ['-h', path.join(amends.dir, 'var/run'), '-U', 'amends', '-d', 'amends', '-Xq', '-v', 'ON_ERROR_STOP=1', '-c', `create temp table twin as select * from account where external_id = '${account}';
    insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor, plan)
      select 'twin-' || n, name, currency, exponent, timezone, billing_interval, anchor, plan from twin, generate_series(1, ${ACCOUNTS}) n;
    insert into account_price select a.id, p.valid_from, p.amount_minor from account a, account_price p, twin
      where a.external_id like 'twin-%' and p.account_id = twin.id;
    insert into account_component select a.id, c.component_id from account a, account_component c, twin
      where a.external_id like 'twin-%' and c.account_id = twin.id;
    analyze`]);
}

async function draft(amends, one) {
  const made = await amends.call('POST', '/v1/credit-runs', { policy: one.policy, incidents: one.incidents.map(({ ref }) => ref), reason: 'many' });
  return waitUntil('the draft is computed', async () => {
    const run = await amends.call('GET', `/v1/credit-runs/${made.id}`);
    return run.state !== 'computing' && run;
  }, LONG_MS);
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  const approverKey = approver(amends);
  const [one] = lib.cases();
  await lib.replayCase(amends, one);
  const { credits: [first, second] } = await lib.runCredits(amends, one, approverKey);
  const imported = await meanwhile(amends, 'import', first, upload(amends, csvFile(amends)));
  is([imported.result.state, imported.result.created], ['done', LINES], `${LINES} lines were imported`);
  is(imported.refused, 0, 'which no reversal notices');
  await multiply(amends, second.account);
  const drafted = await meanwhile(amends, 'draft', second, draft(amends, one));
  is(drafted.result.state, 'draft', 'the draft is computed');
  ok(drafted.refused > 0, `${drafted.refused} reversals were told to come back`);
  is((await amends.call('GET', `/v1/credits/${second.id}`)).state === 'reversed'
    || (await amends.request('POST', `/v1/credits/${second.id}/reversal`, { reason: 'test' })).status === 200, true, 'and then one is done');
});
