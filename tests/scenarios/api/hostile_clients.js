#!/usr/bin/env node
'use strict';
// Clients that hold connections: half-sent heads, half-sent bodies, a hundred connections from one
// address, thousands from many. The public page answers through each, and memory stays bounded. They
// come from other addresses of the loopback range, because this machine's own is a trusted proxy.
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
  if (text) held.socket.write(text); // before anything that is written later
  held.socket.on('error', () => {});
  held.socket.on('close', () => { held.open = false; });
  return held;
}

// Requests for the page, each on a connection of its own; all are answered, half of them within this
// many ms (the clients of the attack take their share of the machine).
async function pageTime(port) {
  const times = [];
  for (let i = 0; i < 100; i++) {
    const began = process.hrtime.bigint();
    const reply = await new Promise((resolve) => {
      let text = '';
      const socket = net.connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
      socket.setTimeout(5000, () => socket.destroy());
      socket.on('data', (chunk) => { text += chunk; });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
    });
    if (!/^HTTP\/1\.1 200[^]*<\/html>/.test(reply)) return Infinity;
    times.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  return times.sort((a, b) => a - b)[49];
}

async function answersThrough(port, attack) {
  const ms = await pageTime(port);
  ok(ms < 100, `the page answers through ${attack}: ${ms.toFixed(1)} ms`);
}

// n connections, as many from each address as it may have.
const many = (n, port, network, text) => Array.from({ length: n }, (_, i) => hold(port, `127.0.${network}.${1 + Math.floor(i / PER_ADDRESS)}`, text));
const drop = (held) => held.forEach(({ socket }) => socket.destroy());
const open = (held) => held.filter((one) => one.open).length;

scenario(async (after) => {
  // Freed memory must not wait in the sanitizer's quarantine to be counted.
  const amends = await Amends.up({ env: { ASAN_OPTIONS: 'detect_leaks=0:quarantine_size_mb=1', AMENDS_CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS) } });
  after(() => amends.destroy());
  const { port } = new URL(amends.url);
  const pid = amends.rolePid('api');
  await pageTime(port);

  const heads = Array.from({ length: 150 }, () => hold(port, '127.0.0.9', 'GET / HTTP/1.1\r\nHost: x\r\n'));
  await waitUntil('the connections beyond the limit are closed', () => open(heads) <= PER_ADDRESS);
  is(open(heads), PER_ADDRESS, 'an address has as many connections as configured');
  await answersThrough(port, 'connections of one address');
  drop(heads);

  // Trickled: never silent for long, and over all the same.
  const trickled = hold(port, '127.0.0.10', 'GET / HTTP/1.1\r\n');
  const trickle = setInterval(() => trickled.socket.write('X: y\r\n'), 500);
  after(() => clearInterval(trickle));
  const began = Date.now();

  const before = memoryOf(pid);
  const body = `POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1048576\r\n\r\n${'a'.repeat(300000)}`;
  const bodies = many(1900, port, 1, body);
  await waitUntil('the bodies have arrived', () => bodies.every((one) => !one.open || one.socket.bytesWritten >= body.length));
  await answersThrough(port, '1,900 half-sent bodies');
  const grown = memoryOf(pid) - before;
  ok(grown < 250, `which take ${grown.toFixed(0)} MiB`);
  // The rest of the body never comes, and whose it was is gone.
  const aborted = hold(port, '127.0.0.11', '');
  aborted.socket.on('connect', () => aborted.socket.end(body));
  const waited = Date.now();
  await waitUntil('an upload whose sender has gone is dropped', () => !aborted.open);
  ok(Date.now() - waited < 10000, `soon: ${Date.now() - waited} ms`);
  drop(bodies);

  await waitUntil('a trickled head is cut off', () => !trickled.open, 30000);
  ok(Date.now() - began >= 10000, `after its deadline: ${Date.now() - began} ms`);

  // More than there may be connections in all, from 41 addresses: those that keep us waiting longest go.
  const slow = many(4100, port, 2, 'GET / HTTP/1.1\r\nHost: x\r\n');
  after(() => drop(slow));
  await waitUntil('the first of them have gone', () => open(slow) <= 3700, 30000);
  const drip = setInterval(() => slow.forEach((one) => one.open && one.socket.write('X: y\r\n')), 1000);
  after(() => clearInterval(drip));
  await answersThrough(port, '4,100 trickled heads');
  ok(open(slow) > 3000, `while ${open(slow)} are open`);
  ok(amends.rolePid('api') === pid, 'the api is the same process');
});
