#!/usr/bin/env node
'use strict';
// Heads with bytes that a parser in front of us may read otherwise: NUL, folded lines, bare control
// characters, names that are no tokens. Each gets 400 and nothing else is read from the connection.
const net = require('node:net');
const { Amends } = require('../../lib/amends.js');
const { is, scenario } = require('../../lib/tap.js');

const GET = 'GET /healthz HTTP/1.1\r\nHost: x\r\n';
const refused = {
  'a NUL in a value': `${GET}X-A: a\0b\r\n\r\n`,
  'a NUL in the last place of a value': `${GET}X-A: a\0\r\n\r\n`,
  'a NUL in place of a value': `${GET}X-A: \0\r\nX-B: b\r\n\r\n`,
  'a NUL that hides a header': `${GET}X-A: a\0\r\nContent-Length: 5\r\n\r\n`,
  'a NUL at the beginning of a line': `${GET}\0X-A: a\r\n\r\n`,
  'a NUL in a name': `${GET}X\0-A: a\r\n\r\n`,
  'a NUL in the target': 'GET /healthz\0/x HTTP/1.1\r\nHost: x\r\n\r\n',
  'a NUL in the query': 'GET /healthz?a=\0b HTTP/1.1\r\nHost: x\r\n\r\n',
  'a NUL in the method': 'GET\0 /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  'a folded line': `${GET}X-A: a\r\n b\r\n\r\n`,
  'a folded line by a tab': `${GET}X-A: a\r\n\tb\r\nX-B: b\r\n\r\n`,
  'two folded lines': `${GET}X-A: a\r\n b\r\n c\r\n\r\n`,
  'a folded line that makes a name': `${GET}Author: Bearer x\r\n ization\r\n\r\n`,
  'a folded first line': 'GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n',
  'a bare CR in a value': `${GET}X-A: a\rb\r\n\r\n`,
  'a control character in a value': `${GET}X-A: a\x01b\r\n\r\n`,
  'a name with a space': `${GET}X A: a\r\n\r\n`,
  'a name with a space before its colon': `${GET}X-A : a\r\n\r\n`,
  'no Host': 'GET /healthz HTTP/1.1\r\nX-A: a\r\n\r\n',
  'a target with a space': 'GET /health z HTTP/1.1\r\nHost: x\r\n\r\n',
  'a Transfer-Encoding that is not chunked': `${GET}Transfer-Encoding: gzip\r\n\r\n`,
  'two framings': `${GET}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n`,
  'an empty name': `${GET}: a\r\n\r\n`,
};
const served = {
  'no space before a value': `${GET}X-A:a\r\n\r\n`,
  'spaces and tabs around a value': `${GET}X-A: \t a \t\r\nX-B:  \r\n\r\n`,
  'an empty last value': `${GET}X-A:\r\n\r\n`,
  'HTTP/1.0 without Host': 'GET /healthz HTTP/1.0\r\n\r\n',
  'lines that end with LF alone': GET.replace(/\r/g, '') + '\n',
  'no headers but Host, and a query': 'GET /?a=1&b=%20 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a hundred headers': `${GET}${Array.from({ length: 100 }, (_, i) => `X-${i}: ${'v'.repeat(i)}\r\n`).join('')}\r\n`,
  'a long cookie': `${GET}Cookie: a=${'b'.repeat(5000)}; c=d\r\n\r\n`,
};

// The status lines until the server is silent or closes.
function send(port, bytes, pieces) {
  return new Promise((resolve) => {
    let text = '';
    const end = () => { socket.destroy(); resolve(text.match(/^HTTP\/1\.1 \d+/gm)?.map((line) => Number(line.slice(9))) || []); };
    const socket = net.connect(port, '127.0.0.1', async () => {
      socket.setNoDelay(true);
      const all = Buffer.from(bytes, 'latin1');
      for (let at = 0; at < all.length; at += pieces) {
        socket.write(all.subarray(at, at + pieces));
        await new Promise((next) => setTimeout(next, 1));
      }
    });
    let timer = setTimeout(end, 3000);
    socket.on('data', (chunk) => { text += chunk; clearTimeout(timer); timer = setTimeout(end, 100); });
    socket.on('error', () => {});
    socket.on('close', end);
  });
}

scenario(async (after) => {
  const amends = await Amends.up();
  after(() => amends.destroy());
  const { port } = new URL(amends.url);
  const statuses = async (heads, pieces) => Object.fromEntries(await Promise.all(Object.entries(heads).map(async ([what, head]) => [what, await send(port, head, pieces)])));
  const all = (heads, status) => Object.fromEntries(Object.keys(heads).map((what) => [what, status]));
  for (const pieces of [1e6, 37]) {
    is(await statuses(refused, pieces), all(refused, [400]), `each is refused, ${pieces === 1e6 ? 'whole' : 'in pieces'}`);
    is(await statuses(served, pieces), all(served, [200]), 'and what is only unusual is served');
  }
  is(await send(port, refused['a folded line'] + served['an empty last value'], 1e6), [400], 'what follows a refused head is not read');
  is(await send(port, Object.values(served).slice(0, 3).join(''), 1e6), [200, 200, 200], 'pipelined requests are each read by themselves');
});
