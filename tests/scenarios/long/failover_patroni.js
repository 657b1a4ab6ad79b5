#!/usr/bin/env node
'use strict';
// The primary PostgreSQL of a Patroni cluster and everything of it is killed in the middle of a
// broadcast to 50,000 and in the middle of issuing a credit run. Two notifiers, two apis and one
// billing, which know both nodes by one URL, recover automatically: one outcome each, no credit twice.
const { Patroni, missing, freePort } = require('../../lib/patroni.js');
const { Roles } = require('../../lib/roles.js');
const { MailSink } = require('../../lib/sinks.js');
const { freshDirectory, waitUntil } = require('../../lib/amends.js');
const { importMailReaders, postIncident, repeats } = require('../../lib/notifiers.js');
const lib = require('../../lib/cases.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const READERS = Number(process.env.READERS || 50000);
const ACCOUNTS = Number(process.env.ACCOUNTS || 30000);
const REPEATS_A_PROCESS = 256;
const BACK_MS = 10000; // from a new primary to answers: the roles look every 5 s at the latest
const LONG_MS = 900000; // not a goal: allows for other load
const SOON_MS = 5000; // an api refuses instead of keeping the client waiting

// Polls an api four times per second until stopped.
function watch(url, key) {
  const seen = [];
  let going = true;
  const loop = (async () => {
    while (going) {
      const at = Date.now();
      const reply = await fetch(`${url}/v1/components`, { headers: { authorization: `Bearer ${key}` } }).catch((error) => ({ status: error.message }));
      seen.push({ at, took: Date.now() - at, status: reply.status, retry: reply.headers && reply.headers.get('retry-after') });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  })();
  return { seen, end: async () => { going = false; await loop; return seen; } };
}

// Kills the leader; returns how long writes failed, and checks the apis' responses meanwhile.
async function failOver(world, what) {
  const { cluster, roles, urls } = world;
  const watches = urls.map((url) => watch(url, roles.key));
  const old = await cluster.leader();
  const began = Date.now();
  await cluster.kill(old);
  const leader = await waitUntil('another leader', async () => {
    const now = await cluster.leader();
    return now !== old && now;
  });
  const led = Date.now();
  await waitUntil('both apis answer', () => watches.every(({ seen }) => seen.length && seen.at(-1).status === 200 && seen.at(-1).at > led));
  const back = Date.now();
  note(`${what}: ${old.name} killed, ${leader.name} leads ${led - began} ms later, the apis answer ${back - led} ms after that`);
  ok(back - led < BACK_MS, `${what}: both apis answer soon after`);
  const said = (await Promise.all(watches.map((one) => one.end()))).flat();
  const refused = said.filter(({ status }) => status !== 200);
  ok(refused.length > 0, `${what}: ${refused.length} requests could not be served meanwhile`);
  is(refused.filter(({ status, retry }) => status !== 503 || !(Number(retry) > 0)), [], 'each was told 503 and Retry-After');
  const slowest = Math.max(...said.map(({ took }) => took));
  ok(slowest < SOON_MS, `the slowest answer took ${slowest} ms`);
  return { old, leader };
}

async function mended(world, node) {
  world.cluster.startNode(node);
  await world.cluster.whole();
  ok(true, `${node.name} follows again, as a synchronous standby`);
}

const holders = (world, node) => world.cluster.query(node, 'select pid from notifier join amends.notifier_alive using (id) order by 1').map(([pid]) => Number(pid));

const settledRows = (world, node, broadcast) => Number(world.cluster.query(node, `select count(*) from delivery where broadcast_id = ${broadcast}`)[0][0]);

async function judge(world, node, broadcast, before, what, allowed) {
  const done = await waitUntil(`${what}: done`, async () => {
    const reply = await world.roles.request('GET', `/v1/broadcasts/${broadcast}`);
    return reply.status === 200 && reply.body.state === 'done' && reply.body;
  }, LONG_MS);
  is([done.counts.accepted, settledRows(world, node, broadcast)], [READERS, READERS], `${what}: everybody has one outcome`);
  const again = repeats(world.mails.mails().slice(before));
  is(again.readers, READERS, 'and a mail');
  note(`${again.n} mails repeated`);
  ok(again.n <= allowed && again.same, `at most ${allowed} are repeated, with their Message-ID`);
}

async function midBroadcast(world) {
  const before = world.mails.mails().length;
  const broadcast = await postIncident(world.roles, 'The primary dies');
  await waitUntil('a part is accepted', () => world.mails.mails().length - before >= READERS * 0.3, LONG_MS);
  const { old, leader } = await failOver(world, 'in the middle of a broadcast');
  await waitUntil('both notifiers are known to the new primary', () => holders(world, leader).length === 2, LONG_MS);
  is(holders(world, leader), world.notifiers.map((child) => child.pid).sort((a, b) => a - b), 'the same two notifiers hold their locks on the new primary');
  await judge(world, leader, broadcast, before, 'failover', 2 * REPEATS_A_PROCESS);
  await mended(world, old);
}

// Checks the session locks on the new primary.
async function notifierDies(world) {
  const node = await world.cluster.leader();
  const before = world.mails.mails().length;
  const broadcast = await postIncident(world.roles, 'A notifier dies');
  const victim = world.notifiers[0];
  await waitUntil('it holds a batch', () => world.cluster.query(node, `select 1 from batch b join notifier n on n.id = b.owner
    where n.pid = ${victim.pid} and b.broadcast_id = ${broadcast}`).length > 0);
  await waitUntil('a part is accepted', () => world.mails.mails().length - before >= READERS * 0.3, LONG_MS);
  await world.roles.end(victim, 'SIGKILL');
  await judge(world, node, broadcast, before, 'a notifier killed on the new primary', REPEATS_A_PROCESS);
}

async function createAccounts(world) {
  await lib.createCatalogue(world.roles);
  const all = lib.accounts();
  const lines = Array.from({ length: ACCOUNTS }, (_, i) => JSON.stringify({ ...all[i % all.length], external_id: `many-${i}`, contacts: [] }));
  for (let i = 0; i < ACCOUNTS; i += 5000) {
    await world.roles.call('POST', '/v1/accounts/import', lines.slice(i, i + 5000).join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  }
}

const runState = async (world, run) => {
  const reply = await world.roles.request('GET', `/v1/credit-runs/${run}`);
  return reply.status === 200 ? reply.body.state : null;
};

async function books(world, node, run, credits) {
  const count = (what) => Number(world.cluster.query(node, `select ${what} join credit c on c.id = x.credit_id where c.run_id = ${run}`)[0][0]);
  is([
    Number(world.cluster.query(node, `select count(*) from credit where run_id = ${run} and state = 'issued'`)[0][0]),
    count('count(*) from ledger_entry x'), count('count(*) from credit_feed x'), count('sum(x.amount_minor) from ledger_entry x'),
  ], [credits, 2 * credits, credits, 0], `each of ${credits} credits is issued once`);
}

async function midIssue(world) {
  const { roles, cluster } = world;
  const one = lib.cases().find((each) => each.name.startsWith('2018-05'));
  await timed(`${ACCOUNTS} accounts`, () => createAccounts(world));
  await lib.replayCase(roles, one);
  roles.run('staff', 'add', 'second', '--role=approver', '--email=second@staff.example');
  const approver = roles.run('key', 'create', '--name=second', '--owner=second', '--scope=credit-runs:approve');
  const draft = await roles.call('POST', '/v1/credit-runs', { policy: 'two-days', incidents: [one.incidents[0].ref], reason: 'failover' });
  await waitUntil('the draft', async () => (await runState(world, draft.id)) === 'draft', LONG_MS);
  const ready = await roles.call('GET', `/v1/credit-runs/${draft.id}`);
  await lib.acknowledge(roles, ready);
  const credits = ready.totals.reduce((all, total) => all + total.credits, 0);
  ok(credits > ACCOUNTS / 2, `${credits} credits to issue`);
  // The first api may or may not respond, but the request is recorded.
  const approval = roles.request('POST', `/v1/credit-runs/${draft.id}/approve`, undefined, { key: approver }).catch((error) => ({ status: error.message }));
  const node = await cluster.leader();
  await waitUntil('billing issues', () => cluster.query(node, `select 1 from pg_stat_activity where application_name = 'billing'
    and state = 'active' and query ~ 'credit_run_(moved|judge|issue)'`).length > 0);
  const { old, leader } = await failOver(world, 'in the middle of issuing');
  note(`who approved was answered ${(await approval).status}`);
  await waitUntil('the run is issued', async () => (await runState(world, draft.id)) === 'issued', LONG_MS);
  await books(world, leader, draft.id, credits);
  const verified = roles.command('ledger', 'verify');
  is(verified.status, 0, `the ledger verifies: ${verified.text.trim().split('\n').at(-1)}`);
  await mended(world, old);
}

async function timed(what, body) {
  const began = Date.now();
  await body();
  note(`${what}: ${Math.round((Date.now() - began) / 1000)} s`);
}

scenario(async (cleanup) => {
  const why = missing();
  if (why) {
    ok(true, `SKIP ${why}`);
    return;
  }
  const dir = freshDirectory();
  const mails = await MailSink.start(dir, ['--dot-delay-ms', '20']);
  cleanup(() => mails.stop());
  const cluster = await Patroni.start(dir, cleanup);
  cluster.query(await cluster.leader(), 'create database amends', 'postgres');
  const roles = new Roles(dir, cluster.url(), { AMENDS_SMTP_URL: mails.url, AMENDS_PUBLIC_URL: 'http://127.0.0.1:8080' });
  cleanup(() => roles.stop());
  note(roles.run('migrate'));
  roles.key = roles.makeKey('admin');
  const urls = [await roles.startApi(await freePort()), await roles.startApi(await freePort())];
  const notifiers = [roles.start('notifier'), roles.start('notifier')];
  const billing = roles.start('billing');
  await roles.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const world = { cluster, roles, urls, mails, notifiers };
  await timed(`${READERS} readers`, () => importMailReaders(roles, READERS));
  await timed('a broadcast', () => midBroadcast(world));
  await timed('another', () => notifierDies(world));
  await timed('a credit run', () => midIssue(world));
  is([notifiers[1], billing].map((child) => child.exitCode), [null, null], 'the roles are the same processes as at the start');
});
