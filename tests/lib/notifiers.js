'use strict';
// More notifiers beside the one of `amends up`, their state in the database, and thousands of
// readers.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { executableIn, exited, waitUntil } = require('./amends.js');
const { mailHeaders } = require('./sinks.js');

// The environment and the user of the running one.
function circumstances(pid) {
  const env = {};
  for (const pair of fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')) {
    const at = pair.indexOf('=');
    if (at > 0) env[pair.slice(0, at)] = pair.slice(at + 1);
  }
  delete env.NOTIFY_SOCKET;
  delete env.AMENDS_LISTEN_FD;
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  const id = (name) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]);
  return { env, uid: id('Uid'), gid: id('Gid') };
}

// Rows of a query as arrays of text.
function sql(amends, text) {
  const run = path.join(amends.dir, 'var/run');
  const done = spawnSync('psql', ['-h', run, '-U', 'amends', '-d', 'amends', '-XAtq', '-F', '|', '-c', text]);
  if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
  return done.stdout.toString().split('\n').filter(Boolean).map((line) => line.split('|'));
}

// A connection that stays open, for a lock or a transaction.
class Session {
  constructor(amends) {
    this.child = spawn('psql', ['-h', path.join(amends.dir, 'var/run'), '-U', 'amends', '-d', 'amends', '-XAtq', '-v', 'ON_ERROR_STOP=1'], { stdio: ['pipe', 'pipe', 'inherit'] });
  }

  say(text) {
    return new Promise((resolve) => {
      this.child.stdout.once('data', resolve);
      this.child.stdin.write(`${text}; select 'done';\n`);
    });
  }

  end() {
    this.child.stdin.end();
  }
}

// Another process of a role. env: over that of the running one.
async function startRole(amends, role, env = {}) {
  const of = await waitUntil(`the ${role} of amends up`, () => amends.rolePid(role));
  const running = circumstances(of);
  const log = fs.openSync(path.join(amends.dir, 'amends.log'), 'a');
  const child = spawn(executableIn(amends.dir), [role], {
    env: { ...running.env, ...env }, uid: running.uid, gid: running.gid, cwd: '/', stdio: ['ignore', log, log],
  });
  fs.closeSync(log);
  return child;
}

async function startNotifier(amends, env) {
  const child = await startRole(amends, 'notifier', env);
  await waitUntil('another notifier', () => {
    if (child.exitCode !== null) throw new Error(`a notifier ended with ${child.exitCode}`);
    return sql(amends, `select 1 from notifier where pid = ${child.pid}`).length;
  });
  return child;
}

async function stopNotifier(child) {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  return exited(child);
}

async function importMailReaders(amends, n, more = {}) {
  for (let i = 0; i < n; i += 10000) {
    const lines = Array.from({ length: Math.min(10000, n - i) }, (_, j) =>
      JSON.stringify({ channel: 'email', address: `r${i + j}@readers.example`, confirmed: true, ...more }));
    await amends.call('POST', '/v1/subscribers/import', lines.join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  }
}

let posted = 0;
// A new incident for all readers; returns its broadcast.
async function postIncident(amends, title = 'All of it') {
  const made = await amends.call('POST', '/v1/incidents', {
    ref: `made-${(posted += 1)}`, title, kind: 'incident', state: 'investigating', notify: true, body: 'Down.',
    components: [{ component: 'api', level: 'major_outage' }],
  });
  return made.broadcast;
}

// The repeated mails of a list, and whether each has the Message-ID of the first.
function repeats(mails) {
  const first = new Map();
  let n = 0;
  let same = true;
  for (const mail of mails) {
    const id = mailHeaders(mail.data)['message-id'][0];
    if (!first.has(mail.to)) {
      first.set(mail.to, id);
    } else {
      n += 1;
      same = same && first.get(mail.to) === id;
    }
  }
  return { readers: first.size, n, same };
}

module.exports = { Session, circumstances, sql, startRole, startNotifier, stopNotifier, importMailReaders, postIncident, repeats };
