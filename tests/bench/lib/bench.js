'use strict';
// Shared by the row programs.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { BUILD, waitForLine, waitUntil, exited } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');

const PEER = path.join(__dirname, '../peer');

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const round = (value, digits = 0) => Number(value.toFixed(digits));
const say = (row) => console.log(JSON.stringify(row));
const tell = (text) => console.error(text);
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Microseconds of CPU so far of a process, all its threads.
const cpu = (pid) => fs.readdirSync(`/proc/${pid}/task`)
  .reduce((all, thread) => all + Number(fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1000, 0);

// Processor time in ms of a process and its reaped children.
function spent(pid) {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return { parent: Number(stat[1]), ms: 10 * stat.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) };
}

// Of some roles and all of PostgreSQL.
function cpuOfRoles(amends, roles = ['api']) {
  const postmaster = Number(fs.readFileSync(path.join(amends.dir, 'var/pg/postmaster.pid'), 'utf8').split('\n')[0]);
  let sum = [postmaster, ...roles.map((role) => amends.rolePid(role))].reduce((all, pid) => all + spent(pid).ms, 0);
  for (const entry of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const one = spent(entry);
      if (one.parent === postmaster) sum += one.ms;
    } catch {
      // The process ended while we looked.
    }
  }
  return sum;
}

// Ends the program as "not run".
function skip(why) {
  tell(why);
  process.exit(77);
}

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

// Postfix's smtp-sink; it drops root by -u.
async function smtpSink() {
  const port = await freePort();
  const user = process.getuid() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('/usr/sbin/smtp-sink', [...user, '-c', `127.0.0.1:${port}`, '1024'], { stdio: 'ignore' });
  await waitUntil('smtp-sink', () => answers(port));
  return { port, url: `smtp://127.0.0.1:${port}`, stop: () => { child.kill('SIGTERM'); return exited(child); } };
}

// Our sink, with its options.
async function fastSink(options = []) {
  const child = spawn(path.join(BUILD, 'tests/sinks/smtpsink'), ['--listen', '127.0.0.1:0', '--count-only', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await waitForLine(child, /^ready (\d+)$/m, 10000);
  return { port, url: `smtp://127.0.0.1:${port}`, stop: () => { child.kill('SIGTERM'); return exited(child); } };
}

// E-mail readers straight into the tables: imports are measured elsewhere.
function fillReaders(amends, n) {
  sql(amends, `insert into subscriber (channel, address, address_hash, state)
    select 'email', 'reader' || i || '@bench.example', sha256(convert_to(i::text, 'UTF8')), 'active' from generate_series(1, ${n}) i;
    insert into subscription (subscriber_id, kind) select id, 'all' from subscriber;`);
  sql(amends, 'vacuum analyze subscriber, subscription');
  sql(amends, 'checkpoint');
}

async function post(amends, title) {
  return (await amends.call('POST', '/v1/incidents', {
    title, kind: 'incident', state: 'investigating', notify: true,
    body: `${'We are looking into it, and will write again within the hour. '.repeat(12)}\n`,
    components: [{ component: 'api', level: 'major_outage' }],
  })).broadcast;
}

// Waits until all is settled. Polls once per second like the live view: each reply counts all
// outcomes, and polling forty times per second used up to 75 % of a processor.
async function ended(amends, broadcast) {
  for (let waited = 0; waited < 900; waited++) {
    await sleep(1000);
    const now = await amends.call('GET', `/v1/broadcasts/${broadcast}`);
    if (now.state === 'done') return now;
  }
  throw new Error(`broadcast ${broadcast} does not end`);
}

// Milliseconds of a broadcast from the post to its last outcome, by the database; all must be
// accepted.
async function timePost(amends, n, title) {
  const start = Date.now();
  const done = await ended(amends, await post(amends, title));
  if (done.counts.accepted !== n) throw new Error(`accepted ${done.counts.accepted} of ${n}`);
  return { milliseconds: Date.parse(done.last_at) - start, first: Date.parse(done.first_at) - start };
}

// Messages per second of Postfix's own sender: the ceiling for an SMTP client.
function smtpSource(port, n, connections = 20) {
  const start = process.hrtime.bigint();
  const done = spawnSync('/usr/sbin/smtp-source', ['-d', '-s', connections, '-l', 4096, '-m', n, '-f', 'from@bench.example', '-t', 'to@bench.example',
    `127.0.0.1:${port}`].map(String));
  if (done.status !== 0) throw new Error(`smtp-source: ${done.stderr}`);
  return n / (Number(process.hrtime.bigint() - start) / 1e9);
}

// One run of the bare SMTP engine: {per_second, cpu_us_a_message, ...}.
function engine(url, n, options = []) {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(BUILD, 'tests/bench/engine'), ['--url', url, '--messages', `${n}`, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => { text += chunk; });
    child.on('exit', (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`engine: ${code} ${text}`))));
  });
}

// A row that cannot be measured is reported, and the others still run.
async function attempt(row, measure) {
  try {
    await measure();
  } catch (error) {
    console.error(error.stack);
    say({ row, failed: error.message.split('\n')[0] });
    process.exitCode = 1;
  }
}

// Requests per second by wrk with 64 connections; every response must be 2xx.
function wrk(url, { seconds = 3, headers = [] } = {}) {
  const done = spawnSync('wrk', ['-t2', '-c64', `-d${seconds}s`, ...headers.flatMap((line) => ['-H', line]), url]);
  const text = `${done.stdout}`;
  const rate = text.match(/^Requests\/sec:\s+([\d.]+)/m);
  if (!rate) throw new Error(`wrk: ${done.stderr || text}`);
  const bad = text.match(/Non-2xx or 3xx responses: (\d+)/);
  if (bad) throw new Error(`wrk ${url}: ${bad[1]} answers were not 2xx`);
  return Number(rate[1]);
}

// A peer of tests/bench/peer, started with node; resolves with the text after "ready ".
async function startPeer(name, args = [], env = {}) {
  if (!fs.existsSync(path.join(PEER, 'node_modules'))) skip('the peers are not installed: make bench does it');
  const child = spawn('node', [path.join(PEER, name), ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const ready = await waitForLine(child, /^ready (.*)$/m, 30000);
  return { child, ready, stop: () => { child.kill('SIGTERM'); return exited(child); } };
}

module.exports = { ended, median, round, say, tell, cpu, spent, cpuOfRoles, sleep, skip, freePort, smtpSink, fastSink, fillReaders, post, timePost, smtpSource, engine, attempt, wrk, startPeer, PEER };
