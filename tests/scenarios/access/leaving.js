#!/usr/bin/env node
'use strict';
// What ends with a role, a link, a password or a second factor: scopes of keys, sessions, other links;
// and recovery codes.
const { waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk, PASSWORD, command, keyOf, linkTo, person } = require('../../lib/staff.js');
const { code } = require('../../lib/totp.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const LONG = 'another long password';
const now = () => Math.floor(Date.now() / 30000);
const codesOf = (reply) => [...reply.text.matchAll(/<li><code>([0-9a-z-]{19})<\/code>/g)].map((match) => match[1]);

async function demoted(amends) {
  const id = person(amends, 'max', ['admin']);
  const key = keyOf(amends, 'max', 'admin');
  const narrow = keyOf(amends, 'max', 'incidents:write', 'components:read', 'subscribers:subscribe');
  const status = async (method, target, body, by = key) => (await amends.request(method, target, body, { key: by })).status;
  is([await status('GET', '/v1/staff'), await status('GET', '/v1/components', undefined, narrow)], [200, 200], 'an admin\'s keys do what they are for');
  await amends.call('PATCH', `/v1/staff/${id}`, { roles: ['responder'] });
  is([await status('GET', '/v1/staff'), await status('POST', '/v1/keys', { name: 'x', scopes: ['admin'] })], [403, 403], 'with the role the scope is gone, at once');
  is([await status('POST', '/v1/components', { slug: 'a', name: 'A' }), await status('GET', '/v1/components')], [201, 200], 'what the new role may, the key still may');
  is(await status('POST', '/v1/components', { slug: 'b', name: 'B' }, narrow), 403, 'a key never gains scopes of a role');
  await amends.call('PATCH', `/v1/staff/${id}`, { roles: ['viewer'] });
  is([await status('POST', '/v1/incidents', {}, narrow), await status('GET', '/v1/components', undefined, narrow)], [403, 200], 'a viewer\'s key writes nothing');
  const late = [];
  for (let n = 0; n < 40; n += 1) { // a cached scope would show now and then
    await amends.call('PATCH', `/v1/staff/${id}`, { roles: [n % 2 ? 'viewer' : 'responder'] });
    late.push(await status('POST', '/v1/incidents', {}, narrow));
  }
  is(late.filter((one, n) => one !== (n % 2 ? 403 : 422)), [], 'at once, forty times');
  sql(amends, `update staff set disabled_at = now() where id = ${id}`);
  await waitUntil('the keys of a disabled person end', async () => (await status('GET', '/v1/components')) === 401, 1000);
  ok(true, 'a disabled person\'s keys are none');
}

async function twoFactors(amends, desk) {
  for (const old of ['', 'wrong']) is((await desk.send('/staff/account', { do: 'offer', old })).status, 422, 'a session alone sets up no second factor');
  const offer = await desk.send('/staff/account', { do: 'offer', old: PASSWORD });
  const [, secret] = offer.text.match(/<code>([A-Z2-7]+)<\/code>/);
  const taken = await desk.send('/staff/account', { do: 'totp', code: code(secret, now() - 1) });
  const codes = codesOf(taken);
  is([taken.status, new Set(codes).size], [200, 10], 'with it come ten recovery codes');
  is(codesOf(await desk.get('/staff/account')), [], 'shown once');
  ok(!sql(amends, 'select encode(code_hash, \'escape\') from staff_recovery_code').flat().some((hash) => codes.some((one) => hash.includes(one.replaceAll('-', '')))), 'and stored as hashes');
  return { secret, codes };
}

async function recovery(amends, desk, codes) {
  const enter = (typed) => new Desk(amends).send('/staff/login', { login: 'ann', password: PASSWORD, code: typed }).then((reply) => reply.status);
  is([await enter(''), await enter('000000'), await enter('0000-0000-0000-0000')], [403, 403, 403], 'the password alone, or a wrong code');
  is([await enter(codes[0]), await enter(codes[0])], [303, 403], 'a recovery code signs in, once');
  is(await enter(codes[1].toUpperCase().replaceAll('-', ' ')), 303, 'however it is typed');
  const one = () => sql(amends, 'select count(*) from staff_session')[0][0];
  const before = Number(one());
  await Promise.all([enter(codes[2]), enter(codes[2]), enter(codes[2])]);
  is(Number(one()) - before, 1, 'also when it is sent three times at once');
  is((await amends.call('GET', '/v1/staff')).data.find((each) => each.login === 'ann').recovery_codes, 7, 'admins see how many are left');
  ok(/"left": ?9/.test(JSON.stringify((await amends.call('GET', '/v1/audit?action=staff.recovery_code')).data)), 'the audit log has each use');
  ok(!/role="status">Recovery codes left/.test((await desk.get('/staff/account')).text), 'seven are enough');
  sql(amends, 'update staff_recovery_code set used_at = now() where ctid in (select ctid from staff_recovery_code where used_at is null limit 4)');
  ok(/role="status">Recovery codes left: 3/.test((await desk.get('/staff/account')).text), 'three are few, which the page says');
  is((await desk.send('/staff/account', { do: 'codes', old: 'wrong' })).status, 422, 'a session alone makes no new ones');
  const renewed = codesOf(await desk.send('/staff/account', { do: 'codes', old: PASSWORD }));
  is([renewed.length, await enter(codes[9]), await enter(renewed[0])], [10, 403, 303], 'new ones replace the old');
  return renewed;
}

async function links(amends, mails, desk, codes) {
  const [[id]] = sql(amends, "select id from staff where login = 'ann'");
  await amends.call('POST', `/v1/staff/${id}/invitation`);
  const link = await linkTo(mails, 'ann@staff.example');
  const fresh = new Desk(amends);
  const chosen = await fresh.send(link, { password: LONG });
  is([chosen.status, chosen.headers.get('location')], [303, '/staff/login?chosen=1'], 'a link changes the password and signs nobody in who has a second factor');
  ok(!/amends-staff/.test(chosen.headers.get('set-cookie') || ''), 'without a session');
  ok(/Your password is set/.test((await fresh.get('/staff/login?chosen=1')).text), 'the form says so');
  is((await desk.get('/staff')).status, 303, 'it ends the sessions');
  is((await new Desk(amends).send(link, { password: PASSWORD })).status, 404, 'and itself');
  is((await amends.call('GET', '/v1/audit?action=staff.password')).data[0].actor, 'link', 'the audit log says so');
  is((await fresh.send('/staff/login', { login: 'ann', password: LONG })).status, 403, 'the new password is not enough');
  is((await fresh.send('/staff/login', { login: 'ann', password: LONG, code: codes[1] })).status, 303, 'with a code it is');
  await amends.call('POST', `/v1/staff/${id}/invitation`);
  const second = await linkTo(mails, 'ann@staff.example', 2);
  await fresh.get('/staff/account');
  await fresh.send('/staff/account', { do: 'password', old: LONG, password: PASSWORD });
  is((await new Desk(amends).get(second)).status, 404, 'a changed password ends links too');
  await amends.call('POST', `/v1/staff/${id}/invitation`);
  const third = await linkTo(mails, 'ann@staff.example', 3);
  await amends.call('PATCH', `/v1/staff/${id}`, { access: 'disabled' });
  await amends.call('PATCH', `/v1/staff/${id}`, { access: 'enabled' });
  is((await new Desk(amends).get(third)).status, 404, 'and so does disabling, for good');
}

async function lost(amends) {
  const again = new Desk(amends);
  is((await again.send('/staff/login', { login: 'ann', password: PASSWORD })).status, 403, 'a lost phone');
  command(amends, 'staff', 'reset', 'ann');
  is((await again.send('/staff/login', { login: 'ann', password: PASSWORD })).status, 303, 'is forgotten by the command line');
  is(sql(amends, 'select count(*) from staff_recovery_code'), [['0']], 'with its recovery codes');
  await again.get('/staff/account');
  const { secret, codes } = await twoFactors(amends, again);
  is((await again.send('/staff/account', { do: 'offer', old: code(secret, now()) })).status, 200, 'another phone, by a code of the old one');
  is((await again.send('/staff/account', { do: 'drop', old: 'wrong' })).status, 422, 'a session alone does not turn it off');
  is((await again.send('/staff/account', { do: 'drop', old: codes[0] })).status, 303, 'a code does');
}

scenario(async (defer) => {
  const { amends, mails } = await upWithMail(defer);
  await demoted(amends);
  const desk = await Desk.enter(amends, 'ann', ['responder'], { email: 'ann@staff.example' });
  const { codes } = await twoFactors(amends, desk);
  const renewed = await recovery(amends, desk, codes);
  await links(amends, mails, desk, renewed);
  await lost(amends);
});
