#!/usr/bin/env node
'use strict';
// A policy in words (`amends policy words`): every policy of the library, and random ones of the whole
// language, say each of their numbers in each of the readers' languages, so that the words cannot
// drift from what pays. No label is missing, no field of one is left unfilled.
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { ROOT, AMENDS, freshDirectory } = require('../../lib/amends.js');
const { caseOf } = require('../../lib/naive_contracts/random_case.js');
const { play } = require('../../lib/naive_contracts/play.js');
const { ok, is, note, done } = require('../../lib/tap.js');

const LANGUAGES = { en: [',', '.'], de: ['.', ','], ja: [',', '.'], es: ['.', ','], fr: ['\u00a0', ','], 'pt-BR': ['.', ','] };
const DIGITS = { USD: 2, EUR: 2, GBP: 2, JPY: 0, KWD: 3, DAY: 2 };
const RATES = ['percent', 'days', 'hours', 'uptime_below', 'below', 'multiplier', 'cap_percent'];
const SPANS = ['min_block_seconds', 'unit_seconds', 'down_from_seconds', 'quantum_seconds', 'interval_seconds', 'seconds'];
const COUNTS = ['from_unit', 'working_days', 'within_days', 'days_after', 'maintenance_notice_hours', 'min_credit_minor'];
const labels = Object.fromEntries(Object.keys(LANGUAGES).map((tag) => [tag, JSON.parse(fs.readFileSync(path.join(ROOT, `templates/labels/${tag}.json`), 'utf8'))]));

const local = (number, [, point]) => number.replace('.', point);

function span(seconds, units) {
  const parts = [['d', 86400], ['h', 3600], ['m', 60], ['s', 1]].map(([unit, size]) => {
    const n = Math.floor(seconds / size);
    seconds -= n * size;
    return n ? units[unit].replace('{n}', n) : '';
  });
  return parts.filter(Boolean).join(' ');
}

function money(minor, currency, [group, point]) {
  const digits = DIGITS[currency];
  const text = String(minor).padStart(digits + 1, '0');
  const [whole, rest] = [text.slice(0, text.length - digits), digits ? text.slice(-digits) : ''];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  if (currency === 'DAY') return String(minor / 100).replace('.', point);
  return `${grouped}${rest && point + rest} ${currency}`;
}

// What the words must contain: [field, text].
function* said(of, tag, key = '') {
  const marks = LANGUAGES[tag];
  if (Array.isArray(of) && key === 'weekend') yield* of.map((day) => [key, labels[tag].policy_words[`weekday_${day}`]]);
  else if (Array.isArray(of)) for (const one of of) yield* said(one, tag, key);
  else if (['amounts', 'at_least', 'min_credit'].includes(key)) yield* Object.entries(of).map(([currency, minor]) => [key, money(minor, currency, marks)]);
  else if (key === 'weights_bp') yield* Object.values(of).map((bp) => [key, local(String(bp / 100), marks)]);
  else if (typeof of === 'object' && of !== null) for (const [name, value] of Object.entries(of)) yield* said(value, tag, name);
  else if (RATES.includes(key)) yield [key, local(of, marks)];
  else if (SPANS.includes(key) && of) yield [key, span(of, labels[tag].credit_unit)];
  else if (COUNTS.includes(key) && (of || key === 'within_days')) yield [key, String(of)];
  else if (['holidays', 'timezone', 'plans', 'components'].includes(key)) yield [key, of];
}

// Without what the rule does not read.
function read(policy) {
  const { measure: { quantum_seconds: q, ...measure } = {}, steps, ...rest } = policy;
  if (rest.multiplier === '1') delete rest.multiplier;
  if (rest.exclude_maintenance === false) delete rest.maintenance_notice_hours;
  if (rest.min_credit_minor === 1) delete rest.min_credit_minor;
  const one = steps && steps.length === 1 && (steps[0].from_unit || 1) === 1;
  return {
    ...rest, measure: measure.count && measure.count !== 'exact' ? { ...measure, quantum_seconds: q } : measure,
    ...(steps ? { steps: steps.map(({ from_unit: from, ...step }) => (one ? step : { ...step, from_unit: from || 1 })) } : {}),
  };
}

function missing(policy, words, tag) {
  const text = [words.gives, ...words.rows.flatMap(({ when, pays }) => [when, pays]), ...words.counts, ...words.limits].join('\n');
  const has = (part) => new RegExp(`(?<![\\d.,])${part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}(?!\\d)`).test(text);
  const lost = [...said(read(policy), tag)].filter(([, part]) => !has(part)).map(([key, part]) => `${key}: ${part}`);
  if (/\{\w+\}|policy_words|null/.test(text)) lost.push(text);
  return lost;
}

// What the naive program gives the account of the worked example: the outage's length, and the amount.
function worked(policy) {
  const named = (of) => Object.keys(of || {}).filter((name) => name !== 'DAY');
  const amounts = [policy.amounts, ...[...(policy.tiers || []), ...(policy.steps || []), ...(policy.caps || [])].map((one) => one.amounts), policy.at_least];
  const [currency = 'USD'] = amounts.flatMap(named);
  const labels = Object.fromEntries(Object.entries((policy.applies || {}).labels || {}).map(([key, value]) => [key, [].concat(value)[0]]));
  const [component = 'app'] = policy.components || [];
  const price = 99 * 10 ** (DIGITS[currency] || 2);
  const account = { external_id: 'a', currency, timezone: 'UTC', interval: 'month', anchor: '2026-01-01', prices: [{ from: '2026-01-01', amount_minor: price }], components: [], plan: ((policy.applies || {}).plans || [])[0], labels };
  const from = Date.parse('2026-03-10T10:07:30Z');
  const at = (seconds) => `${new Date(from + seconds * 1000).toISOString().slice(0, 19)}Z`;
  for (const seconds of [13480, 86400, 3 * 86400, 10 * 86400]) {
    const q = (policy.measure || {}).interval_seconds || Infinity;
    const measurements = Array.from({ length: Math.ceil(seconds / q) }, (_, n) => ({ component, from: at(n * q), to: at((n + 1) * q), good: 0, total: 100 }));
    const incident = { ref: 'i', reported_at: at(0), impacts: [{ component, level: 'major_outage', from: at(0), to: at(seconds) }] };
    const [{ rows }] = play({ policy, accounts: [account], incidents: [incident], claims: [{ account: 'a', at: at(seconds), incidents: ['i'] }], measurements });
    const minor = rows.reduce((total, row) => total + row.amount_minor, 0);
    if (minor || seconds === 864000) return { price, currency, seconds, minor, given: rows.length ? rows[0].currency : currency };
  }
  return null;
}

function wrongExample(policy, words, tag) {
  const { price, currency, seconds, minor, given } = worked(policy);
  const wanted = [money(price, currency, LANGUAGES[tag]), ...(minor ? [money(minor, given, LANGUAGES[tag])] : []), span(seconds, labels[tag].credit_unit)];
  return wanted.every((part) => words.example.includes(part)) ? [] : [`${words.example} has not ${wanted}`];
}

const dir = freshDirectory();
const library = fs.readdirSync(path.join(ROOT, 'billing/library')).map((name) => JSON.parse(fs.readFileSync(path.join(ROOT, 'billing/library', name), 'utf8')).policy);
const random = Array.from({ length: 200 }, (_, n) => ({ ...caseOf(n + 1).policies[0], name: `random-${n + 1}` }));
const all = [...library, ...random];
const file = path.join(dir, 'policies.json');
fs.writeFileSync(file, JSON.stringify(all));
const run = (...args) => spawnSync(AMENDS, ['policy', 'words', ...args], { encoding: 'utf8' });

for (const tag of Object.keys(LANGUAGES)) {
  const lines = run(file, '--locale', tag, '--output', 'json').stdout.trim().split('\n').map((line) => JSON.parse(line));
  is(lines.length, all.length, `${tag}: each policy has words`);
  const lost = all.flatMap((policy, n) => missing(policy, lines[n], tag).map((one) => `${policy.name}: ${one}`));
  ok(!lost.length, `${tag}: the words say each number of ${library.length} policies of the library and ${random.length} random ones`);
  for (const one of lost.slice(0, 5)) note(one);
  const wrong = all.flatMap((policy, n) => wrongExample(policy, lines[n], tag).map((one) => `${policy.name}: ${one}`));
  ok(!wrong.length, `${tag}: and an example with the amount that the naive program computes`);
  for (const one of wrong.slice(0, 5)) note(one);
}
const text = run('telecom-uk').stdout;
ok(/^telecom-uk\n/.test(text) && /- each of them: 10\.34 GBP/.test(text), 'by name, from the library, as lines');
ok(/after 1 working day following/.test(run(written({ grace: { working_days: 1 } })).stdout), 'one day is a day');
ok(/nobody/.test(run('nobody').stderr) && run('nobody').status !== 0, 'neither file nor name: refused');

function written(more) {
  const one = path.join(dir, 'one.json');
  fs.writeFileSync(one, JSON.stringify({ name: 'one', model: 'prorata', ...more }));
  return one;
}
done();
