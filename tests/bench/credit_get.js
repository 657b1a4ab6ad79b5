#!/usr/bin/env node
'use strict';
// GET /v1/credits/{id}: wrk with 64 connections, beside fastify and pg on the same database.
//   RUNS=3 node tests/bench/credit_get.js
const path = require('node:path');
const { Amends, freshDirectory } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');
const { approver } = require('../lib/staff.js');
const lib = require('../lib/cases.js');
const { median, round, say, tell, wrk, startPeer } = require('./lib/bench.js');

const RUNS = Number(process.env.RUNS || 3);

async function makeCredit(amends) {
  await lib.createCatalogue(amends);
  const one = lib.cases().find((item) => item.name.startsWith('2019'));
  await lib.replayCase(amends, one);
  const key = approver(amends);
  await lib.runCredits(amends, one, key);
  return (await amends.call('GET', '/v1/credits?limit=1')).data[0].id;
}

async function main() {
  const amends = await Amends.up({ dir: freshDirectory() });
  const ours = [];
  const peer = [];
  try {
    const id = await makeCredit(amends);
    const reader = await amends.call('POST', '/v1/keys', { name: 'reader', scopes: ['credits:read'] });
    sql(amends, 'vacuum analyze');
    const other = await startPeer('credit_server.js', [path.join(amends.dir, 'var/run')]);
    for (let run = 1; run <= RUNS; run++) {
      ours.push(wrk(`${amends.url}/v1/credits/${id}`, { headers: [`authorization: Bearer ${reader.key}`] }));
      peer.push(wrk(`${other.ready}/v1/credits/${id}`, { headers: [`authorization: Bearer ${reader.key}`] }));
      tell(`run ${run}: amends ${round(ours.at(-1))}/s, fastify + pg ${round(peer.at(-1))}/s`);
    }
    await other.stop();
  } finally {
    await amends.destroy();
  }
  say({ row: 'GET /v1/credits/{id}, 64 connections: beside fastify + pg', unit: 'requests/s', ours: round(median(ours)), ceiling: null, peer: round(median(peer)), ratio: round(median(ours) / median(peer), 2), goal: '>= 2.5', runs: RUNS });
}

main().catch((error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
