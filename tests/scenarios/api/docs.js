#!/usr/bin/env node
'use strict';
// The reference at /docs: every operation with a command, its errors and limits. The examples fit the
// schemas of /openapi.json, and the commands run as they are printed.
const { spawn } = require('node:child_process');
const Ajv = require('../../node_modules/ajv').default;
const formats = require('../../node_modules/ajv-formats').default;
const { Amends } = require('../../lib/amends.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const decoded = (html) => html.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#(x?)(\w+);/g, (all, hex, code) => String.fromCharCode(parseInt(code, hex ? 16 : 10))).replace(/&amp;/g, '&');
const articles = (html) => new Map([...html.matchAll(/<article id="(\w+)"([^]*?)<\/article>/g)].map(([, id, text]) => [id, text]));
const command = (text) => decoded(text.match(/<pre data-copy="Copy"><code>([^]*?)<\/code>/)[1]);

function shell(text, key) {
  const child = spawn('sh', ['-c', `${text} -s -o /dev/null -w '%{http_code}'`], { env: { ...process.env, AMENDS_KEY: key } });
  let out = '';
  child.stdout.on('data', (chunk) => { out += chunk; });
  return new Promise((resolve) => child.on('close', () => resolve(Number(out))));
}

// 3.0's nullable as JSON Schema has it.
function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain);
  if (!schema || typeof schema !== 'object') return schema;
  const { nullable, ...rest } = schema;
  const out = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, plain(value)]));
  if (nullable && typeof out.type === 'string') out.type = [out.type, 'null'];
  return out;
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const html = (await amends.request('GET', '/docs', undefined, { key: null })).text;
  const api = await amends.call('GET', '/openapi.json');
  const all = articles(html);
  const operations = Object.entries(api.paths).flatMap(([path, item]) => Object.entries(item).map(([verb, one]) => ({ path, verb: verb.toUpperCase(), ...one })));
  is(operations.map((one) => one.operationId).filter((id) => !all.has(id)), [], `all ${operations.length} operations are there`);
  is(operations.filter((one) => !command(all.get(one.operationId) || '<pre data-copy="Copy"><code></code>').startsWith('curl ')).map((one) => one.operationId), [], 'each with a command');
  is(operations.filter((one) => Object.keys(one.responses).some((status) => status >= 400 && !all.get(one.operationId).includes(`<code>${status}</code>`))).map((one) => one.operationId), [], 'and with its errors');
  is(operations.filter((one) => !html.includes(`<a href="#${one.operationId}">`)).map((one) => one.operationId), [], 'and in the contents');
  ok(/1 to 250 characters/.test(all.get('createIncident')) && /connections_per_address/.test(html), 'limits are named');

  const ajv = formats(new Ajv({ strict: false, allErrors: true }));
  ajv.addSchema(plain({ $id: 'api', ...api }));
  const wrong = [];
  let checked = 0;
  for (const one of operations) {
    const example = all.get(one.operationId).match(/<script type="application\/json">([^]*?)<\/script>/)?.[1];
    const schema = one.requestBody?.content?.['application/json']?.schema?.$ref;
    if (!example || !schema) continue;
    checked += 1;
    const judge = ajv.compile({ $ref: `api${schema}` });
    if (!judge(JSON.parse(example))) wrong.push(`${one.operationId}: ${ajv.errorsText(judge.errors)}`);
    if (!command(all.get(one.operationId)).includes(example.replace(/'/g, "'\\''"))) wrong.push(`${one.operationId}: the command has another body`);
  }
  is(wrong, [], `${checked} examples fit their schemas`);

  const writes = ['createComponent', 'createIncident', 'createIncidentTemplate'];
  for (const id of writes) is(await shell(command(all.get(id)), amends.key), 201, `${id} runs as printed`);
  const reads = operations.filter((one) => one.verb === 'GET' && !one.path.includes('{') && one.operationId !== 'getBroadcastEvents');
  await amends.call('POST', '/v1/accounts/import', JSON.stringify({ external_id: 'acct', name: 'A', currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2026-01-01', prices: [] }), { headers: { 'content-type': 'application/x-ndjson' } });
  const { key: own } = await amends.call('POST', '/v1/keys', { name: 'own', account: 'acct' });
  const codes = await Promise.all(reads.map((one) => shell(command(all.get(one.operationId)), /^\/v1\/account(\/|$)/.test(one.path) ? own : amends.key)));
  // No policy is published here.
  is(reads.map((one, i) => `${one.operationId} ${codes[i]}`).filter((line) => !/ 200$/.test(line) && line !== 'getSla 404'), [], `${reads.length} commands that read run as printed`);
  const elsewhere = [...html.matchAll(/(?:src|href|action)="(https?:[^"]+)"/g)].map(([, url]) => url).filter((url) => !url.startsWith(amends.url));
  is(elsewhere, [], 'the page asks nothing of others');
});
