'use strict';
// The roles as an installation runs them: separate processes on a database by URL.
const { spawn, spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS, exited, waitUntil } = require('./amends.js');

class Roles extends Amends {
  // Options: dir (for keys and the log), database (URL), env.
  constructor(dir, database, env = {}) {
    const keys = path.join(dir, 'keys');
    if (!fs.existsSync(keys)) fs.writeFileSync(keys, `k1 ${crypto.randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    super(null, dir, null, '');
    this.env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', AMENDS_DATABASE_URL: database, AMENDS_KEY_FILE: keys, ...env };
    this.children = [];
  }

  command(...args) {
    const done = spawnSync(AMENDS, args, { env: this.env, encoding: 'utf8' });
    return { status: done.status, text: `${done.stdout}${done.stderr}` };
  }

  // The same, but any status except 0 is an error.
  run(...args) {
    const done = this.command(...args);
    if (done.status !== 0) throw new Error(`amends ${args.join(' ')}: ${done.status} ${done.text}`);
    return done.text.trim();
  }

  makeKey(...scopes) {
    return this.run('key', 'create', '--name', scopes[0], ...scopes.flatMap((scope) => ['--scope', scope]));
  }

  start(role, env = {}) {
    const log = fs.openSync(path.join(this.dir, 'amends.log'), 'a');
    const child = spawn(AMENDS, [role], { env: { ...this.env, ...env }, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.children.push(child);
    return child;
  }

  // Resolves with its URL once it answers.
  async startApi(port) {
    const url = `http://127.0.0.1:${port}`;
    const child = this.start('api', { AMENDS_LISTEN: `127.0.0.1:${port}` });
    await waitUntil('the api is ready', async () => {
      if (child.exitCode !== null) throw new Error(`api ended with ${child.exitCode}:\n${this.log().slice(-2000)}`);
      return (await fetch(`${url}/readyz`).catch(() => ({}))).ok;
    });
    this.url = this.url || url;
    return url;
  }

  async end(child, signal = 'SIGTERM') {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const code = await exited(child);
    this.children = this.children.filter((one) => one !== child);
    return code;
  }

  async stop() {
    for (const child of this.children) child.kill('SIGTERM');
    await Promise.all(this.children.map(exited));
    this.children = [];
  }
}

module.exports = { Roles };
