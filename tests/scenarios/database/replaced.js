#!/usr/bin/env node
'use strict';
// Functions, views and triggers are replaced as a whole: functions without a file are removed, a failing
// file leaves everything unchanged, and roles of two versions run side by side.
const { spawn, spawnSync } = require('node:child_process');
const path = require('node:path');
const { Amends, AMENDS, exited, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { Roles } = require('../../lib/roles.js');
const { freePort } = require('../../lib/patroni.js');
const { ok, is, scenario } = require('../../lib/tap.js');

function psql(url, text) {
  const done = spawnSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', text], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout.trim();
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const server = await Amends.up({ dir });
  cleanup(() => server.destroy());
  const at = (name) => `host=${path.join(dir, 'var/run')} user=amends dbname=${name}`;
  psql(at('postgres'), 'create database replaced');
  const url = at('replaced');
  const roles = new Roles(dir, url);
  cleanup(() => roles.stop());
  const functions = () => psql(url, "select count(*) from pg_proc where pronamespace = to_regnamespace('amends')");
  const triggers = () => psql(url, 'select count(*) from pg_trigger where not tgisinternal');
  const schema = () => roles.command('doctor').text.match(/^schema.*(\n +.*)*/m)[0].replace(/\s+/g, ' ');
  roles.run('migrate');
  const made = [functions(), triggers()];
  ok(Number(made[0]) > 100 && Number(made[1]) > 20, `${made[0]} functions, ${made[1]} triggers`);
  ok(/ ok at \d{4}$/.test(schema()), 'the doctor is content');
  roles.run('migrate');
  is(psql(url, 'select count(*) from schema_code'), '1', 'a second time makes nothing anew');

  // As the previous version left it.
  const before = (change) => psql(url, `${change}; delete from schema_code; insert into schema_code (sha256) values (sha256('before'))`);
  before('create function amends.leftover() returns int language sql return 1; drop function amends.sms_help');
  ok(/ fail at \d{4}, with functions that differ from this executable's .*run amends migrate/.test(schema()), schema());
  const pod = spawn(AMENDS, ['migrate', '--wait'], { env: roles.env, stdio: ['ignore', 'ignore', 'pipe'] });
  const says = new Promise((resolve) => { pod.stderr.once('data', (chunk) => resolve(String(chunk))); });
  ok(/waiting for schema \d+: it is at \d+, with functions that differ/.test(await says), 'a pod of the new version waits');
  is(roles.run('migrate').startsWith('0 applied'), true, 'no migration is needed');
  is(await exited(pod), 0, 'and the pod goes on');
  is([functions(), triggers()], made, 'what was missing is there, and what has no file is not');

  // A later version is installed: ours still runs.
  psql(url, "insert into schema_code (sha256) values (sha256('after'))");
  ok(/ fail at \d{4}, with functions that differ .*run the newer version of amends/.test(schema()), schema());
  is(roles.run('migrate', '--wait'), '', 'a pod of the version before does not wait');
  await roles.startApi(await freePort());
  await waitUntil('the api says so', () => /level=warn role=api msg="the schema differs from this executable's" schema="at \d+, with functions that differ/.test(roles.log()));
  is((await fetch(`${roles.url}/readyz`)).status, 200, 'and runs');

  // The owner has the name of the schema: objects of the session still go to public.
  is(psql(url, "select count(*) from pg_class where relnamespace = 'amends'::regnamespace and relkind in ('r', 'S')"), '0', 'no table is in the schema');

  before('alter table impact rename column estimated to guessed; create function amends.leftover() returns int language sql return 1');
  const failed = roles.command('migrate');
  ok(failed.status !== 0 && /core\/sql\/impact\.sql: column m\.estimated does not exist/.test(failed.text), `a file that fails is named: ${failed.text.trim()}`);
  is(psql(url, "select amends.leftover(), (select count(*) from schema_code)"), '1|1', 'and everything is as it was');
  psql(url, 'alter table impact rename column guessed to estimated');
  roles.run('migrate');
  is([functions(), triggers()], made, 'until it can be made');
});
