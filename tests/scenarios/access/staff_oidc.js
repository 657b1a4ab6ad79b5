#!/usr/bin/env node
'use strict';
// Signing in by OpenID Connect against a small provider: permitted and refused people, and every way to
// spoil a token or a response.
const crypto = require('node:crypto');
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { OidcProvider, encoded, pair, sign } = require('../../lib/oidc_provider.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

// All in one text: Debian 12's Node.js has no getSetCookie. Our cookies contain no comma.
const cookies = (reply) => (reply.headers.get('set-cookie') || '').split(', ').map((one) => one.split(';')[0]).filter((one) => !one.endsWith('='));

// One sign-in as a browser does it; change: the callback before it is followed.
async function enter(amends, { change = (target) => target, next = '/staff/account' } = {}) {
  const start = await amends.request('GET', `/staff/oidc/start?next=${encodeURIComponent(next)}`, undefined, { key: null });
  if (start.status !== 303) return { status: start.status, text: start.text };
  const cookie = cookies(start).join('; ');
  const there = await fetch(start.headers.get('location'), { redirect: 'manual' });
  const back = new URL(there.headers.get('location'));
  const target = change(back.pathname + back.search);
  const reply = await amends.request('GET', target, undefined, { key: null, headers: { cookie } });
  return { status: reply.status, to: reply.headers.get('location'), text: reply.text, session: cookies(reply).find((one) => one.startsWith('amends-staff')), target, cookie, asked: start.headers.get('location') };
}

const why = (reply) => [reply.status, (reply.text.match(/not accepted: ([^<]*)/) || [])[1]];

async function entering(amends, provider) {
  provider.claims = { sub: 'u-1', email: 'Ann@staff.example', email_verified: true };
  const login = await amends.request('GET', '/staff/login?next=/staff/account', undefined, { key: null });
  ok(/href="\/staff\/oidc\/start\?next=%2Fstaff%2Faccount"/.test(login.text), 'the sign-in page has the button');
  const reply = await enter(amends);
  is([reply.status, reply.to], [303, '/staff/account'], 'by a verified address, and on to the page that was asked for');
  is((await amends.request('GET', '/staff/account', undefined, { key: null, headers: { cookie: reply.session } })).status, 200, 'signed in');
  const asked = new URL(reply.asked).searchParams;
  is([asked.get('response_type'), asked.get('scope'), asked.get('code_challenge_method')], ['code', 'openid email profile', 'S256'], 'code flow with PKCE');
  is(sql(amends, "select oidc_subject from staff where login = 'ann'"), [[`${provider.issuer} u-1`]], 'the account is bound to issuer and subject');
  const again = await amends.request('GET', reply.target, undefined, { key: null, headers: { cookie: reply.cookie } });
  is(again.status, 403, 'the same answer is taken once');
  provider.claims = { sub: 'u-1' };
  is((await enter(amends)).status, 303, 'from then on by the subject, whatever the address is');
  is((await enter(amends, { next: '//evil.example' })).to, '/staff', 'never to another site');
  provider.key = pair('ES256');
  is((await enter(amends)).status, 303, 'a rotated key works at once, ES256 too');
  ok(/"by": ?"oidc"/.test(JSON.stringify((await amends.call('GET', '/v1/audit?action=staff.sign_in')).data[0].detail)), 'the audit log says by what');
}

// What is no JWS in compact form (RFC 7515 7.1), or whose header is none of ours. cjose ends the process
// by assert for some of them, so none may reach it.
function shapeless(provider) {
  const text = (value) => Buffer.from(value).toString('base64url');
  const headed = (header) => (claims) => `${text(header)}.${encoded(claims)}.${'A'.repeat(342)}`;
  const part = (n, change) => (claims) => sign(provider.key, claims).split('.').map((one, i) => (i === n ? change(one) : one)).join('.');
  const { kid } = provider.key;
  return [
    ...['x', '', '.', '..', '...', 'a.b', 'a.b.c', 'a.b.c.d', '.a.b', 'A..A', 'AA.AA.AA', '=.=.=', 'A===.e30.AA', '\u00e9.\u00e9.\u00e9', ' . . '].map((token) => [`no token: "${token}"`, () => token, null]),
    ['four parts', (claims) => `${sign(provider.key, claims)}.AA`, null],
    ['five parts', (claims) => `${sign(provider.key, claims)}.AA.AA`, null],
    ...['null', '1', '"x"', '[]', '{', '{}', '{"alg":1}', '{"alg":null}', '{"alg":["RS256"]}', '{"alg":{}}', '\0', `{"alg":"RS256","kid":${'['.repeat(3000)}`, '{"alg":"RS256","kid":1}', '{"alg":"RS256","kid":{}}', `{"alg":"RS256","kid":"${kid}","crit":1}`, `{"alg":"RS256","kid":"${kid}","crit":["exp"]}`, `{"alg":"RS256","alg":"none","kid":"${kid}"}`, `{"alg":"RS512","kid":"${kid}"}`, `{"alg":"PS256","kid":"${kid}"}`, `{"alg":"ES256","kid":"${kid}"}`].map((header) => [`the header ${header.slice(0, 60)}`, headed(header), null]),
    ['no signature', part(2, () => ''), null],
    ['a short signature', part(2, () => 'AA'), null],
    ['a signature of one letter, padded', part(2, () => 'A==='), null],
    ['claims of one letter, padded', part(1, () => 'AAAAA==='), null],
    ['a padded signature', part(2, (one) => `${one}=`), null],
    ['a signature that is not base64url', part(2, (one) => `${one.slice(0, -1)}+`), null],
    ['no claims', part(1, () => ''), null],
    ['claims with a space', part(1, (one) => `${one} `), null],
    ['one letter too many', part(1, (one) => `${one}A`), null],
  ];
}

// Keys of the provider that are none.
async function badKeys(amends, provider) {
  for (const [alg, fields] of [['RS256', ['n', 'e']], ['ES256', ['x', 'y', 'crv']]]) {
    provider.key = pair(alg);
    const good = { ...provider.key.publicKey.export({ format: 'jwk' }), kid: provider.key.kid };
    const bad = fields.flatMap((field) => ['', undefined, 1, null, {}, '=', '!', 'AA', 'A===', '\u00e9', 'A'.repeat(9000)].map((value) => ({ ...good, [field]: value })));
    for (const key of [...bad, { ...good, kty: 'oct', k: 'AA' }, { ...good, kty: 1 }, null, 1, 'x', []]) {
      provider.keys = { keys: [key] };
      const { status } = await enter(amends).catch(() => ({ status: 'no answer' }));
      is(status, 403, `refused: the provider's key ${JSON.stringify(key).slice(0, 80)}`);
    }
  }
  provider.keys = null;
  is((await enter(amends)).status, 303, 'and with the right one it still works');
}

async function refusing(amends, provider) {
  const now = Math.floor(Date.now() / 1000);
  const other = pair(provider.key.alg);
  const keyed = (claims) => {
    const text = `${encoded({ alg: 'HS256', kid: provider.key.kid })}.${encoded(claims)}`;
    const pem = provider.key.publicKey.export({ format: 'pem', type: 'spki' });
    return `${text}.${crypto.createHmac('sha256', pem).update(text).digest('base64url')}`;
  };
  const good = (more, header) => (claims) => sign(provider.key, { ...claims, ...more }, header);
  provider.claims = { sub: 'u-1', email: 'ann@staff.example', email_verified: true };
  for (const [what, spoil, reason] of [
    ['a wrong nonce', good({ nonce: 'another' }), 'it belongs to another sign-in.'],
    ['no nonce', good({ nonce: undefined }), 'it belongs to another sign-in.'],
    ['another audience', good({ aud: 'somebody' }), 'it is for another client.'],
    ['two audiences and no azp', good({ aud: ['amends', 'somebody'] }), 'it is for another client.'],
    ['issued to another party', good({ azp: 'somebody' }), 'it is for another client.'],
    ['another issuer', good({ iss: 'https://evil.example' }), 'it is from another issuer.'],
    ['expired', good({ exp: now - 120 }), 'it has expired.'],
    ['without an end', good({ exp: undefined }), 'it has expired.'],
    ['issued an hour ago', good({ iat: now - 3600 }), 'it was not issued recently.'],
    ['issued tomorrow', good({ iat: now + 86400 }), 'it was not issued recently.'],
    ['nobody', good({ sub: '' }), 'it has no subject.'],
    ['alg none', (claims) => `${encoded({ alg: 'none' })}.${encoded(claims)}.`, null],
    ['the public key as a shared secret', keyed, 'it is not signed by RS256 or ES256.'],
    ['a forged key with the right id', (claims) => sign({ ...other, kid: provider.key.kid }, claims), 'its signature is invalid.'],
    ['an unknown key', (claims) => sign(other, claims), 'no key of the provider matches it.'],
    ['changed after signing', (claims) => { const [head, , mac] = sign(provider.key, claims).split('.'); return `${head}.${encoded({ ...claims, sub: 'u-2' })}.${mac}`; }, 'its signature is invalid.'],
    ...shapeless(provider),
  ]) {
    provider.spoil = spoil;
    const [status, told] = why(await enter(amends).catch(() => ({ status: 'no answer', text: '' })));
    ok(status === 403 && told && (reason === null || told === reason), `refused: ${what} (${status} ${told})`);
  }
  provider.spoil = null;
  is((await enter(amends, { change: (target) => target.replace(/state=.*/, 'state=wrong') })).status, 403, 'a state that is not ours');
  is((await enter(amends, { change: () => '/staff/oidc/callback?error=access_denied' })).status, 403, 'cancelled there');
  is((await enter(amends, { change: (target) => target.replace(/code=[^&]*/, 'code=made-up') })).status, 403, 'a code that is not theirs');
  const reply = await enter(amends);
  is((await amends.request('GET', reply.target.replace(/code=[^&]*/, 'code=x'), undefined, { key: null })).status, 403, 'an answer in another browser');
  provider.calls_itself = 'https://evil.example';
  is((await enter(amends)).status, 502, 'a provider that calls itself another');
  provider.calls_itself = null;
}

async function people(amends, provider) {
  const stranger = async (claims) => { provider.claims = claims; return why(await enter(amends)); };
  const nobody = [403, 'no person here has this account or its verified e-mail address.'];
  is(await stranger({ sub: 'u-9', email: 'bob@staff.example' }), nobody, 'an address that is not verified');
  is(await stranger({ sub: 'u-9', email: 'bob@staff.example', email_verified: 'true' }), nobody, 'verified is a word, not a truth');
  is(await stranger({ sub: 'u-9', email: 'stranger@staff.example', email_verified: true }), nobody, 'a stranger');
  is(await stranger({ sub: 'u-9', email: 'ann@staff.example', email_verified: true }), nobody, 'an address whose person has another account');
  is(await stranger({ sub: 'u-9', email: 'twin@staff.example', email_verified: true }), nobody, 'an address that two people have');
  const ann = (await amends.call('GET', '/v1/staff')).data.find((one) => one.login === 'ann');
  await amends.call('PATCH', `/v1/staff/${ann.id}`, { access: 'disabled' });
  is(await stranger({ sub: 'u-1' }), [403, 'this person is disabled.'], 'a disabled person is refused');
  is(sql(amends, 'select count(*) from oidc_sign_in')[0][0], '0', 'nothing is left of all that');
}

async function roles(amends, provider) {
  provider.claims = { sub: 'u-5', email: 'New@staff.example', email_verified: true, name: 'Newt', groups: ['everyone', 'ops'] };
  const reply = await enter(amends);
  is(reply.status, 303, 'with roles from a claim, somebody new is let in');
  const find = async () => (await amends.call('GET', '/v1/staff')).data.find((one) => one.login === 'new@staff.example');
  is([(await find()).roles, (await find()).name, (await find()).password], [['responder'], 'Newt', false], 'as what their group is');
  provider.claims.groups = ['ops', 'finance'];
  await enter(amends);
  is((await find()).roles.sort(), ['billing', 'responder'], 'and what it is later');
  provider.claims.groups = [];
  is(why(await enter(amends)), [403, 'none of the groups of this account has a role here.'], 'without a group, out');
}

scenario(async (defer) => {
  const provider = await OidcProvider.start();
  defer(() => provider.stop());
  const dir = freshDirectory();
  let amends = await Amends.up({ dir, env: provider.env() });
  defer(() => amends.destroy());
  await amends.call('POST', '/v1/staff', { login: 'ann', email: 'ann@staff.example', roles: ['viewer'] });
  for (const login of ['bob', 'twin', 'twin2']) await amends.call('POST', '/v1/staff', { login, email: `${login.replace('2', '')}@staff.example`, roles: ['viewer'] });
  await entering(amends, provider);
  await refusing(amends, provider);
  await badKeys(amends, provider);
  await people(amends, provider);
  await amends.stop();
  amends = await Amends.up({ dir, env: { ...provider.env(), AMENDS_OIDC_ROLES_CLAIM: 'groups', AMENDS_OIDC_ROLES: 'ops=responder finance=billing' } });
  await roles(amends, provider);
  await amends.stop();
  amends = await Amends.up({ dir, env: {} });
  is((await amends.request('GET', '/staff/oidc/start', undefined, { key: null })).status, 404, 'without configuration there is none');
  ok(!/oidc/.test((await amends.request('GET', '/staff/login', undefined, { key: null })).text), 'and no button');
});
