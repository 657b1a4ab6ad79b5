#!/usr/bin/env node
'use strict';
// Alerts: every source's format and authentication, rules, suggested incidents and what staff do
// with them, windows as measured; replays and any order end in the same state.
const crypto = require('node:crypto');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS, ROOT, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { at, fired, over, source, essence } = require('../../lib/alerts.js');
const { shuffles } = require('../../lib/alert_orders.js');
const { sql } = require('../../lib/notifiers.js');
const { MailSink } = require('../../lib/sinks.js');
const { Sns } = require('../../lib/sns.js');
const { Desk, command } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const JSON_TYPE = { 'content-type': 'application/json' };
const fixture = (name) => fs.readFileSync(path.join(ROOT, `tests/fixtures/alerts/${name}.json`), 'utf8');
const START = '2026-03-03T10:00:00Z';
const pending = (amends) => amends.all('/v1/suggestions?state=pending');

// format: [fingerprint, start, end, some labels, the field without which it is refused]
const formats = {
  alertmanager: ['c4a5b8d8f2e1a001', '2026-03-03T10:00:00.739266Z', undefined, { service: 'api', severity: 'critical' }, 'alerts/0/fingerprint'],
  grafana: ['6118d7b0f1', START, '2026-03-03T10:10:00Z', { service: 'api' }, 'alerts/0/status'],
  pagerduty: ['PGR0VU2', START, undefined, { service: 'api', priority: 'P1', urgency: 'high' }, 'event/data/id'],
  opsgenie: ['api-down', START, undefined, { service: 'api', eu: 'true', entity: 'API', priority: 'P2' }, 'action'],
  datadog: ['8321764301234567890', START, undefined, { service: 'api', env: 'prod', canary: 'true', region: 'eu', priority: 'P1' }, 'transition'],
  'uptime-kuma': ['7', START, undefined, { service: 'api', monitor: 'api' }, 'monitor/id'],
  'better-stack': ['25', START, '2026-03-03T10:05:00Z', { service: 'api', monitor: 'api', team: 'Core' }, 'event'],
  generic: ['x1', START, undefined, { service: 'api' }, 'alerts/0/status'],
};
const signers = {
  pagerduty: (secret, body) => ({ 'x-pagerduty-signature': `v1=${'0'.repeat(64)},v1=${crypto.createHmac('sha256', secret).update(body).digest('hex')}` }),
  grafana: (secret, body) => ({ 'x-grafana-alerting-signature': crypto.createHmac('sha256', secret).update(body).digest('hex') }),
};

function without(text, field) {
  const json = JSON.parse(text), keys = field.split('/');
  delete keys.slice(0, -1).reduce((one, key) => one[key], json)[keys.at(-1)];
  return JSON.stringify(json);
}

async function everyFormat(amends) {
  for (const [format, [fingerprint, from, to, labels, field]] of Object.entries(formats)) {
    const made = await amends.call('POST', '/v1/alert-sources', { name: format, format });
    const body = fixture(format);
    const [read] = (await amends.call('POST', `/v1/alert-rules/test?source=${format}`, body, { headers: JSON_TYPE })).data;
    const some = Object.fromEntries(Object.keys(labels).map((name) => [name, read.labels[name]]));
    is([read.fingerprint, read.starts_at, read.ends_at, some], [fingerprint, from, to, labels], `${format} is read by its document`);
    const sign = signers[format] || ((secret) => ({ authorization: `Bearer ${secret}` }));
    const send = (text, secret, target = `/hooks/alerts/${format}`) => amends.request('POST', target, text, { key: null, headers: { ...JSON_TYPE, ...sign(secret, text) } });
    is((await send(body, `${made.secret}x`)).status, 403, `${format}: another key is refused`);
    is((await amends.request('POST', `/hooks/alerts/${format}`, body, { key: null, headers: JSON_TYPE })).status, 403, `${format}: none, too`);
    is((await send(body, made.secret)).body, { received: 1, matched: 0 }, `${format}: accepted`);
    if (format === 'uptime-kuma') is((await send('{"heartbeat":null,"monitor":null,"msg":"amends Testing"}', made.secret)).body, { received: 0, matched: 0 }, 'its button to test is answered, too');
    const bad = await send(without(body, field), made.secret);
    is([bad.status, bad.body.errors[0].field], [422, field], `${format}: an error names ${field}`);
  }
}

// Grafana signs "TIMESTAMP:BODY" where its contact point names a header for the timestamp.
async function grafanaTimestamp(amends) {
  const { secret } = await amends.call('POST', '/v1/alert-sources', { name: 'stamped', format: 'grafana' });
  const body = fixture('grafana'), now = Math.floor(Date.now() / 1000);
  const sign = (text) => crypto.createHmac('sha256', secret).update(text).digest('hex');
  const send = async (timestamp, signature) => (await amends.request('POST', '/hooks/alerts/stamped', body, { key: null, headers: { ...JSON_TYPE, 'x-grafana-alerting-signature': signature, ...(timestamp !== null && { 'x-grafana-alerting-timestamp': String(timestamp) }) } })).status;
  is(await send(now, sign(`${now}:${body}`)), 200, 'grafana: a signature with a timestamp');
  is([await send(now + 1, sign(`${now}:${body}`)), await send(now, sign(body)), await send(null, sign(`${now}:${body}`))], [403, 403, 403], 'grafana: another timestamp, one that is not signed, and none');
  is([await send(now - 290, sign(`${now - 290}:${body}`)), await send(now - 310, sign(`${now - 310}:${body}`)), await send(now + 310, sign(`${now + 310}:${body}`)), await send('', sign(`:${body}`))], [200, 403, 403, 403], 'grafana: one that is older than five minutes is a replay');
  const own = { name: 'own', auth: { type: 'hmac', header: 'X-Other-Signature' }, fingerprint: ['/id'], status: ['/up'], firing: ['false'], resolved: ['true'] };
  for (const [auth, field] of [[own.auth, 'auth.header'], [{ type: 'hmac', header: 'X-Amends-Signature', timestamp_header: 'X-Other' }, 'auth.timestamp_header']]) {
    const reply = await amends.request('POST', '/v1/alert-sources', { name: 'other', document: { ...own, auth } });
    is([reply.status, reply.body.errors[0].field, /X-Amends-Signature, X-Amends-Timestamp/.test(reply.body.errors[0].detail)], [422, field, true], `${field}: one that is not read is refused`);
  }
}

// An alert that is deleted in Opsgenie is over, as one that is closed: nobody is told of it again.
async function opsgenie(amends) {
  await amends.call('POST', '/v1/alert-rules', { name: 'opsgenie', source: 'opsgenie', component: 'web', level: 'degraded_performance', position: 1, match: [{ label: 'entity', value: 'Deleted' }] });
  const { secret } = await amends.call('POST', '/v1/alert-sources/opsgenie/rotate-secret', {});
  const whole = JSON.parse(fixture('opsgenie'));
  const send = (action, alias, more) => amends.call('POST', '/hooks/alerts/opsgenie', { ...whole, action, alert: { ...whole.alert, entity: 'Deleted', alias, ...more } }, { key: null, headers: { authorization: `Bearer ${secret}` } });
  await send('Create', 'gone');
  const updatedAt = 1772532300000000000n; // nanoseconds
  const deleted = JSON.stringify({ ...whole, action: 'Delete', alert: { ...whole.alert, entity: 'Deleted', alias: 'gone', updatedAt: 0 } }).replace('"updatedAt":0', `"updatedAt":${updatedAt}`);
  await amends.call('POST', '/hooks/alerts/opsgenie', deleted, { key: null, headers: { ...JSON_TYPE, authorization: `Bearer ${secret}` } });
  const own = (await pending(amends)).filter((one) => one.rule === 'opsgenie');
  is(own.map((one) => [one.firing, one.windows.map((window) => [window.from, window.to])]), [[false, [[START, at(5)]]]], 'opsgenie: Delete ends the alert, and the window closes at its time');
  for (const action of ['Acknowledge', 'AddNote', 'Snooze', 'UnAcknowledge']) await send(action, 'other');
  is((await pending(amends)).filter((one) => one.rule === 'opsgenie').length, 1, 'opsgenie: other actions neither fire nor end');
  for (const one of await pending(amends)) await amends.call('POST', `/v1/suggestions/${one.id}/dismiss`);
}

async function refusals(amends) {
  const refused = async (target, body, field) => {
    const reply = await amends.request('POST', target, body);
    is([reply.status, reply.body.errors[0].field], [422, field], `${target}: ${reply.body.errors[0].detail}`);
  };
  await refused('/v1/alert-sources', { name: 'x', format: 'nagios' }, 'format');
  await refused('/v1/alert-sources', { name: 'X', format: 'generic' }, 'name');
  await refused('/v1/alert-sources', { name: 'x', document: { name: 'x' } }, 'auth');
  await refused('/v1/alert-rules', { name: 'x', level: 'major_outage' }, 'component');
  await refused('/v1/alert-rules', { name: 'x', component: 'api', level: 'major_outage', match: [{ label: 'a', op: '=~', value: '(' }] }, 'match[0].value');
  await refused('/v1/alert-rules', { name: 'x', component: 'api', level: 'major_outage', template: 'none' }, 'template');
  const own = { name: 'own', auth: { type: 'hmac', header: 'X-Amends-Signature' }, alerts: '/items', fingerprint: ['/id'], status: ['/up'], firing: ['false'], resolved: ['true'] };
  const made = await amends.call('POST', '/v1/alert-sources', { name: 'own', document: own, per_minute: 1 });
  const body = JSON.stringify({ items: [{ id: 1, up: false }, { id: 2, up: true }] });
  const send = () => amends.request('POST', '/hooks/alerts/own', body, { key: null, headers: { ...JSON_TYPE, 'x-amends-signature': crypto.createHmac('sha256', made.secret).update(body).digest('hex') } });
  const limited = [await send(), await send()];
  if (limited[1].status === 200) limited[1] = await send(); // the minute has just changed
  const wait = Number(limited[1].headers.get('retry-after'));
  is([limited[0].status, limited[1].status, wait > 0 && wait <= 60], [200, 429, true], 'a format of the operator, and its limit per minute');
  const play = await amends.call('POST', '/v1/alert-sources', { name: 'strict', format: 'generic' });
  const odd = await amends.request('POST', '/hooks/alerts/strict', { alerts: [{ ...fired('a', 0), status: 'down' }] }, { key: null, headers: { ...JSON_TYPE, authorization: `Bearer ${play.secret}` } });
  is([odd.status, odd.body.errors[0]], [422, { field: 'alerts/0/status', detail: 'must be firing or resolved, not "down"' }], 'our own format knows two words');
}

async function publish(amends, send, mails) {
  await amends.call('POST', '/v1/alert-rules', { name: 'api', component_label: 'service', level: 'partial_outage', scope: { labels: { region: 'eu' } }, severity: 'sev1', group_by: ['zone'], keep_firing_seconds: 60, match: [{ label: 'service', op: 'in', values: ['api', 'web'] }, { label: 'zone', op: '=~', value: 'z[1-9]' }] });
  const labels = (service) => ({ service, zone: 'z1' });
  await send(fired('a', 0, labels('api'), { title: 'HighErrorRate' }), fired('b', 5, labels('web')), fired('c', 0, { service: 'api', zone: 'z99' }));
  const [one, ...others] = await pending(amends);
  is([others.length, one.title, one.started_at, one.severity, one.alerts.map((alert) => alert.title)], [0, 'API, Web: partial outage', START, 'sev1', ['HighErrorRate', 'b']], 'alerts of one cause suggest one incident');
  is([(await amends.all('/v1/incidents')).length, (await (await fetch(`${amends.url}/`)).text()).includes('partial outage')], [0, false], 'nothing of it is public');
  await waitUntil('staff are told', () => mails.mails().some((mail) => /Suggested incident/.test(mail.data) && mail.data.includes(`/staff/suggestions/${one.id}\r\n`)));
  ok(true, 'staff are told, with a link to decide');
  const shown = await amends.call('POST', `/v1/suggestions/${one.id}/publish`, { title: 'Errors' });
  const impacts = (ref) => amends.call('GET', `/v1/incidents/${ref}/impacts`).then((reply) => reply.impacts);
  const window = (component, from, to) => ({ component, level: 'partial_outage', from: at(from), ...(to && { to: at(to) }), estimated: false, measured: true, scope: { labels: { region: 'eu' } } });
  is(await impacts(shown.incident), [window('api', 0), window('web', 5)], 'published: its windows begin when the alerts did, and are marked as measured');
  is((await amends.call('GET', `/v1/incidents/${shown.incident}`)).title, 'Errors', 'with the title that staff chose');
  is((await amends.request('POST', `/v1/suggestions/${one.id}/dismiss`)).status, 409, 'it is decided once');
  await send(over('a', 0, 12, labels('api')), over('b', 5, 9, labels('web')));
  is(await impacts(shown.incident), [window('api', 0, 12), window('web', 5, 9)], 'resolved alerts close the windows at their own time');
  const [ready] = await amends.all('/v1/suggestions?resolvable=true');
  is(ready.id, one.id, 'the resolving post is suggested');
  await amends.call('POST', `/v1/suggestions/${one.id}/resolve`, {});
  is([(await amends.call('GET', `/v1/incidents/${shown.incident}`)).state, await impacts(shown.incident)], ['resolved', [window('api', 0, 12), window('web', 5, 9)]], 'one click resolves it, and the windows stay');
}

// A rule with a scope tells the accounts in it and nobody else, unless it or staff say otherwise.
async function audiences(amends, send, mails) {
  sql(amends, `
    insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor, labels)
      select id, id, 'EUR', 2, 'UTC', 'month', '2019-01-01', labels::jsonb from (values
        ('north', '{"region": "eu"}'), ('south', '{"region": "us"}')) a (id, labels);
    insert into subscriber (channel, address, address_hash, state, account_id)
      select 'email', n || '@readers.example', sha256(n::bytea), 'active', (select id from account where external_id = n)
      from unnest(array['north', 'south', 'nobody']) n;
    insert into subscription (subscriber_id, kind) select id, 'all' from subscriber`);
  const publish = async (zone, title, choice) => {
    await send(fired(title, 70, { service: 'api', zone }));
    const [one] = await pending(amends);
    const shown = await amends.call('POST', `/v1/suggestions/${one.id}/publish`, { title, ...choice });
    await waitUntil('it is sent', () => sql(amends, `select 1 from broadcast b join incident i on i.id = b.incident_id
      where i.title = '${title}' and b.state = 'done'`).length === 1);
    const heard = mails.mails().filter((mail) => mail.to.endsWith('@readers.example') && mail.data.includes(title)).map((mail) => mail.to.split('@')[0]).sort();
    const incident = await amends.call('GET', `/v1/incidents/${shown.incident}`);
    const page = await fetch(`${amends.url}/incidents/${shown.incident}`);
    return [one.post.audience, incident.audience, incident.scope, heard, page.status];
  };
  const scope = { labels: { region: 'eu' } }, rule = { component: 'api', level: 'partial_outage', scope };
  is(await publish('z5', 'Shard five'), ['affected', 'affected', scope, ['north'], 404], 'a rule with a scope tells only the accounts in it');
  is(await publish('z6', 'Shard six', { audience: 'public' }), ['affected', 'public', scope, ['nobody', 'north', 'south'], 200], 'staff choose another audience');
  const two = { audience: 'both', affected_body: 'Your shard.', posted_at: '2026-03-03T11:11:00Z' };
  is((await publish('z7', 'Shard ten', two))[3], ['nobody', 'north'], 'both: also readers without an account, in a text of their own');
  const [, posted] = mails.mails().filter((mail) => mail.data.includes('Shard ten')).map((mail) => mail.data.includes('Your shard.')).sort();
  is([posted, (await amends.all('/v1/incidents'))[0].started_at], [true, two.posted_at], 'the affected read theirs, and a post may be of the past');
  const wrongly = await amends.request('POST', '/v1/suggestions/1/publish', { affected_body: 'x' });
  is(wrongly.body.errors[0].field, 'affected_body', 'nobody would read it without such an audience');
  const made = await amends.call('POST', '/v1/alert-rules', { ...rule, name: 'everybody', position: 1, audience: 'public', match: [{ label: 'zone', value: 'y7' }] });
  is([made.audience, (await publish('y7', 'Shard seven'))[3].length], ['public', 3], 'and so does a rule');
  const own = { name: 'own labels', component: 'api', level: 'partial_outage', group_by: ['zone', 'region'], scope_labels: ['region'], delay_seconds: 120, match: [{ label: 'zone', value: 'y8' }] };
  const { audience } = await amends.call('POST', '/v1/alert-rules', own);
  await send(fired('e', 80, { zone: 'y8' }), fired('e', 80, { zone: 'y8', region: 'eu' }), fired('u', 80, { zone: 'y8', region: 'us' }), over('u', 80, 90, { zone: 'y8', region: 'us' }));
  is([audience, (await pending(amends)).map((one) => [one.accounts, one.windows.map((window) => [window.scope.labels.region, window.from, window.to])]).sort()],
    ['affected', [[1, [['eu', at(78), undefined]]], [1, [['us', at(78), at(90)]]]]], 'the labels of an alert limit its scope, and windows begin before the delay of the source');
  for (const one of await pending(amends)) await amends.call('POST', `/v1/suggestions/${one.id}/dismiss`);
  const wrong = await amends.request('POST', '/v1/alert-rules', { ...own, name: 'wrong', group_by: ['zone'] });
  is(wrong.body.errors[0], { field: 'scope_labels[0]', detail: '"region" must be in group_by, too' }, 'of those by which alerts are grouped');
}

async function decide(amends, send) {
  const labels = { service: 'api', zone: 'z2' };
  const opened = await amends.call('POST', '/v1/incidents', { ref: 'open', title: 'Open', kind: 'incident', state: 'investigating', body: 'x', notify: false });
  await send(fired('m', 30, labels));
  const [one] = await pending(amends);
  is((await amends.request('POST', `/v1/suggestions/${one.id}/merge`, { incident: 'none' })).status, 422, 'only into an open incident');
  await amends.call('POST', `/v1/suggestions/${one.id}/merge`, { incident: opened.ref });
  await send(over('m', 30, 33, labels));
  is((await amends.call('GET', '/v1/incidents/open/impacts')).impacts.map((impact) => [impact.from, impact.to, impact.measured]), [[at(30), at(33), true]], 'merged: its window is one of the incident');
  await send(fired('m', 50, labels));
  await amends.call('POST', `/v1/suggestions/${(await pending(amends))[0].id}/dismiss`);
  await send(fired('m', 50, labels), over('m', 50, 51, labels), fired('m', 50, labels));
  is((await pending(amends)).length, 0, 'dismissed: a repeated alert does not come back');
  await send(fired('m', 58, labels));
  await send(fired('n', 59, labels));
  is((await pending(amends)).map((row) => [row.started_at, row.alerts.map((alert) => alert.title)]), [[at(58), ['m', 'n']]], 'a new one does');
  is((await amends.call('GET', `/v1/suggestions/${one.id}`)).alerts.map((alert) => alert.title), ['m'], 'each with the alerts of its own time');
}

// The command line decides, and says what a file would do.
async function commands(amends, send) {
  const file = (name, body) => { fs.writeFileSync(path.join(amends.dir, name), JSON.stringify(body)); return path.join(amends.dir, name); };
  const rules = file('rules.json', [{ name: 'file', component: 'web', level: 'major_outage', group_by: ['n'], match: [{ label: 'kind', value: 'file' }] }]);
  is([command(amends, 'rule', 'import', rules), command(amends, 'rule', 'import', rules)], ['file is added', 'file is replaced'], 'rules come from a file, again by name');
  is((await amends.all('/v1/alert-rules')).filter((rule) => rule.name === 'file').length, 1, 'once');
  const alerts = ['1', '2'].map((n) => fired(`f${n}`, 0, { kind: 'file', n }));
  is(command(amends, 'rule', 'test', file('alerts.json', { alerts: [alerts[0], fired('z', 0, {})] }), '--source=play'), `f1: fires since ${at(0)}\n  rule file: web, major_outage\nz: fires since ${at(0)}\n  no rule takes it`, 'a dry run says which rule takes an alert');
  await send(...alerts);
  const [two, one] = await pending(amends);
  ok(command(amends, 'alert', 'dismiss', String(two.id)).includes('dismissed'), 'dismissed by a command');
  ok(/published .*Web: major outage {2}\d{4}-/.test(command(amends, 'alert', 'publish', String(one.id))), 'and published');
  ok(command(amends, 'alert', 'list').includes(`${one.id} `), 'and listed');
}

// One click in the console.
async function clicks(amends, send) {
  const casey = await Desk.enter(amends, 'casey', ['responder']);
  await send(fired('click', 0, { kind: 'file', n: 'click' }, { title: 'Probe failed' }));
  const [row] = await pending(amends);
  ok((await casey.get('/staff')).text.includes(`/staff/suggestions/${row.id}`), 'the console shows it first');
  const { text: page } = await casey.get(`/staff/suggestions/${row.id}`);
  ok(page.includes('Probe failed') && page.includes('<li><span>Web</span>'), 'with its alerts, and components by their names');
  is((await casey.send(`/staff/suggestions/${row.id}`, { do: 'publish', title: 'Web is down' })).status, 303, 'one click publishes it');
  is((await amends.call('GET', `/v1/suggestions/${row.id}`)).state, 'published', 'so it is');
}

async function byItself(amends, send, mails) {
  await amends.call('POST', '/v1/alert-rules', { name: 'self', component: 'web', level: 'degraded_performance', for_seconds: 120, publish_after_minutes: 0, match: [{ label: 'kind', value: 'self' }] });
  const now = Date.now(), time = (ago) => new Date(now - ago * 1000).toISOString();
  await send({ fingerprint: 'flap', status: 'resolved', labels: { kind: 'self' }, starts_at: time(500), ends_at: time(450) });
  await send({ fingerprint: 'self', status: 'firing', labels: { kind: 'self' }, starts_at: time(119) });
  is((await amends.all('/v1/incidents')).some((one) => /Web/.test(one.title)), false, 'what fires for a shorter time than for_seconds is ignored');
  await waitUntil('it is published', async () => (await amends.all('/v1/incidents')).some((one) => /Web: degraded/.test(one.title)), 30000);
  is((await amends.all('/v1/incidents')).filter((one) => /Web: degraded/.test(one.title)).length, 1, 'published by itself, once');
  await waitUntil('staff are told when', () => mails.mails().some((mail) => mail.data.includes('Web: degraded') && mail.data.replace(/=\r\n/g, '').includes('It will be published automatically at ')));
}

// CloudWatch through Amazon SNS: signed by a certificate of a trusted host, of an allowed topic.
async function cloudwatch(amends, sns) {
  const document = JSON.parse(fs.readFileSync(path.join(ROOT, 'templates/alerts/cloudwatch.json'), 'utf8'));
  document.auth.hosts = [sns.host];
  const topics = ['arn:aws:sns:eu-west-1:1:alarms'];
  const missing = await amends.request('POST', '/v1/alert-sources', { name: 'aws', format: 'cloudwatch' });
  is([missing.status, missing.body.errors[0].field], [422, 'topics'], 'topics must be named');
  for (const [name, more] of [['aws', { document }], ['amazon', { format: 'cloudwatch' }]]) await amends.call('POST', '/v1/alert-sources', { name, topics, ...more });
  await amends.call('POST', '/v1/alert-rules', { name: 'aws', component: 'api', level: 'major_outage', match: [{ label: 'ApiName', value: 'api' }, { label: 'namespace', value: 'AWS/ApiGateway' }] });
  const post = async (body, source = 'aws') => (await amends.request('POST', `/hooks/alerts/${source}`, JSON.stringify(body), { key: null, headers: { 'content-type': 'text/plain; charset=UTF-8' } }));
  is([(await post(sns.message('SubscriptionConfirmation', '1'))).body, sns.asked.at(-1)], [{ received: 0, matched: 0 }, '/?Action=ConfirmSubscription&Token=token'], 'a subscription to an allowed topic is confirmed');
  const asked = sns.asked.length;
  is((await post(sns.message('SubscriptionConfirmation', '1', { TopicArn: 'arn:aws:sns:eu-west-1:1:other' }))).status, 403, 'to another one it is not');
  is((await post({ ...sns.message('UnsubscribeConfirmation', '1') })).body, { received: 0, matched: 0 }, 'its end is no confirmation');
  is((await post(sns.alarm('ALARM', '2026-03-03T13:00:00.000Z', '1'))).body, { received: 1, matched: 1 }, 'an alarm with SignatureVersion 1');
  is((await post(sns.alarm('OK', '2026-03-03T13:05:00.000Z'))).body, { received: 1, matched: 1 }, 'and its end with 2');
  is((await pending(amends)).filter((one) => one.rule === 'aws').map((one) => [one.started_at, one.ended_at]), [['2026-03-03T13:00:00Z', '2026-03-03T13:05:00Z']], 'suggest an incident');
  const forged = { ...sns.alarm('ALARM', '2026-03-03T14:00:00.000Z'), Timestamp: '2026-03-03T14:00:02.000Z' };
  const elsewhere = sns.alarm('ALARM', '2026-03-03T14:00:00.000Z', '2', { SigningCertURL: `http://localhost:${sns.host.split(':')[1]}/x.pem` });
  is([(await post(forged)).status, (await post(elsewhere)).status, (await post(sns.alarm('ALARM', '2026-03-03T14:00:00.000Z'), 'amazon')).status], [403, 403, 403], 'a changed message is refused, and a certificate elsewhere');
  is(sns.asked.slice(asked).filter((url) => url.endsWith('.pem')), [], 'the certificate was fetched once');
  for (const one of await pending(amends)) await amends.call('POST', `/v1/suggestions/${one.id}/dismiss`);
}

// Mails through `amends inbound mail`, to an address of the source.
async function byMail(amends) {
  const made = await amends.call('POST', '/v1/alert-sources', { name: 'mon', format: 'mail', per_minute: 3 });
  await amends.call('POST', '/v1/alert-rules', { name: 'mail', source: 'mon', component: 'web', level: 'major_outage' });
  const address = made.url.replace('mailto:', '');
  ok(/^alerts\+mon\.[0-9a-f]{32}@status\.example$/.test(address), `the address has the token: ${address.length} letters`);
  const send = (subject, to = address) => {
    const input = `From: Monitor <mon@noc.example>\r\nTo: ${to}\r\nSubject: ${subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nProbe failed.\r\n`;
    const done = spawnSync(AMENDS, ['inbound', 'mail', '--output=json', '--data', path.join(amends.dir, 'var'), '--recipient', to], { input, encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
    return done.status ? done.status : JSON.parse(done.stdout).result;
  };
  is([send('DOWN: web', address.replace(/\.[0-9a-f]/, '.x')), send('DOWN: web', address.replace('mon', 'none'))], ['forged', 'unknown'], 'another token or name is no alert');
  const mailed = async () => (await pending(amends)).filter((one) => one.rule === 'mail').map((one) => [one.firing, one.alerts.map((alert) => [alert.title, alert.text.trim(), alert.labels.cause, alert.labels.from])]);
  is([send('[FIRING:2] web =?utf-8?Q?=C3=BCberlastet?=', address.toUpperCase()), await mailed()], ['received', [[true, [['[FIRING:2] web überlastet', 'Probe failed.', 'web überlastet', 'Monitor <mon@noc.example>']]]]], 'a mail is an alert, and the case of its address does not matter');
  is([send('[RESOLVED] web =?utf-8?Q?=C3=BCberlastet?='), (await mailed()).map(([firing]) => firing)], ['received', [false]], 'its end has the same words');
  const results = [];
  while (results.length < 10 && results.at(-1) !== 75) results.push(send('Recovery: web'));
  is(results.at(-1), 75, `more than three in a minute are for later: ${results}`);
  sql(amends, "update alert_source set per_minute = 100 where name = 'mon'");
  const long = await amends.request('PATCH', '/v1/alert-sources/mon', { name: 'a-name-that-is-too-long-for-mail' });
  is([long.status, long.body.errors[0]], [422, { field: 'name', detail: 'must be short enough for an address: 24 letters' }], 'a name for an address is short');
  const renamed = await amends.call('PATCH', '/v1/alert-sources/mon', { name: 'noc' });
  is([renamed.url, send('DOWN: other'), send('DOWN: other', address.replace('mon', 'noc'))], [undefined, 'received', 'received'], 'renamed, the former address still works');
  const posted = await amends.request('POST', '/hooks/alerts/mon', '{}', { key: null, headers: { authorization: `Bearer ${made.secret}` } });
  is(posted.status, 403, 'such a source takes mail alone');
  for (const one of await pending(amends)) await amends.call('POST', `/v1/suggestions/${one.id}/dismiss`);
}

scenario(async (cleanup) => {
  const mails = await MailSink.start(freshDirectory());
  cleanup(() => mails.stop());
  const sns = await Sns.start(freshDirectory());
  cleanup(() => sns.stop());
  const amends = await Amends.up({ env: { AMENDS_ALLOW_LOOPBACK: '1', AMENDS_SMTP_URL: mails.url, AMENDS_MAIL_FROM: 'status@status.example', AMENDS_STAFF_EMAIL: 'staff@staff.example' } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web' });
  await everyFormat(amends);
  await grafanaTimestamp(amends);
  await opsgenie(amends);
  await refusals(amends);
  await cloudwatch(amends, sns);
  await byMail(amends);
  const send = await source(amends, 'play');
  await publish(amends, send, mails);
  await audiences(amends, send, mails);
  await decide(amends, send);
  await byItself(amends, send, mails);
  await commands(amends, send);
  await clicks(amends, send);
  await shuffles(amends, 3, 20260303);
  ok(sql(amends, 'select count(*) from alert_event')[0][0] > 0, 'events are kept');
});
