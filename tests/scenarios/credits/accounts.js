#!/usr/bin/env node
'use strict';
// Accounts come in as NDJSON and CSV, all or none, with a diff before; a policy is previewed over
// past incidents. Through the command line, beside a running `amends up`.
const { spawn } = require('node:child_process');
const path = require('node:path');
const { Amends, AMENDS } = require('../../lib/amends.js');
const notifiers = require('../../lib/notifiers.js');
const lib = require('../../lib/cases.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const sql = (amends, text) => (notifiers.sql(amends, text)[0] || [])[0];
const HEADER = 'external_id,name,currency,timezone,interval,anchor,prices,plan,components,contacts\n';
const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } };

function type(amends, args, input = '') {
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
  const child = spawn(AMENDS, [...args, '--data', path.join(amends.dir, 'var')], { env });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => { out[name] += chunk; });
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...out, code })));
}

const imports = async (amends, text, ...more) => JSON.parse((await type(amends, ['account', 'import', '-', '--output', 'json', ...more], text)).stdout);
const counts = ({ created, updated, unchanged, invalid }) => [created, updated, unchanged, invalid];
const strays = (amends) => sql(amends, `select count(*) from account a left join cohort_member m on m.account_id = a.id
  left join cohort h on h.id = m.cohort_id where h.timezone is distinct from a.timezone or h.term_anchor <> array[a.anchor]
    or h.price_minor is distinct from (select coalesce(array_agg(amount_minor order by valid_from), '{}') from account_price p where p.account_id = a.id)
    or h.component_ids is distinct from (select coalesce(array_agg(component_id order by component_id), '{}') from account_component u where u.account_id = a.id)`);

async function csv(amends, slug) {
  const line = (id, price, plan = 'gold') => `${id},Account ${id},EUR,Europe/Berlin,month,2020-01-31,2020-01-31:${price} 2021-01-01:3900,${plan},${slug},${id}@x.example other@x.example\n`;
  const text = HEADER + line('c1', 2900) + line('c2', 2900);
  const dry = await imports(amends, text, '--dry-run');
  is([counts(dry), dry.changes.map((one) => [one.line, one.external_id, one.outcome])], [[2, 0, 0, 0], [[2, 'c1', 'created'], [3, 'c2', 'created']]], 'a dry run tells what is new');
  is(sql(amends, "select count(*) from account where external_id = 'c1'"), '0', 'and writes nothing');
  is(counts(await imports(amends, text)), [2, 0, 0, 0], 'CSV is imported');
  const account = await amends.call('GET', '/v1/accounts/c1');
  is([account.prices, account.components, account.contacts.map((one) => one.email).sort()],
    [[{ from: '2020-01-31', amount_minor: 2900 }, { from: '2021-01-01', amount_minor: 3900 }], [slug], ['c1@x.example', 'other@x.example']], 'with prices, components and contacts');
  is(counts(await imports(amends, text)), [0, 0, 2, 0], 'the same again changes nothing');
  const other = HEADER + line('c1', 3100, 'silver') + line('c2', 2900) + line('c3', 1);
  const diff = await imports(amends, other, '--dry-run');
  is([counts(diff), diff.changes[0]], [[1, 1, 1, 0], { line: 2, external_id: 'c1', outcome: 'updated', fields: ['plan', 'prices'] }], 'a dry run tells which fields change');
  const contact = sql(amends, "select min(c.id) from account_contact c join account a on a.id = c.account_id where a.external_id = 'c1'");
  is(counts(await imports(amends, other)), [1, 1, 1, 0], 'and they do');
  is(sql(amends, "select min(c.id) from account_contact c join account a on a.id = c.account_id where a.external_id = 'c1'"), contact, 'a contact keeps its id');
  is(strays(amends), '0', 'every account has the cohort of its prices and components');
  sql(amends, "update account_price set amount_minor = 7 where account_id = (select id from account where external_id = 'c2')");
  is(strays(amends), '1', 'who changes leaves the cohort');
  sql(amends, 'select amends.cohort_refresh()');
  is(strays(amends), '0', 'and gets another');
}

async function terms(amends) {
  const text = 'external_id,name,currency,timezone,terms,prices\nt1,T,EUR,UTC,2026-04-01:year 2026-01-15:month:2026-01-01,2026-01-01:2900\n';
  const told = await imports(amends, text);
  is([counts(told), told.warnings.map((one) => [one.line, one.external_id, one.field])], [[1, 0, 0, 0], [[2, 't1', 'prices']]], `terms are imported, and a price before the first is warned of: ${told.warnings[0].detail}`);
  const account = await amends.call('GET', '/v1/accounts/t1');
  is([account.terms, account.interval, account.anchor], [[{ from: '2026-01-15', interval: 'month', anchor: '2026-01-01' }, { from: '2026-04-01', interval: 'year', anchor: '2026-04-01' }], 'year', '2026-04-01'], 'in order, the last one at top level');
  is(counts(await imports(amends, text)), [0, 0, 1, 0], 'the same again changes nothing');
  const line = (change) => JSON.stringify({ external_id: 't1', name: 'T', currency: 'EUR', timezone: 'UTC', prices: [{ from: '2026-01-01', amount_minor: 2900 }], ...change });
  const one = await imports(amends, line({ interval: 'year', anchor: '2026-04-01' }), '--dry-run');
  is(one.changes[0].fields, ['terms'], 'fewer terms are a change');
  for (const [change, field] of [[{}, 'interval'], [{ interval: 'month' }, 'anchor'], [{ terms: [{ from: '2026-01-01', interval: 'month', anchor: '2026-01-02' }] }, 'terms[0].anchor'],
    [{ terms: [{ from: '2026-01-01', interval: 'month' }, { from: '2026-01-01', interval: 'year' }] }, 'terms[1].from']]) {
    is((await imports(amends, line(change), '--dry-run')).errors.map((fault) => fault.field), [field], `${JSON.stringify(change)} is wrong in ${field}`);
  }
}

async function wrong(amends) {
  const line = (change) => `${JSON.stringify({ ...lib.accounts()[0], external_id: 'w0', ...change })}\n`;
  const text = line({}) + line({ external_id: 'w1', timezone: 'Mars/Base' }) + '{"external_id": \n' + line({ external_id: 'w2', components: ['nothing'] }) + line({});
  const refused = await type(amends, ['account', 'import', '-'], text);
  is(refused.code, 64, 'wrong lines refuse the import');
  const told = refused.stderr.split('\n').slice(1, 5).map((words) => words.trim().split(':').slice(0, 2).join(':'));
  is(told, ['line 2: timezone', 'line 3: ', 'line 4: components', 'line 5: external_id'], `each by line and field: ${refused.stderr}`);
  is(sql(amends, "select count(*) from account where external_id = 'w0'"), '0', 'nothing of it is written');
  is(counts(await imports(amends, text, '--dry-run')), [1, 0, 0, 4], 'a dry run tells them beside what is right');
  const price = await type(amends, ['account', 'import', '-'], `${HEADER}p1,P,EUR,UTC,month,2020-01-01,2900,,,\n`);
  ok(/line 2: prices/.test(price.stderr), `a price without its date is named: ${price.stderr}`);
  const column = await type(amends, ['account', 'import', '-', '--dry-run'], 'External ID,colour\np1,red\n');
  ok(column.code === 64 && /colour: there is no such column/.test(column.stderr), `an unknown column is named once: ${column.stderr}`);
}

async function trial(amends) {
  for (const one of lib.cases()) await lib.replayCase(amends, one);
  const rows = () => sql(amends, 'select (select count(*) from policy) || \' \' || (select count(*) from credit_run) || \' \' || (select count(*) from credit)');
  const before = rows();
  const tried = await type(amends, ['policy', 'dry-run', 'tests/cases/policies.json', '--from', '2012-01-01', '--to', '2026-01-01']);
  ok(/^two-days: 7 incidents, 7 accounts /m.test(tried.stdout) && /^2012-12  USD  bronze +1 credits +1\.87$/m.test(tried.stdout), `policies are tried: ${tried.stderr}`);
  is(rows(), before, 'and nothing is written');
  const none = await type(amends, ['policy', 'dry-run', 'tests/cases/policies.json', '--from', 'yesterday']);
  ok(none.code !== 0 && /yesterday is neither a date/.test(none.stderr), 'an invalid period is refused');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  await csv(amends, lib.componentSlugs()[0]);
  await terms(amends);
  await wrong(amends);
  await amends.call('POST', '/v1/accounts/import', lib.accounts().map((one) => JSON.stringify(one)).join('\n'), NDJSON);
  await trial(amends);
});
