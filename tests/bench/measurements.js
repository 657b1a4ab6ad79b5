#!/usr/bin/env node
'use strict';
// Rows: processor time of a minute of SERIES series of requests, by POST /v1/measurements (one request a
// minute) and by remote write (counters scraped every 15 s, 2,000 samples a request): api, PostgreSQL, and
// the rule that judges each minute. Below 60 s a minute, one processor is enough. And the size of an hour.
const { Amends } = require('../lib/amends.js');
const { measure } = require('../lib/measurements.js');
const { sql } = require('../lib/notifiers.js');
const remote = require('../lib/remote_write.js');
const { cpuOfRoles, median, round, say, tell } = require('./lib/bench.js');

const SERIES = Number(process.env.SERIES || 10000);
const MINUTES = Number(process.env.MINUTES || 59); // by NDJSON, after the first
const COMPONENTS = 10;
const SCRAPES = 4; // a minute
const SAMPLES = 2000; // a request
const HOUR = Math.floor(Date.now() / 3600e3) * 3600e3 - 3600e3;
const spare = 60; // seconds of a processor

const cpu = (amends) => cpuOfRoles(amends, ['api', 'notifier']);
const settle = (amends) => sql(amends, `select amends.alerts_due(now() + interval '5 seconds', 'http://x')`);

async function minutes(amends, n, work) {
  const took = [];
  const before = cpu(amends);
  for (let minute = 0; minute < n; minute++) {
    const start = Date.now();
    await work(minute);
    took.push(Date.now() - start);
    settle(amends);
  }
  return { cpu: (cpu(amends) - before) / 1000 / n, took: median(took) };
}

const instant = (ms) => new Date(ms).toISOString().replace('.000', '');

async function posts(amends) {
  const one = (i, minute) => ({ component: `c${i % COMPONENTS}`, from: instant(HOUR + minute * 60e3), to: instant(HOUR + minute * 60e3 + 60e3), good: i % 10 ? 1000 : 990 - (i % 7), total: 1000, labels: { instance: `host-${i}` } });
  const lines = (minute) => Array.from({ length: SERIES }, (_, i) => one(i, minute));
  await measure(amends, lines(0));
  const { cpu: seconds, took } = await minutes(amends, MINUTES, (minute) => measure(amends, lines(minute + 1)));
  const [[octets, stored]] = sql(amends, `select sum(pg_total_relation_size(inhrelid)), (select count(*) from amends.measured('-infinity', 'infinity')) from pg_inherits where inhparent = 'measurement_block'::regclass`);
  say({ row: `measurements, processor time of a minute of ${SERIES} series by NDJSON`, ours: round(seconds, 2), ceiling: null, peer: null, goal: `<= ${spare}`, unit: 's', runs: MINUTES, note: `api, notifier and PostgreSQL, with a rule over all; the request takes ${took} ms` });
  if (MINUTES === 59) say({ row: 'measurements, size of a stored minute of a series', ours: round(octets / stored, 1), ceiling: null, peer: null, goal: null, unit: 'bytes', runs: 1, note: `an hour of ${SERIES} series, every tenth with bad requests, index included` });
}

// Each scrape: all counters, in requests of SAMPLES samples.
async function remoteWrites(amends) {
  const { secret } = await amends.call('POST', '/v1/measurement-sources', { name: 'prom', match: [{ label: '__name__', value: 'http_requests_total' }], bad: [{ label: 'code', op: '=~', value: '5..' }], component_label: 'service' });
  const labels = (i) => ({ __name__: 'http_requests_total', service: `c${i % COMPONENTS}`, code: i % 2 ? '200' : '500', instance: `10.0.${i >> 8}.${i & 255}:9090`, job: 'api', method: 'GET', path: `/v1/things/${i % 40}` });
  const body = (scrape, i) => remote.body(Array.from({ length: Math.min(SAMPLES, SERIES - i) }, (_, k) => ({ labels: labels(i + k), samples: [[HOUR + scrape * 15e3, scrape * 100 + k]] })));
  const each = SCRAPES * Math.ceil(SERIES / SAMPLES);
  const send = async (minute) => {
    for (let scrape = minute * SCRAPES; scrape < (minute + 1) * SCRAPES; scrape++) {
      for (let i = 0; i < SERIES; i += SAMPLES) await amends.call('POST', '/hooks/prometheus/write/prom', body(scrape, i), { key: secret, headers: remote.HEADERS });
    }
  };
  await send(0); // labels are new only once
  const { cpu: seconds, took } = await minutes(amends, Math.min(MINUTES, 10), (minute) => send(minute + 1));
  say({ row: `measurements, processor time of a minute of ${SERIES} counters by remote write`, ours: round(seconds, 2), ceiling: null, peer: null, goal: `<= ${spare}`, unit: 's', runs: Math.min(MINUTES, 10), note: `scraped every 15 s, ${each} requests, which take ${took} ms; with a rule over all` });
}

async function main() {
  const amends = await Amends.up();
  try {
    for (let i = 0; i < COMPONENTS; i++) await amends.call('POST', '/v1/components', { slug: `c${i}`, name: `C${i}` });
    await amends.call('POST', '/v1/alert-rules', { name: 'errors', level: 'partial_outage', error_bp: 5000, bad_minutes: 3, of_minutes: 5 });
    tell(`${SERIES} series`);
    await posts(amends);
    await remoteWrites(amends);
  } finally {
    await amends.destroy();
  }
}

main().catch((error) => { console.error(error); process.exit(1); });
