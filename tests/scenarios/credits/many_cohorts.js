#!/usr/bin/env node
'use strict';
// A draft in which each account is a cohort of its own costs a few reads per cohort: counted as rows
// that sequential scans of the working tables read, which could be the square of the cohorts.
const { Amends } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const COHORTS = 400;
const BATCH = 50;
const READS = 12; // of a row of a working table: by all steps together

// What billing/compute.c asks for a draft, with an answer of its own for each group.
function steps() {
  const run = '(select max(id) from credit_run)';
  const batches = Array.from({ length: COHORTS / BATCH }, (_, n) => `select count(*) from amends.credit_run_questions(${n * BATCH}, ${BATCH})`);
  const all = (value) => `array_agg(${value} order by share)`;
  return [
    `select amends.credit_run_draft(${run})`, ...batches,
    `select amends.credit_run_take(${all('share')}, ${all("'EUR'::text")}, ${all('3600::numeric')}, ${all("''::text")}) from cr_group`,
    `select amends.credit_run_take_lines(${run}, ${all('share')}, ${all("'paid'::text")}, ${all('18383::bigint')}, ${all('18414::bigint')}, ${all('100::bigint')},
      ${all('0::bigint')}, ${all('0::bigint')}, ${all('3600::numeric')}, ${all('share')}, string_agg('{}', E'\\n')) from cr_group`,
    'select amends.credit_run_accounts()', `select amends.credit_run_write(${run})`, `select amends.credit_run_warnings(${run})`,
  ].join(';\n');
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
    ${steps()};
    select relname, seq_tup_read, n_tup_ins from pg_stat_xact_user_tables where relname like 'cr\\_%' and n_tup_ins >= ${COHORTS};
    rollback`).filter((row) => row.length === 3);
  let said = 'nothing';
  try {
    sql(amends, `begin; insert into credit_run (policy_id, reason, created_by) select policy_id, reason, created_by from credit_run;
      select amends.credit_run_draft((select max(id) from credit_run)); select set_config('amends.until', '2020-01-01', true);
      select count(*) from amends.credit_run_questions(0, 10)`);
  } catch (error) { said = error.message; }
  ok(/takes longer than it may/.test(said), 'a computation whose time is over ends between two batches');
  ok(read.length >= 4, `${read.length} working tables grow with the cohorts`);
  for (const [table, rows, inserted] of read) ok(Number(rows) <= READS * Number(inserted), `${table}: ${rows} rows read of ${inserted}`);
});
