#!/usr/bin/env node
'use strict';
// Measured requests: stored in blocks, replaced by a repetition, refused as a whole with the line.
const { Amends } = require('../../lib/amends.js');
const { measure, tryMeasure, minute, at } = require('../../lib/measurements.js');
const { sql } = require('../../lib/notifiers.js');
const { is, scenario } = require('../../lib/tap.js');

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

async function refusals(amends) {
  const before = stored(amends);
  const wrong = [[{ component: 'none' }, 'component'], [{ good: 101 }, 'good'], [{ to: at(0) }, 'to'], [{ from: '2026-03-03T10:00:00.5Z' }, 'from'],
    [{ to: '2026-05-03T10:00:00Z' }, 'to'], [{ labels: { zone: 1 } }, 'labels.zone'], [{ scope: { labels: 1 } }, 'scope.labels'], [{ total: undefined }, 'total']];
  const reply = await tryMeasure(amends, [minute('api', 30, 0), ...wrong.map(([change]) => ({ ...minute('api', 31, 0), ...change }))]);
  is([reply.status, reply.body.detail], [422, '8 of 9 lines are invalid; nothing was written'], 'refused as a whole');
  is(reply.body.errors.map(({ line, field }) => [line, field]), wrong.map(([, field], n) => [n + 2, field]), 'each with line and field');
  is(stored(amends), before, 'nothing of it is stored');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await store(amends);
  await refusals(amends);
});
