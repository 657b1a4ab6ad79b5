#!/usr/bin/env node
'use strict';
// The shell client of docs/guides/billing.md, killed at random while billing is killed, too:
// every credit is issued once, booked once by its id, and applied.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, ROOT, AMENDS, exited, waitUntil } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const RUNS = 3;
const ACCOUNTS = 150;

function accounts() {
  const [model] = lib.accounts();
  return Array.from({ length: ACCOUNTS }, (_, n) => JSON.stringify({ ...model, external_id: `many-${n}`, contacts: [] })).join('\n');
}

function writeClient(dir) {
  const text = fs.readFileSync(path.join(ROOT, 'docs/guides/billing.md'), 'utf8');
  const file = path.join(dir, 'pull-credits');
  fs.writeFileSync(file, text.match(/```sh\n([\s\S]*?)```/)[1], { mode: 0o755 });
  return file;
}

// Issue one run after the other; billing is killed a random while after each approval.
async function issueUnderFire(amends, approverKey, incident) {
  const runs = [];
  let kills = 0;
  for (let n = 0; n < RUNS; n++) {
    const policy = { ...lib.policies()[1], name: `goodwill-${n}`, cap_percent: '1000' };
    await amends.call('POST', '/v1/policies', policy);
    const made = amends.call('POST', '/v1/credit-runs', { policy: policy.name, incidents: [incident.ref], reason: 'many' });
    const shoot = async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
      const pid = amends.rolePid('billing');
      if (pid) process.kill(pid, 'SIGKILL');
      kills += pid ? 1 : 0;
    };
    await shoot();
    const { id } = await made;
    const state = (wanted) => waitUntil(`run ${id} is ${wanted}`, async () => {
      const run = await amends.call('GET', `/v1/credit-runs/${id}`);
      return run.state === wanted && run;
    });
    await lib.acknowledge(amends, await state('draft'));
    const approved = amends.call('POST', `/v1/credit-runs/${id}/approve`, undefined, { key: approverKey });
    await shoot();
    await approved;
    runs.push(await state('issued'));
  }
  note(`billing was killed ${kills} times`);
  ok(kills >= RUNS, 'billing was killed again and again');
  return runs;
}

async function pullUnderFire(client, env, busy) {
  let kills = 0;
  for (;;) {
    const last = !busy();
    const child = spawn(client, [], { env, stdio: ['ignore', 'ignore', 'inherit'], detached: true });
    const timer = last && kills > 5 ? null : setTimeout(() => { process.kill(-child.pid, 'SIGKILL'); kills += 1; }, 20 + Math.random() * 400);
    const code = await exited(child);
    if (timer) clearTimeout(timer);
    if (last && code === 0) return kills;
  }
}

// One credit was acknowledged elsewhere before the page, another between page and acknowledgement:
// curl in front of the real one does the second.
async function foreign(amends, approverKey, incident, client, env) {
  const policy = { ...lib.policies()[1], name: 'goodwill-foreign', cap_percent: '1000' };
  await amends.call('POST', '/v1/policies', policy);
  const draft = await amends.call('POST', '/v1/credit-runs', { policy: policy.name, incidents: [incident.ref], reason: 'foreign' });
  await lib.acknowledge(amends, draft);
  await amends.call('POST', `/v1/credit-runs/${draft.id}/approve`, undefined, { key: approverKey });
  const credits = await waitUntil('the run is issued', async () => {
    const all = await amends.all(`/v1/credits?run=${draft.id}`);
    return all.length && all;
  });
  const [before, between] = credits.map((credit) => credit.id);
  const acks = (id) => JSON.stringify({ acks: [{ credit: id, reference: 'of the other system' }] });
  await amends.call('POST', '/v1/credits/acks', JSON.parse(acks(before)));
  const bin = path.join(amends.dir, 'bin');
  fs.mkdirSync(bin);
  const curl = spawnSync('sh', ['-c', 'command -v curl'], { encoding: 'utf8' }).stdout.trim();
  fs.writeFileSync(path.join(bin, 'curl'), `#!/bin/sh
case "$*" in */credits/acks) [ -e '${bin}/done' ] || { : > '${bin}/done'
  ${curl} -s -o '${bin}/done' -H "Authorization: Bearer $AMENDS_KEY" -H 'Content-Type: application/json' -d '${acks(between)}' "$AMENDS_URL/v1/credits/acks"; } ;;
esac
exec ${curl} "$@"\n`, { mode: 0o755 });
  // Not spawnSync, since that would keep this process from reading what the server sends.
  const child = spawn(client, [], { env: { ...env, PATH: `${bin}:${env.PATH}` }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => { said += chunk; });
  is(await exited(child), 0, 'the client goes on past credits of another system');
  is(said.trim().split('\n').sort(), [`credit ${before}: another system has acknowledged it; not booked`, `credit ${between}: acks[0].credit: was already acknowledged with another reference`].sort(), 'and names them');
  ok(!fs.existsSync(path.join(env.STATE, 'booked', String(before))), 'the first is not booked');
  const ours = (await amends.all(`/v1/credits?run=${draft.id}`)).filter((credit) => credit.reference === `booking-${credit.id}`);
  is(ours.length, credits.length - 2, 'all others are acknowledged');
}

scenario(async (cleanup) => {
  if (spawnSync('jq', ['--version']).status !== 0) return note('jq is not installed: the client of the guide is not tried');
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  await amends.call('POST', '/v1/accounts/import', accounts(), { headers: { 'content-type': 'application/x-ndjson' } });
  const one = lib.cases().find((each) => each.name.startsWith('2018-05'));
  await lib.replayCase(amends, one);
  const approverKey = approver(amends);
  const { key } = await amends.call('POST', '/v1/keys', { name: 'billing', scopes: ['credits:read', 'credits:ack'] });
  const state = path.join(amends.dir, 'client');
  const client = writeClient(amends.dir);
  let issuing = true;
  const env = { PATH: process.env.PATH, AMENDS_URL: amends.url, AMENDS_KEY: key, STATE: state };
  const pulled = pullUnderFire(client, env, () => issuing);
  let runs;
  try {
    runs = await issueUnderFire(amends, approverKey, one.incidents[0]);
  } finally {
    issuing = false;
  }
  note(`the client was killed ${await pulled} times`);
  const feed = await amends.all('/v1/credits');
  const expected = runs.flatMap((run) => run.totals).reduce((all, total) => all + total.credits, 0);
  ok(expected > RUNS * ACCOUNTS, `${expected} credits of ${runs.length} runs`);
  is(new Set(feed.map((credit) => credit.id)).size, expected, 'each is in the feed');
  is(feed.length, expected, 'once');
  is(new Set(feed.map((credit) => `${credit.run} ${credit.account}`)).size, expected, 'one for an account and run');
  const booked = fs.readdirSync(path.join(state, 'booked')).map(Number).sort((a, b) => a - b);
  is(booked, feed.map((credit) => credit.id).sort((a, b) => a - b), 'the client booked each, and nothing else');
  is(feed.filter((credit) => credit.state !== 'applied'), [], 'and said of each that it is applied');
  await foreign(amends, approverKey, one.incidents[0], client, env);
  const verified = spawnSync(AMENDS, ['ledger', 'verify', '--data', path.join(amends.dir, 'var')], { encoding: 'utf8' });
  ok(verified.status === 0, `the ledger verifies: ${verified.stdout}${verified.stderr}`.trim());
});
