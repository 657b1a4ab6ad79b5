#!/usr/bin/env node
'use strict';
// Two persons means two persons: keys of nobody, keys made for others, puppets, new links, new addresses
// and lost factors approve nothing of those behind them; all admins are told of each change.
const { waitUntil } = require('../../lib/amends.js');
const { mailBodies } = require('../../lib/sinks.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk, PASSWORD, approver, command, keyOf, linkTo, person } = require('../../lib/staff.js');
const lib = require('../../lib/cases.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const one = lib.cases().find((each) => each.name.startsWith('2018-05'));

async function draft(amends, key) {
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'pro-rata-10x', incidents: [one.incidents[0].ref], reason: 'x' }, { key });
  await lib.acknowledge(amends, run);
  return run;
}

const approve = (amends, run, key) => amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
const refused = async (amends, run, key, pattern, what) => {
  const reply = await approve(amends, run, key);
  ok(reply.status === 403 && pattern.test(reply.body.detail), `${what}: ${reply.status} ${reply.body.detail || ''}`);
};
const HELD = /approve this run from 20\d\d-\d\d-\d\dT/;
const NOBODY = /sign in, or use a key of your own/;
// As if a day had passed: only changes of access count, and the audit log cannot be changed.
const aDayLater = (amends) => sql(amends, "set session_replication_role = replica; update audit set at = at - interval '1 day' where action like 'staff.%'");

async function keysOfNobody(amends) {
  const run = await draft(amends);
  const { key } = await amends.call('POST', '/v1/keys', { name: 'another', scopes: ['admin'] });
  await refused(amends, run, amends.key, NOBODY, 'the key of nobody that drafted it');
  await refused(amends, run, key, NOBODY, 'a second key that it made');
  await refused(amends, run, command(amends, 'key', 'create', '--name=x', '--scope=credit-runs:approve'), NOBODY, 'a key of nobody from the server');
  return run;
}

// {desk, key}: an admin with a session and a key of their own.
async function admin(amends, login) {
  const desk = await Desk.enter(amends, login, ['admin'], { email: `${login}@staff.example` });
  return { desk, key: keyOf(amends, login, 'admin'), id: Number(sql(amends, `select id from staff where login = '${login}'`)[0][0]) };
}

const add = async (amends, by, login, roles) => (await amends.call('POST', '/v1/staff', { login, email: `${login}@staff.example`, roles }, { key: by })).id;

async function puppets(amends, eve, zoe) {
  const run = await draft(amends, eve.key);
  await add(amends, eve.key, 'puppet', ['approver']);
  await refused(amends, run, keyOf(amends, 'puppet', 'credit-runs:approve'), HELD, 'an approver whom the drafter made');
  const borrowed = (await amends.call('POST', '/v1/keys', { name: 'b', scopes: ['admin'], owner: 'zoe' }, { key: eve.key })).key;
  await refused(amends, run, borrowed, NOBODY, 'a key that the drafter made for another admin');
  const deputy = await add(amends, eve.key, 'deputy', ['admin']);
  await add(amends, keyOf(amends, 'deputy', 'admin'), 'third', ['approver']);
  await refused(amends, run, keyOf(amends, 'third', 'credit-runs:approve'), HELD, 'an approver made by an admin whom the drafter made');
  await add(amends, amends.key, 'anyone', ['approver']);
  await refused(amends, run, keyOf(amends, 'anyone', 'credit-runs:approve'), HELD, 'one whom a key of nobody made');
  await add(amends, eve.key, 'straw', ['billing']);
  const strawRun = await draft(amends, keyOf(amends, 'straw', 'credit-runs:write', 'credit-runs:read', 'policies:read', 'incidents:read'));
  await refused(amends, strawRun, eve.key, HELD, 'the maker of a straw man who drafted');
  await refused(amends, strawRun, keyOf(amends, 'puppet', 'credit-runs:approve'), HELD, 'another whom the same admin made');
  is((await approve(amends, strawRun, zoe.key)).status, 200, 'while an admin apart from them approves');
  sql(amends, `update staff set disabled_at = now() where id = ${deputy}`);
}

async function changes(amends, eve) {
  const run = await draft(amends, eve.key);
  const id = person(amends, 'old', ['approver'], { email: 'old@staff.example' });
  const key = keyOf(amends, 'old', 'credit-runs:approve');
  for (const [what, verb, target, body] of [
    ['invited again', 'POST', `/v1/staff/${id}/invitation`],
    ['a new address', 'PATCH', `/v1/staff/${id}`, { email: 'eve+old@staff.example' }],
    ['a lost factor', 'PATCH', `/v1/staff/${id}`, { drop_totp: true }],
    ['new roles', 'PATCH', `/v1/staff/${id}`, { roles: ['approver', 'viewer'] }],
    ['enabled', 'PATCH', `/v1/staff/${id}`, { access: 'enabled' }],
  ]) {
    await amends.call(verb, target, body, { key: eve.key });
    await refused(amends, run, key, HELD, `an old approver: ${what} by the drafter`);
    aDayLater(amends);
  }
  await amends.call('PATCH', `/v1/staff/${id}`, { name: 'Old Fritz' }, { key: eve.key });
  is((await approve(amends, run, key)).status, 200, 'a day later, and after a new name, they approve');
}

async function told(amends, mails) {
  const letters = (to) => mails.mails().filter((mail) => mail.to === to).map((mail) => mailBodies(mail.data)['text/plain']);
  for (const pattern of [/\):\s+create/, /\):\s+invite/, /\):\s+roles: /, /\):\s+email: /, /\):\s+key/, /access: enabled/]) {
    await waitUntil(`zoe is told of ${pattern}`, () => letters('zoe@staff.example').some((text) => pattern.test(text)));
  }
  ok(true, 'every admin is told of each change, by mail');
  ok(letters('zoe@staff.example').some((text) => /^(Eve|API key ".+") changed the access/im.test(text)), 'and by whom');
  await waitUntil('the old address is told', () => letters('old@staff.example').some((text) => /\):\s+email: /.test(text)));
  await waitUntil('and the person', () => letters('eve+old@staff.example').some((text) => /drop_totp/.test(text)));
  is(letters('old@staff.example').filter((text) => /\):\s+create|drop_totp/.test(text)), [], 'the person, at the old address too, but no one else');
}

async function links(amends, mails, eve) {
  const before = JSON.stringify(amends.seen).length;
  const id = await add(amends, eve.key, 'linus', ['viewer']);
  const reply = await amends.call('POST', `/v1/staff/${id}/invitation`, undefined, { key: eve.key });
  is(reply, { sent_to: 'linus@staff.example' }, 'the reply names the address, and has no link');
  ok(!JSON.stringify(amends.seen).slice(before).includes('welcome'), 'nor has any other');
  const link = await linkTo(mails, 'linus@staff.example');
  await amends.call('POST', `/v1/staff/${id}/invitation`, undefined, { key: eve.key });
  const next = await linkTo(mails, 'linus@staff.example', 2);
  is((await new Desk(amends).get(link)).status, 404, 'a new link ends the one before');
  await amends.call('PATCH', `/v1/staff/${id}`, { email: 'linus2@staff.example' }, { key: eve.key });
  is((await new Desk(amends).get(next)).status, 404, 'a new address ends the link to the old one');
  is((await amends.request('POST', `/v1/staff/${await add(amends, eve.key, 'addressless', ['viewer'])}/invitation`, undefined, { key: eve.key })).status, 201, 'an address is enough');
  const printed = command(amends, 'staff', 'add', 'cleo', '--role=approver', '--email=cleo@staff.example', '--output=json');
  is(JSON.parse(printed), { sent_to: 'cleo@staff.example' }, 'the command line prints no link either, once an admin can sign in');
  const desk = new Desk(amends);
  is((await desk.send(await linkTo(mails, 'cleo@staff.example'), { password: PASSWORD })).status, 303, 'the mail\'s works');
  const run = await draft(amends, eve.key);
  is((await approve(amends, run, keyOf(amends, 'cleo', 'credit-runs:approve'))).status, 200, 'and whom the operator adds approves at once');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  await lib.createCatalogue(amends);
  await lib.replayCase(amends, { ...one, incidents: one.incidents.slice(0, 1) });
  const run = await keysOfNobody(amends);
  is((await approve(amends, run, approver(amends))).status, 200, 'a person whom the operator added approves at once');
  const eve = await admin(amends, 'eve');
  const zoe = await admin(amends, 'zoe');
  await puppets(amends, eve, zoe);
  await changes(amends, eve);
  is((await approve(amends, await draft(amends, eve.key), keyOf(amends, 'puppet', 'credit-runs:approve'))).status, 200, 'nor is the wait longer for a puppet: all admins had a day');
  await links(amends, mails, eve);
  await told(amends, mails);
});
