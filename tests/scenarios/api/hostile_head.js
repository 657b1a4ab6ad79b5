#!/usr/bin/env node
'use strict';
// Heads that libmicrohttpd itself rejects: the api logs the error and continues to serve.
const fs = require('node:fs');
const net = require('node:net');
const { Amends } = require('../../lib/amends.js');
const { ok, scenario } = require('../../lib/tap.js');

const heads = [
  ['a cookie of 800 empty parts', `Cookie: ${';q=0'.repeat(800)}`],
  ['three cookies of 7,000 octets', Array(3).fill(`Cookie: ${';q=0'.repeat(1750)}`).join('\r\n')],
  ['a header without a colon', 'nonsense'],
];

// Resolves with the server's bytes until it closed the connection.
function send(port, head) {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${head}\r\n\r\n`);
    });
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

// Resident memory of a process, in KiB.
function memoryOf(pid) {
  return Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
}

async function sendMany(port, head, n) {
  for (let left = n; left > 0; left -= 50) {
    await Promise.all(Array.from({ length: Math.min(50, left) }, () => send(port, head)));
  }
}

scenario(async (after) => {
  // Freed memory must not wait in the sanitizer's quarantine to be counted.
  const amends = await Amends.up({ env: { AMENDS_LOG_LEVEL: 'debug', ASAN_OPTIONS: 'detect_leaks=0:quarantine_size_mb=1' } });
  after(() => amends.destroy());
  const { port } = new URL(amends.url);
  const pid = amends.rolePid('api');
  for (const [what, head] of heads) {
    await send(port, head);
    ok((await amends.request('GET', '/healthz')).status === 200, `${what}: the api answers`);
    ok(amends.rolePid('api') === pid, `${what}: in the same process`);
  }
  const [, cookie] = heads[0];
  await sendMany(port, cookie, 500);
  const before = memoryOf(pid);
  await sendMany(port, cookie, 3000);
  const grown = memoryOf(pid) - before;
  ok(grown < 4096, `3,000 refused heads leave nothing behind: ${grown} KiB`);
  ok(/msg=libmicrohttpd error=/.test(amends.log()), "the library's complaint is logged");
  const began = Date.now();
  await amends.stop();
  ok(Date.now() - began < 10000, `nothing waits for them at the end: ${Date.now() - began} ms`);
});
