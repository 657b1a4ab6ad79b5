#!/usr/bin/env node
'use strict';
// PostgreSQL keeps the plan of a foreign key's check for the session. One made while the table was tiny,
// or analysed as empty, reads the whole table once per row: with 20,000 credits, for minutes. So a
// session that begins like that must check every key of what a run writes by an index.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { AMENDS, BUILD } = require('../../lib/amends.js');
const { ok, scenario } = require('../../lib/tap.js');

const WORLD = `
insert into component (slug, name) values ('chat', 'Chat');
insert into incident (ref, title, kind, state, started_at)
  select r, r, 'incident', 'resolved', '2018-03-01' from unnest(array['i', 'j']) as r;
insert into impact_revision (incident_id, reason) select id, 'post' from incident;
update incident i set impact_revision_id = r.id from impact_revision r where r.incident_id = i.id;
insert into impact (revision_id, component_id, level, from_at, to_at)
  select r.id, c.id, 'major_outage', '2018-03-01', '2018-03-01 04:00' from impact_revision r, component c;
insert into policy (name, version, document) values ('p', 1, '{"name": "p", "model": "prorata", "multiplier": "10",
  "components": [], "weights_bp": {"major_outage": 10000}, "exclude_maintenance": true, "maintenance_notice_hours": 0,
  "min_block_seconds": 0, "cap_percent": "100", "rounding": "half_up", "min_credit_minor": 1}');
create function go(one text) returns void language plpgsql as $$
declare run bigint;
begin
  insert into credit_run (policy_id, reason, created_by) select id, 'test', 0 from policy returning id into run;
  insert into credit_run_incident select run, id, impact_revision_id from incident where ref = one;
end $$;
create function approve() returns void language sql as $$
  update credit_run set state = 'approved', approved_by = (select min(key_id) from staff), approved_at = now() where state = 'draft';
$$;
select amends.staff_create('approver', 'Approver', null, '{approver}');
create function more(n integer) returns void language sql as $$
  insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor)
    select gen_random_uuid(), 'A', 'EUR', 2, 'UTC', 'month', '2018-01-01' from generate_series(1, n);
  insert into account_price select id, anchor, 2900 from account a where not exists (select from account_price where account_id = a.id);
$$;
alter table credit set (autovacuum_enabled = off);
alter table credit_working set (autovacuum_enabled = off);
alter table credit_line set (autovacuum_enabled = off);
vacuum analyze credit, credit_line, credit_working, ledger_entry, credit_feed, credit_run;
`;

function run(command, args, input, env = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', input, env: { ...process.env, ...env } });
  if (done.status !== 0) throw new Error(`${command}: ${done.stderr.slice(-2000)}`);
  return done;
}

scenario(async (cleanup) => {
  const base = process.env.AMENDS_TEST_DATABASE_URL;
  const name = `plans_${process.pid}`;
  const target = base.replace('dbname=postgres', `dbname=${name}`);
  run('psql', ['-qX', base, '-c', `create database ${name}`]);
  cleanup(() => run('psql', ['-qX', base, '-c', `drop database ${name} with (force)`]));
  run(AMENDS, ['migrate'], '', { AMENDS_DATABASE_URL: target, ASAN_OPTIONS: 'detect_leaks=0' });
  run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', target], WORLD);
  const { stdout, stderr } = run(path.join(BUILD, 'tests/bench/steps'), [target], `select more(20);
    select go('i');
    select approve();
    select more(30);
    load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set client_min_messages = log;
    select go('j');
    select approve();
    set client_min_messages = error;
    select count(*) from credit where state = 'issued';
`);
  ok(stdout.trim().endsWith('50'), '50 credits are drafted and issued');
  const checks = stderr.split('LOG:  ').filter((one) => /SELECT 1 FROM ONLY .* FOR KEY SHARE/.test(one));
  const scans = checks.filter((one) => /Seq Scan on (credit|credit_line|credit_working|account|ledger_entry|credit_feed) x/.test(one));
  ok(checks.length > 200 && scans.length === 0, `${scans.length} of ${checks.length} checks of keys read a whole table: ${(scans[0] || '').slice(0, 400)}`);
});
