#!/usr/bin/env node
'use strict';
// A credit run over N accounts (100,000) as billing takes it, with its entries in the ledger's chain:
// draft, and issue after an approval. By the clock, and processor time of billing and its backend.
// The ceiling is the INSERT of as many rows of constants.
//   N=100000 RUNS=3 node tests/bench/billing_run.js
const { Amends, freshDirectory } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');
const { approver } = require('../lib/staff.js');
const { median, round, say, tell, cpu, sleep, attempt } = require('./lib/bench.js');
const { world, newRun, constants } = require('./lib/credit_world.js');

const N = Number(process.env.N || 100000);
const RUNS = Number(process.env.RUNS || 3);

const last = (amends) => Number(sql(amends, 'select max(id) from credit_run')[0][0]);

// Until the run is in the state: milliseconds by the clock, and of processor time.
async function step(amends, state, begin) {
  const pid = amends.rolePid('billing');
  const [[backend]] = sql(amends, "select pid from pg_stat_activity where application_name = 'billing'");
  const used = () => ({ billing: cpu(pid) / 1000, server: cpu(backend) / 1000 });
  const [before, from] = [used(), Date.now()];
  await begin();
  const run = last(amends);
  for (;;) {
    const [[now, why]] = sql(amends, `select state, failure from credit_run where id = ${run}`);
    if (now === 'failed') throw new Error(why);
    if (now === state) break;
    await sleep(20);
  }
  const clock = Date.now() - from;
  await sleep(50);
  const after = used();
  return { clock, billing: after.billing - before.billing, server: after.server - before.server };
}

// What PostgreSQL alone takes for the rows of a draft and an issue.
function alone(amends) {
  const statement = (text) => sql(amends, `set jit = off; set work_mem = '128MB'; set client_min_messages = error; ${text}`);
  const time = (...texts) => { const from = Date.now(); texts.forEach(statement); return Date.now() - from; };
  const [credit, line, entry, feed] = constants(N);
  return { draft: time(credit, line), issue: time(entry, feed) };
}

const clear = (amends) => { sql(amends, 'truncate credit cascade'); sql(amends, 'vacuum analyze'); sql(amends, 'checkpoint'); };

async function round_(amends, key) {
  const plain = alone(amends);
  sql(amends, 'truncate plain_credit cascade');
  clear(amends);
  const draft = await step(amends, 'draft', () => sql(amends, `${newRun('bench')}; notify credit_run`));
  const id = last(amends);
  const { warnings } = await amends.call('GET', `/v1/credit-runs/${id}`);
  if (warnings.length) await amends.call('POST', `/v1/credit-runs/${id}/acknowledge-warnings`, { warnings: [...new Set(warnings.map((one) => one.code))] });
  const issue = await step(amends, 'issued', () => amends.call('POST', `/v1/credit-runs/${id}/approve`, undefined, { key }));
  clear(amends);
  tell(JSON.stringify({ plain, draft, issue }));
  return { plain, draft, issue };
}

async function main() {
  const amends = await Amends.up({ dir: freshDirectory() });
  try {
    for (const part of world(N).split(/;\n(?=vacuum)/)) sql(amends, part.replace(/^select format[^]*?\\gexec\n/m, ''));
    const key = approver(amends);
    // Nothing changed within the hour before the drafts: an issue does not compute them again.
    sql(amends, `set session_replication_role = replica; update account set changed_at = now() - interval '1 day'; update impact_revision set created_at = now() - interval '1 day'`);
    sql(amends, 'vacuum full account');
    const rounds = [];
    for (let n = 0; n < RUNS; n++) rounds.push(await round_(amends, key));
    for (const name of ['draft', 'issue']) {
      const of = (field) => median(rounds.map((one) => one[name][field]));
      say({ row: `credit run by billing, ${name}, ${N} accounts`, unit: 'ms', ours: round(of('clock')), ceiling: round(median(rounds.map((one) => one.plain[name]))), peer: null, goal: null, runs: RUNS, note: `processor time: billing ${round(of('billing'))} ms, PostgreSQL ${round(of('server'))} ms; ceiling: INSERT of constants, by psql` });
    }
  } finally {
    await amends.destroy();
  }
}

attempt('credit run by billing', main);
