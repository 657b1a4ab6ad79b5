#!/usr/bin/env node
'use strict';
// What years of incidents would have cost under two policies, side by side: the API, `amends policy
// dry-run --against`, and the console's page with its chart. Each cost is that of a dry run alone.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { Desk } = require('../../lib/staff.js');
const { sql } = require('../../lib/notifiers.js');
const { is, ok, scenario } = require('../../lib/tap.js');

const period = { from: '2012-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' };
const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } };
const TABLES = ['account', 'policy', 'credit_run', 'credit', 'credit_line', 'credit_working', 'audit'];
const TEN = { library: 'ten-times-lost-time' };

const total = (rows, member) => rows.reduce((sum, row) => sum + row[member], 0);
const key = (row) => `${row.month} ${row.currency} ${row.plan}`;

function type(amends, ...args) {
  const child = spawn(AMENDS, [...args, '--data', path.join(amends.dir, 'var')], { env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => { out[name] += chunk; });
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...out, code })));
}

async function api(amends) {
  const run = (body) => amends.call('POST', '/v1/policies/dry-run', { period, ...body });
  const [days, , rata] = lib.policies();
  const alone = { days: await run({ policy: days }), ten: await run(TEN), rata: await run({ policy: rata }) };
  is(await run({ name: 'two-days' }), alone.days, 'a stored policy costs what its document does');
  is(await run({ name: 'two-days', version: 1 }), alone.days, 'also by its version');
  const two = await run({ name: 'two-days', against: TEN });
  const { comparison, ...first } = two;
  is(first, alone.days, 'the first costs what it does alone');
  is(comparison.accounts, alone.ten.accounts, 'the other concerns the accounts that it does alone');
  const other = Object.fromEntries(alone.ten.totals.map((row) => [key(row), row]));
  const own = Object.fromEntries(alone.days.totals.map((row) => [key(row), row]));
  is(comparison.totals.map(key).sort(), [...new Set([...Object.keys(own), ...Object.keys(other)])].sort(), 'a row for each month, currency and plan of either');
  const none = { credits: 0, amount_minor: 0 };
  ok(comparison.totals.every((row) => {
    const [a, b] = [own[key(row)] || none, other[key(row)] || none];
    return row.credits === a.credits && row.amount_minor === a.amount_minor && row.against_credits === b.credits && row.against_minor === b.amount_minor && row.difference_minor === a.amount_minor - b.amount_minor;
  }), 'with both costs, and the difference');
  ok(comparison.totals.some((row) => !row.credits) && comparison.totals.some((row) => row.difference_minor > 0), 'also where only one of them pays');
  for (const sum of comparison.sums) {
    const rows = comparison.totals.filter((row) => row.currency === sum.currency);
    is([sum.amount_minor, sum.against_minor, sum.difference_minor], ['amount_minor', 'against_minor', 'difference_minor'].map((member) => total(rows, member)), `the sums in ${sum.currency}`);
  }
  is([total(two.sums, 'accounts'), total(comparison.sums, 'against_accounts')], [two.accounts, comparison.accounts], 'accounts are counted once, whatever the months');
  const same = await run({ policy: rata, against: { policy: rata } });
  ok(same.comparison.sums.length && same.comparison.totals.every((row) => row.difference_minor === 0 && row.amount_minor === row.against_minor), 'a policy beside itself differs nowhere');
  return two;
}

async function refusals(amends) {
  const wrong = async (body) => {
    const reply = await amends.request('POST', '/v1/policies/dry-run', { period, ...body });
    return [reply.status, reply.body.errors && reply.body.errors[0].field];
  };
  const [days] = lib.policies();
  is(await wrong({}), [422, 'policy'], 'a policy is needed');
  is(await wrong({ policy: days, name: 'two-days' }), [422, 'policy'], 'one only');
  is(await wrong({ ...TEN, version: 1 }), [422, 'version'], 'a version is that of a stored one');
  is(await wrong({ name: 'nope' }), [422, 'name'], 'an unknown name');
  is(await wrong({ name: 'two-days', version: 9 }), [422, 'name'], 'an unknown version');
  is(await wrong({ name: 'two-days', against: { library: 'nope' } }), [422, 'against.library'], 'an unknown one of the library');
  is(await wrong({ name: 'two-days', against: { policy: { ...days, days: '-1' } } }), [422, 'against.policy.days'], 'what is wrong with the other is said');
  is(await wrong({ name: 'two-days', against: { policy: { ...days, components: ['nope'] } } }), [422, 'against.policy.components[0]'], 'a component that is none');
  const held = spawn('psql', ['-h', path.join(amends.dir, 'var/run'), '-U', 'amends', '-d', 'amends', '-Xq'], { stdio: ['pipe', 'pipe', 'inherit'] });
  held.stdin.write("begin; lock table impact; select 'held';\n");
  await new Promise((resolve) => held.stdout.once('data', resolve));
  const late = await amends.request('POST', '/v1/policies/dry-run', { period, name: 'two-days', timeout_seconds: 1 });
  held.stdin.end('rollback;\n');
  is([late.status, late.body.errors[0].field, /longer than 1 second/.test(late.body.detail)], [422, 'period', true], 'a period that takes too long');
}

async function cli(amends, two) {
  const file = path.join(amends.dir, 'ten.json');
  fs.writeFileSync(file, JSON.stringify({ name: 'ten', model: 'prorata', multiplier: '10', maintenance_notice_hours: 24 }));
  const dates = ['--from=2012-01-01', '--to=2026-01-01'];
  const run = (...args) => type(amends, 'policy', 'dry-run', ...args, ...dates);
  const { stdout: table, stderr } = await run('two-days', '--against=ten-times-lost-time');
  const lines = table.trimEnd().split('\n');
  ok(/^two-days against ten-times-lost-time: \d+ incidents, (\d+) and (\d+) accounts would receive a credit$/.test(lines[0]), `both are named: ${lines[0]} ${stderr}`);
  ok(/^MONTH +PLAN +CREDITS +two-days +CREDITS +ten-times-lost-time +DIFFERENCE$/.test(lines.find((line) => line.startsWith('MONTH'))), 'columns have names');
  const rows = lines.filter((line) => /^(\d{4}-\d\d|total) /.test(line));
  ok(rows.every((line) => /[+-]?\d[\d.]*$/.test(line)) && new Set(rows.map((line) => line.length)).size === 1, 'and end in one place');
  is(rows.filter((line) => line.startsWith('total')).length, two.comparison.sums.length, 'a total for each currency');
  const usd = two.comparison.sums.find((row) => row.currency === 'USD');
  const plus = (minor) => `${minor > 0 ? '+' : ''}${(minor / 100).toFixed(2)}`;
  ok(table.includes(` ${plus(usd.difference_minor)}\n`), 'with the difference');
  const json = JSON.parse((await run('two-days', '--against', file, '--output=json')).stdout);
  is([json.comparison.accounts, json.accounts], [two.comparison.accounts, two.accounts], 'a file; as JSON');
  is(json.comparison.totals, two.comparison.totals, 'of the API');
  const csv = (await run(file, '--against=two-days', '--format=csv')).stdout.split('\r\n');
  is(csv[0], 'policy,against,month,currency,plan,credits,amount,against_credits,against_amount,difference', 'as CSV');
  is(csv.length - 2, two.comparison.totals.length, 'with every row');
  is((await run(file, '--format=csv')).stdout.split('\r\n')[0], 'policy,month,currency,plan,credits,amount', 'also of one policy');
  const nobody = await run('nobodys', '--against=two-days');
  ok(nobody.code !== 0 && /nobodys/.test(nobody.stderr), `what is nowhere is named: ${nobody.stderr}`);
}

async function page(amends, two) {
  const desk = await Desk.enter(amends, 'bill', ['billing']);
  const at = '/staff/credits/compare';
  const read = async (query = '') => (await desk.get(`${at}${query}`)).text;
  ok((await desk.get('/staff/credits/policies')).text.includes(`href="${at}"`), 'the policies link to the page');
  ok((await desk.get('/staff/credits/policies/two-days')).text.includes(`href="${at}?first=two-days@1"`), 'and each policy');
  const form = await read();
  ok(form.includes('value="two-days@1"') && form.includes('value="library:ten-times-lost-time"') && !form.includes('cost-bars'), 'it asks for two policies');
  ok(form.includes('href="/staff/credits/policies" aria-current="page"'), 'in the place of policies');
  const shown = await read('?first=two-days@1&other=library:ten-times-lost-time&from=2012-01-01&to=2026-01-01');
  is(shown.match(/<svg class="cost-bars"/g).length, two.comparison.sums.length, 'a chart for each currency');
  for (const { currency, difference_minor: minor } of two.comparison.sums) {
    const than = minor > 0 ? / would have cost [\d,.]+ (\w+) more than ten-times-lost-time/g : / would have cost [\d,.]+ (\w+) less than ten-times-lost-time/g;
    ok([...shown.matchAll(than)].some(([, unit]) => unit === currency), `the difference in ${currency} in words`);
  }
  const months = new Set(two.comparison.totals.map((row) => `${row.currency} ${row.month}`)).size;
  is((shown.match(/<tr><th scope="row">\d{4}-\d\d<\/th><td class="sum">/g) || []).length, months, 'the months in a table');
  ok((await read('?first=nope@1&other=two-days@1')).includes('No such policy'), 'a policy that is gone is told');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  await amends.call('POST', '/v1/accounts/import', lib.accounts().map((one) => JSON.stringify(one)).join('\n'), NDJSON);
  for (const one of lib.cases()) await lib.replayCase(amends, one);
  const rows = () => sql(amends, TABLES.map((table) => `select count(*) from ${table}`).join(' union all '));
  const before = rows();
  const two = await api(amends);
  await refusals(amends);
  await cli(amends, two);
  is(rows(), before, 'nothing is written');
  await page(amends, two);
});
