'use strict';
// N accounts and three overlapping incidents, for the benches of credit runs.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { BUILD } = require('../../lib/amends.js');

// Forty cohorts, as an import leaves them: five zones, four anchors, two prices; one component, used by all.
const world = (n) => `
insert into component (slug, name) values ('chat', 'Chat');
insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor, plan)
  select 'a' || n, 'Account ' || n, 'EUR', 2,
         (array['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Australia/Lord_Howe'])[1 + n % 5],
         'month', date '2018-01-01' + n / 5 % 4, 'gold'
  from generate_series(1, ${n}) as n;
insert into account_price select id, anchor, 2900 + 1000 * (id / 20 % 2) from account;
insert into account_component select a.id, c.id from account a, component c;
insert into account_contact (account_id, email, address_hash) select id, external_id || '@x.example', '' from account;
insert into incident (ref, title, kind, state, started_at)
  select 'i' || n, 'i', 'incident', 'resolved', '2018-05-02' from generate_series(1, 3) as n;
insert into impact_revision (incident_id, reason) select id, 'post' from incident;
update incident i set impact_revision_id = r.id from impact_revision r where r.incident_id = i.id;
insert into impact (revision_id, component_id, level, from_at, to_at)
  select impact_revision_id, 1, 'major_outage', timestamptz '2018-05-02 20:00Z' + id * interval '40 minutes',
         timestamptz '2018-05-02 21:30Z' + id * interval '45 minutes' from incident;
insert into policy (name, version, document) values ('p', 1, '{"name": "p", "model": "prorata", "components": [],
  "weights_bp": {"degraded_performance": 0, "partial_outage": 5000, "major_outage": 10000}, "exclude_maintenance": true,
  "maintenance_notice_hours": 0, "min_block_seconds": 0, "multiplier": "10", "tiers": [], "per": "run", "amounts": {},
  "audience": "affected", "cap_percent": "100", "rounding": "half_up", "min_credit_minor": 1}');
create table plain_credit (like credit including all);
create table plain_line (like credit_line including all);
create table plain_entry (like ledger_entry including all);
create table plain_feed (like credit_feed including all);
select format('alter table %s add %s', plain, replace(pg_get_constraintdef(oid), 'REFERENCES credit(', 'REFERENCES plain_credit('))
  from pg_constraint join (values ('credit', 'plain_credit'), ('credit_line', 'plain_line'), ('ledger_entry', 'plain_entry'),
    ('credit_feed', 'plain_feed')) as home (ours, plain) on conrelid = ours::regclass where contype = 'f' \\gexec
insert into credit_run (policy_id, reason, created_by, state) select 1, 'constants', 1, 'void';
insert into credit_working (run_id, explain) values (1, '{}');
select amends.cohort_refresh();
vacuum analyze;
`;

// SQL: a run over all of them.
const newRun = (reason, policy = 'p') => `insert into credit_run (policy_id, reason, created_by) select id, '${reason}', 1 from policy where name = '${policy}';
  insert into credit_run_incident select (select max(id) from credit_run), id, impact_revision_id from incident;`;

// As many rows of constants as a draft and its issue write: credits, lines, entries, feed.
const constants = (n) => [
  `insert into plain_credit (id, run_id, account_id, amount_minor, currency, exponent, weighted_seconds)
    overriding system value select n, 1, n, 145, 'EUR', 2, 9000 from generate_series(1, ${n}) as n;`,
  `insert into plain_line select n, 1, n, '2018-05-01', '2018-06-01', 145, 9000, 1, 0, 0 from generate_series(1, ${n}) as n;`,
  `insert into plain_entry (credit_id, kind, book, account_id, currency, amount_minor)
    select n, 'issue', book, n, 'EUR', amount from generate_series(1, ${n}) as n,
      (values ('credits_granted', -145), ('customer_balance', 145)) as b (book, amount);`,
  `insert into plain_feed select n, n, 'issued', now() from generate_series(1, ${n}) as n;`,
];

function run(command, args, env = {}, input) {
  const done = spawnSync(command, args, { encoding: 'utf8', input, env: { ...process.env, ...env } });
  if (done.status !== 0) throw new Error(`${command}: ${done.stderr}`);
  return done.stdout;
}

const STEPS = path.join(BUILD, 'tests/bench/steps');

// Milliseconds by the clock and of processor time of each of the statements, each committed; then all their rows go again.
function timed(url, statements) {
  const body = statements.map((sql) => `\\timing\n${sql}\n\\timing`).join('\n');
  const out = run(STEPS, [url], { PGOPTIONS: '-c work_mem=128MB' },
    `set statement_timeout = 0;\nset client_min_messages = error;\ncheckpoint;\n${body}\ntruncate credit, plain_credit cascade;\nvacuum analyze;\n`);
  return [...out.matchAll(/Time: ([\d.]+) ms, processor ([\d.]+) ms/g)].map((found) => ({ clock: Number(found[1]), processor: Number(found[2]) }));
}


const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const sum = (times, field) => times.reduce((all, one) => all + one[field], 0);
const told = (times) => times.map((one) => `${Math.round(one.clock)} (${Math.round(one.processor)})`).join(' + ');

// A row of the first n statements of each round; ceilings: the same of the constants, or null.
function row(name, rounds, n, ceilings, m, goal, note) {
  const of = (list, count, field) => median(list.map((times) => sum(times.slice(0, count), field)));
  const mine = of(rounds, n, 'clock');
  const plain = ceilings && of(ceilings, m, 'clock');
  const processor = ceilings ? `ratio of processor time ${(of(rounds, n, 'processor') / of(ceilings, m, 'processor')).toFixed(2)}` : `processor time ${Math.round(of(rounds, n, 'processor'))} ms`;
  console.log(JSON.stringify({
    row: name, ours: Math.round(mine), ceiling: plain && Math.round(plain), peer: null,
    ratio: plain ? Number((mine / plain).toFixed(2)) : undefined, goal, unit: 'ms', runs: rounds.length, note: `${processor}; ${note}`,
  }));
}

module.exports = { world, newRun, constants, run, timed, row, told };
