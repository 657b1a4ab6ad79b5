#!/usr/bin/env node
'use strict';
// Staff: invitation links, passwords, one-time codes, sessions, roles; each role at each route.
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk, PASSWORD, command } = require('../../lib/staff.js');
const { code } = require('../../lib/totp.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

async function inviting(amends) {
  const link = new URL(command(amends, 'staff', 'add', 'ann', '--role=admin', '--name=Ann', '--email=ann@staff.example')).pathname;
  const desk = new Desk(amends);
  is((await desk.get('/staff')).headers.get('location'), '/staff/login?next=%2Fstaff', 'who is not signed in is sent to the form');
  is((await desk.get(link)).status, 200, 'the link of `amends staff add` shows a page');
  is((await desk.send(link, { password: 'short' })).status, 422, 'a short password is refused');
  is((await desk.send(link, { password: PASSWORD }, { origin: 'https://evil.example' })).status, 403, 'another site cannot choose it');
  const reply = await desk.send(link, { password: PASSWORD }, { 'accept-language': 'ja, en;q=0.5' });
  is([reply.status, reply.headers.get('location')], [303, '/staff'], 'a long one signs them in');
  ok(/^amends-staff=.*; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200, amends-device=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=31536000$/.test(reply.headers.get('set-cookie')), 'with a cookie that no script reads');
  is((await new Desk(amends).send(link, { password: PASSWORD })).status, 404, 'the link works once');
  ok(/Ann/.test((await desk.get('/staff')).text) && /lang="ja"/.test((await desk.get('/staff')).text), 'the first page names them, in the language of their browser');
  sql(amends, "update staff set locale = 'en'");
  const [[hash]] = sql(amends, 'select password_hash from staff');
  ok(/^\$argon2id\$v=19\$m=65536,t=2,p=1\$/.test(hash), 'the password is stored as Argon2id');
  return desk;
}

async function signing(amends, ann) {
  const desk = new Desk(amends);
  const fields = { login: 'ann', password: PASSWORD, next: '/staff/account' };
  is((await desk.send('/staff/login', { ...fields, password: 'wrong password' })).status, 403, 'a wrong password');
  const other = await desk.send('/staff/login', fields);
  is([other.status, other.headers.get('location')], [303, '/staff/account'], 'the right one leads back');
  for (const next of ['https://evil.example/', '//evil.example', '/staffx', '/staff/\\evil']) {
    is((await new Desk(amends).send('/staff/login', { ...fields, next })).headers.get('location'), '/staff', `never to ${next}`);
  }
  await desk.get('/staff/account');
  is((await desk.send('/staff/account', { csrf: 'x', do: 'save', name: 'Eve' })).status, 403, 'a form without its token does nothing');
  is((await desk.send('/staff/account', { do: 'password', old: PASSWORD, password: 'another long password' })).status, 303, 'they change the password');
  is((await ann.get('/staff')).status, 303, 'which ends their other sessions');
  is((await desk.get('/staff')).status, 200, 'but not this one');
  is((await desk.send('/staff/logout')).status, 303, 'signing out');
  is((await desk.get('/staff')).status, 303, 'ends it');
  const tries = [];
  for (let n = 0; n < 6; n += 1) tries.push((await new Desk(amends).send('/staff/login', { login: 'nobody', password: 'guess' })).status);
  is(tries, [403, 403, 403, 403, 403, 429], 'guessing is stopped after five, for names that do not exist too');
  is((await desk.send('/staff/login', { login: 'ann', password: 'another long password' })).status, 303, 'others sign in meanwhile');
  await desk.get('/staff');
  return desk;
}

async function secondFactor(amends, desk) {
  const [, secret] = (await desk.send('/staff/account', { do: 'offer', old: 'another long password' })).text.match(/<code>([A-Z2-7]+)<\/code>/);
  const step = Math.floor(Date.now() / 30000);
  is((await desk.send('/staff/account', { do: 'totp', code: '000000' })).status, 422, 'a wrong code does not turn it on');
  is((await desk.send('/staff/account', { do: 'totp', code: code(secret, step - 1) })).status, 200, 'a right one does');
  ok(!sql(amends, `select encode(totp_secret, 'escape') from staff`)[0][0].includes(secret), 'its secret is sealed');
  const fields = { login: 'ann', password: 'another long password' };
  is((await new Desk(amends).send('/staff/login', fields)).status, 403, 'now the password is not enough');
  is((await new Desk(amends).send('/staff/login', { ...fields, code: code(secret, step - 1) })).status, 403, 'nor a code that was used');
  is((await new Desk(amends).send('/staff/login', { ...fields, code: code(secret, step + 1) })).status, 303, 'a new code lets in');
  is((await new Desk(amends).send('/staff/login', { ...fields, code: code(secret, step + 1) })).status, 403, 'once');
}

const ROLES = ['viewer', 'responder', 'billing', 'approver', 'admin'];

// The permissions of each role, independent of the service, which uses the scopes of the routes: so this
// table is written by hand.
const WRITES = {
  viewer: [], approver: ['credit-runs:approve'], admin: null,
  responder: ['components:write', 'incidents:write', 'broadcasts:write', 'subscribers:write', 'subscribers:subscribe', 'notices:write'],
  billing: ['accounts:write', 'policies:write', 'credit-runs:write', 'credits:write', 'credits:ack', 'notices:write', 'broadcasts:write'],
};
const PERSONAL = ['subscribers:read', 'accounts:read'];
const OPERATORS = 'metrics:read'; // names subscribers' hosts: for keys, and admins

function may(role, scope) {
  if (/^account:/.test(scope)) return false; // for keys of an account
  if (role === 'admin') return true;
  if (scope === OPERATORS) return false;
  if (/:read$/.test(scope)) return role !== 'viewer' || !PERSONAL.includes(scope);
  return WRITES[role].includes(scope);
}

// Unknown ids: permitted roles get 404, 409 or 422, never 403.
const filled = (target) => target.replace('{external_id}', 'nobody').replace('{ref}', 'none').replace('{slug}', 'none').replace(/\{[a-z_]+\}/g, '999999999');

async function everyRole(amends) {
  const { paths } = (await amends.request('GET', '/openapi.json?pages=true')).body;
  let n = 0;
  for (const role of ROLES) {
    const desk = await Desk.enter(amends, `the-${role}`, [role]);
    const wrong = [];
    for (const [target, verbs] of Object.entries(paths)) {
      for (const [verb, route] of Object.entries(verbs)) {
        const scope = route['x-scope'];
        const staff = target.startsWith('/staff') && !/^\/staff\/(login|logout|welcome|oidc)/.test(target);
        if (!staff && !(scope && verb === 'get')) continue;
        n += 1;
        const reply = verb === 'get' ? await desk.get(filled(target)) : await desk.send(filled(target), { do: 'nothing' });
        const allowed = scope ? may(role, scope) : true;
        if ((reply.status === 403) === allowed || reply.status >= 500 || reply.status === 401) wrong.push(`${verb} ${target} ${scope}: ${reply.status}`);
      }
    }
    is(wrong, [], `${role} may what the role says, and no more`);
  }
  note(`${n} pairs of role and route`);
  const viewer = new Desk(amends);
  await viewer.send('/staff/login', { login: 'the-viewer', password: PASSWORD });
  is((await amends.request('POST', '/v1/components', { slug: 'x', name: 'X' }, { key: null, headers: { cookie: viewer.cookie, origin: amends.url } })).status, 401, 'a cookie alone writes nothing over the API');
}

async function leaving(amends) {
  const desk = await Desk.enter(amends, 'eve', ['admin']);
  const eve = (await desk.get('/v1/staff')).body.data.find((person) => person.login === 'eve');
  is([eve.roles, eve.password, eve.disabled], [['admin'], true, false], 'the list tells who may what');
  await amends.call('PATCH', `/v1/staff/${eve.id}`, { access: 'disabled' });
  is((await desk.get('/staff')).status, 303, 'who is disabled is out at once');
  is((await new Desk(amends).send('/staff/login', { login: 'eve', password: PASSWORD })).status, 403, 'and does not get in');
  is((await amends.request('POST', '/v1/staff', { login: 'eve', roles: ['viewer'] })).status, 409, 'a login is used once');
  is((await amends.request('POST', '/v1/staff', { login: 'Not One', roles: ['viewer'] })).body.errors[0].field, 'login', 'what is none is named');
  is((await amends.request('POST', `/v1/staff/${eve.id}/invitation`)).status, 422, 'nor is sent a link');
  const trail = (await amends.call('GET', '/v1/audit?action=staff&limit=200')).data.map((row) => `${row.actor} ${row.action}`);
  ok(trail.includes('cli staff.create') && trail.includes('staff:ann staff.totp') && trail.includes('staff:the-viewer staff.sign_in'), 'the audit log has it all');
}

scenario(async (defer) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  defer(() => amends.destroy());
  const ann = await inviting(amends);
  const desk = await signing(amends, ann);
  await secondFactor(amends, desk);
  await everyRole(amends);
  await leaving(amends);
});
