#!/usr/bin/env node
'use strict';
// A real Prometheus scrapes counters and writes them to Amends: every request that it saw between its
// first and its last sample is counted once, also those that it repeats because the database was
// busy; a target that fails suggests an incident, and one that starts again counts on. Native histograms
// count their observations.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { nativeHistograms, CONTENT_TYPE } = require('../../lib/exposition.js');
const { Amends, exited, freshDirectory, waitForLine, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { freePort } = require('../../lib/patroni.js');
const { missing } = require('../../lib/prometheus.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// A service with counters, which serves requests by itself: so many at each scrape.
function service(cleanup) {
  const counters = { 200: 0, 500: 0 };
  const self = { counters, good: 7, bad: 0 };
  const server = http.createServer((request, response) => {
    counters[200] += self.good;
    counters[500] += self.bad;
    response.end(Object.entries(counters).map(([code, n]) => `http_requests_total{code="${code}",path="/x"} ${n}\n`).join(''));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => { self.port = server.address().port; resolve(self); });
    cleanup(() => { server.closeAllConnections(); server.close(); });
  });
}

// One that has native histograms alone, for those who ask for protobuf.
function histograms(cleanup) {
  const counts = { 200: 100, 500: 10 };
  const self = { seen: [] };
  const server = http.createServer((request, response) => {
    counts[200] += 7;
    counts[500] += 2;
    if (!/protobuf/.test(request.headers.accept)) return response.end('');
    self.seen.push({ ...counts });
    return response.writeHead(200, { 'content-type': CONTENT_TYPE }).end(nativeHistograms('request_seconds', Object.entries(counts).map(([code, n]) => [{ code }, n])));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => { self.port = server.address().port; resolve(self); });
    cleanup(() => { server.closeAllConnections(); server.close(); });
  });
}

async function prometheus(cleanup, dir, target, { url, secret }, ...more) {
  const port = await freePort();
  const config = path.join(dir, 'prometheus.yml');
  fs.writeFileSync(config, JSON.stringify({ // JSON is YAML
    global: { scrape_interval: '500ms' },
    scrape_configs: [{ job_name: 'service', static_configs: [{ targets: [`127.0.0.1:${target.port}`], labels: { service: 'api' } }] }],
    remote_write: [{ url, authorization: { credentials: secret }, send_native_histograms: true, queue_config: { batch_send_deadline: '500ms', min_backoff: '100ms', max_backoff: '1s' },
      write_relabel_configs: [{ source_labels: ['__name__'], regex: 'http_requests_total|request_seconds', action: 'keep' }] }],
  }));
  const log = fs.openSync(path.join(dir, 'prometheus.log'), 'a');
  const child = spawn('prometheus', [`--config.file=${config}`, `--storage.tsdb.path=${dir}/tsdb`, `--web.listen-address=127.0.0.1:${port}`, ...more], { stdio: ['ignore', log, log] });
  fs.closeSync(log);
  cleanup(() => { child.kill('SIGTERM'); return exited(child); });
  await waitUntil('it is ready', async () => (await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => ({}))).ok);
  // What it has of a code: [[milliseconds, value]].
  return async (code) => {
    const reply = await (await fetch(`http://127.0.0.1:${port}/api/v1/query?${new URLSearchParams({ query: `http_requests_total{code="${code}"}[1h]` })}`)).json();
    return reply.data.result[0].values.map(([at, value]) => [Math.round(at * 1000), Number(value)]);
  };
}

// As `increase` counts: what grew, from 0 after a restart.
const grown = (samples, until) => samples.filter(([at]) => at <= until).reduce((sum, [, value], n, all) => sum + (n ? (value >= all[n - 1][1] ? value - all[n - 1][1] : value) : 0), 0);

// Counted, and the sample of each code until which it is.
function counted(amends) {
  const [[bad, total, ...at]] = sql(amends, `select (select sum(bad) from amends.measured('-infinity', 'infinity')), (select sum(total) from amends.measured('-infinity', 'infinity')),
    max(extract(epoch from at) * 1000) filter (where not bad), max(extract(epoch from at) * 1000) filter (where bad) from measurement_counter where component_id is not null`);
  const [good, failed] = at.map((ms) => Math.round(Number(ms)));
  return { bad: Number(bad), total: Number(total), at: { 200: good, 500: failed } };
}

async function same(amends, samples, what) {
  const { bad, total, at } = counted(amends);
  const good = grown(await samples(200), at[200]), failed = grown(await samples(500), at[500]);
  note(`${total} requests, ${bad} bad`);
  is([total, bad], [good + failed, failed], what);
}

// While a session holds the stage, requests get 503 and Prometheus repeats them.
async function busy(amends, length) {
  const child = spawn('psql', ['-h', path.join(amends.dir, 'var/run'), '-U', 'amends', '-d', 'amends', '-XAtq'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(`begin; select pg_advisory_xact_lock(amends.lock_key('measurement_stage')); select 'held';\n`);
  await waitForLine(child, /^(held)$/m, 10000);
  await pause(length);
  child.stdin.end('commit;\n');
  await exited(child);
}

async function counts(amends, cleanup) {
  const made = await amends.call('POST', '/v1/measurement-sources', { name: 'hist', match: [{ label: '__name__', value: 'request_seconds' }], bad: [{ label: 'code', value: '500' }], component: 'web' });
  const target = await histograms(cleanup);
  await prometheus(cleanup, freshDirectory(), target, { ...made, url: made.url.replace(/^https?:\/\/[^/]+/, amends.url) }, '--enable-feature=native-histograms');
  const stored = () => sql(amends, `select sum(m.total), sum(m.bad), (select value from measurement_counter n where n.source_id = ${made.id} and not bad), (select value from measurement_counter n where n.source_id = ${made.id} and bad)
    from amends.measured('-infinity', 'infinity') m join measurement_series s on s.id = m.series_id join component c on c.id = s.component_id where c.slug = 'web'`)[0].map(Number);
  await waitUntil('it counts', () => stored()[0] > 40, 30000);
  const [total, bad, good, failed] = stored();
  note(`${total} observations, ${bad} bad`);
  is([total, bad], [good - target.seen[0][200] + failed - target.seen[0][500], failed - target.seen[0][500]], 'native histograms of a real Prometheus: each observation counts once');
}

const absent = missing();
if (absent) {
  console.log(`1..0 # SKIP ${absent}`);
} else {
  scenario(async (cleanup) => {
    const dir = freshDirectory();
    const amends = await Amends.up();
    cleanup(() => amends.destroy());
    await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
    await amends.call('POST', '/v1/alert-rules', { name: 'errors', level: 'partial_outage', match: [{ label: 'component', value: 'api' }], error_bp: 500, bad_minutes: 1, least_requests: 20 });
    const made = await amends.call('POST', '/v1/measurement-sources', { name: 'prom', match: [{ label: '__name__', value: 'http_requests_total' }], bad: [{ label: 'code', op: '=~', value: '5..' }], component_label: 'service' });
    const target = await service(cleanup);
    const samples = await prometheus(cleanup, dir, target, { ...made, url: made.url.replace(/^https?:\/\/[^/]+/, amends.url) });
    await waitUntil('it counts', () => counted(amends).total > 50, 30000);
    await same(amends, samples, 'each request counts once');
    is((await amends.all('/v1/suggestions')).length, 0, 'nothing fails, nothing is suggested');
    await busy(amends, 3000);
    target.bad = 5;
    await waitUntil('failures are counted', () => counted(amends).bad > 20, 30000);
    await same(amends, samples, 'also those that were repeated');
    const [one] = await waitUntil('an incident is suggested', async () => { const rows = await amends.all('/v1/suggestions?state=pending'); return rows.length && rows; }, 30000);
    is([one.title, one.windows.length], ['API: partial outage', 1], 'the target that fails suggests an incident');
    Object.assign(target.counters, { 200: 0, 500: 0 });
    const before = counted(amends).total;
    await waitUntil('it counts on', () => counted(amends).total > before + 30, 30000);
    await same(amends, samples, 'a target that starts again counts on');
    ok(sql(amends, 'select count(*) from measurement_block')[0][0] <= '2', 'in a row an hour');
    await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web' });
    await counts(amends, cleanup);
  });
}
