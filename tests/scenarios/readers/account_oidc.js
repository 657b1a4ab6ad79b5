#!/usr/bin/env node
'use strict';
// Contacts sign in to the page of their account by its own OpenID provider; that of another account, another person of
// the provider, and every way to spoil the answer open nothing. staff_oidc.js has all ways to spoil a token.
const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { AMENDS } = require('../../lib/amends.js');
const { OidcProvider, sign } = require('../../lib/oidc_provider.js');
const { Desk, command } = require('../../lib/staff.js');
const { sql } = require('../../lib/notifiers.js');
const { send, mailTo } = require('../../lib/readers.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const cookies = (reply) => (reply.headers.get('set-cookie') || '').split(', ').map((one) => one.split(';')[0]).filter((one) => one && !one.endsWith('='));
const open = { key: null };

// One sign-in as a browser does it; change: the callback before it is followed.
async function enter(amends, account, { change = (target) => target, query = '' } = {}) {
  const start = await amends.request('GET', `/a/login/${account}${query}`, undefined, open);
  if (start.status !== 303) return { status: start.status };
  const cookie = cookies(start).join('; ');
  const there = await fetch(start.headers.get('location'), { redirect: 'manual' });
  const back = new URL(there.headers.get('location'));
  const target = change(back.pathname + back.search);
  const reply = await amends.request('GET', target, undefined, { key: null, headers: { cookie } });
  return { status: reply.status, to: reply.headers.get('location'), text: reply.text, session: cookies(reply).find((one) => one.startsWith('amends-account=')), target, cookie, asked: new URL(start.headers.get('location')).searchParams };
}

const why = (reply) => [reply.status, ((reply.text || '').match(/not accepted: ([^<]*)/) || [])[1]];
const sessions = (amends) => sql(amends, 'select count(*) from account_session')[0][0];

async function configures(amends, a, b) {
  const set = (account, provider, change) => amends.request('PUT', `/v1/accounts/${account}/oidc`, { issuer: provider.issuer, client_id: provider.client.id, client_secret: provider.client.secret, ...change });
  is([(await amends.request('GET', '/a/login/a', undefined, open)).status, (await amends.request('GET', '/a/login/none/callback?code=x&state=x', undefined, open)).status, (await amends.request('GET', '/v1/accounts/a/oidc')).status], [404, 404, 404], 'an account without a provider has no sign-in');
  const refused = await set('a', a, { issuer: 'http://10.0.0.1/' });
  is([refused.status, refused.body.errors[0].field, (await set('none', a)).status], [422, 'issuer', 404], 'the issuer is a public https URL, of an account that there is');
  const { body } = await set('a', a);
  is([body.issuer, body.client_id, new URL(body.login_url).pathname, new URL(body.redirect_uri).pathname, body.client_secret], [a.issuer, 'amends-a', '/a/login/a', '/a/login/a/callback', undefined], 'staff set it; no reply has the secret');
  fs.writeFileSync(`${amends.dir}/secret`, `${b.client.secret}\n`);
  const shown = command(amends, 'account', 'oidc', 'b', `--issuer=${b.issuer}`, `--client-id=${b.client.id}`, `--client-secret-file=${amends.dir}/secret`);
  is([/login_url .*\/a\/login\/b$/m.test(shown), command(amends, 'account', 'oidc', 'b')], [true, shown], 'on the command line, too');
  ok(!sql(amends, 'select client_secret from account_oidc').some(([one]) => one.includes(Buffer.from(a.client.secret).toString('hex'))), 'which is sealed');
  const desk = await Desk.enter(amends, 'ann', ['admin']);
  const sent = (issuer) => desk.send('/staff/credits/accounts/a', { do: 'set_oidc', issuer, client_id: a.client.id, client_secret: a.client.secret });
  const unsaved = await sent('http://10.0.0.1/');
  is([unsaved.status, /id="issuer"[^>]*value="http:\/\/10\.0\.0\.1\/"/.test(unsaved.text), unsaved.text.includes(a.client.secret)], [422, true, false], 'the console refuses by the field');
  const saved = await sent(a.issuer);
  is([saved.status, saved.text.includes('/a/login/a/callback</code>'), saved.text.includes(a.client.secret)], [200, true, false], 'and shows the redirect URI, never the secret');
  is((await amends.call('GET', '/v1/audit?action=account.set_oidc')).data.map((one) => one.object).sort(), ['account:a', 'account:a', 'account:b'], 'the audit log has all of it');
}

async function enters(amends, a) {
  a.claims = { sub: 'u-1', email: 'Ann@customers.example', email_verified: true };
  const reply = await enter(amends, 'a');
  is([reply.asked.get('response_type'), reply.asked.get('code_challenge_method'), new URL(reply.asked.get('redirect_uri')).pathname], ['code', 'S256', '/a/login/a/callback'], 'code flow with PKCE');
  is(reply.status, 303, 'a contact enters by a verified address');
  const get = (headers) => amends.request('GET', reply.to, undefined, { key: null, headers });
  ok(/Company a/.test((await get({ cookie: reply.session })).text), 'the page of the account');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const bare = await get({});
  ok(!/Company a/.test(bare.text) && /href="\/a\/login\/a"/.test(bare.text) && !/<form[^>]*action="\/a\//.test(bare.text), 'its address without the session leads to the sign-in');
  const button = await amends.request('POST', reply.to, '', { key: null, headers: form });
  is([button.status, cookies(button)], [303, []], 'and begins no session');
  is((await amends.request('GET', reply.target, undefined, { key: null, headers: { cookie: reply.cookie } })).status, 403, 'an answer is taken once');
  ok((await enter(amends, 'a', { query: '?incident=past' })).to.endsWith('/incidents/past'), 'it goes on to the incident of a mail');
}

async function refuses(amends, a, b) {
  const before = sessions(amends);
  const spoilt = async (change) => { a.spoil = (claims) => sign(a.key, { ...claims, ...change }); const reply = why(await enter(amends, 'a')); a.spoil = null; return reply; };
  is((await enter(amends, 'a', { change: (target) => target.replace(/state=.*/, 'state=wrong') })).status, 403, 'a wrong state');
  is(await spoilt({ iss: b.issuer }), [403, 'it is from another issuer.'], 'a token of another issuer');
  is(await spoilt({ aud: b.client.id }), [403, 'it is for another client.'], 'a token for another client');
  a.claims = { sub: 'u-1', email: 'ann@customers.example' };
  is(await spoilt({}), [403, 'it has no verified e-mail address.'], 'an address that is not verified');
  a.claims = { sub: 'u-2', email: 'bob@customers.example', email_verified: true };
  is(await spoilt({}), [403, 'its e-mail address is that of no contact of the account.'], 'somebody who is no contact of this account');
  // The provider of B says that its person is the contact of A.
  b.claims = { sub: 'u-1', email: 'ann@customers.example', email_verified: true };
  is(why(await enter(amends, 'b')), [403, 'its e-mail address is that of no contact of the account.'], 'the provider of B knows no contact of A');
  is((await enter(amends, 'b', { change: (target) => target.replace('/a/login/b/', '/a/login/a/') })).status, 403, 'nor does its answer open A');
  b.spoil = (claims) => sign(b.key, { ...claims, iss: a.issuer, aud: a.client.id });
  is((await enter(amends, 'b')).status, 403, 'nor a token in the name of the provider of A');
  b.spoil = null;
  is(sessions(amends), before, 'nothing of that began a session');
  b.claims = { sub: 'u-2', email: 'bob@customers.example', email_verified: true };
  const bob = await enter(amends, 'b');
  ok(/Company b/.test((await amends.request('GET', bob.to, undefined, { key: null, headers: { cookie: bob.session } })).text), 'its own contact enters B');
}

// The page that sends links offers the sign-in in the mail alone, so it tells nobody whose provider is whose.
async function offers(amends, a, mails) {
  const ask = (address) => send(amends, '/account', { address });
  const replies = [];
  for (const address of ['ann@customers.example', 'cat@customers.example', 'eve@nobody.example']) replies.push((await ask(address)).text);
  is([new Set(replies).size, /single sign-on/.test(replies[0])], [1, true], 'the answer is the same for every address, and says where the sign-in is');
  const ann = await mailTo(mails, 'ann@customers.example');
  const url = (ann.text.match(/https?:\S+\/a\/login\/\S+/) || [])[0];
  is([url && new URL(url).pathname, ann.html.includes(`href="${url}"`), Boolean(ann.links.find((one) => /^\/a\/k1\./.test(one)))], ['/a/login/a', true, true], 'the mail to a contact of an account with a provider has its sign-in beside the link');
  is((await fetch(url, { redirect: 'manual' })).headers.get('location').startsWith(a.issuer), true, 'which leads to the provider');
  const cat = await mailTo(mails, 'cat@customers.example');
  ok(!/\/a\/login|single sign-on/i.test(cat.text + cat.html), 'that to a contact of another account has none');
}

// The report of amends doctor about the providers of accounts; they answer from this process.
async function checked(amends, a) {
  const look = () => new Promise((resolve) => {
    const child = spawn(AMENDS, ['doctor', '--json', '--data', path.join(amends.dir, 'var')], { env: { ...process.env, AMENDS_ALLOW_LOOPBACK: 'true', ASAN_OPTIONS: 'detect_leaks=0' } });
    let text = '';
    child.stdout.on('data', (chunk) => { text += chunk; });
    child.on('close', () => resolve(JSON.parse(text).filter(({ check }) => check.startsWith('oidc')).map(({ check, state, said, todo }) => [check, state, said, todo])));
  });
  is(await look(), [['oidc accounts', 'ok', 'accounts whose provider answers: 2', undefined]], 'amends doctor asks the provider of each account');
  a.calls_itself = 'https://other.example';
  const [wrong, rest] = await look();
  is([wrong.slice(0, 2), rest], [['oidc a', 'warn'], ['oidc accounts', 'ok', 'accounts whose provider answers: 1', undefined]], 'and names the account of one that is not what it should be');
  ok(wrong[2].includes(a.issuer) && /"https:\/\/other\.example"/.test(wrong[2]) && /cannot sign in.*amends account oidc a /.test(wrong[3]), `in clear words: ${wrong[2]} -> ${wrong[3]}`);
  a.calls_itself = undefined;
  const { keys } = a;
  a.keys = { keys: [] };
  ok(/no signing keys/.test((await look())[0][2]), 'so it does of one without keys');
  a.keys = keys;
}

async function ends(amends, a) {
  a.claims = { sub: 'u-1', email: 'ann@customers.example', email_verified: true };
  const { to, session } = await enter(amends, 'a');
  const start = await amends.request('GET', '/a/login/a', undefined, open);
  is([start.status, (await amends.request('DELETE', '/v1/accounts/a/oidc')).status, (await amends.request('DELETE', '/v1/accounts/a/oidc')).status], [303, 204, 404], 'staff remove the provider');
  ok(!/Company a/.test((await amends.request('GET', to, undefined, { key: null, headers: { cookie: session } })).text), 'which ends the sessions');
  is([(await enter(amends, 'a')).status, sql(amends, 'select count(*) from oidc_sign_in s join account a on a.id = s.account_id where external_id = \'a\'')[0][0]], [404, '0'], 'and the sign-ins that were begun');
}

scenario(async (defer) => {
  const a = await OidcProvider.start({ id: 'amends-a', secret: 'the secret of a' });
  defer(() => a.stop());
  const b = await OidcProvider.start({ id: 'amends-b', secret: 'the secret of b' });
  defer(() => b.stop());
  const { amends, mails } = await upWithMail(defer, { AMENDS_ALLOW_LOOPBACK: 'true' });
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const account = (name, contact) => JSON.stringify({ external_id: name, name: `Company ${name}`, currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2020-01-01', prices: [{ from: '2020-01-01', amount_minor: 100 }], components: [], contacts: [{ email: contact, name: 'x', locale: 'en' }] });
  await amends.call('POST', '/v1/accounts/import', `${account('a', 'ann@customers.example')}\n${account('b', 'bob@customers.example')}\n${account('c', 'cat@customers.example')}`, { headers: { 'content-type': 'application/x-ndjson' } });
  await configures(amends, a, b);
  await enters(amends, a);
  await offers(amends, a, mails);
  await checked(amends, a);
  await refuses(amends, a, b);
  await ends(amends, a);
});
