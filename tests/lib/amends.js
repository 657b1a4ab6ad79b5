'use strict';
// Starts `amends up` on a fresh or given directory, and talks to its API.
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

// Tests that have no relay still expect webhooks to be sent; those of the outbox ask for 'auto'.
process.env.AMENDS_OUTBOX ??= 'off';

const ROOT = path.resolve(__dirname, '../..');
const BUILD = path.resolve(ROOT, process.env.BUILD || 'build');
const AMENDS = path.resolve(ROOT, process.env.AMENDS || path.join(BUILD, 'amends'));

// PostgreSQL never runs as root, so the directory must let its user in.
function freshDirectory() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'amends-'));
  fs.chmodSync(dir, 0o755);
  return dir;
}

// The executable where every user can run it: the sources may be in a home that others cannot enter.
function executableIn(dir) {
  const file = path.join(dir, 'amends');
  if (!fs.existsSync(file)) fs.copyFileSync(AMENDS, file);
  return file;
}

// Resolves with the text after the first matching line, or rejects when the child ends.
function waitForLine(child, pattern, milliseconds) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`no ${pattern} within ${milliseconds} ms`)), milliseconds);
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const match = text.match(pattern);
      if (match) {
        clearTimeout(timer);
        resolve(match[1]);
      }
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`${child.spawnargs.join(' ')} ended with ${signal || code} before ${pattern}`));
    });
  });
}

function exited(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.on('exit', (code) => resolve(code)));
}

async function waitUntil(what, check, milliseconds = 120000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

// A data directory just after its first start, made once for each build: initdb and the migrations
// cost more than most tests. Tests that start at once may each make one; the first to rename wins.
async function firstStart() {
  const { mtimeMs, size } = fs.statSync(AMENDS);
  const ready = path.join(BUILD, `first-start-${Math.floor(mtimeMs)}-${size}`);
  if (fs.existsSync(ready)) return ready;
  const dir = freshDirectory(), own = `${ready}.${process.pid}`;
  await (await Amends.up({ dir, fresh: true })).stop();
  for (const name of ['lock', 'url', 'postgres.log']) fs.rmSync(path.join(dir, 'var', name), { force: true });
  execFileSync('cp', ['-a', path.join(dir, 'var'), own]);
  fs.rmSync(dir, { recursive: true });
  try {
    fs.renameSync(own, ready);
  } catch {
    fs.rmSync(own, { recursive: true });
  }
  return ready;
}

class Amends {
  constructor(child, dir, url, key = fs.readFileSync(path.join(dir, 'var', 'admin.key'), 'utf8').trim()) {
    this.child = child;
    this.dir = dir;
    this.url = url;
    this.seen = []; // every reply: {method, target, status, type, body}
    this.key = key;
  }

  // Options: dir (to reopen), env (over ours), log (file for stderr), fresh (make a first start of its own).
  static async up({ dir = freshDirectory(), env = {}, log = path.join(dir, 'amends.log'), listen = '127.0.0.1:0', fresh = false } = {}) {
    const data = path.join(dir, 'var');
    if (!fresh && !fs.existsSync(data)) execFileSync('cp', ['-a', await firstStart(), data]);
    const child = spawn(AMENDS, ['up', '--data', data, '--listen', listen], {
      env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', ...env },
      stdio: ['ignore', 'pipe', fs.openSync(log, 'a')],
    });
    try {
      const url = await waitForLine(child, /^ready (http:\S+)$/m, 60000);
      return new Amends(child, dir, url);
    } catch (error) {
      child.kill('SIGKILL');
      const tail = fs.readFileSync(log, 'utf8').split('\n').slice(-15).join('\n');
      throw new Error(`${error.message}\n${tail}`);
    }
  }

  // Process id of a role, found among the children of `amends up` as ps shows them.
  rolePid(role) {
    for (const entry of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const parent = fs.readFileSync(`/proc/${entry}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1];
        const argv = fs.readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
        if (Number(parent) === this.child.pid && argv[1] === role) return Number(entry);
      } catch {
        // The process ended while we looked.
      }
    }
    return null;
  }

  log() {
    return fs.readFileSync(path.join(this.dir, 'amends.log'), 'utf8');
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    this.child.kill('SIGTERM');
    return exited(this.child);
  }

  async destroy() {
    await this.stop();
    fs.rmSync(this.dir, { recursive: true, force: true });
  }

  // body: an object (JSON), bytes or text. Returns {status, headers, body, text}.
  async request(method, target, body, { key = this.key, headers = {} } = {}) {
    const json = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body);
    const response = await fetch(this.url + target, {
      method,
      redirect: 'manual',
      headers: {
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(json ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      body: json ? JSON.stringify(body) : body,
    });
    const text = await response.text();
    const type = response.headers.get('content-type') || '';
    const parsed = /json/.test(type) && !/ndjson/.test(type) && text ? JSON.parse(text) : undefined;
    this.seen.push({ method, target, status: response.status, type, body: parsed });
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  // The same, but anything except 2xx is an error.
  async call(method, target, body, options) {
    const reply = await this.request(method, target, body, options);
    if (reply.status < 200 || reply.status > 299) {
      throw new Error(`${method} ${target}: ${reply.status} ${reply.text.slice(0, 600)}`);
    }
    return reply.body;
  }

  // Every item of a list, over its pages.
  async all(target) {
    const items = [];
    let cursor = '';
    for (;;) {
      const mark = target.includes('?') ? '&' : '?';
      const page = await this.call('GET', `${target}${mark}limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
      items.push(...page.data);
      if (!page.next_cursor || page.data.length === 0) return items;
      cursor = page.next_cursor;
    }
  }

  // Wait until a broadcast has an outcome per recipient.
  settled(id, milliseconds = 120000) {
    return waitUntil(`broadcast ${id} is done`, async () => {
      const broadcast = await this.call('GET', `/v1/broadcasts/${id}`);
      return broadcast.state === 'done' && broadcast;
    }, milliseconds);
  }
}

module.exports = { Amends, ROOT, BUILD, AMENDS, freshDirectory, executableIn, waitForLine, waitUntil, exited };
