#!/usr/bin/env node
'use strict';
// Nothing of one account reaches another: every route of the source is asked with the link, the
// session and the key of the other, by every verb, and the other's marker is in no answer.
const fs = require('node:fs');
const path = require('node:path');
const { Amends, ROOT, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { acknowledge } = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const MARK = /zebra/i;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const at = (hours) => new Date(Date.now() + hours * 3600000).toISOString();
const account = (external_id, name, labels) => ({ external_id, name: `Company ${name}`, currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2020-01-01',
  prices: [{ from: '2020-01-01', amount_minor: 100000 }], components: ['api'], labels, contacts: [{ email: `${name}@customers.example`, name, locale: 'en' }] });

// Two accounts with the same component. What is of alpha alone says Zebra: its contact, an incident
// for it alone, its credit's statement, claim, review and subscriber.
async function world(amends) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'Interface' });
  const lines = [account('a-1', 'zebra', { shard: 'seven' }), account('b-1', 'beta', { shard: 'eight' })].map((one) => JSON.stringify(one)).join('\n');
  await amends.call('POST', '/v1/accounts/import', lines, { headers: { 'content-type': 'application/x-ndjson' } });
  const scope = { labels: { shard: 'seven' } };
  await amends.call('POST', '/v1/incidents', { ref: 'shard', title: 'Zebra shard', kind: 'incident', state: 'investigating', body: 'Zebra text', audience: 'affected', scope, notify: false, posted_at: at(-5), components: [{ component: 'api', level: 'major_outage' }] });
  await amends.call('POST', '/v1/incidents/shard/updates', { state: 'resolved', body: 'Zebra end', notify: false, posted_at: at(-4) });
  await amends.call('POST', '/v1/incidents', { ref: 'all', title: 'Down for all', kind: 'incident', state: 'investigating', body: 'x', notify: false, posted_at: at(-3), components: [{ component: 'api', level: 'major_outage' }] });
  await amends.call('POST', '/v1/incidents/all/updates', { state: 'resolved', body: 'x', notify: false, posted_at: at(-2) });
  await amends.call('POST', '/v1/incidents', { ref: 'both', title: 'Some shards are slow', kind: 'incident', state: 'investigating', body: 'x', audience: 'both', affected_body: 'Zebra reads this', scope, notify: false, components: [{ component: 'api', level: 'degraded_performance' }] });
  await amends.call('POST', '/v1/policies', { name: 'p', model: 'prorata', multiplier: '10', cap_percent: '100', weights_bp: { major_outage: 10000 } });
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'p', incidents: ['shard', 'all'], reason: 'sorry' });
  const letter = await amends.call('POST', `/v1/credit-runs/${run.id}/notices/preview`, { account: 'a-1', subject: 'x', body: '{{#credit.incidents}}\n- {{title}}: {{url}}\n{{/credit.incidents}}' });
  is([/\/incidents\/all\b/.test(letter.text), /\/incidents\/shard\b/.test(letter.text), /Zebra shard: https?:\/\/[^/]+\/a\/[^/\s]+\n/.test(letter.text)], [true, false, true], 'a letter about credits leads to public pages that there are, otherwise to the page of the account');
  await acknowledge(amends, run);
  await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key: approver(amends) });
  await waitUntil('the credits are issued', async () => (await amends.call('GET', `/v1/credit-runs/${run.id}`)).state === 'issued');
  await amends.call('POST', '/v1/claims', { account: 'a-1', incidents: ['all'], text: 'Zebra claim' });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'zebra@readers.example', account: 'a-1', confirmed: true });
}

async function party(amends, id, contact) {
  const link = new URL((await amends.call('POST', `/v1/accounts/${id}/page-link`, { contact })).url).pathname;
  const entered = await amends.request('POST', link, '', { key: null, headers: FORM });
  const { key } = await amends.call('POST', '/v1/keys', { name: `of ${id}`, account: id });
  return { link, token: link.split('/')[2], cookie: entered.headers.get('set-cookie').split(';')[0], key };
}

// Every path that a routes.c of the api names, and those of the document.
function routes(document) {
  const api = path.join(ROOT, 'api');
  const files = fs.readdirSync(api, { recursive: true }).filter((name) => name.endsWith('routes.c'));
  const text = files.map((name) => fs.readFileSync(path.join(api, name), 'utf8')).join('');
  return [...new Set([...Object.keys(document.paths), ...[...text.matchAll(/"(\/[^"\s]*)"/g)].map(([, target]) => target)])];
}

// The same for what both accounts see, so that the marker must be hidden, not absent.
async function seen(amends, { link, cookie, key }, name, expected) {
  const got = [];
  for (const tail of ['', '/credits', '/claims', '/incidents/shard', '/incidents/both', '/contacts']) got.push(MARK.test((await amends.request('GET', link + tail, undefined, { key: null, headers: { cookie } })).text));
  for (const tail of ['', '/incidents', '/credits', '/claims']) got.push(MARK.test((await amends.request('GET', `/v1/account${tail}`, undefined, { key })).text));
  is(got, expected, `what ${name} sees`);
}

async function walk(amends, alpha, beta, document) {
  const paths = routes(document);
  ok(paths.length > 200 && paths.includes('/a/{token}/credits'), `${paths.length} routes are walked`);
  const ids = Object.fromEntries(['credit', 'claim', 'subscriber', 'account', 'account_contact', 'incident', 'credit_run'].map((table) => [table, sql(amends, `select min(id) from ${table}`)[0][0]]));
  const [[mine]] = sql(amends, "select c.id from credit c join account a on a.id = c.account_id where external_id = 'a-1'");
  const leaks = [];
  const refused = [];
  let asked = 0;
  const ask = async (verb, target, how) => {
    asked += 1;
    const reply = await amends.request(verb, target, verb === 'GET' ? undefined : how.body, how);
    if (MARK.test(reply.text)) leaks.push(`${verb} ${target} ${how.as}`);
    return reply;
  };
  for (const one of paths.filter((target) => !/\/events|\/v1\/stream/.test(target))) {
    for (const id of new Set([mine, ids.claim, ids.subscriber])) {
      const filled = (token) => one.replace('{token}', token).replace('{external_id}', 'a-1').replace('{ref}', 'shard').replace('{month}', new Date().toISOString().slice(0, 7)).replace(/\{\w+\}/g, id);
      for (const token of one.includes('{token}') ? [alpha.token, beta.token] : ['']) await ask('GET', filled(token), { as: 'session', key: null, headers: { cookie: beta.cookie } });
      if (one.startsWith('/v1/')) {
        const reply = await ask('GET', filled(''), { as: 'key', key: beta.key });
        if (!/^\/v1\/account(\/|$)/.test(one) && ![403, 405].includes(reply.status)) refused.push(`GET ${one} ${reply.status}`);
      }
      if (!/\{/.test(one)) break;
    }
  }
  for (const [target, verbs] of Object.entries(document.paths)) {
    for (const verb of Object.keys(verbs).filter((name) => name !== 'get' && target.startsWith('/v1/'))) {
      const filled = target.replace('{external_id}', 'a-1').replace('{ref}', 'shard').replace(/\{\w+\}/g, mine);
      const reply = await ask(verb.toUpperCase(), filled, { as: 'key', key: beta.key, body: {} });
      if (target !== '/v1/account/claims' && reply.status !== 403) refused.push(`${verb} ${target} ${reply.status}`);
    }
  }
  for (const one of paths.filter((target) => target.startsWith('/a/'))) {
    for (const body of ['', 'do=leave', `credit=${mine}&message=x`, `do=unsubscribe&id=${ids.subscriber}`, `do=remove&id=${ids.account_contact}`]) {
      await ask('POST', one.replace('{token}', alpha.token).replace('{ref}', 'shard').replace(/\{\w+\}/g, mine), { as: 'session', key: null, headers: { ...FORM, cookie: beta.cookie }, body });
    }
  }
  is(leaks, [], `none of ${asked} answers shows anything of another account`);
  is(refused, [], 'and the key of an account opens no route but its own');
}

async function keys(amends) {
  const post = (body) => amends.request('POST', '/v1/keys', body);
  const wrong = [{ account: 'none' }, { account: 'a-1', scopes: ['admin'] }, { scopes: ['account:read'] }, {}, { account: 'a-1', owner: 'bob' }];
  const fields = [];
  for (const body of wrong) fields.push((await post({ name: 'x', ...body })).body.errors[0].field);
  is(fields, ['account', 'scopes[0]', 'scopes[0]', 'scopes', 'owner'], 'a key is of an account or of staff, not of both');
  const { key, id } = await amends.call('POST', '/v1/keys', { name: 'reader', account: 'b-1', scopes: ['account:read'] });
  is((await amends.call('GET', '/v1/keys?account=b-1')).data.map(({ name, account: own }) => [name, own]), [['reader', 'b-1'], ['of b-1', 'b-1']], 'keys are listed by account');
  is([(await amends.request('GET', '/v1/account')).status, (await amends.request('GET', '/v1/account', undefined, { key })).status], [403, 200], 'a key of staff is of no account');
  is((await amends.request('POST', '/v1/account/claims', { incidents: ['all'], text: 'x' }, { key })).status, 403, 'a key that reads does not claim');
  const denied = await amends.request('GET', '/v1/accounts', undefined, { key });
  ok(/bound to an account: it opens \/v1\/account/.test(denied.body.detail), `the refusal says why: ${denied.body.detail}`);
  await amends.call('DELETE', `/v1/keys/${id}`);
  is((await amends.request('GET', '/v1/account', undefined, { key })).status, 401, 'a revoked key opens nothing');
}

// The statement in the session, with its review; and that of another account.
async function statement(amends, { link, cookie }) {
  const of = (name) => sql(amends, `select c.id from credit c join account a on a.id = c.account_id where external_id = '${name}'`)[0][0];
  const get = (tail) => amends.request('GET', link + tail, undefined, { key: null, headers: { cookie } });
  const mine = `/credits/${of('b-1')}`;
  ok((await get('/credits')).text.includes(`href="${link}${mine}"`), 'the page of the account lists its credits');
  const page = await get(mine);
  is([page.status, page.text.includes(`href="${link}/incidents/all"`), /Zebra/.test(page.text)], [200, true, false], 'each with its statement, which leads to the incidents of the account');
  const review = (id) => amends.request('POST', `${link}/credits/${id}`, 'message=Too+little', { key: null, headers: { ...FORM, cookie } });
  is([(await review(of('a-1'))).status, (await review(of('b-1'))).status, sql(amends, 'select count(*), min(contact_id) from credit_review')[0]], [404, 200, ['1', sql(amends, "select id from account_contact where name = 'beta'")[0][0]]], 'and with the form for a review, which its contact asks for');
  is((await get('/incidents/all')).status, 200, 'an incident for all is there, too');
}

async function claims(amends, { key }) {
  const claim = (incidents) => amends.request('POST', '/v1/account/claims', { incidents, text: 'We were down.' }, { key });
  is((await claim(['all', 'shard'])).body.errors[0].field, 'incidents[1]', 'an account claims for no incident of another');
  const made = await claim(['all']);
  is([made.status, made.body.account, made.body.state], [201, 'b-1', 'open'], 'but for one that affected it');
  is((await claim(['all'])).status, 409, 'once');
  await amends.call('POST', `/v1/claims/${made.body.id}/decision`, { decision: 'accepted', message: 'Internal.' });
  const [row] = (await amends.request('GET', '/v1/account/claims', undefined, { key })).body.data;
  is([row.state, row.answer, row.decided_by], ['accepted', undefined, undefined], 'the answer is not shown before the decision is final');
  const csv = await amends.request('GET', '/v1/account/uptime?format=csv', undefined, { key });
  ok(/^b-1,/m.test(csv.text) && !/^a-1,/m.test(csv.text), 'uptime as CSV');
  const [credit] = (await amends.request('GET', '/v1/account/credits', undefined, { key })).body.data;
  is(credit.incidents.map(({ ref }) => ref), ['all'], 'a credit names the incidents that hit the account, not those of its run');
  const workings = await amends.request('GET', `/v1/account/credits/${credit.id}`, undefined, { key });
  is(workings.body.lines.reduce((sum, line) => sum + line.amount_minor, 0), credit.amount_minor, 'its statement adds up to it');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await world(amends);
  const alpha = await party(amends, 'a-1', 'zebra@customers.example');
  const beta = await party(amends, 'b-1', 'beta@customers.example');
  await seen(amends, alpha, 'its own account', Array(10).fill(true));
  await seen(amends, beta, 'another', Array(10).fill(false));
  await statement(amends, beta);
  await keys(amends);
  await walk(amends, alpha, beta, (await amends.request('GET', '/openapi.json')).body);
  await claims(amends, beta);
});
