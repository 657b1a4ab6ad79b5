#!/usr/bin/env node
'use strict';
// Sources of alerts and of measurements are changed in place: their rules, alerts and counts stay.
// A rotated secret works beside the previous one until its end.
const crypto = require('node:crypto');
const { Amends } = require('../../lib/amends.js');
const { fired } = require('../../lib/alerts.js');
const { sql } = require('../../lib/notifiers.js');
const remote = require('../../lib/remote_write.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const JSON_TYPE = { 'content-type': 'application/json' };
const bearer = (secret) => ({ ...JSON_TYPE, authorization: `Bearer ${secret}` });

async function refused(amends, verb, target, body, status, field, detail) {
  const reply = await amends.request(verb, target, body);
  is([reply.status, reply.body.errors && reply.body.errors[0]], [status, field && { field, detail }], `${verb} ${target} ${JSON.stringify(body)}: ${status} ${detail || reply.body.detail}`);
}

// A source is renamed: what sends to it goes on, and its history stays.
async function renamed(amends, kind, name, send) {
  const path = `/v1/${kind}`, sent = async (by) => (await send(by)).status;
  const before = await amends.call('GET', `${path}/${name}`);
  ok(before.url.endsWith(`/${name}`) && !JSON.stringify(before).includes('secret'), `${path}/${name} shows where it sends, and no secret`);
  const after = await amends.call('PATCH', `${path}/${name}`, { name: 'next' });
  is(after, { ...before, name: 'next', url: before.url.replace(new RegExp(`${name}$`), 'next'), former_names: [name] }, 'renamed, all else stays');
  is([await sent('next'), await sent(name)], [200, 200], 'its new URL works, and the former one, by the same secret');
  is((await amends.request('GET', `${path}/${name}`)).status, 404, 'it is found by its new name');
  const other = { ...before, name: 'other' };
  for (const field of ['id', 'url', 'former_names', 'last_at', 'created_at', 'previous_until', 'counters', 'topics']) delete other[field];
  await amends.call('POST', path, other);
  await refused(amends, 'POST', path, { ...other, name }, 409, 'name', 'source "next" had this name, and its URL still works: remove it from former_names there');
  await refused(amends, 'PATCH', `${path}/other`, { name: 'next' }, 409, 'name', 'source "next" exists already');
  await refused(amends, 'PATCH', `${path}/other`, { name: 'Next' }, 422, 'name', 'must be lower-case letters, digits, - and _, with a letter or digit at both ends');
  await refused(amends, 'PATCH', `${path}/next`, { former_names: ['none'] }, 422, 'former_names[0]', '"none" is not a former name of this source');
  await refused(amends, 'PATCH', `${path}/${name}`, { name: 'x' }, 404);
  const back = await amends.call('PATCH', `${path}/next`, { name });
  is([back.former_names, await sent('next'), await sent(name)], [['next'], 200, 200], 'and renamed back');
  is([(await amends.call('PATCH', `${path}/${name}`, { former_names: [] })).former_names, await sent('next')], [[], 404], 'a former name is ended');
  await amends.call('DELETE', `${path}/other`);
}

const audited = async (amends, kind) => (await amends.all('/v1/audit')).filter((row) => row.action.startsWith(`${kind}.`)).map((row) => [row.action, row.object, row.detail]).reverse();

async function alertSources(amends) {
  const made = await amends.call('POST', '/v1/alert-sources', { name: 'mon', format: 'generic' });
  const rule = await amends.call('POST', '/v1/alert-rules', { name: 'all', source: 'mon', component: 'api', level: 'major_outage' });
  is(await amends.call('GET', `/v1/alert-rules/${rule.id}`), rule, 'a rule is read by its id');
  is((await amends.request('GET', '/v1/alert-rules/999')).status, 404, 'one that is not there is not found');
  const send = async (secret, alert) => (await amends.request('POST', '/hooks/alerts/mon', { alerts: [alert] }, { key: null, headers: bearer(secret) })).body;
  is(await send(made.secret, fired('a', 0)), { received: 1, matched: 1 }, 'an alert before the change');
  const before = await amends.call('GET', '/v1/alert-sources/mon');
  const changed = await amends.call('PATCH', '/v1/alert-sources/mon', { per_minute: 50 });
  is(changed, { ...before, per_minute: 50 }, 'a change of one field leaves the others');
  is(await send(made.secret, fired('a', 0)), { received: 1, matched: 1 }, 'and the token');
  const document = { name: 'own', auth: { type: 'token' }, alerts: '/items', fingerprint: ['/id'], status: ['/up'], firing: ['false'], resolved: ['true'] };
  is((({ format, document: shown }) => [format, shown.alerts])(await amends.call('PATCH', '/v1/alert-sources/mon', { document })), ['own', '/items'], 'a format of its own');
  is((({ format, document: shown }) => [format, shown])(await amends.call('PATCH', '/v1/alert-sources/mon', { format: 'alertmanager' })), ['alertmanager', undefined], 'and back to one of ours');
  await amends.call('PATCH', '/v1/alert-sources/mon', { format: 'generic' });
  is(await amends.call('PATCH', '/v1/alert-sources/mon', {}), await amends.call('GET', '/v1/alert-sources/mon'), 'nothing given changes nothing');
  const wrong = (body, status, field, detail) => refused(amends, 'PATCH', '/v1/alert-sources/mon', body, status, field, detail);
  await wrong({ format: 'nagios' }, 422, 'format', '"nagios" is not a known format');
  await wrong({ format: 'generic', document }, 422, 'format', 'must be given, or else document, not both');
  await wrong({ document: { name: 'x' } }, 422, 'auth', 'is required');
  await wrong({ topics: ['arn:aws:sns:x'] }, 422, 'topics', 'is of Amazon SNS only');
  await wrong({ format: 'cloudwatch' }, 422, 'topics', 'is required by this format');
  await wrong({ format: 'mail' }, 422, 'format', 'a source of mail has an address instead of a URL: add another source');
  await wrong({ per_minute: 0 }, 422, 'per_minute', 'must be between 1 and 100000');
  await refused(amends, 'PATCH', '/v1/alert-sources/none', { per_minute: 5 }, 404);
  const by = (name) => amends.request('POST', `/hooks/alerts/${name}`, { alerts: [] }, { key: null, headers: bearer(made.secret) });
  await renamed(amends, 'alert-sources', 'mon', by);
  is((await amends.call('GET', `/v1/alert-rules/${rule.id}`)).source, 'mon', 'the rule stays that of the source');
  return made.secret;
}

async function rotations(amends, first) {
  const status = async (secret) => (await amends.request('POST', '/hooks/alerts/mon', { alerts: [] }, { key: null, headers: bearer(secret) })).status;
  const rotate = (body, name = 'mon') => amends.call('POST', `/v1/alert-sources/${name}/rotate-secret`, body);
  const second = await rotate({});
  is([second.name, second.url.endsWith('/hooks/alerts/mon'), second.secret !== first], ['mon', true, true], 'a new token');
  is([await status(second.secret), await status(first)], [200, 200], 'both work for a day');
  const basic = async (text) => (await amends.request('POST', '/hooks/alerts/mon', { alerts: [] }, { key: null, headers: { ...JSON_TYPE, authorization: `Basic ${Buffer.from(text).toString('base64')}` } })).status;
  is([await basic(`amends:${second.secret}`), await basic(`:${first}`), await basic('amends:x'), await basic(second.secret)], [200, 200, 403, 403], 'also as the password of basic authentication');
  is(sql(amends, "select date_trunc('minute', previous_until - now() + interval '1 second') from alert_source where name = 'mon'"), [['24:00:00']], 'a day');
  sql(amends, "update alert_source set previous_until = now() - interval '1 second' where name = 'mon'");
  is([await status(second.secret), await status(first)], [200, 403], 'then only the new one');
  const third = await rotate({ overlap_minutes: 0 });
  is([await status(third.secret), await status(second.secret)], [200, 403], 'at once if asked');
  await refused(amends, 'POST', '/v1/alert-sources/mon/rotate-secret', { overlap_minutes: 20000 }, 422, 'overlap_minutes', 'must be between 0 and 10080');
  await refused(amends, 'POST', '/v1/alert-sources/mon/rotate-secret', { secret: 'short' }, 422, 'secret', 'is too short');
  await refused(amends, 'POST', '/v1/alert-sources/none/rotate-secret', {}, 404);

  const pager = await amends.call('POST', '/v1/alert-sources', { name: 'pager', format: 'pagerduty', secret: 'key-of-pagerduty' });
  const signed = async (secret) => {
    const body = JSON.stringify({ event: {} });
    const signature = `v1=${crypto.createHmac('sha256', secret).update(body).digest('hex')}`;
    return (await amends.request('POST', '/hooks/alerts/pager', body, { key: null, headers: { ...JSON_TYPE, 'x-pagerduty-signature': signature } })).status;
  };
  is((await rotate({ secret: 'the-next-key' }, 'pager')).secret, 'the-next-key', 'a key that the source made');
  is([await signed(pager.secret), await signed('the-next-key'), await signed('another-key')], [422, 422, 403], 'signs, beside the previous one');
  const topic = await amends.call('POST', '/v1/alert-sources', { name: 'aws', format: 'cloudwatch', topics: ['arn:aws:sns:eu-west-1:1:alarms'] });
  is((await amends.request('POST', `/v1/alert-sources/${topic.name}/rotate-secret`, {})).status, 409, 'Amazon signs with a key of its own');
  is((await amends.call('PATCH', '/v1/alert-sources/aws', { topics: ['arn:aws:sns:eu-west-1:1:others'] })).topics, ['arn:aws:sns:eu-west-1:1:others'], 'its topics are replaced');
  is(topic.secret, undefined, 'and shows none');
  await refused(amends, 'PATCH', '/v1/alert-sources/aws', { topics: ['alarms'] }, 422, 'topics[0]', 'must be the ARN of a topic, as arn:aws:sns:REGION:ACCOUNT:NAME');
  await refused(amends, 'PATCH', '/v1/alert-sources/aws', { topics: [] }, 422, 'topics', 'is required by this format');
  const mail = await amends.call('POST', '/v1/alert-sources', { name: 'post', format: 'mail' });
  await refused(amends, 'POST', '/v1/alert-sources/post/rotate-secret', { secret: 'UPPER-CASE' }, 422, 'secret', 'must be at most 32 lower-case letters and digits, for an address');
  const renewed = await rotate({}, 'post');
  ok(/^mailto:alerts\+post\.[0-9a-f]{32}@/.test(renewed.url) && renewed.url !== mail.url, 'a source of mail gets another address');
  const actions = await audited(amends, 'alert_source');
  is(actions.filter(([action, object]) => object === 'mon' && action !== 'alert_source.create').slice(0, 2), [['alert_source.change', 'mon', { per_minute: 50 }], ['alert_source.change', 'mon', actions.find(([, , detail]) => detail && detail.document)[2]]], 'the audit log has each change');
  is(actions.filter(([action]) => action === 'alert_source.rotate').map(([, object, detail]) => [object, detail]), [['mon', { overlap_minutes: 1440 }], ['mon', { overlap_minutes: 0 }], ['pager', { overlap_minutes: 1440 }], ['post', { overlap_minutes: 1440 }]], 'and rotation, without a secret');
}

async function measurementSources(amends) {
  const SOURCE = { name: 'prom', match: [{ label: '__name__', value: 'http_requests_total' }], bad: [{ label: 'code', op: '=~', value: '5..' }], component_label: 'service', labels: ['zone'] };
  const { secret } = await amends.call('POST', '/v1/measurement-sources', SOURCE);
  const start = Date.parse('2026-03-05T12:00:00Z');
  const series = (code, samples, more = {}) => ({ labels: { __name__: 'http_requests_total', service: 'api', zone: 'z1', code, ...more }, samples: samples.map(([seconds, value]) => [start + seconds * 1000, value]) });
  const post = async (token, ...all) => (await fetch(`${amends.url}/hooks/prometheus/write/prom`, { method: 'POST', body: remote.body(all), headers: { ...remote.HEADERS, authorization: `Bearer ${token}` } })).status;
  const counted = () => sql(amends, `select to_char(m.from_at, 'MI'), c.slug, m.bad, m.total from amends.measured('2026-03-05', '2026-03-06') m join measurement_series s on s.id = m.series_id join component c on c.id = s.component_id order by 1, 2`);
  is(await post(secret, series('404', [[0, 100], [15, 110]])), 204, 'a counter');
  const before = await amends.call('GET', '/v1/measurement-sources/prom');
  is(before.counters, 1, 'which counts');
  is(await amends.call('PATCH', '/v1/measurement-sources/prom', { per_minute: 50 }), { ...before, per_minute: 50 }, 'a change of one field leaves the others, and the counters');
  await amends.call('PATCH', '/v1/measurement-sources/prom', { bad: [{ label: 'code', op: '=~', value: '[45]..' }], component: 'web' });
  is((({ bad, component, component_label: label, labels, counters }) => [bad[0].value, component, label, labels, counters])(await amends.call('GET', '/v1/measurement-sources/prom')), ['[45]..', 'web', undefined, ['zone'], 0], 'other conditions, and one component for the label: counters begin anew');
  await post(secret, series('404', [[75, 120]]), series('404', [[90, 125]]));
  is(counted(), [['00', 'api', '0', '10'], ['01', 'web', '5', '5']], 'what was counted stays, and the next count is by the new conditions');
  const wrong = (body, field, detail) => refused(amends, 'PATCH', '/v1/measurement-sources/prom', body, 422, field, detail);
  await wrong({ bad: [{ label: 'code', op: '=~', value: '(' }] }, 'bad[0].value', 'is no regular expression: parentheses () not balanced');
  await wrong({ match: [] }, 'match', 'must have at least 1 elements');
  await wrong({ component: 'none' }, 'component', 'no component "none"');
  await wrong({ component: 'api', component_label: 'service' }, 'component', 'must be given, or else component_label, not both');
  await refused(amends, 'PATCH', '/v1/measurement-sources/none', {}, 404);
  const next = await amends.call('POST', '/v1/measurement-sources/prom/rotate-secret', {});
  is([await post(secret), await post(next.secret), await post(`${secret}x`)], [204, 204, 403], 'both tokens work for a day');
  await renamed(amends, 'measurement-sources', 'prom', async (name) => {
    const reply = await fetch(`${amends.url}/hooks/prometheus/write/${name}`, { method: 'POST', body: remote.body([]), headers: { ...remote.HEADERS, authorization: `Bearer ${secret}` } });
    return { status: reply.status === 204 ? 200 : reply.status };
  });
  const last = await amends.call('POST', '/v1/measurement-sources/prom/rotate-secret', { overlap_minutes: 0 });
  is([await post(next.secret), await post(last.secret)], [403, 204], 'or not');
  is((await audited(amends, 'measurement_source')).map(([action, object, detail]) => [action.split('.')[1], object, detail && detail.name]), [['create', 'prom', undefined], ['change', 'prom', undefined], ['change', 'prom', undefined], ['rotate', 'prom', undefined], ['change', 'prom', 'next'], ['create', 'other', undefined], ['change', 'next', 'prom'], ['change', 'prom', undefined], ['delete', 'other', undefined], ['rotate', 'prom', undefined]], 'the audit log has it');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ env: { AMENDS_MAIL_FROM: 'status@status.example' } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web' });
  await rotations(amends, await alertSources(amends));
  await measurementSources(amends);
});
