#!/usr/bin/env node
'use strict';
// Malformed requests: the response to each is a 4xx as application/problem+json that names the
// invalid field, and nothing is written. AMENDS_URL and AMENDS_KEY name a running service;
// without them the test starts one.
const { Amends } = require('../../lib/amends.js');

let base = process.env.AMENDS_URL;
let key = process.env.AMENDS_KEY;

let count = 0;
let failed = 0;
function ok(good, what, note) {
  console.log(`${good ? 'ok' : 'not ok'} ${++count} - ${what}`);
  if (!good) {
    failed++;
    if (note !== undefined) console.log(`# ${JSON.stringify(note)}`);
  }
}

async function call(verb, path, { json, raw, type = 'application/json', auth = `Bearer ${key}`, headers = {} } = {}) {
  const body = raw !== undefined ? raw : json !== undefined ? JSON.stringify(json) : undefined;
  const all = { ...headers };
  if (auth) all.authorization = auth;
  if (body !== undefined) all['content-type'] = type;
  const reply = await fetch(base + path, { method: verb, body, headers: all });
  const text = await reply.text();
  let parsed;
  try { parsed = JSON.parse(text); } catch { parsed = text; }
  return { status: reply.status, type: reply.headers.get('content-type') || '', id: reply.headers.get('x-request-id'), body: parsed };
}

async function must(verb, path, json) {
  const reply = await call(verb, path, { json });
  if (reply.status >= 300) throw new Error(`${verb} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  return reply.body;
}

// Everything readable that a request could have written.
async function state() {
  const paths = ['/v1/components', '/v1/incidents?limit=200', '/v1/incidents/bad-input', '/v1/incidents/bad-input/impacts',
    '/v1/subscribers/export?format=ndjson', '/v1/policies', '/v1/credits', '/v1/accounts/bad-input'];
  const replies = await Promise.all(paths.map((path) => call('GET', path)));
  return JSON.stringify(replies.map((reply) => reply.body));
}

const tag = Math.random().toString(36).slice(2, 8);
const account = {
  external_id: 'bad-input', name: 'Bad Input', currency: 'EUR', timezone: 'Europe/Berlin', interval: 'month',
  anchor: '2012-01-31', prices: [{ from: '2012-01-31', amount_minor: 2900 }], components: ['bad-input'],
  contacts: [{ email: 'owner@bad-input.example', name: 'Dana', locale: 'en' }],
};
const incident = { ref: `never-${tag}`, title: 'T', kind: 'incident', state: 'investigating', body: 'B' };
const update = { state: 'identified', body: 'B' };
const impact = { component: 'bad-input', level: 'major_outage', from: '2020-01-01T00:00:00Z', to: '2020-01-01T01:00:00Z' };
const mail = { channel: 'email', address: `never-${tag}@example.com`, confirmed: true };
const days = { name: `never-${tag}`, model: 'days', days: '2', per: 'run' };
const run = { policy: 'bad-input', incidents: ['bad-input'], reason: 'r' };
const updates = '/v1/incidents/bad-input/updates';
const impacts = '/v1/incidents/bad-input/impacts';
const hook = (address) => ({ channel: 'webhook', address, confirmed: true });

// verb, path, body, status, field (null: no single one)
const json = [
  ['POST', '/v1/components', { name: 'N' }, 422, 'slug'],
  ['POST', '/v1/components', { slug: 'never', name: '' }, 422, 'name'],
  ['POST', '/v1/components', { slug: 'Never', name: 'N' }, 422, 'slug'],
  ['POST', '/v1/components', { slug: '-never', name: 'N' }, 422, 'slug'],
  ['POST', '/v1/components', { slug: 'x'.repeat(65), name: 'N' }, 422, 'slug'],
  ['POST', '/v1/components', { slug: 'never', name: 'a\r\nb' }, 422, 'name'],
  ['POST', '/v1/components', { slug: 'never', name: 'a\u0007b' }, 422, 'name'],
  ['POST', '/v1/components', { slug: 'never', name: 7 }, 422, 'name'],
  ['POST', '/v1/components', { slug: 'never', name: 'N', group: 'a\nb' }, 422, 'group'],
  ['POST', '/v1/components', { slug: 'never', name: 'N', colour: 'red' }, 422, 'colour'],
  ['POST', '/v1/components', { slug: 'bad-input', name: 'N' }, 409, 'slug'],
  ['POST', '/v1/components', ['never'], 422, null],
  ['POST', '/v1/components', { slug: 'never', name: null }, 422, 'name'],
  ['POST', '/v1/components', { slug: 'never', name: 'N', group: null }, 422, 'group'],
  ['PATCH', '/v1/components/bad-input', { name: null }, 422, 'name'],
  ['POST', '/v1/subscribers', { ...mail, components: null }, 422, 'components'],
  ['PATCH', '/v1/components/nothing-here', { name: 'N' }, 404, null],
  ['PATCH', '/v1/components/bad-input', { name: 'a\nb' }, 422, 'name'],
  ['POST', '/v1/incidents', { ...incident, title: 'a\r\nBcc: x' }, 422, 'title'],
  ['POST', '/v1/incidents', { ...incident, title: undefined }, 422, 'title'],
  ['POST', '/v1/incidents', { ...incident, title: 'x'.repeat(251) }, 422, 'title'],
  ['POST', '/v1/incidents', { ...incident, ref: '../etc' }, 422, 'ref'],
  ['POST', '/v1/incidents', { ...incident, ref: '.hidden' }, 422, 'ref'],
  ['POST', '/v1/incidents', { ...incident, ref: 'bad-input' }, 409, 'ref'],
  ['POST', '/v1/incidents', { ...incident, kind: 'rumour' }, 422, 'kind'],
  ['POST', '/v1/incidents', { ...incident, state: 'fine' }, 422, 'state'],
  ['POST', '/v1/incidents', { ...incident, state: 'scheduled' }, 422, 'state'],
  ['POST', '/v1/incidents', { ...incident, body: '' }, 422, 'body'],
  ['POST', '/v1/incidents', { ...incident, body: 'a\u0000b' }, [400, 422], undefined],
  ['POST', '/v1/incidents', { ...incident, body: 'x'.repeat(33000) }, 422, 'body'],
  ['POST', '/v1/incidents', { ...incident, posted_at: 'yesterday' }, 422, 'posted_at'],
  ['POST', '/v1/incidents', { ...incident, posted_at: '2020-01-01 00:00:00' }, 422, 'posted_at'],
  ['POST', '/v1/incidents', { ...incident, posted_at: '2020-02-30T00:00:00Z' }, 422, 'posted_at'],
  ['POST', '/v1/incidents', { ...incident, posted_at: '2999-01-01T00:00:00Z' }, 422, 'posted_at'],
  ['POST', '/v1/incidents', { ...incident, next_update_minutes: 0 }, 422, 'next_update_minutes'],
  ['POST', '/v1/incidents', { ...incident, next_update_minutes: 1.5 }, 422, 'next_update_minutes'],
  ['POST', '/v1/incidents', { ...incident, notify: 'yes' }, 422, 'notify'],
  ['POST', '/v1/incidents', { ...incident, components: 'bad-input' }, 422, 'components'],
  ['POST', '/v1/incidents', { ...incident, components: [{ component: 'nothing-here', level: 'major_outage' }] }, 422, 'components[0].component'],
  ['POST', '/v1/incidents', { ...incident, components: [{ component: 'bad-input', level: 'broken' }] }, 422, 'components[0].level'],
  ['POST', '/v1/incidents', { ...incident, components: [{ component: 'bad-input', level: 'major_outage' }, { component: 'bad-input', level: 'major_outage' }] }, 422, 'components[1].component'],
  ['POST', updates, { ...update, state: 'in_progress' }, 422, 'state'],
  ['POST', updates, { ...update, posted_at: '2019-12-31T23:59:59Z' }, 422, 'posted_at'],
  ['POST', updates, { ...update, state: 'resolved', components: [{ component: 'none-such', level: 'operational' }] }, 422, 'components[0].component'],
  ['POST', updates, { state: 'identified' }, 422, 'body'],
  ['POST', '/v1/incidents/nothing-here/updates', update, 404, null],
  ['PUT', impacts, { impacts: [{ ...impact, to: '2019-01-01T00:00:00Z' }] }, 422, 'impacts[0].to'],
  ['PUT', impacts, { impacts: [{ ...impact, to: impact.from }] }, 422, 'impacts[0].to'],
  ['PUT', impacts, { impacts: [impact, { ...impact, component: 'nothing-here' }] }, 422, 'impacts[1].component'],
  ['PUT', impacts, { impacts: [{ ...impact, level: 'operational' }] }, 422, 'impacts[0].level'],
  ['PUT', impacts, { impacts: [{ ...impact, from: undefined }] }, 422, 'impacts[0].from'],
  ['PUT', impacts, {}, 422, 'impacts'],
  ['POST', '/v1/subscribers', { ...mail, channel: 'fax' }, 422, 'channel'],
  ['POST', '/v1/subscribers', { ...mail, address: 'nobody' }, 422, 'address'],
  ['POST', '/v1/subscribers', { ...mail, address: 'a@example.com\r\nRCPT TO:<b@example.com>' }, 422, 'address'],
  ['POST', '/v1/subscribers', { ...mail, address: 'a@-bad.example' }, 422, 'address'],
  ['POST', '/v1/subscribers', { ...mail, channel: 'sms', address: '0151 1234567' }, 422, 'address'],
  ['POST', '/v1/subscribers', { ...mail, channel: 'sms', address: '+1' }, 422, 'address'],
  ['POST', '/v1/subscribers', hook('http://example.com/x'), 422, 'address'],
  ['POST', '/v1/subscribers', hook('https://user:pass@example.com/x'), 422, 'address'],
  ['POST', '/v1/subscribers', hook('https://example.com:22/x'), 422, 'address'],
  ['POST', '/v1/subscribers', hook('file:///etc/passwd'), 422, 'address'],
  ['POST', '/v1/subscribers', hook('http://127.0.0.1:80\\@evil.example/'), 422, 'address'],
  ['POST', '/v1/subscribers', { ...mail, locale: 'deutsch_de' }, 422, 'locale'],
  ['POST', '/v1/subscribers', { ...mail, timezone: 'Mars/Olympus' }, 422, 'timezone'],
  ['POST', '/v1/subscribers', { ...mail, timezone: '../../etc/passwd' }, 422, 'timezone'],
  ['POST', '/v1/subscribers', { ...mail, verbosity: 'loud' }, 422, 'verbosity'],
  ['POST', '/v1/subscribers', { ...mail, account: 'nothing-here' }, 422, 'account'],
  ['POST', '/v1/subscribers', { ...mail, components: ['nothing-here'] }, 422, 'components[0]'],
  ['POST', '/v1/subscribers', { ...mail, groups: ['nothing-here'] }, 422, 'groups[0]'],
  ['POST', '/v1/subscribers', { ...mail, components: [7] }, 422, 'components[0]'],
  ['PATCH', '/v1/subscribers/999999999', { locale: 'de' }, 404, null],
  ['GET', '/v1/subscribers/abc', undefined, 404, null],
  ['GET', '/v1/subscribers/99999999999999999999', undefined, 404, null],
  ['GET', '/v1/subscribers?limit=0', undefined, 422, 'limit'],
  ['GET', '/v1/subscribers?limit=ten', undefined, 422, 'limit'],
  ['GET', '/v1/subscribers?state=asleep', undefined, 422, 'state'],
  ['GET', '/v1/subscribers?colour=red', undefined, 422, 'colour'],
  ['GET', '/v1/subscribers?limit=1&limit=2', undefined, 422, 'limit'],
  ['GET', '/v1/incidents?cursor=k1.AAAA', undefined, 422, 'cursor'],
  ['GET', '/v1/broadcasts/999999999', undefined, 404, null],
  ['POST', '/v1/policies', { ...days, model: 'magic' }, 422, 'model'],
  ['POST', '/v1/policies', { ...days, days: undefined }, 422, 'days'],
  ['POST', '/v1/policies', { ...days, days: 2.5 }, 422, 'days'],
  ['POST', '/v1/policies', { ...days, name: 'a b' }, 422, 'name'],
  ['POST', '/v1/policies', { ...days, components: ['nothing-here'] }, 422, 'components[0]'],
  ['POST', '/v1/credit-runs', { ...run, policy: 'nothing-here' }, 422, 'policy'],
  ['POST', '/v1/credit-runs', { ...run, incidents: ['nothing-here'] }, 422, 'incidents[0]'],
  ['POST', '/v1/credit-runs', { ...run, incidents: ['bad-input', 'bad-input'] }, 422, 'incidents[1]'],
  ['POST', '/v1/credit-runs', { ...run, incidents: undefined }, 422, 'incidents'],
  ['POST', '/v1/credit-runs', { ...run, incidents: undefined, period: { from: '2020-01-02T00:00:00Z', to: '2020-01-01T00:00:00Z' } }, 422, 'period.to'],
  ['POST', '/v1/credit-runs', { ...run, reason: 'a\nb' }, 422, 'reason'],
  ['POST', '/v1/credit-runs/999999999/approve', undefined, 404, null],
  ['POST', '/v1/credits/acks', { acks: [{ credit: 999999999, reference: 'r' }] }, 404, 'acks[0].credit'],
  ['POST', '/v1/credits/acks', { acks: [{ credit: '1', reference: 'r' }] }, 422, 'acks[0].credit'],
  ['POST', '/v1/credits/acks', { acks: [] }, 422, 'acks'],
  ['GET', '/v1/credits?cursor=nonsense', undefined, 422, 'cursor'],
  ['POST', '/v1/notices', { subject: 'a\r\nBcc: x', body: 'B' }, 422, 'subject'],
  ['POST', '/v1/notices', { subject: 'S', body: 'Hello {{name' }, 422, 'body'],
  ['POST', '/v1/keys', { name: 'k', scopes: ['root'] }, 422, 'scopes[0]'],
  ['GET', '/v1/nothing', undefined, 404, null],
  ['DELETE', '/v1/incidents', undefined, 405, null],
];

// One line of an import, with its error.
const lines = [
  ['currency', { ...account, currency: 'XXQ' }],
  ['currency', { ...account, currency: 'eur' }],
  ['timezone', { ...account, timezone: 'Mars/Olympus' }],
  ['anchor', { ...account, anchor: '2012-02-30' }],
  ['interval', { ...account, interval: 'week' }],
  ['prices[0].amount_minor', { ...account, prices: [{ from: '2012-01-01', amount_minor: -1 }] }],
  ['prices[0].amount_minor', { ...account, prices: [{ from: '2012-01-01', amount_minor: 1.5 }] }],
  ['prices[1].from', { ...account, prices: [account.prices[0], account.prices[0]] }],
  ['contacts[0].email', { ...account, contacts: [{ email: 'nobody' }] }],
  ['components', { ...account, components: ['nothing-here'] }],
  ['colour', { ...account, colour: 'red' }],
  ['name', { ...account, name: 'a\nb' }],
];

// Bytes that are not a valid JSON document.
const raw = [
  ['broken JSON', 'POST', '/v1/components', { raw: '{"slug": "never", ' }, 400],
  ['a duplicate key', 'POST', '/v1/components', { raw: '{"slug":"never","slug":"never2","name":"N"}' }, 400],
  ['trailing bytes', 'POST', '/v1/components', { raw: '{"slug":"never","name":"N"} x' }, 400],
  ['bad UTF-8', 'POST', '/v1/components', { raw: Buffer.from('{"slug":"never","name":"\xff"}', 'latin1') }, 400],
  ['an integer beyond 64 bits', 'POST', '/v1/credits/acks', { raw: '{"acks":[{"credit":99999999999999999999,"reference":"r"}]}' }, 400],
  ['deep nesting', 'POST', '/v1/components', { raw: '['.repeat(100000) }, 400],
  ['a body over the ceiling', 'POST', '/v1/components', { raw: JSON.stringify({ slug: 'never', name: 'x'.repeat(2 << 20) }) }, 413],
  ['a JSON body sent as text/plain', 'POST', '/v1/components', { raw: '{"slug":"never","name":"N"}', type: 'text/plain' }, 415],
  ['a JSON body sent as a form', 'POST', '/v1/components', { raw: '{"slug":"never","name":"N"}', type: 'application/x-www-form-urlencoded' }, 415],
  ['a JSON body sent as application/jsonp', 'POST', '/v1/components', { raw: '{"slug":"never","name":"N"}', type: 'application/jsonp' }, 415],
  ['no key', 'GET', '/v1/components', { auth: '' }, 401],
  ['a wrong key', 'GET', '/v1/components', { auth: 'Bearer amends_00000000_nothing' }, 401],
  ['another scheme', 'GET', '/v1/components', { auth: 'Basic YTpi' }, 401],
  ['a key that is not UTF-8', 'GET', '/v1/components', { auth: 'Bearer \xff' }, 400],
  ['an Idempotency-Key that is not UTF-8', 'POST', '/v1/components', { raw: '{"slug":"never","name":"N"}', headers: { 'idempotency-key': '\xff' } }, 400],
  ['an unknown ref that the error text cuts inside a character', 'GET', `/v1/incidents/a${encodeURIComponent('\u00e9'.repeat(80))}`, {}, 404],
  ['an unknown component that the error text cuts inside a character', 'POST', '/v1/subscribers', { raw: JSON.stringify({ ...mail, components: [`a${'\u00e9'.repeat(80)}`] }) }, 422],
  ['an encoded NUL in the path', 'GET', '/v1/components%00', {}, 400],
  ['an encoded slash in the path', 'GET', '/v1%2fcomponents', {}, 400],
  ['an encoded line break in the path', 'GET', '/v1/incidents/a%0d%0ab', {}, 400],
  ['a broken escape', 'GET', '/v1/incidents/%zz', {}, 400],
  ['CSV with a broken quote', 'POST', '/v1/subscribers/import', { raw: 'channel,address\r\nemail,"a@example.com\r\n', type: 'text/csv' }, 422],
  ['CSV with an unknown column', 'POST', '/v1/subscribers/import', { raw: 'channel,address,colour\r\nemail,never@example.com,red\r\n', type: 'text/csv' }, 422],
  ['CSV with one bad line of two', 'POST', '/v1/subscribers/import', { raw: `channel,address\r\nemail,never-${tag}@example.com\r\nemail,nobody\r\n`, type: 'text/csv' }, 422],
  ['an empty import', 'POST', '/v1/accounts/import', { raw: '' }, 422],
];

function check(what, reply, status, field) {
  const wanted = [status].flat();
  const fields = (reply.body.errors || []).map((error) => error.field);
  const named = field === undefined || (field === null ? fields.length === 0 : fields.includes(field));
  const good = wanted.includes(reply.status) && reply.type.startsWith('application/problem+json')
    && reply.body.status === reply.status && reply.body.request_id === reply.id && named
    && !/SELECT|INSERT|SQLSTATE|\.c:/.test(JSON.stringify(reply.body));
  ok(good, `${what}: ${wanted.join(' or ')}${field ? ` names ${field}` : ''}`, { status: reply.status, type: reply.type, body: reply.body });
}

async function unchanged(before, what) {
  const after = await state();
  ok(after === before, `${what}: nothing was written`);
  return after;
}

async function fixtures() {
  const known = await call('GET', '/v1/incidents/bad-input');
  if (known.status === 404) {
    await must('POST', '/v1/components', { slug: 'bad-input', name: 'Bad input' });
    await must('POST', '/v1/incidents', { ...incident, ref: 'bad-input', posted_at: '2020-01-01T00:00:00Z', notify: false });
    await must('PUT', impacts, { impacts: [impact] });
    await must('POST', '/v1/policies', { ...days, name: 'bad-input' });
  }
  const imported = await call('POST', '/v1/accounts/import', { raw: JSON.stringify(account), type: 'application/x-ndjson' });
  if (imported.status !== 200) throw new Error(JSON.stringify(imported.body));
}

async function main() {
  const own = base && key ? null : await Amends.up();
  if (own) ({ url: base, key } = own);
  try {
    await everything();
  } finally {
    if (own) await own.destroy();
  }
  process.exit(failed ? 1 : 0);
}

async function everything() {
  await fixtures();
  let before = await state();
  for (const [verb, path, body, status, field] of json) {
    const what = `${verb} ${path} ${JSON.stringify(body) || ''}`.slice(0, 110);
    check(what, await call(verb, path, { json: body }), status, field);
    before = await unchanged(before, what);
  }
  for (const [field, line] of lines) {
    const what = `import of an account with a bad ${field}`;
    const both = `${JSON.stringify({ ...account, external_id: `never-${tag}` })}\n${JSON.stringify(line)}\n`;
    const reply = await call('POST', '/v1/accounts/import', { raw: both, type: 'application/x-ndjson' });
    check(what, reply, 422, field);
    ok((reply.body.errors || []).every((error) => error.line === 2), `${what}: by its line`, reply.body);
    before = await unchanged(before, what);
  }
  for (const [what, verb, path, options, status] of raw) {
    check(what, await call(verb, path, options), status, undefined);
    before = await unchanged(before, what);
  }
  ok((await call('GET', `/v1/accounts/never-${tag}`)).status === 404, 'the good line of a bad import was not written');
  console.log(`1..${count}`);
}

main().catch((error) => {
  console.log(`Bail out! ${error.message}`);
  process.exit(1);
});
