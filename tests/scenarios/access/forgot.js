#!/usr/bin/env node
'use strict';
// "Forgot your password?": a link by mail that works once, within an hour. The answer is the same for
// every name, mails are limited, and nothing changes until the link is used.
const { waitUntil } = require('../../lib/amends.js');
const { mailBodies } = require('../../lib/sinks.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk, PASSWORD, linkTo, person } = require('../../lib/staff.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const NEW = 'another long password';
const ask = (amends, login, headers) => new Desk(amends).send('/staff/login/forgot', { login }, headers);
const settled = (amends) => waitUntil('the requests are settled', () => sql(amends, 'select count(*) from signup where done_at is null')[0][0] === '0');
const mailsTo = (mails, to) => mails.mails().filter((mail) => mail.to === to);

async function same(amends, mails) {
  const form = await new Desk(amends).get('/staff/login');
  ok(form.text.includes('<a href="/staff/login/forgot">Forgot your password?</a>'), 'the sign-in page leads there');
  const replies = [];
  for (const login of ['ann', 'ANN@staff.example', 'nobody', 'nobody@staff.example', 'out', 'sso']) replies.push(await ask(amends, login));
  is([...new Set(replies.map((reply) => `${reply.status} ${reply.text.replace(/\d{4}-\d\d-\d\d[^<"]*/g, '')}`))].length, 1, 'the answer is the same for every name');
  ok(/Check your inbox/.test(replies[0].text), 'and says where to look');
  is((await ask(amends, 'ann', { origin: 'https://evil.example' })).status, 403, 'another site cannot ask');
  is((await ask(amends, 'x'.repeat(300))).status, 422, 'a name that is too long is none');
  await settled(amends);
  await waitUntil('two mails', () => mailsTo(mails, 'ann@staff.example').length === 2);
  is(mails.mails().length, 2, 'nobody else gets one: not who is disabled, nor who signs in by OpenID Connect alone');
  const { data } = mailsTo(mails, 'ann@staff.example')[0];
  ok(/Subject: .*Reset your password/.test(data) && /within an hour/.test(mailBodies(data)['text/plain']), 'the mail says what it is');
  is(sql(amends, 'select form from signup where form is not null').length, 0, 'what was typed is not kept');
}

async function using(amends, mails) {
  const session = new Desk(amends);
  await session.send('/staff/login', { login: 'ann', password: PASSWORD });
  const [first, second] = [await linkTo(mails, 'ann@staff.example', 1), await linkTo(mails, 'ann@staff.example', 2)];
  is((await new Desk(amends).get(first)).status, 404, 'a later link ends the one before');
  is((await session.get('/staff')).status, 200, 'asking ends no session');
  ok((await new Desk(amends).get(second)).text.includes('<title>Choose a password: ann · '), 'the title, which browsers keep, names the person and not the link');
  is((await new Desk(amends).send(second, { password: NEW })).status, 303, 'the link takes a new password');
  is((await session.get('/staff')).status, 303, 'which ends all sessions');
  is((await new Desk(amends).send(second, { password: NEW })).status, 404, 'once');
  is((await new Desk(amends).send('/staff/login', { login: 'ann', password: PASSWORD })).status, 403, 'the old password is gone');
  is((await new Desk(amends).send('/staff/login', { login: 'ann', password: NEW })).status, 303, 'and the new one lets in');
  const trail = (await amends.call('GET', '/v1/audit?limit=50')).data.map((row) => `${row.actor} ${row.action} ${row.object}`);
  ok(trail.some((row) => /^form staff\.forgot staff:/.test(row)) && trail.some((row) => /^link staff\.password staff:/.test(row)), 'the audit log has both');
}

async function limited(amends, mails) {
  for (let n = 0; n < 4; n += 1) await ask(amends, 'ann');
  await settled(amends);
  await waitUntil('the third mail', () => mailsTo(mails, 'ann@staff.example').length >= 3);
  is(sql(amends, "select count(*) from broadcast where kind = 'invitation'")[0][0], '3', 'three mails an hour at most');
  const third = await linkTo(mails, 'ann@staff.example', 3);
  sql(amends, "update staff_invitation set expires_at = expires_at - interval '1 hour'");
  is((await new Desk(amends).get(third)).status, 404, 'after an hour the link has expired');
  let last;
  for (let n = 0; n < 21 && (!last || last.status === 200); n += 1) last = await ask(amends, `n${n}`);
  is(last.status, 429, 'one network cannot ask without end');
}

async function factor(amends, mails) {
  sql(amends, "update staff set totp_secret = '\\x00' where login = 'bob'");
  sql(amends, 'delete from signup');
  await ask(amends, 'bob');
  const reply = await new Desk(amends).send(await linkTo(mails, 'bob@staff.example'), { password: NEW });
  is(reply.headers.get('location'), '/staff/login?chosen=1', 'with a second factor the link alone lets nobody in');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  for (const login of ['ann', 'bob', 'out', 'sso']) person(amends, login, ['viewer'], { email: `${login}@staff.example` });
  sql(amends, "update staff set disabled_at = now() where login = 'out'");
  sql(amends, "update staff set password_hash = null, oidc_subject = 'https://id.example 1' where login = 'sso'");
  await same(amends, mails);
  await using(amends, mails);
  await limited(amends, mails);
  await factor(amends, mails);
});
