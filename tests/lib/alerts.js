'use strict';
// Alerts of a source in the generic format.
const BASE = Date.UTC(2026, 2, 3, 10);
const at = (minute, base = BASE) => new Date(base + minute * 60000).toISOString().replace('.000', '');
const fired = (fingerprint, minute, labels = { service: 'api' }, more = {}) => ({ fingerprint, status: 'firing', starts_at: at(minute), labels, ...more });
const over = (fingerprint, from, to, labels = { service: 'api' }) => ({ fingerprint, status: 'resolved', starts_at: at(from), ends_at: at(to), labels });

// A source of the generic format: send(alerts...) as one request.
async function source(amends, name) {
  const { secret } = await amends.call('POST', '/v1/alert-sources', { name, format: 'generic', per_minute: 100000 });
  const headers = { authorization: `Bearer ${secret}` };
  return (...alerts) => amends.call('POST', `/hooks/alerts/${name}`, { alerts }, { key: null, headers });
}

// What suggestions say, without what depends on when they came.
const essence = (rows) => rows.map((row) => ({ rule: row.rule, state: row.state, title: row.title, from: row.started_at, to: row.ended_at, windows: row.windows }))
  .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

module.exports = { at, fired, over, source, essence };
