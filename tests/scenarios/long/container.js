#!/usr/bin/env node
'use strict';
// The image of deploy/container is built and its container run as deploy/kubernetes does: as the
// image's user without capabilities, read-only, each role with its own secret and database password.
// It waits for its schema, migrates, serves, sends a mail, and ends on SIGTERM.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Image, missing } = require('../../lib/image.js');
const { Roles } = require('../../lib/roles.js');
const { MailSink } = require('../../lib/sinks.js');
const { importMailReaders, postIncident } = require('../../lib/notifiers.js');
const { owner, freePort } = require('../../lib/patroni.js');
const { ROOT, exited, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const RUN = path.join(ROOT, 'tests/fixtures/container/run.sh');
const USERS = { migrate: 'amends', api: 'amends_api', notifier: 'amends_notifier', billing: 'amends_billing' };
const PASSWORD = 'one of a test';

// PostgreSQL on loopback with passwords, with the migrating user. Returns its port.
async function startPostgres(dir, cleanup) {
  const { bin, uid, gid } = owner();
  const port = await freePort();
  const place = path.join(dir, 'postgres');
  fs.mkdirSync(place);
  fs.writeFileSync(path.join(place, 'password'), PASSWORD);
  for (const name of [place, path.join(place, 'password')]) fs.chownSync(name, uid, gid);
  const as = (...argv) => {
    const done = spawnSync('setpriv', ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', ...argv], { cwd: place, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${argv.join(' ')}: ${done.stderr}`);
  };
  const data = path.join(place, 'data');
  as(`${bin}/initdb`, '-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${place}/password`, '-E', 'UTF8', '--locale=C.UTF-8', '-N');
  as(`${bin}/pg_ctl`, '-w', '-D', data, '-l', `${place}/log`, '-o', `-k ${place} -c listen_addresses=127.0.0.1 -p ${port} -c fsync=off`, 'start');
  cleanup(() => as(`${bin}/pg_ctl`, '-D', data, '-m', 'fast', 'stop'));
  return port;
}

// Roles whose processes are containers of the image.
class Pods extends Roles {
  constructor(dir, image, port) {
    super(dir, '');
    this.image = image;
    this.settings = {};
    const keys = fs.readFileSync(path.join(dir, 'keys'));
    for (const [role, user] of Object.entries(USERS)) {
      this.secret(role, 'database_url', `host=127.0.0.1 port=${port} dbname=amends user=${user} password='${PASSWORD}'`);
      this.secret(role, 'key_file', keys);
    }
  }

  // As a volume of a Secret with defaultMode 0440 and fsGroup.
  secret(role, name, value) {
    const file = path.join(this.dir, 'secrets', role, `amends_${name}`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, value, { mode: 0o440 });
    fs.chownSync(file, 0, Number(this.image.config.User.split(':')[1]));
  }

  // The arguments of a role's container: those of the image unless given.
  argv(role, args = this.image.config.Cmd, program = this.image.config.Entrypoint) {
    const settings = Object.entries(this.settings).map(([name, value]) => `${name}=${value}`);
    return [RUN, this.image.root, path.join(this.dir, 'secrets', role), this.image.config.User, ...this.image.config.Env, ...settings, ...program, ...args];
  }

  inside(role, args, program) {
    const done = spawnSync('sh', this.argv(role, args, program), { encoding: 'utf8' });
    return { status: done.status, text: `${done.stdout}${done.stderr}`.trim() };
  }

  launch(role, args) {
    const log = fs.openSync(path.join(this.dir, 'amends.log'), 'a');
    const child = spawn('sh', this.argv(role, args), { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.children.push(child);
    return child;
  }
}

function inspect(pods, image) {
  const { text } = pods.inside('api', ['--version']);
  is(text, fs.readFileSync(path.join(ROOT, 'cli/main.c'), 'utf8').match(/argp_program_version = "(.*)"/)[1], 'the executable runs');
  const shell = (line) => pods.inside('notifier', [line], ['/bin/sh', '-c']).text;
  is(shell('echo "$(id -u):$(id -g)"; grep -E "^(CapPrm|CapBnd|NoNewPrivs)" /proc/self/status | tr -s "\\t\\n" " "'),
    `${image.config.User}\nCapPrm: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1`, 'as nobody in particular');
  is(shell('for d in / /tmp /run /var/tmp /home; do (: > $d/x) 2>/dev/null && echo $d; done; command -v gcc make npm dpkg-shlibdeps'), '', 'nothing can be written, and nothing that built it is there');
  note(`${shell('dpkg-query -Wf "\\${Installed-Size}\\n"').split('\n').reduce((sum, kib) => sum + Number(kib), 0) >> 10} MiB of packages in the image, and ${shell('du -m /usr/bin/amends | cut -f1')} MiB of ours`);
}

async function migrate(pods, psql) {
  const waiting = pods.launch('api', ['migrate', '--wait']);
  await waitUntil('the pod says what it waits for', () => pods.log().includes('waiting for the database'));
  const done = pods.inside('migrate', ['migrate']);
  is(done.status, 0, `the job migrates: ${done.text}`);
  is(waiting.exitCode, null, 'a role whose password is not set waits on');
  for (const user of Object.values(USERS)) psql(`alter role ${user} login password '${PASSWORD}'`);
  is(await exited(waiting), 0, 'and goes on when it is');
}

async function serve(pods, image) {
  const port = await freePort();
  pods.settings.AMENDS_LISTEN = `127.0.0.1:${port}`;
  const api = pods.launch('api');
  pods.url = `http://127.0.0.1:${port}`;
  const answers = async (target) => (await fetch(pods.url + target).catch(() => ({}))).status;
  await waitUntil('the api is ready', async () => await answers('/readyz') === 200);
  is(await answers('/healthz'), 200, 'the image alone says which role: the api');
  const check = image.config.Healthcheck.Test.slice(1).map((word) => word.replace(':8080', `:${port}`));
  is(pods.inside('api', [], check).status, 0, 'its health check agrees');
  is(await answers('/static/htmx.js'), 200, 'its pages have htmx');
  pods.key = pods.inside('migrate', ['key', 'create', '--name', 'operator', '--scope', 'admin']).text;
  await pods.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  return api;
}

async function send(pods, mails) {
  pods.secret('notifier', 'smtp_url', mails.url);
  const notifier = pods.launch('notifier', ['notifier']);
  const billing = pods.launch('billing', ['billing']);
  await importMailReaders(pods, 2); // an upload: the api has a place to write
  const { counts } = await pods.settled(await postIncident(pods));
  is(counts.accepted, 2, 'the notifier sends');
  is(mails.mails().map((mail) => mail.to).sort(), ['r0@readers.example', 'r1@readers.example'], 'and the mails are there');
  is((await pods.request('GET', '/v1/subscribers/export')).text.match(/r\d@readers/g).length, 2, 'the readers are exported');
  return [notifier, billing];
}

scenario(async (cleanup) => {
  const why = missing();
  if (why) {
    ok(true, `the image # SKIP ${why}`);
    return;
  }
  const dir = freshDirectory();
  const image = new Image(dir);
  cleanup(() => image.destroy());
  image.makeDebian();
  image.build();
  const port = await startPostgres(dir, cleanup);
  const psql = (text, database = 'amends') => {
    const done = spawnSync('psql', ['-XAtq', '-d', `host=127.0.0.1 port=${port} user=postgres dbname=${database} password='${PASSWORD}'`, '-c', text], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
  };
  psql(`create role amends login createrole password '${PASSWORD}'`, 'postgres');
  psql('create database amends owner amends', 'postgres');
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const pods = new Pods(dir, image, port);
  cleanup(() => pods.stop());
  pods.settings = { AMENDS_PUBLIC_URL: 'https://status.example.com', AMENDS_MAIL_FROM: 'Example Status <status@status.example.com>', AMENDS_LOG_FORMAT: 'json' };
  inspect(pods, image);
  await migrate(pods, psql);
  const roles = [await serve(pods, image), ...await send(pods, mails)];
  is(await Promise.all(roles.map((child) => pods.end(child))), [0, 0, 0], 'each role ends when told to');
  ok(!/"level":"error"/.test(pods.log()), 'and none complained');
});
