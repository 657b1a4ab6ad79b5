'use strict';
// Measured requests: minutes of a component after 10:00.
const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } };
const body = (lines) => lines.map((line) => JSON.stringify(line)).join('\n');
const measure = (amends, lines) => amends.call('POST', '/v1/measurements', body(lines), NDJSON);
const tryMeasure = (amends, lines) => amends.request('POST', '/v1/measurements', body(lines), NDJSON);

const at = (minutes) => new Date(Date.UTC(2026, 2, 3, 10, minutes)).toISOString().replace('.000', '');
// A minute with so many bad requests of a hundred.
const minute = (component, n, bad, more = {}) => ({ component, from: at(n), to: at(n + 1), good: 100 - bad, total: 100, ...more });

module.exports = { measure, tryMeasure, at, minute };
