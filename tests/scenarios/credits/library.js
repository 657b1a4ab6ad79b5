#!/usr/bin/env node
'use strict';
// The library of policies (billing/library): every document can be meant, its worked examples are what the
// naive program computes, among them the amounts that the schemes were known for, and `amends policy
// library` prints it.
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { ROOT, AMENDS, freshDirectory } = require('../../lib/amends.js');
const { lint } = require('../../lib/naive_contracts/lint.js');
const { play } = require('../../lib/naive_contracts/play.js');
const { ok, is, done } = require('../../lib/tap.js');

// 99.00 a month, down on 10 March 2026 from 10:07:30 to 13:52:10 UTC: minor units by the first examples.
const KNOWN = {
  'slack-100x': 4983, 'slack-10x': 498, github: 2970, 'google-compute': 990, digitalocean: 50, 'ovh-kms': 0, rackspace: 3960, serverrack: 2235,
  'days-as-money': 958, hostingking: 399, 'cloudflare-enterprise': 461, 'aws-ec2': 400, 'telecom-uk': 6204,
};

const DIR = path.join(ROOT, 'billing/library');
const files = fs.readdirSync(DIR).filter((name) => name.endsWith('.json')).sort();
const entries = files.map((name) => JSON.parse(fs.readFileSync(path.join(DIR, name), 'utf8')));
const amends = (...args) => spawnSync(AMENDS, ['policy', 'library', ...args], { encoding: 'utf8' });

ok(entries.length >= 30, `${entries.length} policies`);
entries.forEach((entry, n) => {
  is([`${entry.name}.json`, entry.policy.name], [files[n], entry.name], `${entry.name} has its name in three places`);
  ok(entry.shape && /^\d{4}-\d\d-\d\d$/.test(entry.date) && entry.examples.length, `${entry.name} says what it is, since when, with an example`);
  is(lint(entry.policy), [], `${entry.name} can be meant`);
  for (const { text, expected, ...given } of entry.examples) {
    is(play({ ...given, policy: entry.policy })[0].rows, expected, `${entry.name}: ${text}`);
  }
});
for (const [name, amount] of Object.entries(KNOWN)) {
  const [{ expected }] = entries.find((entry) => entry.name === name).examples;
  is(expected.length ? expected[0].amount_minor : 0, amount, `${name} pays ${amount}`);
}
const long = entries.find(({ name }) => name === 'ovh-kms').examples[1];
is(long.expected[0].amount_minor, 1485, 'ovh-kms pays 1485 for 6 h 59 min');

// The engine, through the player of tests/cases/contracts.json.
const file = path.join(freshDirectory(), 'library.json');
fs.writeFileSync(file, JSON.stringify(entries.flatMap(({ policy, examples }) => examples.map(({ text, ...one }) => ({ name: policy.name, note: text, policy, ...one })))));
const engine = spawnSync(path.join(ROOT, process.env.BUILD || 'build', 'tests/unit/billing/test_engine_cases'), [file], { encoding: 'utf8' });
is([engine.status, (engine.stdout.match(/^not ok.*$/mg) || [])], [0, []], 'the engine agrees with every example');

const list = amends();
is(list.stdout.trim().split('\n').map((line) => line.split(' ')[0]), entries.map(({ name }) => name), 'amends policy library lists them');
ok(/^okta +Okta, Auth0 +Percent/m.test(list.stdout), 'with the company and what it pays');
is(JSON.parse(amends('okta').stdout), entries.find(({ name }) => name === 'okta').policy, 'with a name it prints the document');
is(JSON.parse(amends('okta', '--output', 'json').stdout), entries.find(({ name }) => name === 'okta'), 'as JSON with its examples');
ok(amends('nobody').status !== 0 && /no policy nobody/.test(amends('nobody').stderr), 'a name that is not there is refused');
done();
