#!/usr/bin/env node
'use strict';
// Clients that hold connections: half-sent heads, half-sent bodies, a hundred connections from one
// address. The public page answers through each, and memory stays bounded. They come
// from other addresses of the loopback range, because this machine's own is a trusted proxy.
const fs = require('node:fs');
const net = require('node:net');
const { Amends, waitUntil } = require('../../lib/amends.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const PER_ADDRESS = 100;

function memoryOf(pid) {
  return Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;
}

// A connection that sends text and then nothing. `open` is false once the other side has closed it.
function hold(port, address, text) {
  const held = { open: true };
  held.socket = net.connect({ port, host: '127.0.0.1', localAddress: address });
  held.socket.on('connect', () => held.socket.write(text));
  held.socket.on('error', () => {});
  held.socket.on('close', () => { held.open = false; });
  return held;
}

// The slowest of 20 requests for the page, in ms.
async function slowestPage(amends) {
  let slowest = 0;
  for (let i = 0; i < 20; i++) {
    const began = process.hrtime.bigint();
    const reply = await amends.request('GET', '/', undefined, { key: null });
    if (reply.status !== 200) return Infinity;
    slowest = Math.max(slowest, Number(process.hrtime.bigint() - began) / 1e6);
  }
  return slowest;
}

scenario(async (after) => {
  // Freed memory must not wait in the sanitizer's quarantine to be counted.
  const amends = await Amends.up({ env: { ASAN_OPTIONS: 'detect_leaks=0:quarantine_size_mb=1', AMENDS_CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS) } });
  after(() => amends.destroy());
  const { port } = new URL(amends.url);
  const pid = amends.rolePid('api');
  await slowestPage(amends);

  const heads = Array.from({ length: 500 }, () => hold(port, '127.0.0.9', 'GET / HTTP/1.1\r\nHost: x\r\n'));
  after(() => heads.forEach(({ socket }) => socket.destroy()));
  await waitUntil('the connections beyond the limit are closed', () => heads.filter(({ open }) => open).length <= PER_ADDRESS);
  is(heads.filter(({ open }) => open).length, PER_ADDRESS, 'an address has as many connections as configured');
  const during = await slowestPage(amends);
  ok(during < 1000, `the page answers meanwhile: ${during.toFixed(1)} ms`);

  // Trickled: never silent for long, and over all the same.
  const trickled = hold(port, '127.0.0.10', 'GET / HTTP/1.1\r\n');
  const trickle = setInterval(() => trickled.socket.write('X: y\r\n'), 500);
  after(() => clearInterval(trickle));
  const began = Date.now();
  await waitUntil('a trickled head is cut off', () => !trickled.open, 30000);
  ok(Date.now() - began >= 10000, `after its deadline: ${Date.now() - began} ms`);
  await waitUntil('and so are the half-sent ones', () => heads.every(({ open }) => !open), 30000);

  const before = memoryOf(pid);
  const body = `POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1048576\r\n\r\n${'a'.repeat(1048000)}`;
  const bodies = [];
  for (let i = 0; i < 300; i++) bodies.push(hold(port, `127.0.0.${20 + Math.floor(i / PER_ADDRESS)}`, body));
  after(() => bodies.forEach(({ socket }) => socket.destroy()));
  await waitUntil('the bodies have arrived', () => bodies.every(({ socket, open }) => !open || socket.bytesWritten >= body.length));
  const through = await slowestPage(amends);
  ok(through < 1000, `the page answers through half-sent bodies: ${through.toFixed(1)} ms`);
  const grown = memoryOf(pid) - before;
  ok(grown < 200, `300 bodies of 1 MiB take ${grown.toFixed(0)} MiB`);
  ok(amends.rolePid('api') === pid, 'the api is the same process');
});
