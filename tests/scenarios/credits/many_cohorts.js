#!/usr/bin/env node
'use strict';
// A draft in which each account is a cohort of its own costs a few reads per cohort: counted as rows
// that sequential scans of the working tables read, which was the square of the cohorts.
const fs = require('node:fs');
const path = require('node:path');
const { Amends, ROOT } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const COHORTS = 400;
const READS = 40; // of a row of a working table: by all steps together

// The steps of credit_run_rate and then of credit_run_compute, which drops its working tables at the end.
function steps() {
  const text = fs.readFileSync(path.join(ROOT, 'billing/sql/80_compute.sql'), 'utf8');
  const run = '(select max(id) from credit_run)';
  const found = [...text.matchAll(/perform (amends\.credit_run_\w+\()(in_run)?\);/g)].filter(([, call]) => !/_(rate|forget)\(/.test(call));
  return found.map(([, call, argument]) => `select ${call}${argument ? run : ''});`).join('\n');
}

scenario(async (after) => {
  const amends = await Amends.up();
  after(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const accounts = Array.from({ length: COHORTS }, (_, n) => JSON.stringify({
    external_id: `a${n}`, name: `Account ${n}`, currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2020-01-01',
    prices: [{ from: '2020-01-01', amount_minor: 10000 + n }],
  }));
  await amends.call('POST', '/v1/accounts/import', accounts.join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/incidents', { ref: 'down', title: 'Down', state: 'resolved', body: 'It was down.', notify: false, posted_at: '2020-05-02T12:00:00Z' });
  await amends.call('PUT', '/v1/incidents/down/impacts', { impacts: [
    { component: 'api', level: 'major_outage', from: '2020-05-02T10:00:00Z', to: '2020-05-02T12:00:00Z' },
    { component: 'api', level: 'partial_outage', from: '2020-05-02T09:00:00Z', to: '2020-05-02T11:00:00Z' }] });
  await amends.call('POST', '/v1/policies', { name: 'share', model: 'prorata', multiplier: '10' });
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'share', incidents: ['down'], reason: 'Down.' });
  is(run.totals[0].credits, COHORTS, 'each account gets a credit');

  const read = sql(amends, `begin;
    insert into credit_run (policy_id, reason, created_by) select policy_id, reason, created_by from credit_run;
    insert into credit_run_incident select (select max(id) from credit_run), incident_id, impact_revision_id from credit_run_incident;
    update credit_run set drafted_at = now() where drafted_at is null;
    ${steps()}
    select relname, seq_tup_read, n_tup_ins from pg_stat_xact_user_tables where relname like 'cr\\_%' and n_tup_ins >= ${COHORTS};
    rollback`).filter((row) => row.length === 3);
  ok(read.length >= 5, `${read.length} working tables grow with the cohorts`);
  for (const [table, rows, inserted] of read) ok(Number(rows) <= READS * Number(inserted), `${table}: ${rows} rows read of ${inserted}`);
});
