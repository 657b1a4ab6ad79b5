#!/usr/bin/env node
'use strict';
// What the owner of the database would do to be paid more, or to have been paid less: `amends ledger
// verify` finds and names each scheme, and an anchor a cut tail that nothing else shows.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS } = require('../../lib/amends.js');
const { TABLES, psql, verify, tampered, makeBooks, standStill, keep } = require('../../lib/books.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const row = (table, ids) => `from ${table} where ${TABLES[table].row(ids)}`;

// Hashes the audit log anew.
const rehash = `with recursive h as (
    select seq, sha256(convert_to(concat_ws('|', seq, extract(epoch from at), actor, action, object, detail), 'UTF8')) as hash from audit where seq = 1
    union all select a.seq, sha256(h.hash || convert_to(concat_ws('|', a.seq, extract(epoch from a.at), a.actor, a.action, a.object, a.detail), 'UTF8'))
    from h join audit a on a.seq = h.seq + 1)
  update audit a set hash = h.hash from h where h.seq = a.seq;`;
const SCHEMES = (ids) => ({
  'a credit is invented in an issued run': [`insert into credit (id, run_id, account_id, amount_minor, currency, exponent, weighted_seconds, state, issued_at)
      select 900001, run_id, 900001, amount_minor, currency, exponent, weighted_seconds, 'issued', issued_at ${row('credit', ids)};
    insert into account (id, external_id, name, currency, exponent, timezone, billing_interval, anchor) overriding system value select 900001, 'me', 'Me', currency, exponent, timezone, billing_interval, anchor from account limit 1;
    insert into credit_line (credit_id, run_id, account_id, period_from, period_to, amount_minor, weighted_seconds, working_id, earlier_minor, issued_minor)
      select 900001, run_id, 900001, period_from, period_to, amount_minor, weighted_seconds, working_id, earlier_minor, issued_minor ${row('credit_line', ids)};
    insert into ledger_entry (credit_id, kind, book, account_id, currency, amount_minor, at) select 900001, kind, book, 900001, currency, amount_minor, at from ledger_entry where credit_id = ${ids.applied};
    insert into credit_feed select 900001, 900001, event, at ${row('credit_feed', ids)};`, /credit 900001: was added/],
  'a credit is erased without a trace': [`delete from credit_ack where credit_id = ${ids.applied}; delete from credit_feed where credit_id = ${ids.applied}; delete from ledger_entry where credit_id = ${ids.applied};
    delete from credit_line where credit_id = ${ids.applied}; delete from credit where id = ${ids.applied};`, /wrong: credit \d+: a row before it, which entry \d+ \(draft/],
  'a credit is moved to another account': [`update credit set account_id = account_id + 1000 where id = ${ids.applied}; update credit_line set account_id = account_id + 1000 where credit_id = ${ids.applied};
    update ledger_entry set account_id = account_id + 1000 where credit_id = ${ids.applied}; insert into account (id, external_id, name, currency, exponent, timezone, billing_interval, anchor) overriding system value
    select a.id + 1000, 'other', a.name, a.currency, a.exponent, a.timezone, a.billing_interval, a.anchor from account a join kept.credit c on c.account_id = a.id where c.id = ${ids.applied};`, new RegExp(`credit ${ids.applied}: account_id, account changed`)],
  'an account takes the name of another': [`update account set external_id = external_id || '-2' where id = (select account_id ${row('credit', ids)})`, new RegExp(`credit ${ids.applied}: account changed`)],
  'a credit is multiplied with its lines, entries and working': [`update credit set amount_minor = amount_minor * 10 where id = ${ids.applied}; update credit_line set amount_minor = amount_minor * 10 where credit_id = ${ids.applied};
    update ledger_entry set amount_minor = amount_minor * 10 where credit_id = ${ids.applied}; update credit_working set explain = jsonb_set(explain::jsonb, '{cap_minor}', '99999999') where id = (select working_id from credit_line where credit_id = ${ids.applied} limit 1)`, new RegExp(`credit ${ids.applied}: amount_minor changed`), /its credits sum to/],
  'the currency of a credit is another': [`update credit set currency = 'XXX' where id = ${ids.applied}; update ledger_entry set currency = 'XXX' where credit_id = ${ids.applied}`, new RegExp(`credit ${ids.applied}: currency changed`)],
  'the end of the feed is cut': ['delete from credit_feed where no = (select max(no) from credit_feed)', /wrong: credit_feed/],
  'an acknowledgement is forged': [`insert into credit_ack (credit_id, reference, acked_by) select max(id), 'forged', 1 from credit where state = 'issued'; update credit set state = 'acknowledged' where id = (select max(id) from credit where state = 'issued')`, /credit_ack \d+: no entry "ack"/],
  'an acknowledgement is taken out': [`delete from credit_ack where credit_id = ${ids.acked}; update credit set state = 'issued' where id = ${ids.acked}`, new RegExp(`credit_ack.*: (is missing|.* missing)`)],
  'another approver is named': [`update credit_run set approved_by = 77 where id = ${ids.run}`, new RegExp(`credit_run ${ids.run}: approved_by changed`)],
  'a draft is approved by nobody': [`update credit_run set state = 'approved', approved_by = 2, approved_at = now() where id = ${ids.draft}`, new RegExp(`credit_run ${ids.draft}: .*"approve"`)],
  'a warning is acknowledged by nobody': [`update credit_warning set acknowledged_by = 1, acknowledged_at = now() where run_id = ${ids.voided}`, /credit_warning \d+.*: no entry "acknowledge"/],
  'a voided run is issued again': [`update credit_run set state = 'issued', voided_by = null, voided_at = null, issued_at = now() where id = ${ids.voided}; update credit set state = 'issued', issued_at = now() where run_id = ${ids.voided}`, new RegExp(`credit_run ${ids.voided}: its state is issued, and ledger_chain says void`)],
  'an account is said to be left out': [`insert into credit_left_out select run_id, account_id, 'terms_changed' from credit where id = ${ids.applied}`, /credit_left_out \d+ \d+: was added since/],
  'a reversal never was': [`delete from ledger_entry where credit_id = ${ids.reversed} and kind = 'reversal'; delete from credit_feed where credit_id = ${ids.reversed} and event = 'reversed'; update credit set state = 'issued' where id = ${ids.reversed}`, /wrong: ledger_entry: its last rows, which entry \d+ \(reverse/],
  'a whole run is erased': [`${['credit_feed', 'ledger_entry', 'credit_ack', 'credit_line'].map((table) => `delete from ${table} where credit_id in (select id from credit where run_id = ${ids.second});`).join('')}
    ${['credit', 'credit_working', 'credit_excess', 'credit_difference', 'credit_warning', 'credit_run_incident'].map((table) => `delete from ${table} where run_id = ${ids.second};`).join('')} delete from credit_run where id = ${ids.second}`, new RegExp(`credit_run ${ids.second}: is missing`)],
  'a run is invented': [`insert into credit_run (id, policy_id, state, reason, created_by, drafted_at, approved_by, approved_at, issued_at) overriding system value select 900001, policy_id, state, reason, created_by, drafted_at, approved_by, approved_at, issued_at ${row('credit_run', ids)}`, /credit_run 900001: no entry "draft"/],
  'the audit log is cut and hashed anew': [`delete from audit where seq = 4; update audit set seq = seq + 1000 where seq > 4; update audit set seq = seq - 1001 where seq > 1000; ${rehash}`, /wrong: audit \d+: /],
  'a word of the audit log is changed and the log hashed anew': [`update audit set actor = 'somebody' where seq = 3; ${rehash}`, /audit 3: .*actor/],
  'the tail of the audit log is cut': ['delete from audit where seq >= (select max(seq) - 1 from audit)', /wrong: audit: its last rows/],
  'an entry of the chain is taken out': ['delete from ledger_chain where seq = 3', /ledger_chain 3: is missing/],
  'the chain is gone': ['delete from ledger_chain', /no entry "draft"/],
});

// Schemes on other rows than each other's are carried out at once: each is named by its own row.
const ROUNDS = [
  ['an account takes the name of another', 'an acknowledgement is forged', 'another approver is named', 'a draft is approved by nobody',
    'a warning is acknowledged by nobody', 'a voided run is issued again'],
  ['a credit is moved to another account', 'an acknowledgement is taken out', 'an account is said to be left out', 'the tail of the audit log is cut', 'a run is invented'],
  ['a credit is multiplied with its lines, entries and working', 'the end of the feed is cut', 'an entry of the chain is taken out'],
];

function rounds(schemes) {
  const together = ROUNDS.flat();
  return [...ROUNDS, ...Object.keys(schemes).filter((name) => !together.includes(name)).map((name) => [name])];
}

function eachScheme(amends, ids) {
  psql(amends, 'create table kept.account as table account');
  const columns = sql(amends, "select string_agg(column_name, ', ') from information_schema.columns where table_schema = 'public' and table_name = 'account' and is_generated = 'NEVER'")[0][0];
  const schemes = SCHEMES(ids);
  for (const names of rounds(schemes)) {
    const found = tampered(amends, names.map((name) => schemes[name][0]).join(';'));
    psql(amends, `delete from account; insert into account (${columns}) overriding system value select ${columns} from kept.account`);
    for (const name of names) {
      const named = schemes[name].slice(1).every((one) => one.test(found.text));
      ok(found.code === 1 && named, name);
      if (!named) note(found.text.slice(0, 1500) + found.errors);
    }
  }
}

// The tail with all that it pinned: the reversal, the draft, and their audit rows.
const cut = (ids) => `delete from ledger_chain where seq >= (select min(seq) from ledger_chain where kind = 'reverse');
  delete from audit where seq > (select max(audit_seq) from ledger_chain);
  update credit set state = 'issued' where id = ${ids.reversed}; delete from credit_feed where event = 'reversed'; delete from ledger_entry where kind = 'reversal';
  delete from credit_line where credit_id in (select id from credit where run_id = ${ids.draft});
  ${['credit', 'credit_working', 'credit_warning', 'credit_run_incident', 'credit_excess'].map((table) => `delete from ${table} where run_id = ${ids.draft};`).join('')}
  delete from credit_run where id = ${ids.draft};`;

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const ids = await makeBooks(amends);
  const anchor = path.join(amends.dir, 'anchor');
  const command = (...args) => spawnSync(AMENDS, ['ledger', ...args, '--data', path.join(amends.dir, 'var')], { encoding: 'utf8' });
  cleanup(await standStill(amends));
  const right = verify(amends);
  ok(right.code === 0 && /^verified: .* in [\d.]+ s$/m.test(right.text), `untouched books are right: ${right.text.trim()}${right.errors}`);
  is(command('anchor', anchor).status, 0, 'an anchor is kept');
  is(verify(amends, '--anchor', anchor).code, 0, 'and holds');
  keep(amends);
  eachScheme(amends, ids);
  const blind = tampered(amends, cut(ids));
  is([blind.code, blind.text.match(/^wrong: /gm)], [0, null], 'a tail cut with all that it pinned shows nowhere');
  const found = tampered(amends, cut(ids), '--anchor', anchor);
  ok(found.code === 1 && /ledger_chain: its tail was cut: it ends with entry \d+, and the anchor has entry \d+/.test(found.text), `but by the anchor: ${found.text.trim()}`);
  is(verify(amends, '--anchor', anchor).code, 0, 'put back, all is right again');
  fs.rmSync(anchor);
});
