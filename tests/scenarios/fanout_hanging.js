#!/usr/bin/env node
'use strict';
// 3,200 webhooks on 400 hosts that answer, then beside 50 on hosts that take the request and never
// do: the healthy ones keep their rate. Distinct hosts are addresses of 127.0.0.0/8.
const http = require('node:http');
const { Amends, freshDirectory, waitUntil } = require('../lib/amends.js');
const { sql, postIncident } = require('../lib/notifiers.js');
const { ok, is, note, scenario } = require('../lib/tap.js');

const HOSTS = 400;
const HEALTHY = 8 * HOSTS;
const HANGING = 50;
const RUNS = 3;
const SHARE = 0.95;
const NOISE = 0.25; // the fifth of a second until those who hang count apart, and other tests beside us
const ANSWER_MS = 10;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

// One server an address; those below 127.1 answer.
async function startHosts(cleanup) {
  const hosts = { port: 0, hangs: 0, open: [] };
  const healthy = (request, response) => {
    request.resume();
    request.on('end', () => setTimeout(() => { response.writeHead(204); response.end(); }, ANSWER_MS));
  };
  const hanging = (request) => { request.resume(); hosts.hangs += 1; };
  const listen = (address, answer) => new Promise((resolve, reject) => {
    const server = http.createServer(answer);
    server.keepAliveTimeout = 60000;
    hosts.open.push(server);
    server.on('error', reject);
    server.listen(hosts.port, address, () => { hosts.port = server.address().port; resolve(); });
    cleanup(() => { server.closeAllConnections(); return new Promise((done) => server.close(done)); });
  });
  for (let i = 0; i < HOSTS; i++) await listen(`127.0.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`, healthy);
  for (let i = 0; i < HANGING; i++) await listen(`127.1.0.${1 + i}`, hanging);
  return hosts;
}

function healthyUrl(hosts, i) {
  const host = i % HOSTS;
  return `http://127.0.${1 + Math.floor(host / 250)}.${1 + (host % 250)}:${hosts.port}/hook/${i}`;
}
const hangingUrl = (hosts, i) => `http://127.1.0.${1 + i}:${hosts.port}/hook`;

async function subscribe(amends, urls) {
  const lines = urls.map((address) => JSON.stringify({ channel: 'webhook', address, confirmed: true }));
  const reply = await amends.call('POST', '/v1/subscribers/import', lines.join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  return reply;
}

// Healthy ones a second, from the post to the last of them.
async function rate(amends, title) {
  const start = Date.now();
  const broadcast = await postIncident(amends, title);
  await waitUntil('the healthy ones have it', async () =>
    (await amends.call('GET', `/v1/broadcasts/${broadcast}`)).counts.accepted >= HEALTHY);
  const [[last]] = sql(amends, `select extract(epoch from max(settled_at)) * 1000 from delivery where broadcast_id = ${broadcast}`);
  return { broadcast, rate: HEALTHY / ((Number(last) - start) / 1000) };
}

const setHanging = (amends, state) =>
  sql(amends, `update subscriber set state = '${state}' where address like 'http://127.1.%'`);

// A hanging host has a lane of its own, in which something is open.
async function lanes(amends, hosts) {
  const host = /^amends_lane_in_flight\{.*channel="webhook",host="127\.1\.0\.\d+:(\d+)"\} [1-9]/m;
  const [, port] = await waitUntil('a lane of a hanging host', async () =>
    host.exec((await amends.request('GET', '/metrics', undefined, { key: null })).text));
  is(Number(port), hosts.port, 'each host has its lane in the metrics');
}

scenario(async (cleanup) => {
  const hosts = await startHosts(cleanup);
  const amends = await Amends.up({ dir: freshDirectory(), env: { AMENDS_ALLOW_LOOPBACK: '1' } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  // The hanging ones have the lower ids, so that every batch begins with them.
  await subscribe(amends, Array.from({ length: HANGING }, (_, i) => hangingUrl(hosts, i)));
  await subscribe(amends, Array.from({ length: HEALTHY }, (_, i) => healthyUrl(hosts, i)));
  is(sql(amends, `select count(*) from subscriber where address like 'http://127.1.%'`)[0][0], String(HANGING), 'the hanging ones are subscribed');
  setHanging(amends, 'unsubscribed');
  await rate(amends, 'To warm up');
  const without = [];
  const beside = [];
  for (let run = 0; run < RUNS; run++) {
    setHanging(amends, 'unsubscribed');
    without.push((await rate(amends, 'Without')).rate);
    setHanging(amends, 'active');
    const measured = await rate(amends, 'Beside');
    beside.push(measured.rate);
    if (run === 0) await lanes(amends, hosts);
    await amends.call('POST', `/v1/broadcasts/${measured.broadcast}/cancel`, {});
  }
  const ratio = median(beside) / median(without);
  note(`${median(without).toFixed(0)}/s without, ${median(beside).toFixed(0)}/s beside ${HANGING} that hang: ${ratio.toFixed(2)}`);
  ok(hosts.hangs >= HANGING, 'the hanging ones were asked');
  for (const server of hosts.open) server.closeAllConnections();
  ok(ratio >= SHARE - NOISE, `the healthy ones have ${SHARE} of the rate, within noise`);
});
