#!/usr/bin/env node
'use strict';
// `amends ledger verify` recomputes the books of random worlds, and finds
// every change by a superuser, by its row.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { AMENDS, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { Roles } = require('../../lib/roles.js');
const { STEPS, freshDatabase, worldOf, stepsScript } = require('../../lib/play_worlds.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const TAMPERING = [
  ['an audited word', "update audit set actor = 'another' where seq = 3", /^wrong: audit 3: /],
  ['an audit row taken out', 'delete from audit where seq = 2', /^wrong: audit 3: the row before/],
  ['an entry changed', "update ledger_entry set amount_minor = amount_minor * 3 where id = (select min(id) from ledger_entry)", /^wrong: ledger_entry \d+, credit \d+: /],
  ['both entries of a credit changed alike', 'update ledger_entry set amount_minor = amount_minor * 2 where credit_id = (select min(credit_id) from ledger_entry)', /^wrong: ledger_entry \d+, credit \d+: /],
  ['an entry removed', 'delete from ledger_entry where id = (select max(id) from ledger_entry)', /^wrong: ledger_entry/],
  ['a credit made larger', 'update credit set amount_minor = amount_minor + 1 where id = (select min(id) from credit where state = \'draft\')', /^wrong: credit \d+: its lines/],
  ['a line and its credit made larger', 'with l as (update credit_line set amount_minor = amount_minor + 1 where (credit_id, period_from) = (select credit_id, period_from from credit_line join credit c on c.id = credit_id where c.state = \'draft\' limit 1) returning credit_id) update credit set amount_minor = amount_minor + 1 where id in (select credit_id from l)', /^wrong: credit_line \d+ \S+: .*amount_minor/],
  ['a weight in a working', "update credit_working set explain = jsonb_set(explain::jsonb, '{windows,0,weight_bp}', '7') where id = (select min(working_id) from credit_line l join credit_working w on w.id = l.working_id where w.explain::jsonb->>'model' = 'prorata')", /^wrong: credit_line \d+ \S+: /],
  ['a price in a working', "update credit_working set explain = jsonb_set(explain::jsonb, '{prices,0,price_minor}', '77') where id = (select min(working_id) from credit_line)", /^wrong: credit_line \d+ \S+: /],
  ['the end of a window in a working', "update credit_working set explain = jsonb_set(explain::jsonb, '{windows,0,from}', '\"2001-01-01T00:00:00Z\"') where id = (select min(working_id) from credit_line l join credit_working w on w.id = l.working_id where w.explain::jsonb->>'model' = 'tiered')", /^wrong: credit_line \d+ \S+: /],
  ['the steps of a working', "update credit_working set explain = explain::jsonb - 'steps' where id = (select min(working_id) from credit_line)", /^wrong: credit_line \d+ \S+: /],
  ['the tiers of a policy', "update policy set document = jsonb_set(document, '{tiers,0,percent}', '\"99\"') where document->>'model' = 'tiered'", /^wrong: credit_line \d+ \S+: /],
  ['a cap in a working', "update credit_working set explain = jsonb_set(explain::jsonb, '{cap_minor}', '123456789') where id = (select min(working_id) from credit_line)", /^wrong: credit_line \d+ \S+: .*cap_minor is 123456789/],
];

function psql(target, sql) {
  const done = spawnSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', target], { input: sql, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  return done.stdout.trim();
}

function verifyAs(env, ...args) {
  const done = spawnSync(AMENDS, ['ledger', 'verify', ...args], { encoding: 'utf8', env });
  if (done.stderr) note(done.stderr);
  return { code: done.status, text: done.stdout };
}

// Billing pins what it finds, as after an upgrade from a version without the chain.
async function begin(roles, target) {
  const billing = roles.start('billing');
  await waitUntil('the chain is begun', () => psql(target, 'select count(*) from ledger_chain') !== '0');
  await roles.end(billing);
}

// The key file changed or lost.
async function otherKeys(roles, target, dir) {
  const key = (name) => `${name} ${Buffer.alloc(32, name).toString('base64')}\n`;
  const first = fs.readFileSync(`${dir}/keys`, 'utf8');
  const file = (name, text) => { fs.writeFileSync(`${dir}/${name}`, text, { mode: 0o600 }); return { ...roles.env, AMENDS_KEY_FILE: `${dir}/${name}` }; };
  const old = roles.run('ledger', 'key');
  const none = verifyAs({ ...roles.env, AMENDS_KEY_FILE: '' });
  ok(none.code === 3 && /^note: entries 1 to \d+: signed by amends-ledger\+\S+, which is not given; nothing proves them\nnot proven: /m.test(none.text), `without the key file nothing is proven: ${none.text.trim()}`);
  is(verifyAs({ ...roles.env, AMENDS_KEY_FILE: '' }, '--key', old).code, 0, 'the public key suffices');
  const rotated = file('rotated', key('k2') + first);
  const pin = async (env) => {
    const billing = roles.start('billing', env);
    psql(target, "insert into audit (actor, action, object) values ('test', 'test', 'test')");
    await waitUntil('the audit row is pinned', () => psql(target, 'select (select max(audit_seq) from ledger_chain) = (select max(seq) from audit)') === 't');
    await roles.end(billing);
  };
  await pin(rotated);
  is(verifyAs(rotated).code, 0, 'after a rotation all is right');
  const dropped = verifyAs(file('dropped', key('k2')));
  ok(dropped.code === 0 && /^note: entries 1 to \d+: signed by \S+, which is not given; entry \d+, which is ours, has their hash$/m.test(dropped.text), `without the old key, too: ${dropped.text.trim()}`);
  const lost = file('lost', key('k1'));
  const stranger = roles.start('billing', lost);
  psql(target, "insert into audit (actor, action, object) values ('test', 'test', 'test')");
  await waitUntil('billing refuses', () => /the audit log is not pinned/.test(roles.log()));
  await roles.end(stranger);
  ok(/entry \d+ is signed by a key that the key file lacks/.test(roles.log()), 'with a key file of others nothing is appended');
  is(verifyAs(lost).code, 3, 'and nothing proven');
  is(spawnSync(AMENDS, ['ledger', 'adopt'], { env: lost }).status, 0, 'until a person adopts the chain');
  const adopted = verifyAs(lost);
  ok(adopted.code === 0 && /entry \d+ took them over as they were/.test(adopted.text), `which stays said: ${adopted.text.trim()}`);
}

const CREDIT = 'id, run_id, account_id, amount_minor, currency, exponent, weighted_seconds, state, issued_at';

scenario(async (cleanup) => {
  const { target, drop } = freshDatabase(`ledger_${process.pid}`);
  cleanup(drop);
  // Worlds in which one run stays a draft: that has no entries, only credits and lines.
  const seeds = Array.from({ length: 100 }, (_, n) => 900 + n)
    .filter((seed) => worldOf(seed, 20).steps.some((step) => step.op === 'run' && !step.issue));
  for (const seed of seeds.slice(0, 4)) spawnSync(STEPS, [target], { input: stepsScript(worldOf(seed, 20, `x${seed}`)).join('\n') });
  psql(target, "insert into audit (actor, action, object) select 'somebody', 'test', 'test:' || n from generate_series(1, 5) n");
  const dir = freshDirectory();
  const roles = new Roles(dir, target);
  cleanup(() => roles.stop());
  const verify = () => verifyAs(roles.env);
  const unsealed = verify();
  ok(unsealed.code === 1 && /^wrong: credit_run \d+: no entry "draft" of ledger_chain says so/m.test(unsealed.text), 'without a chain nothing is right');
  await begin(roles, target);
  const right = verify();
  ok(/^note: the chain began on \S+ with \d+ events of before, pinned as they were then$/m.test(right.text), 'it says what was pinned late');
  ok(right.code === 0 && /^verified: /m.test(right.text), `untouched books are right: ${right.text.trim()}`);
  for (const [name, sql, wanted] of TAMPERING) {
    psql(target, `create table kept_audit as table audit; create table kept_entry as table ledger_entry; create table kept_credit as table credit;
      create table kept_line as table credit_line; create table kept_policy as table policy; create table kept_working as table credit_working;
      set session_replication_role = replica; ${sql};`);
    const found = verify();
    is(found.code, 1, `${name}: exit 1`);
    ok(wanted.test(found.text), `and names the row: ${found.text.trim().slice(0, 150)}`);
    psql(target, `set session_replication_role = replica;
      delete from ledger_entry; insert into ledger_entry overriding system value select * from kept_entry;
      delete from audit; insert into audit select * from kept_audit;
      delete from credit; insert into credit (${CREDIT}) overriding system value select ${CREDIT} from kept_credit;
      delete from credit_line; insert into credit_line select * from kept_line;
      delete from credit_working; insert into credit_working overriding system value select * from kept_working;
      update policy p set document = k.document from kept_policy k where k.id = p.id; drop table kept_policy, kept_audit, kept_entry, kept_credit, kept_line, kept_working;`);
  }
  is(verify().code, 0, 'put back, all is right again');
  await otherKeys(roles, target, dir);
  fs.rmSync(dir, { recursive: true });
});
