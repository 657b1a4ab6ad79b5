#!/usr/bin/env node
'use strict';
// Claims: recorded by the API or on the customer's page, with a sealed file; deadlines by policy; decided by
// staff with a reason or with one run for several claims, which tells the customers.
const http = require('node:http');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { AMENDS, waitUntil } = require('../../lib/amends.js');
const { mailBodies } = require('../../lib/sinks.js');
const { sql } = require('../../lib/notifiers.js');
const lib = require('../../lib/cases.js');
const { Desk, approver } = require('../../lib/staff.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const HOUR = 3600000;
const DAY = 24 * HOUR;
const now = Date.now();
const at = (ms) => new Date(now - ms).toISOString();
const day = (ms) => at(ms).slice(0, 10);
const PDF = '%PDF-1.4\nsecret evidence\n';

const account = (name, locale) => ({ external_id: name, name: `Company ${name}`, currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2020-01-01',
  prices: [{ from: '2020-01-01', amount_minor: 100000 }], components: ['api'], contacts: [{ email: `${name}@customers.example`, name, locale }] });

async function world(amends) {
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug.toUpperCase() });
  const lines = [account('alpha', 'en'), account('beta', 'de'), account('gamma', 'en')].map((one) => JSON.stringify(one)).join('\n');
  await amends.call('POST', '/v1/accounts/import', lines, { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', { name: 'sla', model: 'prorata', multiplier: '10', claim: { required: true, within_days: 30 } });
  await amends.call('POST', '/v1/policies', { name: 'gift', model: 'fixed', amounts: { EUR: 500 } });
  for (const [ref, ago] of [['new', 5 * DAY], ['old', 60 * DAY]]) {
    await lib.replayIncident(amends, { ref, title: `Outage ${ref}`, kind: 'incident', posts: [], impacts: [
      { component: 'api', level: 'major_outage', from: at(ago), to: at(ago - HOUR) },
      { component: 'web', level: 'major_outage', from: at(ago), to: at(ago - HOUR) }] });
  }
}

async function byApi(amends) {
  const claim = await amends.call('POST', '/v1/claims', { account: 'alpha', incidents: ['new'], text: 'Our shop stood still.' });
  is([claim.state, claim.late, claim.deadline, claim.open_days], ['open', false, day(5 * DAY - HOUR - 30 * DAY), 0], 'a claim is open, with the policy\'s deadline');
  is(claim.deadlines.map((one) => [one.incident, one.policy, one.timezone]), [['new', 'sla', 'UTC']], 'by incident and policy');
  is(claim.windows.map((one) => [one.incident, one.component]), [['new', 'api']], 'with the windows of what the account uses');
  const late = await amends.call('POST', '/v1/claims', { account: 'beta', incidents: ['old'] });
  is([late.late, late.text], [true, undefined], 'a claim after the deadline is recorded as late');
  const given = await amends.call('GET', `/v1/claims/${claim.id}/trial?policy=sla`);
  ok(given.amount_minor > 0 && given.lines.length === 1, `the policy would give ${given.amount_minor}`);
  is((await amends.call('GET', `/v1/claims/${late.id}/trial?policy=sla`)).amount_minor, 0, 'and nothing for a late one');
  is((await amends.call('GET', `/v1/claims/${late.id}/trial?policy=gift`)).amount_minor, 500, 'where a policy without claims would');
  is(sql(amends, 'select (select count(*) from credit_run), (select count(*) from credit)'), [['0', '0']], 'a trial writes nothing');
  is((await amends.request('GET', `/v1/claims/${claim.id}/trial?policy=none`)).status, 422, 'an unknown policy is refused');
  return { claim, late, given };
}

// The date that the page says is that of the engine: by the end of a window of billing, too, in a month without the
// anchor's day, and cut by a term.
async function deadlines(amends) {
  const terms = [{ from: '2020-01-31', interval: 'month', anchor: '2020-01-31' }, { from: day(2 * DAY), interval: 'year', anchor: day(2 * DAY) }];
  const names = ['in-time', 'too-late', 'cut-in-time', 'cut-too-late'];
  const lines = names.map((name) => ({ ...account(name, 'en'), anchor: '2020-01-31', contacts: [], ...(/cut/.test(name) ? { interval: undefined, anchor: undefined, terms } : {}) }));
  await amends.call('POST', '/v1/accounts/import', lines.map((one) => JSON.stringify(one)).join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', { name: 'sla', model: 'prorata', multiplier: '10', claim: { required: true, within_days: 10, from: 'window_end' } });
  for (const kind of ['', 'cut-']) {
    const probe = await amends.call('POST', '/v1/claims', { account: `${kind}in-time`, incidents: ['new'], at: at(0) });
    const last = Date.parse(`${probe.deadline}T23:59:59Z`);
    const given = [];
    sql(amends, `delete from claim_incident where claim_id = ${probe.id}; delete from claim where id = ${probe.id}`);
    for (const [who, when] of [['in-time', last], ['too-late', last + 2000]]) {
      const claim = await amends.call('POST', '/v1/claims', { account: kind + who, incidents: ['new'], at: new Date(when).toISOString() });
      given.push([claim.late, (await amends.call('GET', `/v1/claims/${claim.id}/trial?policy=sla`)).amount_minor > 0]);
      sql(amends, `delete from claim_incident where claim_id = ${claim.id}; delete from claim where id = ${claim.id}`);
    }
    is(given, [[false, true], [true, false]], `${kind}billing window: a claim until the end of ${probe.deadline} is paid, and none after`);
  }
  await amends.call('POST', '/v1/policies', { name: 'sla', model: 'prorata', multiplier: '10', claim: { required: true, within_days: 30 } });
}

const put = (amends, id, bytes, name = 'x') => amends.request('PUT', `/v1/claims/${id}/evidence?name=${encodeURIComponent(name)}`, bytes, { headers: { 'content-type': 'application/octet-stream' } });

async function evidence(amends, claim) {
  const kept = await put(amends, claim.id, PDF, '../../etc/..\\invoice "1".pdf');
  is(kept.body.evidence, { name: 'invoice "1".pdf', type: 'pdf', size: PDF.length, deleted: false }, `a file is kept under its base name: ${kept.text.slice(0, 200)}`);
  for (const [what, bytes] of [['HTML', '<!doctype html><script>alert(1)</script>'], ['HTML after spaces', '\ufeff\n <html>'], ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'], ['a program', '\x7fELF\0\0'], ['nothing', '']]) {
    is((await put(amends, claim.id, bytes)).status, 422, `${what} is no evidence`);
  }
  is((await put(amends, claim.id, 'a'.repeat(5 * 1024 * 1024 + 1))).status, 413, 'nor is a file of more than 5 MiB');
  is(sql(amends, `select position('secret evidence'::bytea in sealed) from claim_evidence`), [['0']], 'it is sealed in the database');
  const read = await amends.request('GET', `/v1/claims/${claim.id}/evidence`);
  is([read.status, read.text, ...['content-type', 'content-disposition', 'x-content-type-options'].map((name) => read.headers.get(name))],
    [200, PDF, 'application/octet-stream', `attachment; filename="claim-${claim.id}.pdf"`, 'nosniff'], 'and is read as an attachment alone');
}

const decide = (amends, id, decision, message) => amends.request('POST', `/v1/claims/${id}/decision`, { decision, message });
const claims = async (amends) => (await amends.all('/v1/claims')).map((one) => [one.account, one.state]).sort();
const told = (mails, to, words) => waitUntil(`${to} is told`, () => mails.mails().find((mail) => mail.to === to && mailBodies(mail.data)['text/plain'].includes(words)));

async function decided(amends, mails, key, { claim, late, given }) {
  const gamma = await amends.call('POST', '/v1/claims', { account: 'gamma', incidents: ['new'] });
  const run = (list, policy) => amends.request('POST', '/v1/claims/run', { claims: list, policy, reason: 'claims of the week' });
  is((await run([claim.id], 'sla')).status, 409, 'a run takes only accepted claims');
  is((await decide(amends, claim.id, 'accepted', 'You are right.')).body.state, 'accepted', 'staff accept a claim');
  await decide(amends, late.id, 'accepted', 'For once.');
  is((await run([claim.id, late.id], 'gift')).status, 422, 'claims of different incidents need a policy that asks for claims');
  const draft = await run([claim.id, late.id], 'sla');
  is([draft.status, draft.body.incidents.sort(), draft.body.totals.map((total) => [total.credits, total.amount_minor])],
    [201, ['new', 'old'], [[1, given.amount_minor]]], 'several claims decide one run: for who claimed, in time, and not for a claim still open');
  is((await decide(amends, claim.id, 'declined', 'x')).status, 409, 'a drafted claim stays decided');
  await amends.call('POST', `/v1/credit-runs/${draft.body.id}/void`);
  is(await claims(amends), [['alpha', 'accepted'], ['beta', 'accepted'], ['gamma', 'open']], 'a void gives them back');
  const next = (await run([claim.id, late.id], 'sla')).body;
  await lib.acknowledge(amends, next);
  await amends.call('POST', `/v1/credit-runs/${next.id}/approve`, undefined, { key });
  is(await claims(amends), [['alpha', 'credited'], ['beta', 'open'], ['gamma', 'open']], 'the issue credits, and reopens the claim that it paid nothing');
  const mail = await told(mails, 'alpha@customers.example', 'You are right.');
  is((await decide(amends, late.id, 'declined', 'Zu spät.')).body.state, 'declined', 'a claim is declined');
  ok(/Antrag/.test(mailBodies((await told(mails, 'beta@customers.example', 'Zu spät.')).data)['text/plain']), 'with a reason, in the language of the account');
  await amends.call('POST', '/v1/credit-runs', { policy: 'sla', incidents: ['new'], reason: 'all' }).then(async (all) => {
    is(all.totals.map((total) => total.credits), [1], 'a run for all counts the open claim');
    is((await decide(amends, gamma.id, 'declined', 'No.')).status, 409, 'which cannot be declined meanwhile');
    await amends.call('POST', `/v1/credit-runs/${all.id}/void`);
  });
  await decide(amends, gamma.id, 'declined', 'No.');
  is((await amends.call('POST', '/v1/credit-runs', { policy: 'sla', incidents: ['new'], reason: 'all' })).totals, [], 'a declined claim does not count');
  return new URL(mailBodies(mail.data)['text/plain'].match(/https?:\S+\/claims\/\S+/)[0]).pathname;
}

// Mails that open or resolve an incident say how the reader's account can claim, and until when.
async function incidentMails(amends, mails) {
  const reader = (address, more) => amends.call('POST', '/v1/subscribers', { channel: 'email', address, components: ['api'], confirmed: true, timezone: 'Europe/Berlin', verbosity: 'every', ...more });
  await amends.call('POST', '/v1/accounts/import', JSON.stringify({ ...account('web-only', 'en'), components: ['web'] }), { headers: { 'content-type': 'application/x-ndjson' } });
  await reader('alpha@customers.example', { account: 'alpha' });
  await reader('ops@alpha.example', { account: 'alpha', locale: 'de' });
  await reader('web@customers.example', { account: 'web-only' });
  await reader('nobody@customers.example', {});
  const { key } = await amends.call('POST', '/v1/keys', { name: 'sign-up', scopes: ['subscribers:subscribe'] });
  const mine = await amends.request('POST', '/v1/subscribers', { channel: 'email', address: 'eve@example.org', account: 'alpha' }, { key });
  is([mine.status, mine.body.errors[0].field], [403, 'account'], 'a key that only subscribes cannot name an account, whose claims the mails would open');
  const post = (path, body) => amends.call('POST', path, { body: 'x', ...body }).then((reply) => amends.settled(reply.broadcast));
  const of = (to, state) => mails.mails().filter((mail) => mail.to === to && mailBodies(mail.data)['text/plain'].replace(/\s+/g, ' ').startsWith(`Mailed ${state}`)).map((mail) => mailBodies(mail.data))[0];
  const claim = (mail) => mail['text/plain'].match(/https?:\S+\/claims\/\S+/);
  await post('/v1/incidents', { ref: 'mailed', title: 'Mailed', kind: 'incident', state: 'investigating', components: [{ component: 'api', level: 'major_outage' }] });
  const opened = of('alpha@customers.example', 'Investigating');
  ok(/claim credit for this incident up to 30 days after it ends\.\s+Claim credit: http/.test(opened['text/plain']) && /<a href="[^"]*\/claims\/[^"]*">Claim credit/.test(opened['text/html']), `the mail that opens an incident says the time to claim: ${opened['text/plain']}`);
  is(['web@customers.example', 'nobody@customers.example'].map((to) => claim(of(to, 'Investigating'))), [null, null], 'but to nobody whose account is not hit');
  const page = await amends.request('GET', new URL(claim(opened)[0]).pathname, undefined, { key: null });
  ok(page.status === 200 && /Company alpha/.test(page.text) && /Mailed/.test(page.text), 'its link opens the claims of the account');
  await post('/v1/incidents/mailed/updates', { state: 'identified' });
  is(claim(of('alpha@customers.example', 'Identified')), null, 'an update between says nothing of it');
  await post('/v1/incidents/mailed/updates', { state: 'resolved' });
  const end = new Date(Date.parse((await amends.call('GET', '/v1/incidents/mailed')).resolved_at) + 30 * DAY);
  const resolved = of('alpha@customers.example', 'Resolved')['text/plain'];
  ok(new RegExp(`claim credit for this incident until [A-Z][a-z]+ \\d+, ${end.getUTCFullYear()}, \\d+:59 [AP]M GMT`).test(resolved), `the one that resolves it says until when: ${resolved}`);
  ok(/bis \d+\. .* eine Gutschrift beantragen/.test(of('ops@alpha.example', 'Behoben')['text/plain']), 'in the language of the reader');
  await amends.call('POST', '/v1/policies', { name: 'sla', model: 'prorata', multiplier: '10', claim: { required: true, within_days: 30 }, applies: { plans: ['enterprise'] } });
  await post('/v1/incidents', { ref: 'other', title: 'Mailed', kind: 'incident', state: 'monitoring', components: [{ component: 'api', level: 'major_outage' }] });
  is(claim(of('alpha@customers.example', 'Monitoring')), null, 'nor is an account asked to claim by a policy that is not for its plan');
}

// Staff see what is due next first, by how far the deadline is, and doctor warns.
async function due(amends) {
  const claims = {};
  await amends.call('POST', '/v1/policies', { name: 'sla', model: 'prorata', multiplier: '10', claim: { required: true, within_days: 30 } });
  for (const [name, ref] of [['gamma', 'new'], ['gamma', 'old'], ['beta', 'mailed']]) {
    claims[ref] = (await amends.call('POST', '/v1/claims', { account: name, incidents: [ref], at: at(9 * DAY) })).id;
  }
  const none = (await amends.call('POST', '/v1/claims', { account: 'beta', incidents: ['other'] })).id; // its outage goes on
  const waiting = async (query = '') => {
    const rows = [];
    for (let cursor = ''; cursor !== undefined;) {
      const reply = await amends.call('GET', `/v1/claims?state=waiting&limit=2${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      rows.push(...reply.data);
      cursor = reply.next_cursor || undefined;
    }
    return rows.map((one) => [one.id, one.due_days === undefined]);
  };
  is(await waiting(), [claims.old, claims.new, claims.mailed, none].map((id) => [id, id === none]), 'claims that wait are listed by deadline, page by page, and those without one last');
  const [old, next] = await amends.all('/v1/claims?state=waiting');
  const left = Math.floor((Date.parse(`${next.deadline}T23:59:59Z`) - Date.now()) / DAY);
  is([old.due_days < -29 && old.due_days > -32, next.due_days, old.open_days], [true, left, 9], 'with the days to it, and since they were made');
  is([await waiting('&due=passed'), await waiting('&due=soon')], [[[claims.old, false]], []], 'a filter finds those whose deadline has passed');
  const desk = await Desk.enter(amends, 'claire', ['billing']);
  const page = await desk.get('/staff/credits/claims');
  ok(/>(29|3\d) days ago</.test(page.text) && page.text.includes(`>in ${left} days<`) && page.text.indexOf(`claims/${claims.old}"`) < page.text.indexOf(`claims/${claims.new}"`), 'so does the console');
  const some = (await desk.get('/staff/credits/claims?due=passed')).text;
  ok(/aria-current="page">Past the deadline/.test(some) && some.includes(`claims/${claims.old}"`) && !some.includes(`claims/${claims.new}"`), 'which has the filter, too');
  const { stdout } = spawnSync(AMENDS, ['doctor', '--json', '--resolver', '127.0.0.1:1', '--data', path.join(amends.dir, 'var')], { encoding: 'utf8' });
  is(JSON.parse(stdout).filter((row) => row.check === 'claims').map((row) => [row.state, row.said]), [['warn', 'waiting: 4, past their deadline: 1, due within 7 days: 0, oldest: 9 d']], 'doctor warns of a deadline that has passed');
}

async function link(amends) {
  const make = (name, body) => amends.request('POST', `/v1/accounts/${name}/claim-link`, body);
  is((await make('alpha', { contact: 'beta@customers.example' })).status, 422, 'a link is for a contact of the account');
  is((await make('none', {})).status, 404, 'of an account that exists');
  return new URL((await make('alpha', { contact: 'alpha@customers.example' })).body.url).pathname;
}

const send = async (amends, page, fields, file) => {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  form.append('evidence', new Blob([file ? file.bytes : '']), file ? file.name : '');
  const reply = await fetch(amends.url + page, { method: 'POST', body: form });
  return { status: reply.status, text: await reply.text() };
};

// A form that arrives in pieces, on a connection of its own.
const inPieces = (amends, target, pieces) => new Promise((resolve, reject) => {
  const headers = { 'content-type': 'multipart/form-data; boundary=EDGE', 'content-length': Buffer.byteLength(pieces.join('')), connection: 'close' };
  const ask = http.request(amends.url + target, { method: 'POST', agent: false, headers }, (reply) => {
    const parts = [];
    reply.on('data', (part) => parts.push(part)).on('end', () => resolve({ status: reply.statusCode, text: parts.join('') }));
  }).on('error', reject);
  ask.setNoDelay(true);
  const next = (n) => (n < pieces.length ? ask.write(pieces[n], () => setTimeout(next, 100, n + 1)) : ask.end());
  next(0);
});

async function pieces(amends, target) {
  const field = (name) => `--EDGE\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`;
  const reply = await inPieces(amends, target, [`${field('incident')}old\r\n${field('text')}x`, '\r\n--EDGE\r\nContent-Disposition: form-data; name="evidence"; filename="a"\r\n\r\n<html>\r\n--EDGE--\r\n']);
  is([reply.status, /Choose a PDF/.test(reply.text)], [422, true], 'a field at whose value a piece of the body ends is read whole');
}

async function page(amends, mails, target) {
  const open = (path) => amends.request('GET', path, undefined, { key: null });
  const first = await open(target);
  is([first.status, first.headers.get('cache-control'), first.headers.get('referrer-policy')], [200, 'no-store', 'no-referrer'], 'the customer\'s page opens by its link');
  ok(/Outage new/.test(first.text) && /Claim until/.test(first.text) && /time to claim ended/.test(first.text), 'with the incidents and their deadlines');
  const statement = first.text.match(/href="(\/credit\/[^"]+)">You have a credit/);
  ok(/I think this is not enough/.test((await open(statement[1])).text), 'an incident with a credit leads to the review on its statement');
  ok(!first.text.includes('beta') && !first.text.includes('gamma'), 'and nothing of other accounts');
  for (const lang of ['de', 'ja', 'fr', 'es', 'pt-BR']) is((await open(`${target}?lang=${lang}`)).status, 200, `in ${lang}`);
  const before = sql(amends, 'select count(*) from claim');
  for (const [what, fields, why, file] of [
    ['without a text', [['incident', 'new'], ['text', ' ']], /Describe what happened/],
    ['without an incident', [['text', 'x']], /at least one incident/],
    ['for an incident that the page does not have', [['incident', 'none'], ['text', 'x']], /at least one incident/],
    ['with HTML named as a PDF', [['incident', 'old'], ['text', 'x']], /Choose a PDF/, { bytes: '<html><script>alert(1)</script>', name: 'a.pdf' }],
    ['with a file that is too large', [['incident', 'old'], ['text', 'x']], /Choose a PDF/, { bytes: '%PDF-'.padEnd(5 * 1024 * 1024 + 1, 'a'), name: 'a.pdf' }],
  ]) {
    const refused = await send(amends, target, fields, file);
    is([refused.status, why.test(refused.text)], [422, true], `no claim ${what}`);
  }
  is(sql(amends, 'select count(*) from claim'), before, 'so none was made');
  await pieces(amends, target);
  const claimed = await send(amends, target, [['incident', 'old'], ['text', 'We <b>lost</b> orders.']], { bytes: PDF, name: '../../etc/passwd.pdf' });
  is([claimed.status, /Thank you/.test(claimed.text), claimed.text.includes('passwd.pdf'), claimed.text.includes('../')], [200, true, true, false], 'a claim with a file is made');
  ok(claimed.text.includes('We &lt;b&gt;lost') && /time to claim ended/.test(claimed.text), 'its text is no markup');
  ok(/already claimed/.test((await send(amends, target, [['incident', 'old'], ['text', 'again']])).text), 'one claim an incident at a time');
  const [mine] = await amends.all('/v1/claims?state=waiting');
  is([mine.account, mine.contact, mine.late, mine.evidence.name, mine.text], ['alpha', 'alpha@customers.example', true, 'passwd.pdf', 'We <b>lost</b> orders.'], 'staff see it, as late');
  ok((await told(mails, 'desk@staff.example', 'lost</b> orders')), 'and are told by mail');
  await decide(amends, mine.id, 'declined', 'Nothing of yours was hit.');
  ok((await open(target)).text.includes('Nothing of yours was hit.'), 'the page has the answer');
  sql(amends, `insert into claim (account_id, at, text, state) select account_id, now(), 'more', 'declined' from claim, generate_series(1, 4) where id = ${mine.id}`);
  is((await send(amends, target, [['incident', 'old'], ['text', 'more']])).status, 429, 'five a day for an account');
  is((await open(`${target.slice(0, -2)}xx`)).status, 404, 'a changed link opens nothing');
}

async function lists(amends) {
  const csv = await amends.request('GET', '/v1/claims?format=csv');
  const rows = csv.text.trim().split('\r\n');
  is([csv.headers.get('content-type'), rows.length], ['text/csv; charset=utf-8', 4], 'claims as CSV');
  ok(/^id,account,.*deadline,due_days,late/.test(rows[0]) && rows.some((row) => row.includes('Company alpha')), 'with their fields');
  is((await amends.all('/v1/claims?state=waiting')).length, 0, 'none waits');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup, { AMENDS_STAFF_EMAIL: 'desk@staff.example' });
  await world(amends);
  const made = await byApi(amends);
  await deadlines(amends);
  await evidence(amends, made.claim);
  const mailed = await decided(amends, mails, approver(amends), made);
  await lists(amends);
  const target = await link(amends);
  is((await amends.request('GET', mailed, undefined, { key: null })).status, 200, 'the mail links to the page');
  is((await amends.request('GET', target.replace('/claims/', '/credit/'), undefined, { key: null })).status, 404, 'whose token opens no statement');
  await page(amends, mails, target);
  await incidentMails(amends, mails);
  await due(amends);
});
