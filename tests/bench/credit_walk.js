#!/usr/bin/env node
'use strict';
// GET /v1/credits?limit=200 from the first to the last of N credits (1,000,000), page after page
// on one connection, beside psql COPY of the same rows as JSON.
const { spawnSync } = require('node:child_process');
const http = require('node:http');
const path = require('node:path');
const { Amends, freshDirectory } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');
const { median, round, say, tell } = require('./lib/bench.js');

const N = Number(process.env.N || 1000000);
const RUNS = Number(process.env.RUNS || 3);

const WORLD = `
insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor, plan)
  select 'a' || n, 'Account ' || n, 'EUR', 2, 'UTC', 'month', '2018-01-01', 'gold' from generate_series(1, ${N}) as n;
insert into policy (name, version, document) values ('p', 1, '{}');
insert into credit_run (policy_id, reason, created_by, state, issued_at) values (1, 'walk', 1, 'issued', now());
insert into credit_working (run_id, explain) values (1, '{"model": "prorata"}');
insert into credit (run_id, account_id, amount_minor, currency, exponent, weighted_seconds, state, issued_at)
  select 1, id, 145, 'EUR', 2, 9000, 'issued', now() from account order by id;
insert into credit_line select id, 1, account_id, '2018-05-01', '2018-06-01', 145, 9000, 1, 0, 0 from credit;
insert into credit_feed select id, id, 'issued', now() from credit;`;

// The statement of the route (api/credits/credit.c), whole.
const ROWS = `select row_to_json(t) from (select f.no, f.event, c.id, a.external_id as account, c.amount_minor, c.currency,
    c.exponent, c.run_id as run, p.name as policy, c.issued_at, c.state, k.reference,
    (select json_agg(i.ref order by i.started_at, i.id) from credit_run_incident x
      join incident i on i.id = x.incident_id where x.run_id = c.run_id) as incidents,
    (select coalesce(json_agg(json_build_object('period_from', l.period_from, 'period_to', l.period_to, 'amount_minor',
      l.amount_minor, 'weighted_seconds', l.weighted_seconds::text) order by l.period_from), '[]')
      from credit_line l where l.credit_id = c.id) as lines
  from credit_feed f join credit c on c.id = f.credit_id join account a on a.id = c.account_id
    join credit_run r on r.id = c.run_id join policy p on p.id = r.policy_id
    left join credit_ack k on k.credit_id = c.id order by f.no) t`;

function copy(amends) {
  const began = Date.now();
  const done = spawnSync('psql', ['-Xq', '-h', path.join(amends.dir, 'var/run'), '-U', 'amends', '-d', 'amends', '-c', `copy (${ROWS}) to stdout`], { stdio: ['ignore', 'ignore', 'pipe'] });
  if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
  return Date.now() - began;
}

function page(url, key, agent) {
  return new Promise((resolve, reject) => {
    http.get(url, { agent, headers: { authorization: `Bearer ${key}` } }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (chunk) => { text += chunk; });
      reply.on('end', () => (reply.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
    }).on('error', reject);
  });
}

async function walk(amends, key) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const began = Date.now();
  let rows = 0;
  for (let cursor = ''; ;) {
    const { data, next_cursor: next } = await page(`${amends.url}/v1/credits?limit=200${cursor}`, key, agent);
    rows += data.length;
    if (data.length < 200) break;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
  agent.destroy();
  if (rows !== N) throw new Error(`${rows} credits of ${N}`);
  return Date.now() - began;
}

async function main() {
  const amends = await Amends.up({ dir: freshDirectory() });
  const ours = [];
  const ceiling = [];
  try {
    for (const statement of WORLD.split(';\n')) sql(amends, statement);
    sql(amends, 'vacuum analyze');
    const { key } = await amends.call('POST', '/v1/keys', { name: 'reader', scopes: ['credits:read'] });
    for (let n = 0; n < RUNS; n++) {
      ceiling.push(N / copy(amends) * 1000);
      ours.push(N / await walk(amends, key) * 1000);
      tell(`walk ${round(ours.at(-1))}/s, COPY ${round(ceiling.at(-1))}/s`);
    }
  } finally {
    await amends.destroy();
  }
  say({ row: `GET /v1/credits?limit=200, a walk of ${N} credits: beside psql COPY of them as JSON`, unit: 'credits/s', ours: round(median(ours)), ceiling: round(median(ceiling)), peer: null, ratio: round(median(ours) / median(ceiling), 2), goal: '>= 0.5', runs: RUNS });
}

main().catch((error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
