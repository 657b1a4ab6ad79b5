#!/usr/bin/env node
'use strict';
// `amends source` and `amends rule`: sources and rules of alerts are listed, added, shown, changed and
// removed; errors name the field, and a dry run writes nothing.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS } = require('../../lib/amends.js');
const { at, fired } = require('../../lib/alerts.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const env = (amends) => ({ ...process.env, ASAN_OPTIONS: 'detect_leaks=0', AMENDS_URL: amends.url, AMENDS_KEY: amends.key });
const run = (amends, args, input) => spawnSync(AMENDS, args, { encoding: 'utf8', input, env: env(amends) });
const shown = (amends, ...args) => { const done = run(amends, args); return done.status ? `${done.status} ${done.stderr}` : done.stdout; };
const json = (amends, ...args) => shown(amends, ...args, '--output=json').trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
const file = (amends, name, body) => { const at = path.join(amends.dir, name); fs.writeFileSync(at, typeof body === 'string' ? body : JSON.stringify(body)); return at; };

async function sources(amends) {
  const [made] = json(amends, 'source', 'add', 'prom', '--format', 'alertmanager');
  is([made.name, made.format, made.url, made.secret.length], ['prom', 'alertmanager', `${amends.url}/hooks/alerts/prom`, 32], 'a source is added, and its secret printed');
  ok(/^name +pager\n[^]*secret +key-of-pagerduty\n/m.test(shown(amends, 'source', 'add', 'pager', '--format=pagerduty', '--secret-file', file(amends, 'key', 'key-of-pagerduty\n'))), 'with the secret of a file');
  const tried = [json(amends, 'source', 'add', 'tried', '--format=generic', '--dry-run')[0], json(amends, 'source', 'change', 'prom', '--name=tried', '--dry-run')[0]];
  is(tried.map((one) => [one.name, one.url, one.secret]), [['tried', `${amends.url}/hooks/alerts/tried`, undefined], ['tried', `${amends.url}/hooks/alerts/tried`, undefined]], 'a dry run checks a source, and a change of one');
  is((await amends.all('/v1/alert-sources')).map((one) => one.name), ['prom', 'pager'], 'and writes nothing');
  const topics = ['arn:aws:sns:eu-west-1:1:a', 'arn:aws:sns:eu-west-1:1:b'];
  shown(amends, 'source', 'add', 'aws', '--format=cloudwatch', ...topics.map((one) => `--topic=${one}`), '--per-minute=9');
  is((({ topics: named, per_minute: rate }) => [named, rate])(await amends.call('GET', '/v1/alert-sources/aws')), [topics, 9], 'with topics and a limit');
  const counters = { match: [{ label: '__name__', value: 'requests_total' }], bad: [{ label: 'code', op: '=~', value: '5..' }], component_label: 'service' };
  is(json(amends, 'source', 'add', 'prom', '--kind=measurements', '--from', file(amends, 'counters.json', counters))[0].url, `${amends.url}/hooks/prometheus/write/prom`, 'one of measurements, its fields from a file');
  const rows = shown(amends, 'source', 'list').trim().split('\n').map((line) => line.split(/ {2,}/).slice(0, 3));
  is(rows, [['alerts', 'prom', 'alertmanager'], ['alerts', 'pager', 'pagerduty'], ['alerts', 'aws', 'cloudwatch'], ['measurements', 'prom', '-']], 'both kinds are listed');
  is(json(amends, 'source', 'list', '--kind=measurements').map((row) => [row.kind, row.name]), [['measurements', 'prom']], 'or one of them');
  const text = shown(amends, 'source', 'show', 'aws');
  ok(/^name +aws$/m.test(text) && /^topics +arn:aws:sns:eu-west-1:1:a, arn/m.test(text) && !/secret/.test(text), `one is shown, without its secret: ${text}`);
  is(json(amends, 'source', 'show', 'prom', '--kind=measurements')[0].bad, counters.bad, 'also of measurements');
  is(json(amends, 'source', 'change', 'aws', '--per-minute=50', `--topic=${topics[1]}`).map((row) => [row.per_minute, row.topics]), [[50, [topics[1]]]], 'changed');
  is(json(amends, 'source', 'change', 'prom', '--name=next').map((row) => [row.name, row.former_names]), [['next', ['prom']]], 'renamed');
  is(json(amends, 'source', 'change', 'next', '--end-former-names')[0].former_names, [], 'and its former name ended');
  is(json(amends, 'source', 'change', 'prom', '--kind=measurements', '--per-minute=7', '--dry-run')[0].per_minute, 7, 'a change of measurements is tried');
  is((await amends.call('GET', '/v1/measurement-sources/prom')).per_minute, 6000, 'without effect');
  is(json(amends, 'source', 'add', 'other', '--kind=measurements', '--from', file(amends, 'counters.json', counters), '--dry-run')[0].secret, undefined, 'so is a new one');
  is(json(amends, 'source', 'change', 'prom', '--kind=measurements', '--from', file(amends, 'zone.json', { labels: ['zone'] }))[0].labels, ['zone'], 'a change from a file');
  const [rotated] = json(amends, 'source', 'rotate', 'next', '--overlap=0');
  ok(rotated.secret !== made.secret && !(await amends.call('GET', '/v1/alert-sources/next')).previous_until, 'its secret is rotated at once');
  is(json(amends, 'source', 'rotate', 'prom', '--kind=measurements')[0].name, 'prom', 'so is a token');
  is([shown(amends, 'source', 'remove', 'pager'), shown(amends, 'source', 'remove', 'prom', '--kind=measurements')], ['pager is removed\n', 'prom is removed\n'], 'removed');
  is((await amends.all('/v1/alert-sources')).map((one) => one.name), ['next', 'aws'], 'they are gone');
}

function refusals(amends) {
  for (const [args, words] of [
    [['source', 'add', 'x', '--format=nagios'], '64 amends source: format: "nagios" is not a known format\n'],
    [['source', 'add', 'No Good', '--format=generic'], '64 amends source: name: must be lower-case letters, digits, - and _, with a letter or digit at both ends\n'],
    [['source', 'add', 'x', '--format=generic', '--per-minute=lots'], '64 amends source: per_minute: must be an integer\n'],
    [['source', 'add', 'next', '--format=generic'], '1 amends source: name: source "next" exists already\n'],
    [['source', 'add', 'x', '--from', file(amends, 'list.json', [])], `64 amends source: ${amends.dir}/list.json: must be an object\n`],
    [['source', 'show', 'none'], '1 amends source: no alert source "none"\n'],
    [['source', 'rotate', 'aws'], '1 amends source: Amazon signs the requests of this source: it has no secret\n'],
    [['source', 'remove', 'none', '--kind=measurements'], '1 amends source: no measurement source "none"\n'],
    [['source', 'list', '--kind=all'], /^64 amends source: --kind must be alerts or measurements/],
    [['rule', 'show', 'none'], '1 amends rule: no rule "none"\n'],
    [['rule', 'add', file(amends, 'bad.json', { name: 'x', level: 'huge', component: 'api' })], /^64 amends rule: level: must be one of /],
    [['rule', 'change', 'errors', '--from', file(amends, 'worse.json', { component: 'none' })], '64 amends rule: component: no component "none"\n'],
    [['rule', 'import', file(amends, 'object.json', {})], `64 amends rule: ${amends.dir}/object.json: must be a list of rules\n`],
    [['rule', 'import', file(amends, 'two.json', [{ name: 'fine', component: 'api', level: 'major_outage' }, { name: 'wrong', component: 'none', level: 'major_outage' }])], '64 amends rule: wrong: component: no component "none"\n'],
    [['rule', 'test', file(amends, 'x.json', {})], /^64 amends rule: --source is missing/],
  ]) {
    const said = shown(amends, ...args);
    ok(words instanceof RegExp ? words.test(said) : said === words, `${args.join(' ')}: ${said}`);
  }
}

async function rules(amends) {
  const names = async () => (await amends.all('/v1/alert-rules')).map((one) => one.name);
  const rule = { name: 'errors', component: 'api', level: 'major_outage', match: [{ label: 'severity', value: 'page' }], position: 2, for_seconds: 60 };
  const from = file(amends, 'rule.json', rule);
  is([json(amends, 'rule', 'add', from, '--dry-run')[0].component, await names()], ['api', []], 'a dry run checks a rule and writes nothing');
  is([json(amends, 'rule', 'add', from)[0].name, await names()], ['errors', ['errors']], 'added');
  is((run(amends, ['rule', 'add', '-'], JSON.stringify({ ...rule, name: 'first', position: 1 }))).status, 0, 'from standard input');
  is(shown(amends, 'rule', 'list').replace(/^\d+ +/gm, ''), 'first                1  api                  major_outage          severity = page\nerrors               2  api                  major_outage          severity = page\n', 'listed in the order in which they are tried');
  ok(/^for_seconds +60$/m.test(shown(amends, 'rule', 'show', 'errors')), 'one is shown');
  const change = file(amends, 'change.json', { level: 'partial_outage', for_seconds: null });
  is(json(amends, 'rule', 'change', 'errors', '--from', change, '--dry-run').map((one) => [one.level, one.for_seconds]), [['partial_outage', 0]], 'a change is tried');
  is((await amends.all('/v1/alert-rules'))[0].level, 'major_outage', 'without effect');
  const [changed] = json(amends, 'rule', 'change', 'errors', '--from', change);
  is([changed.level, changed.for_seconds, changed.position, changed.match], ['partial_outage', 0, 2, [{ label: 'severity', op: '=', value: 'page' }]], 'and made: other fields stay, null stands for the default');
  is(shown(amends, 'rule', 'remove', 'first'), 'first is removed\n', 'removed by its name');
  const list = file(amends, 'rules.json', [{ ...rule, level: 'major_outage' }, { ...rule, name: 'more' }]);
  is([shown(amends, 'rule', 'import', list, '--dry-run'), await names()], ['errors would be replaced\nmore would be added\n', ['errors']], 'an import is tried');
  is([shown(amends, 'rule', 'import', list), await names()], ['errors is replaced\nmore is added\n', ['errors', 'more']], 'rules come from a file, by name');
  const alerts = file(amends, 'alerts.json', { alerts: [fired('f', 0, { severity: 'page' }), fired('z', 0, {})] });
  shown(amends, 'source', 'add', 'play', '--format=generic');
  is(shown(amends, 'rule', 'test', alerts, '--source=play'), `f: fires since ${at(0)}\n  rule errors: api, major_outage\nz: fires since ${at(0)}\n  no rule takes it\n`, 'a request is tried');
}

function completion(amends) {
  const words = (...args) => run(amends, ['complete', '--', ...args]).stdout.split('\n').map((line) => line.split('\t')[0]).filter(Boolean);
  is(words('source', 'show', ''), ['next', 'aws', 'play'], 'names of sources complete');
  is(words('source', 'list', '--kind', ''), ['alerts', 'measurements'], 'and kinds');
  is(words('rule', 'remove', ''), ['errors', 'more'], 'names of rules');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await sources(amends);
  await rules(amends);
  refusals(amends);
  completion(amends);
});
