#!/usr/bin/env node
'use strict';
// One relay of two is dead: it accepts connections and stays silent, refuses them, or replies 421 at
// once. The other one's mail goes out as fast as if it were alone.
const net = require('node:net');
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { importMailReaders, postIncident } = require('../../lib/notifiers.js');
const { MailSink } = require('../../lib/sinks.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const N = 600;

// A port without a listener.
const closedPort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

// Mails a second to the relays: the best of three broadcasts, or of six while that is not enough,
// because something else may have the processors during some of them.
async function rate(dir, urls, enough = 0) {
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: urls.join(' ') } });
  try {
    if ((await amends.call('GET', '/v1/components')).data.length === 0) {
      await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
      await importMailReaders(amends, N);
    }
    const rates = [];
    while (rates.length < 3 || (rates.length < 6 && Math.max(...rates) < enough)) {
      const done = await amends.settled(await postIncident(amends, 'As fast as ever'), 60000);
      is(done.counts.accepted, N, 'everybody is reached');
      rates.push(N / ((Date.parse(done.last_at) - Date.parse(done.first_at)) / 1000));
    }
    return Math.max(...rates);
  } finally {
    await amends.stop();
  }
}

scenario(async (cleanup) => {
  const start = async (options) => {
    const sink = await MailSink.start(freshDirectory(), options);
    cleanup(() => sink.stop());
    return sink.url;
  };
  const dir = freshDirectory();
  const healthy = await start(['--dot-delay-ms', '100', '--no-chunking']);
  const alone = await rate(dir, [healthy]);
  const dead = { 'hangs': await start(['--mute']), 'refuses': `smtp://127.0.0.1:${await closedPort()}`, 'says 421': await start(['--goodbye']) };
  for (const [what, url] of Object.entries(dead)) {
    const both = await rate(dir, [url, healthy], 0.9 * alone);
    note(`beside a relay that ${what}: ${Math.round(both)}/s; alone ${Math.round(alone)}/s`);
    ok(both >= 0.9 * alone, `a relay that ${what} slows nobody`);
  }
});
