#!/usr/bin/env node
'use strict';
// The api dies of a signal under `amends up`: the page is back within a second, each of ten times.
// Requests that wait in the socket are answered by the next process, but not if it crashes again:
// one of them may be what kills it.
const fs = require('node:fs');
const net = require('node:net');
const { setTimeout } = require('node:timers/promises');
const { Amends, waitUntil } = require('../../lib/amends.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const ENV = { ASAN_OPTIONS: 'detect_leaks=0:handle_segv=0' };

// A request that nobody answers yet; `reply` is what came until its connection ended.
function ask(port) {
  const asked = { reply: '', ended: false };
  asked.socket = net.connect(port, '127.0.0.1', () => asked.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
  asked.socket.on('data', (chunk) => { asked.reply += chunk; });
  asked.socket.on('error', () => {});
  asked.socket.on('close', () => { asked.ended = true; });
  return asked;
}

async function backAfter(amends, pid) {
  const began = Date.now();
  await waitUntil('the page is back', async () => {
    if ([null, pid].includes(amends.rolePid('api'))) return false;
    const reply = await fetch(`${amends.url}/`, { signal: AbortSignal.timeout(2000), headers: { connection: 'close' } }).catch(() => null);
    return reply && reply.status === 200;
  }, 20000);
  return Date.now() - began;
}

// Ten requests wait while the process is stopped; then it crashes.
async function crashWithQueue(amends, port) {
  const pid = amends.rolePid('api');
  process.kill(pid, 'SIGSTOP');
  await waitUntil('each of its threads has stopped', () => fs.readdirSync(`/proc/${pid}/task`).every((one) => / T /.test(fs.readFileSync(`/proc/${pid}/task/${one}/stat`, 'utf8'))));
  const asked = Array.from({ length: 10 }, () => ask(port));
  await waitUntil('they are connected', () => asked.every(({ socket }) => socket.bytesWritten > 0));
  process.kill(pid, 'SIGSEGV');
  process.kill(pid, 'SIGCONT');
  const ms = await backAfter(amends, pid);
  await waitUntil('each has ended', () => asked.every(({ ended }) => ended), 20000);
  return { ms, answered: asked.filter(({ reply }) => /^HTTP\/1\.1 200/.test(reply)).length };
}

// The api answers, and crashes, before `up` gets to read that it was ready.
async function crashUnread(amends) {
  const old = amends.rolePid('api');
  process.kill(old, 'SIGSEGV');
  await waitUntil('a new process', () => ![null, undefined, old].includes(amends.rolePid('api')));
  process.kill(amends.child.pid, 'SIGSTOP');
  const pid = amends.rolePid('api');
  await waitUntil('the page is back', () => fetch(`${amends.url}/`, { signal: AbortSignal.timeout(2000), headers: { connection: 'close' } }).catch(() => null));
  await setTimeout(200); // its note is sent
  process.kill(pid, 'SIGSEGV');
  await setTimeout(50);
  process.kill(amends.child.pid, 'SIGCONT');
  await backAfter(amends, pid);
  return Number(amends.log().match(/(?<=process ended.*process=api.*again_in_ms=)\d+/g).at(-1));
}

scenario(async (after) => {
  const amends = await Amends.up({ env: ENV });
  after(() => amends.destroy());
  const { port } = new URL(amends.url);
  await fetch(`${amends.url}/`);
  const first = await crashWithQueue(amends, port);
  is(first.answered, 10, 'requests that waited are answered by the next process');
  ok(first.ms < 1000, `the page is back after ${first.ms} ms`);
  const second = await crashWithQueue(amends, port);
  is(second.answered, 0, 'after a second crash what waited is closed');
  ok(second.ms < 1000, `the page is back after ${second.ms} ms`);
  const times = [];
  for (let i = 0; i < 8; i++) {
    const pid = amends.rolePid('api');
    process.kill(pid, 'SIGSEGV');
    times.push(await backAfter(amends, pid));
  }
  note(`${times.join(', ')} ms`);
  ok(times.slice(0, 1).every((ms) => ms < 1000), 'a third time it is restarted at once, too');
  ok(times.every((ms) => ms < 5000), 'and later it comes back each time'); // after a second, and its start
  const fresh = await Amends.up({ env: ENV });
  after(() => fresh.destroy());
  is(await crashUnread(fresh), 0, 'a crash before `up` read that the role was ready does not count as a failed start');
});
