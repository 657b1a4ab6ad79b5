#!/usr/bin/env node
'use strict';
// A database at an older level and with older functions, with data in it, is migrated in the middle
// of a broadcast while a query holds a table: the notifier continues, and all data is kept. A database
// from before 0.1 is refused and unchanged.
const { spawn, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS, ROOT, exited, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { Roles } = require('../../lib/roles.js');
const { freePort } = require('../../lib/patroni.js');
const { MailSink } = require('../../lib/sinks.js');
const { sql, importMailReaders, postIncident, repeats } = require('../../lib/notifiers.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const BEFORE = 10; // the upgrade starts at the level before this migration
const NOT_YET = /^api\/(alerts|hooks|measurements)|retention|subscribers\/sql\/sent|ledger_chain|sql\/verify|notifier\/sql\/cards/; // functions of its tables
const READERS = 2000;
const MIGRATIONS = path.join(ROOT, 'migrations');

// As the Makefile orders them: core first.
function codeFiles() {
  const all = spawnSync('sh', ['-c', "find core messages notifier billing api -path '*/sql/*.sql' | LC_ALL=C sort"], { cwd: ROOT, encoding: 'utf8' }).stdout.trim().split('\n');
  return [...all.filter((name) => name.startsWith('core/')), ...all.filter((name) => !name.startsWith('core/'))];
}

function psql(url, text) {
  const done = spawnSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url], { input: text, encoding: 'utf8', env: { ...process.env, PGOPTIONS: '-c search_path=public' } });
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout.trim();
}

// As `amends migrate` of that time left it.
function migrateTo(url) {
  psql(url, 'create table schema_migration (number integer primary key, name text not null, sha256 bytea not null, at timestamptz not null default now())');
  const files = fs.readdirSync(MIGRATIONS).filter((name) => Number(name.slice(0, 4)) < BEFORE).sort();
  for (const name of files) {
    const text = fs.readFileSync(path.join(MIGRATIONS, name), 'utf8');
    const hash = crypto.createHash('sha256').update(text).digest('hex');
    psql(url, `begin;\n${text};\ninsert into schema_migration (number, name, sha256) values (${Number(name.slice(0, 4))}, '${name}', '\\x${hash}'); commit;`);
  }
  const code = codeFiles().filter((name) => !NOT_YET.test(name)).map((name) => fs.readFileSync(path.join(ROOT, name), 'utf8'));
  psql(url, `begin; create schema amends; ${code.join('\n')};
    create function amends.of_before() returns int language sql return 1;
    create table schema_code (id integer generated always as identity primary key, sha256 bytea not null, at timestamptz not null default now());
    insert into schema_code (sha256) values (sha256('older')); commit`);
  return files.at(-1);
}

// The last level of the unreleased series, which cannot be upgraded.
function refusesUnreleased(server, dir) {
  sql(server, 'create database unreleased');
  const url = `host=${path.join(dir, 'var/run')} user=amends dbname=unreleased`;
  psql(url, fs.readFileSync(path.join(ROOT, 'tests/fixtures/upgrade/0100.sql'), 'utf8'));
  const held = () => psql(url, 'select count(*), max(number) from schema_migration; select slug, name from component order by id; select external_id from account; select count(*) from pg_class where relnamespace = $$public$$::regnamespace');
  const before = held();
  const roles = new Roles(dir, url);
  const said = roles.command('migrate');
  is(said.status !== 0 && /from before 0\.1, at schema 0100\. No version before 0\.1 was released.* new, empty database/.test(said.text), true, `a database of before 0.1 is refused: ${said.text.trim()}`);
  is(held(), before, 'and left as it is');
  ok(/^schema +fail .*before 0\.1/m.test(roles.command('doctor').text), 'doctor says so, too');
  for (const command of said.text.match(/`amends [a-z]+ [a-z]+`/g)) {
    const [, noun, verb] = command.replaceAll('`', '').split(' ');
    ok(new RegExp(`\\b${verb}\\b`).test(roles.run(noun, '--help')), `there is ${command}`);
  }
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir, ['--dot-delay-ms', '20']);
  cleanup(() => mails.stop());
  const server = await Amends.up({ dir });
  cleanup(() => server.destroy());
  refusesUnreleased(server, dir);
  sql(server, 'create database older');
  const url = `host=${path.join(dir, 'var/run')} user=amends dbname=older`;
  note(`from ${migrateTo(url)}`);
  const roles = new Roles(dir, url, { AMENDS_SMTP_URL: mails.url, AMENDS_PUBLIC_URL: server.url });
  cleanup(() => roles.stop());
  roles.key = roles.makeKey('admin');
  await roles.startApi(await freePort());
  const notifier = roles.start('notifier');
  await roles.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await importMailReaders(roles, READERS);
  const settled = (id) => Number(psql(url, `select count(*) from delivery where broadcast_id = ${id}`));
  const first = await postIncident(roles, 'Before');
  await waitUntil('it is settled', () => settled(first) === READERS);

  const before = mails.mails().length;
  const second = await postIncident(roles, 'Meanwhile');
  await waitUntil('a part is settled', () => settled(second) > READERS / 5);
  const reader = spawn('psql', ['-XAtq', '-d', url, '-c', 'begin; select count(*) from delivery_retry where broadcast_id = 0; select pg_sleep(5); commit'], { stdio: 'ignore' });
  await waitUntil('a query holds the table', () => psql(url, `select 1 from pg_stat_activity where query like '%pg_sleep(5)%' and pid <> pg_backend_pid()`));
  const pod = spawn(AMENDS, ['migrate', '--wait'], { env: roles.env, stdio: ['ignore', 'ignore', 'pipe'] });
  const says = new Promise((resolve) => { pod.stderr.once('data', (chunk) => resolve(String(chunk))); });
  ok(/waiting for schema \d+: it is at \d+/.test(await says), 'a pod of the new version waits');
  const migrate = spawn(AMENDS, ['migrate'], { env: roles.env, stdio: 'ignore' });
  is(await exited(migrate), 0, 'migrate waits for a query that holds a table, and succeeds');
  await exited(reader);
  is(await exited(pod), 0, 'and the pod goes on');

  is((await roles.settled(second)).counts.accepted, READERS, 'the broadcast ends');
  is(repeats(mails.mails().slice(before)), { readers: READERS, n: 0, same: true }, 'and nobody got it twice');
  is(notifier.exitCode, null, 'from the notifier that ran before');
  is((await roles.call('GET', `/v1/broadcasts/${first}`)).counts.accepted, READERS, 'outcomes of before are there');
  is(psql(url, "select to_regclass('bounce'), to_regproc('amends.bounce_take'), to_regproc('amends.of_before')"), 'bounce|amends.bounce_take|', 'tables and functions are the new ones, and no other');
  ok(psql(url, "select count(*) from pg_inherits where inhparent = 'delivery'::regclass") >= '2', 'in partitions now');
  is(roles.run('migrate').startsWith('0 applied'), true, 'nothing is left to migrate');
  const third = await postIncident(roles, 'After');
  is((await roles.settled(third)).counts.accepted, READERS, 'and the next broadcast goes out');
});
