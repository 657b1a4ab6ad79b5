#!/usr/bin/env node
'use strict';
// Measured requests: stored in blocks, replaced by a repetition, refused as a whole with the line; and
// rules that make windows of the minutes in which too many failed. Prometheus' remote write, as recorded
// bodies; a real Prometheus sends it in long/remote_write.js.
const { Amends, waitUntil } = require('../../lib/amends.js');
const { measure, tryMeasure, minute, at } = require('../../lib/measurements.js');
const { sql } = require('../../lib/notifiers.js');
const remote = require('../../lib/remote_write.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const stored = (amends) => sql(amends, `select c.slug, s.labels->>'zone', to_char(m.from_at at time zone 'UTC', 'HH24:MI'),
  m.total - m.bad, m.total from amends.measured('2026-03-03', '2026-03-04') m join measurement_series s on s.id = m.series_id
  join component c on c.id = s.component_id order by 3, 2`);

async function store(amends) {
  const lines = [minute('api', 0, 1, { labels: { zone: 'a' } }), minute('api', 1, 0, { labels: { zone: 'a' } }), minute('api', 0, 5, { labels: { zone: 'b' } })];
  is(await measure(amends, lines), { received: 3, changed: 3 }, 'three measurements');
  is(await measure(amends, lines), { received: 3, changed: 0 }, 'the same again changes nothing');
  const later = minute('api', 61, 100, { labels: { zone: 'a' } });
  is(await measure(amends, [minute('api', 0, 2, { labels: { zone: 'a' } }), minute('api', 1, 7, { labels: { zone: 'a' } }), minute('api', 1, 0, { labels: { zone: 'a' } }), later]), { received: 4, changed: 2 }, 'a minute is replaced; the last of two lines counts');
  is(stored(amends), [['api', 'a', '10:00', '98', '100'], ['api', 'b', '10:00', '95', '100'], ['api', 'a', '10:01', '100', '100'], ['api', 'a', '11:01', '0', '100']], 'series apart, minutes in place');
  is(sql(amends, 'select count(*) from measurement_block'), [['3']], 'an hour of a series is one row');
  is(await measure(amends, [{ component: 'api', from: '2025-12-31T00:00:00Z', to: '2026-01-31T00:00:00Z', good: 1, total: 1 }]), { received: 1, changed: 1 }, 'one of 31 days');
  is(sql(amends, `select inhrelid::regclass::text from pg_inherits where inhparent = 'measurement_block'::regclass order by 1`).flat(), ['measurement_202512', 'measurement_202603'], 'in a partition of its month');
}

// What was stored is read again, by minute or more of them, over all series.
async function listed(amends) {
  const read = async (query, rows = []) => {
    const { data, next_cursor: next } = await amends.call('GET', `/v1/measurements?component=api&from=${at(0)}&to=${at(120)}${query}${rows.length ? `&cursor=${rows.cursor}` : ''}`);
    const all = Object.assign([...rows, ...data.map(({ from, good, total }) => [from, good, total])], { cursor: next });
    return next ? read(query, all) : [...all];
  };
  const minutes = [[at(0), 193, 200], [at(1), 100, 100], [at(61), 0, 100]];
  is(await read(''), minutes, 'read by minute, all series together');
  is(await read('&limit=1'), minutes, 'page by page');
  is(await read('&step_minutes=60'), [[at(0), 293, 300], [at(60), 0, 100]], 'or by the hour');
  is([await read('&step_minutes=60&limit=1'), await read('&suggestion=999')], [[[at(0), 293, 300], [at(60), 0, 100]], []], 'those of a suggestion alone');
  for (const [query, field] of [[`component=api&from=${at(5)}&to=${at(5)}`, 'to'], [`component=api&from=${at(0)}&to=${at(60 * 24 * 40)}`, 'to'], [`component=none&from=${at(0)}&to=${at(5)}`, 'component'], ['component=api', 'from']]) {
    const reply = await amends.request('GET', `/v1/measurements?${query}`);
    is([reply.status, reply.body.errors[0].field], [422, field], `a wrong ${field}: ${reply.body.errors[0].detail}`);
  }
}

async function refusals(amends) {
  const before = stored(amends);
  const wrong = [[{ component: 'none' }, 'component'], [{ good: 101 }, 'good'], [{ to: at(0) }, 'to'], [{ from: '2026-03-03T10:00:00.5Z' }, 'from'],
    [{ to: '2026-05-03T10:00:00Z' }, 'to'], [{ labels: { zone: 1 } }, 'labels.zone'], [{ scope: { labels: 1 } }, 'scope.labels'], [{ total: undefined }, 'total']];
  const reply = await tryMeasure(amends, [minute('api', 30, 0), ...wrong.map(([change]) => ({ ...minute('api', 31, 0), ...change }))]);
  is([reply.status, reply.body.detail], [422, '8 of 9 lines are invalid; nothing was written'], 'refused as a whole');
  is(reply.body.errors.map(({ line, field }) => [line, field]), wrong.map(([, field], n) => [n + 2, field]), 'each with line and field');
  is(stored(amends), before, 'nothing of it is stored');
}

const RULE = { name: 'errors', level: 'partial_outage', match: [{ label: 'component', value: 'web' }, { label: 'zone', op: '!=', value: 'test' }], error_bp: 500, bad_minutes: 3, of_minutes: 5 };
// As a notifier does it, at an instant.
const settle = (amends, instant = at(59)) => sql(amends, `update alert_group set check_at = '-infinity'; select amends.alerts_due('${instant}', 'http://x')`);
const windows = async (amends, state = 'pending') => (await amends.all(`/v1/suggestions?state=${state}`)).flatMap((one) => one.windows.map(({ component, from, to }) => [component, from, to]));
const shuffled = (list) => list.map((one, n) => [(n * 7) % list.length, one]).sort(([a], [b]) => a - b).map(([, one]) => one);

async function rules(amends) {
  const refused = async (change, field) => {
    const reply = await amends.request('POST', '/v1/alert-rules', { ...RULE, ...change });
    is([reply.status, reply.body.errors[0].field], [422, field], `a rule: ${reply.body.errors[0].detail}`);
  };
  await refused({ component: 'web' }, 'component');
  await refused({ bad_minutes: undefined }, 'bad_minutes');
  await refused({ of_minutes: 2 }, 'of_minutes');
  await refused({ error_bp: undefined }, 'error_bp');
  const made = await amends.call('POST', '/v1/alert-rules', RULE);
  is([made.error_bp, made.bad_minutes, made.of_minutes, made.least_requests], [500, 3, 5, 1], 'a rule of measured requests');

  const bad = { 2: 90, 10: 5, 12: 40, 13: 100, 20: 4, 21: 4, 22: 4, 30: 9, 31: 9, 36: 9 };
  const lines = Array.from({ length: 40 }, (_, n) => minute('web', n, bad[n] || 0));
  for (const line of shuffled(lines)) await measure(amends, [line, { ...line, labels: { zone: 'test' }, good: 0 }]);
  settle(amends);
  is(await windows(amends), [['web', at(10), at(14)]], '3 bad minutes of 5: from the first to the last, whatever the order');
  await measure(amends, lines);
  settle(amends);
  is((await amends.all('/v1/suggestions?state=pending')).length, 1, 'the same again suggests nothing more');
  await measure(amends, [minute('web', 13, 0), minute('web', 32, 9), minute('web', 20, 5, { labels: { zone: 'b' } })]);
  settle(amends);
  is(await windows(amends), [['web', at(30), at(33)]], 'a minute that is corrected takes its window along, a late one makes one; series are added up');
  await measure(amends, [minute('web', 13, 6), minute('web', 15, 6)]);
  settle(amends);
  is((await windows(amends)).sort(), [['web', at(10), at(16)], ['web', at(30), at(33)]], 'two windows are two incidents');
}

async function published(amends) {
  const [one] = (await amends.all('/v1/suggestions?state=pending')).filter((row) => row.started_at === at(10));
  const { incident } = await amends.call('POST', `/v1/suggestions/${one.id}/publish`, {});
  const impacts = async () => (await amends.call('GET', `/v1/incidents/${incident}/impacts`)).impacts.map(({ component, level, from, to, measured }) => [component, level, from, to, measured]);
  is(await impacts(), [['web', 'partial_outage', at(10), at(16), true]], 'published: the impact is measured');
  await measure(amends, [minute('web', 16, 50)]);
  settle(amends);
  settle(amends);
  is(await impacts(), [['web', 'partial_outage', at(10), at(17), true]], 'a late minute moves its end');
}

// Staff state other windows: the picture has both, and warnings name the difference.
async function disagreement(amends) {
  const ref = (await amends.all('/v1/suggestions?state=published')).find((row) => row.started_at === at(10)).incident;
  const warned = async () => (await amends.call('GET', `/v1/incidents/${ref}/warnings`)).data.filter((one) => one.code === 'measured_differs');
  const state = (from, to) => amends.call('PUT', `/v1/incidents/${ref}/impacts`, { impacts: [{ component: 'web', level: 'partial_outage', from, to }] });
  is(await warned(), [], 'windows as measured: no warning');
  await state('2026-03-03T10:00:00Z', '2026-03-03T10:10:30Z');
  const text = 'web: stated 2026-03-03 10:00-10:10, measured 2026-03-03 10:10-10:17 UTC: 6 minutes are not stated, 10 minutes are not measured';
  is(await warned(), [{ code: 'measured_differs', text, detail: { incident: ref, component: 'web', stated: '2026-03-03 10:00-10:10', measured: '2026-03-03 10:10-10:17', unstated_seconds: 390, unmeasured_seconds: 600 } }], 'a warning names both');
  is((await amends.call('GET', `/v1/incidents/${ref}/impacts`)).measured, [{ component: 'web', from: at(10), to: at(17) }], 'what was measured stays');
  const account = { external_id: 'a', name: 'A', currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2026-01-01', prices: [{ from: '2026-01-01', amount_minor: 9900 }] };
  await amends.call('POST', '/v1/accounts/import', JSON.stringify(account), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', { name: 'fixed', model: 'fixed', amounts: { EUR: 500 } });
  const { id } = await amends.call('POST', '/v1/credit-runs', { policy: 'fixed', incidents: [ref], reason: 'test' });
  const run = () => amends.call('GET', `/v1/credit-runs/${id}`);
  await waitUntil('the run is drafted', async () => (await run()).state === 'draft');
  ok((await run()).warnings.some((one) => one.text === text), 'and so does a credit run');
  const desk = await Desk.enter(amends, 'casey', ['responder', 'viewer']);
  const page = (await desk.get(`/staff/incidents/${ref}/impacts`)).text;
  is([(page.match(/<rect class="measured"/g) || []).length, (page.match(/<rect class="partial_outage"/g) || []).length], [1, 1], 'the picture has both');
  ok(/UTC: 6 min 30 s not stated, 10 min not measured\./.test(page), 'and the page says it in words');
  const [measured] = await amends.all('/v1/suggestions?state=published');
  const { text: shown } = await desk.get(`/staff/suggestions/${measured.id}`);
  is([shown.includes('Impact windows, as measured'), /<h2>Alerts/.test(shown)], [true, false], 'the page of a suggestion has no heading for alerts that there are not');
  await state(at(10), at(17));
  is(await warned(), [], 'corrected: no warning');
}

// The part of requests that failed is drawn with the threshold of the rule, and is a table, too.
async function pictures(amends, suggestion) {
  const desk = await Desk.enter(amends, 'pia', ['responder']);
  const { text } = await desk.get(`/staff/suggestions/${suggestion.id}`);
  const svg = (text.match(/<figure class="ratio">[^]*?<\/svg>/) || [''])[0], count = (name) => (svg.match(new RegExp(`class="${name}"`, 'g')) || []).length;
  is([count('over'), count('under'), count('limit'), count('window')], [2, 4, 1, 1], 'the picture has minutes above and below the threshold, its line and the window');
  ok(/aria-label="Pair: at most 40 % of requests failed\. Rule heavy: a minute is bad at 20 % or more\."/.test(svg), 'and says so to those who do not see it');
  const rows = [...text.matchAll(/<tr><td><time datetime="([^"]+)"[^>]*>[^<]*<\/time><\/td><td class="sum">(?:<strong>)?([^<]*?)(?:<\/strong>)?<\/td><td class="sum">(\d+)<\/td><td class="sum">(\d+)/g)].map((row) => row.slice(1));
  is([rows.length, rows[3], rows[5]], [8, [at(3), '30 %', '30', '100'], [at(5), '5 %', '5', '100']], 'the same as a table');
}

// Two thresholds over the same series: each rule suggests its own windows, and staff make one incident of them.
async function thresholds(amends) {
  await amends.call('POST', '/v1/components', { slug: 'pair', name: 'Pair' });
  const rule = (name, level, more) => ({ ...RULE, name, level, match: [{ label: 'component', value: 'pair' }], bad_minutes: 2, of_minutes: 2, ...more });
  const slight = await amends.call('POST', '/v1/alert-rules', rule('slight', 'degraded_performance', { error_bp: 100 }));
  const heavy = await amends.call('POST', '/v1/alert-rules', rule('heavy', 'major_outage', { error_bp: 2000, position: 2 }));
  const lines = [[0, 0], [1, 2], [2, 3], [3, 30], [4, 40], [5, 5], [6, 2], [7, 0]].map(([n, bad]) => minute('pair', n, bad));
  await measure(amends, lines);
  settle(amends);
  const suggested = async () => (await amends.all('/v1/suggestions?state=pending')).filter((one) => ['slight', 'heavy'].includes(one.rule)).sort((a, b) => a.rule.localeCompare(b.rule));
  const shown = (all) => all.map((one) => [one.rule, one.windows.map(({ level, from, to }) => [level, from, to])]);
  is(shown(await suggested()), [['heavy', [['major_outage', at(3), at(5)]]], ['slight', [['degraded_performance', at(1), at(7)]]]], 'two thresholds: both rules judge the series');
  const [much, little] = await suggested();
  await pictures(amends, much);
  is([much.error_bp, little.error_bp], [2000, 100], 'each says its threshold');
  is((await amends.all(`/v1/measurements?component=pair&from=${at(2)}&to=${at(5)}&suggestion=${much.id}`)).map((one) => [one.from, one.total - one.good]), [[at(2), 3], [at(3), 30], [at(4), 40]], 'and the requests by which its rule judges are read');
  const { incident } = await amends.call('POST', `/v1/suggestions/${little.id}/publish`, {});
  await amends.call('POST', `/v1/suggestions/${much.id}/merge`, { incident });
  const impacts = async () => (await amends.call('GET', `/v1/incidents/${incident}/impacts`)).impacts.map(({ level, from, to, measured }) => [level, from, to, measured]).sort();
  is((await amends.all(`/v1/suggestions?incident=${incident}`)).map((one) => one.rule).sort(), ['heavy', 'slight'], 'the suggestions of an incident are found by it');
  is(await impacts(), [['degraded_performance', at(1), at(7), true], ['major_outage', at(3), at(5), true]], 'merged: one incident with both windows');
  await measure(amends, [minute('pair', 5, 50)]);
  settle(amends);
  const desk = await Desk.enter(amends, 'pit', ['responder']);
  const titles = [...(await desk.get(`/staff/incidents/${incident}/impacts`)).text.matchAll(/<figcaption>([^<]*)/g)].map((one) => one[1]);
  is(titles.sort(), ['Pair: at most 50 % of requests failed. Rule heavy: a minute is bad at 20 % or more.', 'Pair: at most 50 % of requests failed. Rule slight: a minute is bad at 1 % or more.'], 'the page of its impact windows has a picture for each rule');
  is(await impacts(), [['degraded_performance', at(1), at(7), true], ['major_outage', at(3), at(6), true]], 'and a late minute moves the one that it concerns');
  await amends.call('DELETE', `/v1/alert-rules/${slight.id}`);
  await measure(amends, [minute('pair', 30, 3), minute('pair', 31, 3), minute('pair', 40, 60), minute('pair', 41, 60)]);
  settle(amends);
  is(shown(await suggested()), [['heavy', [['major_outage', at(40), at(42)]]]], 'without one of them, the other goes on');
  await amends.call('PUT', `/v1/alert-rules/${heavy.id}`, rule('heavy', 'major_outage', { error_bp: 2000, match: [{ label: 'component', value: 'none' }] }));
  await measure(amends, [minute('pair', 50, 60), minute('pair', 51, 60)]);
  settle(amends);
  is((await suggested()).some((one) => one.started_at === at(50)), false, 'a rule that takes the series no longer judges none of it');
}

// A rule that is changed while it lasts judges the last hour anew.
async function again(amends) {
  const { id } = await amends.call('POST', '/v1/alert-rules', { ...RULE, name: 'again', match: [{ label: 'component', value: 'pair' }, { label: 'zone', value: 'again' }], error_bp: 9000, bad_minutes: 1, of_minutes: 2 });
  const now = Math.floor(Date.now() / 60e3) * 60e3, time = (n) => new Date(now + n * 60e3).toISOString().replace('.000', '');
  await measure(amends, [-2, -1].map((n) => ({ component: 'pair', from: time(n), to: time(n + 1), good: 50, total: 100, labels: { zone: 'again' } })));
  const own = async () => (await amends.all('/v1/suggestions?state=pending')).filter((row) => row.rule === 'again').map((row) => row.started_at);
  await waitUntil('the minutes are judged', () => sql(amends, 'select count(*) from bad_minute_due')[0][0] === '0', 30000);
  is(await own(), [], 'below the threshold');
  await amends.call('PUT', `/v1/alert-rules/${id}`, { ...RULE, name: 'again', match: [{ label: 'component', value: 'pair' }, { label: 'zone', value: 'again' }], error_bp: 4000, bad_minutes: 1, of_minutes: 2 });
  await waitUntil('it is suggested', async () => (await own()).length === 1, 30000);
  is(await own(), [time(-2)], 'a lower threshold is that of the minutes before it, too');
  const heir = { ...RULE, name: 'heir', match: [{ label: 'zone', value: 'again' }], error_bp: 4000, bad_minutes: 1, of_minutes: 2 };
  await amends.call('POST', '/v1/alert-rules', heir);
  await waitUntil('so does a new one', async () => (await amends.all('/v1/suggestions?state=pending')).some((row) => row.rule === 'heir' && row.started_at === time(-2)), 30000);
  ok(true, 'and so does a new rule');
}

async function byItself(amends) {
  await amends.call('POST', '/v1/alert-rules', { ...RULE, name: 'self', match: [{ label: 'component', value: 'api' }, { label: 'zone', value: 'self' }], bad_minutes: 1, of_minutes: 2, publish_after_minutes: 0 });
  const now = Math.floor(Date.now() / 60e3) * 60e3, time = (minutes) => new Date(now + minutes * 60e3).toISOString().replace('.000', '');
  const line = (n, scope) => ({ component: 'api', from: time(n), to: time(n + 1), good: 1, total: 2, labels: { zone: 'self' }, ...(scope && { scope }) });
  await measure(amends, [line(-1), line(0), line(0, { labels: { region: 'eu' } })]);
  const own = async () => (await amends.all('/v1/suggestions?state=published')).filter((row) => row.rule === 'self').sort((a, b) => a.started_at.localeCompare(b.started_at));
  await waitUntil('it is published', async () => (await own()).length === 2, 30000);
  is((await own()).map((row) => [row.firing, row.windows[0].from, row.windows[0].to, row.windows[0].scope]), [[true, time(-1), undefined, undefined], [true, time(0), undefined, { labels: { region: 'eu' } }]], 'published by itself while it lasts, by scope');
  settle(amends, time(9));
  is((await own()).map((row) => [row.firing, row.windows[0].to]), [[false, time(1)], [false, time(1)]], 'and closed after of_minutes without another');
}

// Counters grow from sample to sample, in the minute of the later one.
async function remoteWrite(amends) {
  const SOURCE = { name: 'prom', match: [{ label: '__name__', value: 'http_requests_total' }], bad: [{ label: 'code', op: '=~', value: '5..' }], component_label: 'service', labels: ['zone'] };
  const refused = async (change, field) => is((await amends.request('POST', '/v1/measurement-sources', { ...SOURCE, ...change })).body.errors[0].field, field, `a source without a right ${field}`);
  await refused({ component: 'api' }, 'component');
  await refused({ bad: [{ label: 'code', op: '=~', value: '(' }] }, 'bad[0].value');
  const { secret, url } = await amends.call('POST', '/v1/measurement-sources', SOURCE);
  ok(url.endsWith('/hooks/prometheus/write/prom'), 'the reply says where to send');
  const post = (body, headers = {}) => fetch(`${amends.url}/hooks/prometheus/write/prom`, { method: 'POST', body, headers: { ...remote.HEADERS, authorization: `Bearer ${secret}`, ...headers } });
  const start = Date.parse('2026-03-05T12:00:00Z');
  const series = (code, samples, more = {}) => ({ labels: { __name__: 'http_requests_total', service: 'api', zone: 'z1', instance: 'a', code, ...more }, samples: samples.map(([seconds, value]) => [start + seconds * 1000, value]) });
  const counted = () => sql(amends, `select to_char(m.from_at, 'MI'), s.labels->>'zone', m.bad, m.total from amends.measured('2026-03-05', '2026-03-06') m join measurement_series s on s.id = m.series_id order by 1, 2`);
  const first = remote.body([series('200', [[0, 100], [15, 110], [75, 111.5]]), series('500', [[0, 5], [15, 7]]), { labels: { __name__: 'up' }, samples: [[start, 1]] }]);
  is((await post(first)).status, 204, 'a body of Prometheus');
  is(counted(), [['00', 'z1', '2', '12'], ['01', 'z1', '0', '1']], 'the growth of the counters, by minute');
  await post(first);
  is(counted(), [['00', 'z1', '2', '12'], ['01', 'z1', '0', '1']], 'sent again, it counts nothing twice');
  await post(remote.body([series('200', [[90, 4]]), series('200', [[80, 1000], [85, 1001]], { instance: 'b' }), series('503', [[20, 3], [40, NaN], [50, 4]], { zone: 'z2' }), series('200', [[500, 9]])]));
  is(counted(), [['00', 'z1', '2', '12'], ['00', 'z2', '1', '1'], ['01', 'z1', '0', '6']], 'a restart begins at 0, instances are added up, a pause counts nothing');
  is((await amends.all('/v1/measurement-sources')).map((row) => [row.name, row.counters]), [['prom', 4]], 'counters that count requests');
  const fault = async (body, headers) => { const reply = await post(body, headers); return [reply.status, (await reply.json()).detail]; };
  is(await fault(first, { authorization: `Bearer ${secret}x` }), [403, 'invalid token'], 'another token');
  is((await fault(first, { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' }))[0], 415, 'the second version of the protocol');
  is(await fault('x'), [422, 'the body is not compressed by snappy'], 'no snappy');
  is((await fault(Buffer.concat([remote.varint(17 << 20), Buffer.from([0])])))[1], 'the body has 17825792 octets, of which 16777216 are allowed', 'too large, decompressed');
  const before = counted();
  is(await fault(remote.body([series('200', [[600, 100]]), { labels: {}, samples: [] }])), [422, 'timeseries[1]: must have 1 to 100 labels'], 'a wrong series is named');
  is(counted(), before, 'and nothing of its request is stored');
}

// A native histogram counts its observations; classic ones are plain counters.
async function histograms(amends) {
  const { secret } = await amends.call('POST', '/v1/measurement-sources', { name: 'hist', match: [{ label: '__name__', value: 'request_seconds' }], bad: [{ label: 'code', value: '500' }], component: 'pair' });
  const start = Date.parse('2026-03-06T12:00:00Z');
  const series = (code, list) => ({ labels: { __name__: 'request_seconds', code }, histograms: list.map(([seconds, count, more]) => [start + seconds * 1000, count, more]) });
  const post = async (...all) => (await fetch(`${amends.url}/hooks/prometheus/write/hist`, { method: 'POST', body: remote.body(all), headers: { ...remote.HEADERS, authorization: `Bearer ${secret}` } })).status;
  const counted = () => sql(amends, `select to_char(m.from_at, 'MI'), m.bad, m.total from amends.measured('2026-03-06', '2026-03-07') m order by 1`);
  is(await post(series('200', [[0, 100], [15, 110], [75, 112, { float: true }]]), series('500', [[0, 5], [15, 7]])), 204, 'native histograms of Prometheus');
  is(counted(), [['00', '2', '12'], ['01', '0', '2']], 'count their observations');
  await post(series('200', [[90, 0, { sum: remote.STALE }], [100, 115]]), { labels: { __name__: 'request_seconds', code: 'gauge' }, histograms: [[start, 1, { hint: 3 }], [start + 9000, 900, { hint: 3 }]] });
  is(counted(), [['00', '2', '12'], ['01', '0', '5']], 'a mark of staleness is no count, and a gauge is no counter');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await store(amends);
  await listed(amends);
  await refusals(amends);
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web' });
  await rules(amends);
  await published(amends);
  await disagreement(amends);
  await thresholds(amends);
  await again(amends);
  await byItself(amends);
  await remoteWrite(amends);
  await histograms(amends);
});
