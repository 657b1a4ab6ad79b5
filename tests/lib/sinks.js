'use strict';
// The destinations of messages in tests: our SMTP sink (C), which keeps the mails, and an HTTP sink in
// this process that acts as Slack, an SMS provider and webhook endpoints.
const { spawn } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { BUILD, waitForLine, exited } = require('./amends.js');

class MailSink {
  constructor(child, port, file, address) {
    this.child = child;
    this.port = port;
    this.url = `smtp://${address}:${port}`;
    this.file = file;
    this.read = 0;
    this.rest = '';
    this.kept = [];
  }

  // host: another than this one (far_host.js).
  static async start(dir, options = [], host = { address: '127.0.0.1', within: [] }) {
    const file = path.join(dir, 'mails.jsonl');
    fs.writeFileSync(file, '');
    const argv = [...host.within, path.join(BUILD, 'tests/sinks/smtpsink'), '--listen', `${host.address}:0`, '--keep', file, ...options];
    const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await waitForLine(child, /^ready (\d+)$/m, 60000);
    return new MailSink(child, port, file, host.address);
  }

  // All mails so far: {from, to, data}.
  mails() {
    const fd = fs.openSync(this.file, 'r');
    const chunk = Buffer.alloc(fs.fstatSync(fd).size - this.read);
    fs.readSync(fd, chunk, 0, chunk.length, this.read);
    fs.closeSync(fd);
    this.read += chunk.length;
    const lines = (this.rest + chunk.toString('latin1')).split('\n');
    this.rest = lines.pop();
    for (const line of lines) if (line) this.kept.push(JSON.parse(line));
    return this.kept;
  }

  async stop() {
    this.child.kill('SIGTERM');
    return exited(this.child);
  }
}

class HttpSink {
  constructor() {
    this.requests = []; // {method, path, headers, body, at}
    this.answer = null; // optional: (request) => {status, headers, body, delay (ms), before (called before the answer)} | undefined
    this.server = http.createServer((request, response) => this.take(request, response));
  }

  static async start(address = '127.0.0.1') {
    const sink = new HttpSink();
    sink.server.keepAliveTimeout = 60000;
    await new Promise((resolve) => sink.server.listen(0, address, resolve));
    sink.url = `http://127.0.0.1:${sink.server.address().port}`;
    return sink;
  }

  take(request, response) {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const seen = { method: request.method, path: request.url, headers: request.headers, body: bytes.toString('utf8'), bytes, at: Date.now() };
      const reply = (this.answer && this.answer(seen)) || HttpSink.usual(seen);
      if (reply === 'hang') return;
      this.requests.push(seen);
      const send = () => {
        if (response.destroyed || request.socket.readableEnded) return; // the client has gone
        if (reply.before) reply.before();
        response.writeHead(reply.status, reply.headers || {});
        response.end(reply.body || '');
      };
      if (!reply.before && !reply.delay) send();
      else if (!reply.before) setTimeout(send, reply.delay);
      else setTimeout(() => setImmediate(setImmediate, send), reply.delay || 0); // two turns, so that a pending end of the connection is read first
    });
  }

  // The successful responses of the real services.
  static usual(request) {
    if (request.path.startsWith('/2010-04-01/')) {
      return {
        status: 201,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sid: `SM${crypto.randomBytes(16).toString('hex')}`, status: 'queued', error_code: null }),
      };
    }
    if (request.path.startsWith('/slack/')) return { status: 200, body: 'ok' };
    return { status: 204 };
  }

  at(prefix) {
    return this.requests.filter((request) => request.path.startsWith(prefix));
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

// Standard Webhooks 1.0, v1: whether one of the signatures is valid.
function webhookVerifies(request, secret) {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = request.headers;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const want = `v1,${crypto.createHmac('sha256', key).update(`${id}.${time}.${request.body}`).digest('base64')}`;
  return String(signatures).split(' ').includes(want);
}

// Header fields of a mail, unfolded, by lower-case name.
function mailHeaders(data) {
  const head = data.split(/\r?\n\r?\n/)[0].replace(/\r?\n[ \t]+/g, ' ');
  const fields = {};
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    (fields[name] = fields[name] || []).push(line.slice(colon + 1).trim());
  }
  return fields;
}

function decodeQuotedPrintable(text) {
  const bytes = text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

// The decoded bodies of a multipart/alternative mail, by content type.
function mailBodies(data) {
  const boundary = mailHeaders(data)['content-type'][0].match(/boundary="?([^";]+)"?/)[1];
  const bodies = {};
  for (const part of data.split(`--${boundary}`).slice(1, -1)) {
    const trimmed = part.replace(/^\r?\n/, '');
    const split = trimmed.search(/\r?\n\r?\n/);
    const headers = mailHeaders(trimmed);
    bodies[headers['content-type'][0].split(';')[0]] = decodeQuotedPrintable(trimmed.slice(split).replace(/^\r?\n\r?\n/, ''));
  }
  return bodies;
}

module.exports = { MailSink, HttpSink, webhookVerifies, mailHeaders, mailBodies };
