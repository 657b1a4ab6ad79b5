#!/usr/bin/env node
'use strict';
// Guessing passwords is slow, and locks nobody out of a browser that signed in before.
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk, PASSWORD, person } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

// From another address, as a proxy on this machine reports it. cookie: of a device.
async function guess(amends, from, password = 'a wrong password', login = 'ann', cookie = '') {
  const reply = await amends.request('POST', '/staff/login', new URLSearchParams({ login, password }).toString(), {
    key: null, headers: { origin: amends.url, 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': from, cookie },
  });
  return { status: reply.status, device: ((reply.headers.get('set-cookie') || '').match(/amends-device=[\w.-]+/) || [''])[0] };
}
const statuses = async (n, ...rest) => {
  const all = [];
  for (let i = 0; i < n; i += 1) all.push((await guess(...rest)).status);
  return all;
};
const forget = (amends) => sql(amends, 'delete from staff_attempt');
const wrong = (n) => Array(n).fill(403);

async function known(amends) {
  const { status, device } = await guess(amends, '192.0.2.1', PASSWORD);
  is(status, 303, 'the owner signs in');
  is(await statuses(6, amends, '198.51.100.7'), [...wrong(5), 429], 'a stranger has five guesses');
  is((await guess(amends, '198.51.100.7', PASSWORD)).status, 429, 'and then not even a right one');
  is((await guess(amends, '192.0.2.9', PASSWORD)).status, 303, 'the owner signs in from another address');
  is((await guess(amends, '198.51.100.7', PASSWORD, 'ann', device)).status, 303, 'and with a known browser from the stranger\'s');
  is(await statuses(11, amends, '192.0.2.1', 'mistyped', 'ann', device), [...wrong(10), 429], 'a known browser has ten guesses of its own');
  is((await guess(amends, '192.0.2.77', PASSWORD)).status, 303, 'which count only there');
  for (const [what, cookie] of [['another login\'s', device], ['a changed one', `${device.slice(0, -2)}xx`], ['none', 'amends-device=.'], ['an old one', 'amends-device=a.b']]) {
    forget(amends);
    const login = cookie === device ? 'bob' : 'ann';
    is((await statuses(6, amends, '203.0.113.5', 'mistyped', login, cookie)).pop(), 429, `${what}: no known browser`);
  }
  forget(amends);
  return device;
}

async function manyAddresses(amends, device) {
  is(await statuses(6, amends, '2001:db8:1:2::1'), [...wrong(5), 429], 'IPv6');
  is((await guess(amends, '2001:db8:1:2:ffff:ffff:ffff:1', PASSWORD)).status, 429, 'counts by its /64');
  is((await guess(amends, '2001:db8:1:3::1', PASSWORD)).status, 303, 'the next /64 is another');
  forget(amends);
  for (let i = 0; i < 30; i += 1) await guess(amends, `198.51.100.${i}`);
  is((await guess(amends, '198.51.100.99', PASSWORD)).status, 429, 'thirty from thirty addresses: an unknown browser waits');
  is((await guess(amends, '198.51.100.99', PASSWORD, 'ann', device)).status, 303, 'a known one does not');
  is((await guess(amends, '198.51.100.99', PASSWORD, 'bob')).status, 303, 'nor another person');
  sql(amends, "update staff_attempt set at = at - interval '1 hour'");
  is((await guess(amends, '198.51.100.99', PASSWORD)).status, 303, 'an hour later nobody does');
  forget(amends);
  const atOnce = (await Promise.all(Array.from({ length: 24 }, () => guess(amends, '203.0.113.9')))).filter((reply) => reply.status === 403).length;
  ok(atOnce <= 10, `guesses at once count too: ${atOnce} of 24 were looked at`);
}

async function account(amends) {
  const desk = await Desk.enter(amends, 'eve', ['viewer']);
  await desk.get('/staff/account');
  const all = [];
  for (let i = 0; i < 12; i += 1) all.push((await desk.send('/staff/account', { do: 'password', old: `guess ${i}`, password: 'another long password' })).text);
  ok(/Too many/.test(all.pop()), 'a stolen session does not guess the password either');
}

scenario(async (defer) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  defer(() => amends.destroy());
  person(amends, 'ann', ['viewer']);
  person(amends, 'bob', ['viewer']);
  await manyAddresses(amends, await known(amends));
  await account(amends);
});
