#!/usr/bin/env node
'use strict';
// A backup is made while a broadcast is sent, and restored into a new database: its ledger
// verifies; with amends.broadcasts_stop() no message is repeated, without it only recipients
// without an outcome get it.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { Roles } = require('../../lib/roles.js');
const { freePort } = require('../../lib/patroni.js');
const { MailSink } = require('../../lib/sinks.js');
const { sql, importMailReaders, postIncident } = require('../../lib/notifiers.js');
const lib = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const READERS = 2000;

const urlOf = (amends, database) => `host=${path.join(amends.dir, 'var/run')} user=amends dbname=${database}`;

function run(name, ...args) {
  const done = spawnSync(name, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${name}: ${done.stderr}`);
  return done.stdout;
}

const query = (url, text) => run('psql', '-XAtq', '-F', '|', '-d', url, '-c', text).split('\n').filter(Boolean).map((line) => line.split('|'));

// Roles on a database that was restored from the dump, not started.
function restore(amends, dump, name, mails) {
  sql(amends, `create database ${name}`);
  run('pg_restore', '--exit-on-error', '--no-owner', '--dbname', urlOf(amends, name), dump);
  const dir = path.join(amends.dir, name);
  fs.mkdirSync(dir);
  fs.copyFileSync(path.join(amends.dir, 'var/master.key'), path.join(dir, 'keys'));
  const roles = new Roles(dir, urlOf(amends, name), { AMENDS_SMTP_URL: mails.url, AMENDS_PUBLIC_URL: amends.url });
  roles.key = amends.key;
  return roles;
}

async function restart(roles, cleanup) {
  cleanup(() => roles.stop());
  await roles.startApi(await freePort());
  roles.start('notifier');
}

const settledIn = (url, broadcast) => query(url, `select recipient_id from delivery where broadcast_id = ${broadcast}`).length;

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir, ['--dot-delay-ms', '20']);
  cleanup(() => mails.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url } });
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  const one = lib.cases().find((each) => each.name.startsWith('2018-05'));
  for (const incident of one.incidents) incident.posts = [];
  await lib.replayCase(amends, one);
  const key = approver(amends);
  const { credits } = await lib.runCredits(amends, one, key);
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await importMailReaders(amends, READERS);

  const broadcast = await postIncident(amends);
  await waitUntil('a part is settled', () => Number(sql(amends, `select count(*) from delivery where broadcast_id = ${broadcast}`)[0][0]) > READERS / 5);
  const dump = path.join(dir, 'amends.dump');
  run('pg_dump', '--format=custom', `--file=${dump}`, urlOf(amends, 'amends'));
  is((await amends.settled(broadcast)).counts.accepted, READERS, 'the backup disturbs no broadcast');

  const stopped = restore(amends, dump, 'stopped', mails);
  const before = settledIn(urlOf(amends, 'stopped'), broadcast);
  ok(before > 0 && before < READERS, `the backup knows ${before} of ${READERS} outcomes`);
  is(query(urlOf(amends, 'stopped'), 'select broadcast, kind, was, settled from amends.broadcasts_stop()'), [[String(broadcast), 'update', 'sending', String(before)]], 'amends.broadcasts_stop() names what it cancels');
  const verified = stopped.command('ledger', 'verify');
  is(verified.status, 0, `the ledger verifies: ${verified.text.trim()}`);
  let sent = mails.mails().length;
  await restart(stopped, cleanup);
  is((await stopped.all('/v1/credits')).length, credits.length, 'its credits are there');
  is((await stopped.call('GET', `/v1/broadcasts/${broadcast}`)).state, 'cancelled', 'the broadcast stays cancelled');
  const next = await postIncident(stopped, 'After the restore');
  is((await stopped.settled(next)).counts.accepted, READERS, 'a new one reaches everybody');
  is(mails.mails().length - sent, READERS, 'and nobody heard of the old one again');
  await stopped.stop();

  const going = restore(amends, dump, 'going', mails);
  sent = mails.mails().length;
  await restart(going, cleanup);
  is((await going.settled(broadcast)).counts.accepted, READERS, 'not stopped, it goes on to its end');
  is(mails.mails().length - sent, READERS - before, 'with those alone who had no outcome');
});
