#!/usr/bin/env node
'use strict';
// What generators of clients ask of /openapi.json; contract.js judges the replies by it.
const { Amends } = require('../../lib/amends.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const VERB = /^(list|get|create|update|replace|delete|revoke|edit|preview|test|send|receive|import|export|apply|undo|cancel|resume|retry|replay|publish|stream|rotate|reconcile|retract|acknowledge|approve|void|reverse|answer|estimate|merge|dismiss|resolve)[A-Z]/;

// Objects of any members, each with the reason.
const FREE = {
  'Account.labels': 'texts by key',
  'AlertSource.document': 'a format of templates/alerts',
  'AlertSourceChange.document': 'a format of templates/alerts',
  'AlertSourceCreate.document': 'a format of templates/alerts',
  'AlertTested.group': 'values by label',
  'AlertTested.labels': 'values by label',
  'AuditRow.detail': 'depends on the action',
  'CreditWarning.detail': 'depends on the code',
  'HeldPost.post': 'what was posted: depends on the action',
  'ImpactScope.labels': 'values by key',
  'Impacts.reports': 'instants by account',
  'ImpactsReplace.reports': 'instants by account',
  'NoticeAudience.labels': 'values by key',
  'PolicyApplies.labels': 'values by key',
  'PreviewedMessage.payload': 'a document of Slack, Teams, Discord or a webhook',
  'SuggestedAlert.labels': 'values by label',
};

function operations({ paths }) {
  return Object.entries(paths).flatMap(([path, item]) => Object.entries(item).map(([verb, operation]) => ({ path, verb, ...operation })));
}

// The paths of the schemas that say nothing about what they hold.
function untyped(schema, path) {
  if (schema.$ref) return [];
  const parts = [...(schema.allOf || []), ...(schema.oneOf || [])];
  const own = !schema.type && !parts.length || schema.additionalProperties === true ? [path] : [];
  const deeper = [
    ...parts.map((part) => [part, path]),
    ...Object.entries(schema.properties || {}).map(([name, part]) => [part, `${path}.${name}`]),
    ...(schema.items ? [[schema.items, `${path}[]`]] : []),
    ...(typeof schema.additionalProperties === 'object' ? [[schema.additionalProperties, `${path}{}`]] : []),
  ];
  return own.concat(deeper.flatMap(([part, at]) => untyped(part, at)));
}

function names(document) {
  const all = operations(document);
  const ids = all.map((operation) => operation.operationId);
  is(ids.filter((id) => !VERB.test(id || '')), [], 'every operation is named by a verb');
  is(ids.filter((id, i) => ids.indexOf(id) !== i), [], 'and by its own name');
  const tags = document.tags.map((tag) => tag.name);
  is(all.filter(({ tags: own }) => !own || own.length !== 1 || !tags.includes(own[0])), [], 'every operation has a tag that is described');
  is(tags.filter((tag) => !all.some(({ tags: own }) => own[0] === tag)), [], 'every tag has an operation');
  // Go writes NewX for the constructor of X, and generators add these endings to names of operations.
  const schemas = Object.keys(document.components.schemas);
  is(schemas.filter((name) => /^New|(Params|Request|Response|Res|Req)$/.test(name)), [], 'no schema has the name of a constructor or of generated code');
  is(Object.keys(document.components.securitySchemes), ['bearerAuth'], 'the security scheme is not called key');
  note(`${all.length} operations, ${schemas.length} schemas`);
}

function bodies(document) {
  const all = operations(document);
  const found = Object.entries(document.components.schemas).flatMap(([name, schema]) => untyped(schema, name));
  is(found.sort(), Object.keys(FREE).sort(), 'every schema says what it holds');
  const types = all.flatMap(({ responses }) => Object.values(responses).flatMap(({ content }) => Object.keys(content || {})));
  ok(!types.some((type) => /html/.test(type)), 'no page is described');
  is(all.filter(({ responses }) => !Object.keys(responses).some((status) => /^4/.test(status))), [], 'every operation describes its failures');
  const lists = all.filter(({ responses }) => /Page"/.test(JSON.stringify(responses[200] || {})));
  const unpaged = lists.filter(({ parameters }) => !parameters.some(({ name }) => name === 'cursor'));
  is(unpaged.map(({ operationId }) => operationId), ['listComponentGroups', 'listIncidentWarnings', 'listPromises', 'testAlertRules', 'listBroadcastReasons', 'listLiabilityAlerts'], 'lists have pages, but those that people keep short by hand');
  const both = all.filter(({ responses }) => responses[200] && responses[201]).map(({ operationId }) => operationId);
  is(both, ['createPolicy', 'createSubscriber'], '200 and 201 are both described where both happen');
}

async function behaviour(amends, document) {
  const keyed = operations(document).filter(({ parameters }) => parameters.some(({ $ref }) => /IdempotencyKey/.test($ref)));
  ok(keyed.some(({ operationId }) => operationId === 'createIncident'), 'Idempotency-Key is described');
  const body = { slug: 'a', name: 'A' };
  const once = () => amends.request('POST', '/v1/components', body, { headers: { 'idempotency-key': 'one' } });
  await once();
  is((await once()).headers.get('idempotent-replayed'), keyed[0].responses[201].headers['Idempotent-Replayed'] && 'true', 'and the header of a repetition');
  const policy = { name: 'p', model: 'days', days: '1' };
  const statuses = [];
  for (let i = 0; i < 2; i += 1) statuses.push((await amends.request('POST', '/v1/policies', policy)).status);
  is(statuses, [201, 200], 'a policy that is there already answers 200');
}

// Found by schemathesis (tests/scenarios/long/openapi_schemathesis.js).
async function found(amends) {
  const person = await amends.call('POST', '/v1/staff', { login: 'bob', roles: ['viewer'] });
  is((await amends.request('PATCH', `/v1/staff/${person.id}`)).status, 200, 'a change of a person without a body changes nothing');
  const there = await amends.request('PUT', '/v1/subscribers/import');
  is([there.status, there.headers.get('allow')], [405, 'POST'], 'a path allows its own methods, not those of the pattern it matches');
  is((await amends.request('POST', '/v1/incidents', { ref: 'preview', title: 'T', state: 'investigating', body: 'B' })).status, 422, 'so no incident has its name');
}

// The query is read as strictly as it is described.
async function query(amends) {
  for (const [value, status] of [['true', 200], ['false', 200], ['', 422], ['yes', 422]]) {
    is((await amends.request('GET', `/openapi.json?pages=${value}`)).status, status, `a boolean may be ${value || 'empty'}: ${status}`);
  }
}

// Lengths count characters, as maxLength does.
async function lengths(amends, document) {
  const { maxLength } = document.components.schemas.NoticeVariant.properties.subject;
  const preview = (subject) => amends.request('POST', '/v1/notices/preview', { subject: 'x', body: 'y', variants: { de: { subject, body: 'z' } } });
  is((await preview('ä'.repeat(maxLength))).status, 200, `${maxLength} characters of two octets are taken`);
  is((await preview('ä'.repeat(maxLength + 1))).status, 422, 'and no more');
}

async function pages(amends) {
  const groups = ['', 'z', 'a', '', 'a'];
  for (const [i, group] of groups.entries()) await amends.call('POST', '/v1/components', { slug: `c${i}`, name: 'C', ...(group && { group }) });
  const whole = (await amends.call('GET', '/v1/components')).data.map(({ slug }) => slug);
  is(whole, ['a', 'c0', 'c3', 'c1', 'c2', 'c4'], 'components are listed by group, in the order of the page');
  const seen = [];
  let cursor = '';
  do {
    const page = await amends.call('GET', `/v1/components?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.data.map(({ slug }) => slug));
    cursor = page.next_cursor;
  } while (cursor);
  is(seen, whole, 'and page by page');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const document = await amends.call('GET', '/openapi.json');
  names(document);
  bodies(document);
  await behaviour(amends, document);
  await found(amends);
  await query(amends);
  await lengths(amends, document);
  await pages(amends);
});
