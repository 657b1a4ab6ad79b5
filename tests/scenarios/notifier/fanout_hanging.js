#!/usr/bin/env node
'use strict';
// 1,000 webhooks at hosts that answer beside 50 at hosts that accept the request and never answer,
// and 200 more at one of these: no answering host is postponed or waits for a hanging one, also not
// for the next update of the same incident. make bench compares the rates.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { WebhookHosts } = require('../../lib/webhook_hosts.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const HEALTHY = 1000;
const HANGING = 50;
const CROWD = 200;
const ROUNDS = 3;

// Among the other recipients of a broadcast: those without an outcome, and with a second attempt.
function look(amends, broadcast) {
  const count = (from) => Number(sql(amends, `select count(*) from ${from} and broadcast_id = ${broadcast}`)[0][0]);
  return {
    hangingDone: count(`delivery d join subscriber s on s.id = d.recipient_id where d.state <> 'superseded' and s.address like 'http://127.1.%'`),
    healthyWaits: count(`delivery_retry r join subscriber s on s.id = r.recipient_id where s.address not like 'http://127.1.%'`),
    healthyAgain: count(`delivery d join subscriber s on s.id = d.recipient_id where s.address not like 'http://127.1.%' and d.attempts <> 1`),
  };
}

// A hanging host has its own row, with open requests.
async function senderStatus(amends, hosts) {
  const host = /^amends_lane_in_flight\{.*channel="webhook",host="127\.1\.\d+\.\d+:(\d+)"\} [1-9]/m;
  const [, port] = await waitUntil('the row of a hanging host', async () =>
    host.exec((await amends.request('GET', '/metrics')).text));
  is(Number(port), hosts.port, 'each host has its row in the metrics');
}

// The next update, while the previous one is still open at the hanging hosts.
async function postNext(amends, broadcast) {
  const [[ref]] = sql(amends, `select i.ref from incident i join broadcast b on b.incident_id = i.id where b.id = ${broadcast}`);
  const start = Date.now();
  const next = await amends.call('POST', `/v1/incidents/${ref}/updates`, { state: 'identified', body: 'Found.', notify: true });
  await waitUntil('all who answer have the next', async () =>
    (await amends.call('GET', `/v1/broadcasts/${next.broadcast}`)).counts.accepted >= HEALTHY);
  note(`the next update: ${Date.now() - start} ms`);
  is(look(amends, broadcast).hangingDone, 0, 'and nobody who hangs has one of the first');
  await amends.request('POST', `/v1/broadcasts/${next.broadcast}/cancel`, {});
}

scenario(async (cleanup) => {
  const hosts = await WebhookHosts.start({ healthy: HEALTHY, hanging: HANGING, answerMs: 10 });
  cleanup(() => hosts.stop());
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_ALLOW_LOOPBACK: '1' } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await hosts.subscribe(amends, CROWD);
  const seen = [];
  const { without, beside } = await hosts.compare(amends, ROUNDS, async (broadcast) => {
    seen.push(look(amends, broadcast));
    if (seen.length === 1) {
      await senderStatus(amends, hosts);
      await postNext(amends, broadcast);
    }
  });
  note(`without ${without.map(Math.round)} ms, beside ${beside.map(Math.round)} ms: ${(Math.min(...without) / Math.min(...beside)).toFixed(2)} of the rate`);
  ok(hosts.hangs >= HANGING, 'those who hang were asked');
  is(seen, Array.from({ length: ROUNDS }, () => ({ hangingDone: 0, healthyWaits: 0, healthyAgain: 0 })),
    'all who answer have it at the first attempt, while the others still hang');
  await hosts.stop();
});
