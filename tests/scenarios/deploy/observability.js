#!/usr/bin/env node
'use strict';
// Every metric of the alert rules and the dashboard in deploy/ is in /metrics, which also responds
// without a database, and only to a key or at metrics_listen; promtool checks the rules and our
// output, and a Prometheus scrapes by deploy/prometheus/prometheus.yml; the log line of a failed
// request has the request_id that its client received.
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS, ROOT, exited, waitUntil } = require('../../lib/amends.js');
const { freePort } = require('../../lib/patroni.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const RULES = path.join(ROOT, 'deploy/prometheus');
const rules = fs.readFileSync(path.join(RULES, 'amends.rules.yml'), 'utf8');
const panels = JSON.parse(fs.readFileSync(path.join(ROOT, 'deploy/grafana/amends.json'), 'utf8')).panels;
const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

const names = (text) => [...new Set(text.match(/\bamends_[a-z_]+/g))].sort();
const promtool = (args, input, cwd = RULES) => {
  const done = spawnSync('promtool', args, { cwd, input, encoding: 'utf8' });
  return { status: done.status, text: `${done.stdout}${done.stderr}`.trim().split('\n').at(-1) };
};

function toldBy(metrics) {
  return new Set([...metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
    (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])));
}

function judgeRules(dir) {
  const checked = promtool(['check', 'rules', 'amends.rules.yml']);
  is(checked.status, 0, `promtool takes the rules: ${checked.text}`);
  const tested = promtool(['test', 'rules', 'amends.test.yml']);
  is(tested.status, 0, `each fires when it should: ${tested.text}`);
  const alerts = [...rules.matchAll(/alert: (\S+)/g)].map(([, name]) => name);
  const tests = fs.readFileSync(path.join(RULES, 'amends.test.yml'), 'utf8');
  is(alerts.filter((name) => tests.split(name).length < 3 && name !== 'AmendsApiDown'), [], 'each has a test that it fires and one that it does not');
  const file = path.join(dir, 'dashboard.json');
  fs.writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: shown.map((expr, i) => ({ record: `panel:${i}`, expr })) }] }));
  const drawn = promtool(['check', 'rules', file]);
  is(drawn.status, 0, `promtool takes what the ${panels.length} panels ask: ${drawn.text}`);
}

// An api without a database listens all the same.
async function withoutDatabase(amends, cleanup) {
  const [port, internal] = [await freePort(), await freePort()];
  const child = spawn(AMENDS, ['api'], {
    env: { ...process.env, AMENDS_DATABASE_URL: `host=${amends.dir} connect_timeout=2`, AMENDS_KEY_FILE: path.join(amends.dir, 'var/master.key'), AMENDS_LISTEN: `127.0.0.1:${port}`, AMENDS_METRICS_LISTEN: `127.0.0.1:${internal}`, AMENDS_LOG_FORMAT: 'json' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  cleanup(() => { child.kill('SIGTERM'); return exited(child); });
  let log = '';
  child.stderr.on('data', (chunk) => { log += chunk; });
  await waitUntil('it listens', async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => ({}))).ok);
  const metrics = await fetch(`http://127.0.0.1:${internal}/metrics`);
  const text = await metrics.text();
  ok(metrics.status === 200 && /^amends_database_up 0$/m.test(text), 'without a database /metrics says so');
  ok(!/^amends_notifiers /m.test(text), 'and omits metrics it cannot read');
  const failed = await fetch(`http://127.0.0.1:${port}/v1/components`, { headers: { authorization: 'Bearer amends_x_y' } });
  const { request_id: id } = await failed.json();
  const lines = await waitUntil('the log', () => log.includes('request failed') && log.trim().split('\n').map((line) => JSON.parse(line)));
  is([failed.status, lines.filter(({ msg }) => msg === 'request failed').map((line) => line.request_id)], [503, [id]], 'the log names the failed request by its request_id');
}

// Subscribers' hosts are labels, so strangers get nothing.
async function onlyForMonitoring(amends, internal) {
  const anonymous = await amends.request('GET', '/metrics', undefined, { key: null });
  is([anonymous.status, /^amends_/m.test(anonymous.text)], [401, false], 'a stranger gets no metrics');
  const make = async (scope) => (await amends.call('POST', '/v1/keys', { name: scope, scopes: [scope] })).key;
  const key = await make('metrics:read');
  const statuses = [];
  for (const one of [key, await make('broadcasts:read')]) statuses.push((await amends.request('GET', '/metrics', undefined, { key: one })).status);
  is([...statuses, (await amends.request('GET', '/v1/components', undefined, { key })).status], [200, 403, 403], 'a key needs metrics:read, which opens nothing else');
  const at = async (target) => (await fetch(`http://127.0.0.1:${internal}${target}`)).status;
  is([await at('/metrics'), await at('/healthz'), await at('/readyz')], [200, 200, 200], 'metrics_listen needs no key');
  is([await at('/'), await at('/v1/components'), await at('/staff')], [404, 404, 404], 'and serves nothing else');
  return key;
}

// The sample as it is, but for the address, the key's place and the interval; metrics_listen beside it.
async function scraped(amends, internal, key, cleanup) {
  const dir = path.join(amends.dir, 'prometheus');
  fs.mkdirSync(dir);
  fs.writeFileSync(path.join(dir, 'amends.key'), key);
  fs.copyFileSync(path.join(RULES, 'amends.rules.yml'), path.join(dir, 'amends.rules.yml'));
  const sample = fs.readFileSync(path.join(RULES, 'prometheus.yml'), 'utf8');
  fs.writeFileSync(path.join(dir, 'prometheus.yml'), `${sample
    .replace('15s', '200ms').replaceAll('/etc/prometheus', dir).replace('127.0.0.1:8080', new URL(amends.url).host)}
  - job_name: internal
    static_configs:
      - targets: [127.0.0.1:${internal}]
  - job_name: stranger
    static_configs:
      - targets: [${new URL(amends.url).host}]
`);
  const port = await freePort();
  const child = spawn('prometheus', [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/tsdb`, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
  cleanup(() => { child.kill('SIGTERM'); return exited(child); });
  const up = await waitUntil('Prometheus has scraped', async () => {
    const reply = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=up`).then((one) => one.json()).catch(() => null);
    return reply && reply.data.result.length === 3 && reply.data.result;
  }, 30000);
  is(Object.fromEntries(up.map(({ metric, value }) => [metric.job, value[1]])), { amends: '1', internal: '1', stranger: '0' }, 'Prometheus scrapes with the key, and at metrics_listen without one');
}

scenario(async (cleanup) => {
  const internal = await freePort();
  const amends = await Amends.up({ env: { AMENDS_LOG_LEVEL: 'debug', AMENDS_METRICS_LISTEN: `127.0.0.1:${internal}` } });
  cleanup(() => amends.destroy());
  const key = await onlyForMonitoring(amends, internal);
  const { text: metrics } = await amends.request('GET', '/metrics');
  const told = toldBy(metrics);
  is(names(rules).filter((name) => !told.has(name)), [], 'every metric of the alert rules is told');
  is(shown.flatMap(names).filter((name) => !told.has(name)), [], 'every metric of the dashboard is told');
  ok(/^amends_database_up 1$/m.test(metrics) && /^amends_notifiers 1$/m.test(metrics), 'the database is up, one notifier is connected');
  await amends.request('GET', '/v1/components');
  const { body: problem } = await amends.request('GET', '/v1/incidents/nothing');
  await waitUntil('debug tells each request', () => amends.log().split('\n').some((line) =>
    line.includes(`request_id=${problem.request_id}`) && line.includes('route=/v1/incidents/{ref}') && line.includes('status=404')));
  ok(amends.log().split('\n').filter((line) => / role=api .*msg=request /.test(line)).every((line) => /request_id=\S+/.test(line)), 'each by its request_id');
  if (spawnSync('promtool', ['--version']).error) {
    ok(true, 'SKIP promtool is not installed');
  } else {
    const linted = promtool(['check', 'metrics'], metrics);
    ok(linted.status === 0 || linted.status === 3, `promtool reads /metrics: ${linted.text}`);
    judgeRules(amends.dir);
    await scraped(amends, internal, key, cleanup);
  }
  await withoutDatabase(amends, cleanup);
});
