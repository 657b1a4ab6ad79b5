'use strict';
// Books in which every kind of event has happened, their tables, and how the owner of the database
// tampers with them.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { AMENDS, waitUntil } = require('./amends.js');
const { sql } = require('./notifiers.js');
const lib = require('./cases.js');
const { approver } = require('./staff.js');

// Columns that no entry of the chain pins, with the reason.
const UNPINNED = {
  'credit.open': 'generated from state',
};
// The books: their key, the row to tamper with, and the entries that tell of a null made a value.
const TABLES = {
  credit_run: { key: 'id', row: (ids) => `id = ${ids.run}`, absent: { voided_by: 'void', voided_at: 'void', failure: 'fail' } },
  policy: { key: 'id', row: (ids) => `id = (select policy_id from credit_run where id = ${ids.run})` },
  credit_run_incident: { key: 'run_id incident_id', row: (ids) => `run_id = ${ids.run}` },
  impact_revision: { key: 'id', row: (ids) => `id = (select min(impact_revision_id) from credit_run_incident where run_id = ${ids.run})` },
  impact: { key: 'id', row: (ids) => `id = (select min(m.id) from credit_run_incident x join impact m on m.revision_id = x.impact_revision_id where x.run_id = ${ids.run})` },
  credit_working: { key: 'id', row: (ids) => `id = (select min(id) from credit_working where run_id = ${ids.run})` },
  credit: { key: 'id', row: (ids) => `id = ${ids.applied}` },
  credit_line: { key: 'credit_id period_from', row: (ids) => `credit_id = ${ids.applied}` },
  credit_excess: { key: 'run_id account_id period_from', row: () => '(run_id, account_id, period_from) = (select run_id, account_id, period_from from credit_excess order by 1, 2, 3 limit 1)' },
  credit_left_out: { key: 'run_id account_id', row: (ids) => `run_id = ${ids.run}`, empty: true },
  credit_difference: { key: 'run_id account_id period_from', row: () => '(run_id, account_id, period_from) = (select run_id, account_id, period_from from credit_difference order by 1, 2, 3 limit 1)' },
  credit_warning: { key: 'id', row: (ids) => `id = (select min(id) from credit_warning where run_id = ${ids.run})` },
  ledger_entry: { key: 'id', row: (ids) => `id = (select min(id) from ledger_entry where credit_id = ${ids.applied})` },
  credit_feed: { key: 'no', row: (ids) => `credit_id = ${ids.applied}` },
  credit_ack: { key: 'credit_id', row: (ids) => `credit_id = ${ids.applied}` },
  audit: { key: 'seq', row: () => 'seq = 5' },
  ledger_chain: { key: 'seq', row: (ids) => `kind = 'ack' and ids = '{${ids.applied}}'` },
};
const CHANGE = {
  bigint: (c) => `coalesce(${c}, 0) + 1000000`,
  integer: (c) => `coalesce(${c}, 0) + 7`,
  smallint: (c) => `coalesce(${c}, 0) + 1`,
  numeric: (c) => `coalesce(${c}, 0) + 1`,
  boolean: (c) => `not coalesce(${c}, false)`,
  text: (c) => `coalesce(${c}, '') || 'x'`,
  character: () => "'XXX'",
  date: (c) => `coalesce(${c}, '2000-01-01') + 1`,
  'timestamp with time zone': (c) => `coalesce(${c}, now()) + interval '1 microsecond'`,
  jsonb: (c) => `coalesce(${c}, '{}') || '{"x": 1}'`,
  bytea: (c) => `set_byte(${c}, 0, 255 - get_byte(${c}, 0))`,
  'USER-DEFINED': (c) => `(select e from unnest(enum_range(${c})) e where e <> ${c} limit 1)`,
  ARRAY: (c) => `array_append(${c}, 1)`,
};

const psql = (amends, text) => sql(amends, `set session_replication_role = replica; set client_min_messages = error; ${text}`);

function verify(amends, ...args) {
  const done = spawnSync(AMENDS, ['ledger', 'verify', '--data', path.join(amends.dir, 'var'), ...args], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
  return { code: done.status, text: done.stdout, errors: done.stderr };
}

// Tamper, verify, and put all back.
function tampered(amends, statements, ...args) {
  psql(amends, statements);
  const found = verify(amends, ...args);
  psql(amends, Object.entries(TABLES).map(([table, { columns }]) => `delete from ${table}; insert into ${table} (${columns}) overriding system value select ${columns} from kept.${table};`).join(''));
  return found;
}

async function makeBooks(amends) {
  const one = lib.cases().find((each) => each.name.startsWith('2025'));
  const [incident] = one.incidents;
  await lib.createCatalogue(amends);
  await lib.replayCase(amends, one);
  const key = approver(amends);
  const draft = (body) => amends.call('POST', '/v1/credit-runs', { reason: 'test', ...body });
  const issue = async (body) => {
    const run = await draft(body);
    await lib.acknowledge(amends, run);
    await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
    return { ...run, credits: await amends.all(`/v1/credit-runs/${run.id}/credits`) };
  };
  const voided = await draft({ policy: 'pro-rata-10x', incidents: [incident.ref] });
  await amends.call('POST', `/v1/credit-runs/${voided.id}/void`);
  const first = await issue({ policy: 'pro-rata-10x', incidents: [incident.ref] });
  const impacts = incident.impacts.map((impact) => ({ ...impact, level: 'major_outage' }));
  impacts[0].from = new Date(Date.parse(impacts[0].from) - 86400000).toISOString();
  await amends.call('PUT', `/v1/incidents/${incident.ref}/impacts`, { impacts });
  const second = await issue({ reconcile: first.id });
  await amends.call('PUT', `/v1/incidents/${incident.ref}/impacts`, { impacts: incident.impacts });
  await issue({ reconcile: first.id });
  const ack = (acks) => amends.call('POST', '/v1/credits/acks', { acks });
  const [applied, acked, third] = first.credits.map((credit) => credit.id);
  await ack([{ credit: applied, reference: 'b1' }]);
  await ack([{ credit: applied, reference: 'b1', state: 'applied' }, { credit: acked, reference: 'b2' }]);
  await amends.call('POST', `/v1/credits/${third}/reversal`, { reason: 'test' });
  const last = await draft({ policy: 'sla-tiers', incidents: [incident.ref] });
  return { run: first.id, second: second.id, voided: voided.id, draft: last.id, applied, acked, reversed: third };
}

// Billing stands still from here on, so that every audit row is pinned.
async function standStill(amends) {
  await waitUntil('the audit log is pinned', () => sql(amends, 'select (select max(audit_seq) from ledger_chain) = (select max(seq) from audit)')[0][0] === 't');
  const billing = amends.rolePid('billing');
  process.kill(billing, 'SIGSTOP');
  return () => process.kill(billing, 'SIGCONT');
}

// The tables, their columns from the catalogue, and a copy of each.
function keep(amends) {
  psql(amends, 'create schema kept');
  for (const [table, one] of Object.entries(TABLES)) {
    const rows = sql(amends, `select column_name, data_type, is_generated from information_schema.columns where table_schema = 'public' and table_name = '${table}' order by ordinal_position`);
    one.types = rows.filter(([name]) => !UNPINNED[`${table}.${name}`]);
    one.columns = rows.filter(([, , generated]) => generated !== 'ALWAYS').map(([name]) => name).join(', ');
    psql(amends, `create table kept.${table} as table ${table}`);
  }
  // The owner may drop a check, and write an identity.
  psql(amends, `do $$ declare c record; begin
    for c in select attrelid::regclass as t, attname from pg_attribute where attidentity = 'a' and attrelid::regclass::text in ('${Object.keys(TABLES).join("', '")}')
    loop execute format('alter table %s alter %I set generated by default', c.t, c.attname); end loop;
    for c in select conrelid::regclass as t, conname from pg_constraint
    where contype = 'c' and conrelid::regclass::text in ('${Object.keys(TABLES).join("', '")}')
    loop execute format('alter table %s drop constraint %I', c.t, c.conname); end loop; end $$`);
}

module.exports = { TABLES, CHANGE, psql, verify, tampered, makeBooks, standStill, keep };
