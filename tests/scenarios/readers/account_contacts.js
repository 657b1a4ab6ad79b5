#!/usr/bin/env node
'use strict';
// The ways to the page of an account, its contacts and channels: a link by mail, an invitation that its reader
// confirms, a channel that its owner confirms; and what ends them.
const { waitUntil } = require('../../lib/amends.js');
const { mailBodies } = require('../../lib/sinks.js');
const { Session, sql } = require('../../lib/notifiers.js');
const { command } = require('../../lib/staff.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const account = (name) => ({ external_id: name, name: `Company ${name}`, currency: 'EUR', timezone: 'Europe/Berlin', interval: 'month', anchor: '2020-01-01', prices: [], contacts: [{ email: `ada@${name}.example`, name: 'Ada', locale: 'en' }] });

async function imported(amends, ...names) {
  const lines = names.map((name) => JSON.stringify(account(name))).join('\n');
  return amends.call('POST', '/v1/accounts/import', lines, { headers: { 'content-type': 'application/x-ndjson' } });
}

const settled = (amends) => waitUntil('the forms are settled', () => sql(amends, 'select count(*) from signup where done_at is null')[0][0] === '0');
const to = (mails, address) => mails.mails().filter((mail) => mail.to === address);
const linkIn = (mail, kind) => mailBodies(mail.data)['text/plain'].match(new RegExp(`https?://[^/\\s]+(/${kind}/[\\w.-]+)`))[1];

function browser(amends) {
  const get = (path, cookie) => amends.request('GET', path, undefined, { key: null, headers: cookie ? { cookie } : {} });
  const post = (path, fields, cookie) => amends.request('POST', path, new URLSearchParams(fields).toString(), { key: null, headers: { ...FORM, ...(cookie ? { cookie } : {}) } });
  const enter = async (page) => (await post(page, {})).headers.get('set-cookie').split(';')[0];
  return { get, post, enter };
}

// The form for the link answers alike for every address, and mails contacts alone.
async function asks(amends, mails, { get, post }) {
  is((await get('/account')).status, 200, 'anybody may ask for a link');
  const known = await post('/account', { address: 'Ada@one.example' });
  const unknown = await post('/account', { address: 'eve@nobody.example' });
  is([known.status, known.text === unknown.text], [200, true], 'the answer is the same for every address');
  is((await post('/account', { address: 'nothing' })).status, 422, 'but for one that is none');
  await settled(amends);
  const mail = await waitUntil('the link arrives', () => to(mails, 'ada@one.example')[0]);
  ok(/Company one/.test(mailBodies(mail.data)['text/html']) && !to(mails, 'eve@nobody.example').length, 'a contact gets the link, nobody else anything');
  for (let i = 0; i < 4; i++) await post('/account', { address: 'ada@one.example' });
  await settled(amends);
  is(sql(amends, "select count(*) from broadcast where kind = 'account_link'")[0][0], '3', 'at most three a day');
  return linkIn(mail, 'a');
}

async function invites(amends, mails, { get, post, enter }, page) {
  const cookie = await enter(page);
  const contacts = `${page}/contacts`;
  ok(/ada@one\.example/.test((await get(contacts, cookie)).text), 'the page lists the contacts of the account');
  const nothing = await amends.request('POST', `${contacts}?lang=de`, 'do=invite&email=nothing', { key: null, headers: { ...FORM, cookie } });
  is([nothing.status, /Das ist keine E-Mail-Adresse/.test(nothing.text)], [422, true], 'a wrong address is refused, in the language of the page');
  is((await post(contacts, { do: 'invite', email: 'bob@one.example' })).status, 303, 'without a session nobody is invited');
  is((await post(contacts, { do: 'invite', email: 'bob@one.example', name: 'Bob' }, cookie)).status, 200, 'a contact invites another');
  await settled(amends);
  const emails = () => sql(amends, "select email from account_contact k join account a on a.id = k.account_id where external_id = 'one' order by 1").flat();
  is([emails(), /bob@one\.example.*Not confirmed yet|Not confirmed yet.*bob@one\.example/s.test((await get(contacts, cookie)).text)], [['ada@one.example'], true], 'an invitation makes no contact');
  const join = linkIn(await waitUntil('the invitation arrives', () => to(mails, 'bob@one.example')[0]), 'join');
  is([(await get(join)).status, emails().length], [200, 1], 'nor does looking at its link');
  const joined = await post(join, {});
  is([joined.status, emails(), (await post(join, {})).status], [303, ['ada@one.example', 'bob@one.example'], 404], 'the button does, once');
  const bob = { page: joined.headers.get('location'), cookie: joined.headers.get('set-cookie').split(';')[0] };
  is((await get(bob.page, bob.cookie)).status, 200, 'and opens the page');
  await imported(amends, 'one');
  is(emails().length, 2, 'an import leaves contacts that it does not know from here');
  const [[ada], [other]] = sql(amends, "select k.id from account_contact k where email in ('ada@one.example', 'ada@two.example') order by email");
  const [[id]] = sql(amends, "select id from account_contact where email = 'bob@one.example'");
  is((await post(contacts, { do: 'remove', id: other }, cookie)).status, 404, 'a contact of another account cannot be removed');
  ok(/role="status">Removed/.test((await post(contacts, { do: 'remove', id }, cookie)).text), 'one of its own can, and the page says so');
  ok(/href="\/account"/.test((await get(bob.page)).text), 'a link that ended leads to the form for another');
  is([emails(), (await get(bob.page, bob.cookie)).status, (await get(bob.page)).status], [['ada@one.example'], 404, 404], 'a removed contact loses links and sessions');
  ok(/at least one contact/.test((await post(contacts, { do: 'remove', id: ada }, cookie)).text) && emails().length === 1, 'the last one stays');
  await post(contacts, { do: 'invite', email: 'eve@one.example' }, cookie);
  await settled(amends);
  await post(contacts, { do: 'withdraw', id: sql(amends, 'select id from account_invitation')[0][0] }, cookie);
  const late = linkIn(await waitUntil('the other invitation arrives', () => to(mails, 'eve@one.example')[0]), 'join');
  is((await post(late, {})).status, 404, 'an invitation can be withdrawn');
  return { page, cookie };
}

// An import does not bring back a contact whom the account removed, unless it says so.
async function removals(amends, mails, { get, post, enter }) {
  const cleo = { email: 'cleo@three.example', name: 'Cleo', locale: 'en' };
  const bring = async (more = {}, query = '') => {
    const line = { ...account('three'), contacts: [...account('three').contacts, { ...cleo, ...more }] };
    const { created, updated, unchanged, contacts_skipped: skipped, warnings } = await amends.call('POST', `/v1/accounts/import${query}`, JSON.stringify(line), { headers: { 'content-type': 'application/x-ndjson' } });
    return [{ created, updated, unchanged }, skipped, warnings];
  };
  const emails = () => sql(amends, "select email from account_contact k join account a on a.id = k.account_id where external_id = 'three' order by 1").flat();
  const page = new URL((await amends.call('POST', '/v1/accounts/three/page-link', { contact: 'ada@three.example' })).url).pathname;
  const cookie = await enter(page);
  const remove = () => post(`${page}/contacts`, { do: 'remove', id: sql(amends, "select id from account_contact where name = 'Cleo'")[0][0] }, cookie);
  is([(await bring())[0], emails()], [{ created: 0, updated: 1, unchanged: 0 }, ['ada@three.example', 'cleo@three.example']], 'an import names a contact');
  await remove();
  const today = sql(amends, "select (now() at time zone 'UTC')::date")[0][0];
  const same = [{ created: 0, updated: 0, unchanged: 1 }, 1, [{ line: 1, external_id: 'three', field: 'contacts[1].email', detail: `cleo@three.example was removed by the account on ${today} and stays out; "restore": true brings it back` }]];
  is([await bring({}, '?dry_run=true'), await bring(), emails()], [same, same, ['ada@three.example']], 'one whom the account removed stays out, and the import says so');
  is([(await bring({ restore: true }, '?dry_run=true'))[0].updated, emails().length, (await bring({ restore: true })).slice(1), emails().length], [1, 1, [0, []], 2], 'until an import restores it');
  is([(await bring()), emails().length], [[{ created: 0, updated: 0, unchanged: 1 }, 0, []], 2], 'after which it is a contact as any other');
  await remove();
  await post(`${page}/contacts`, { do: 'invite', email: 'cleo@three.example', name: 'Cleo' }, cookie);
  await settled(amends);
  is([(await bring())[1], emails().length], [1, 1], 'an invitation alone changes nothing');
  await post(linkIn(await waitUntil('the invitation arrives', () => to(mails, 'cleo@three.example')[0]), 'join'), {});
  is([(await bring())[1], emails().length, (await get(page, cookie)).status], [0, 2, 200], 'its button does');
}

async function channels(amends, mails, { get, post }, { page, cookie }) {
  const contacts = `${page}/contacts`;
  const lock = new Session(amends);
  await lock.say('begin; lock table subscriber in exclusive mode');
  const asked = async (fields, address) => new RegExp(`${address}[^]*Being sent`).test((await post(contacts, fields, cookie)).text.replace(/ value="[^"]*"/g, ''));
  is([await asked({ do: 'subscribe', channel: 'email', address: 'ops@one.example' }, 'ops@one.example'), await asked({ do: 'invite', email: 'dan@one.example' }, 'dan@one.example')], [true, true], 'a channel and an invitation are listed at once, with their state');
  lock.end();
  await settled(amends);
  is(sql(amends, "select timezone from subscriber where address = 'ops@one.example'"), [['Europe/Berlin']], 'a channel has the zone of its account');
  const confirm = linkIn(await waitUntil('the confirmation arrives', () => to(mails, 'ops@one.example')[0]), 'confirm');
  const row = () => sql(amends, "select s.state, a.external_id from subscriber s left join account a on a.id = s.account_id where address = 'ops@one.example'")[0];
  is(row(), ['pending', 'one'], 'a channel of the account waits for its owner');
  await post(confirm, {});
  is(row(), ['active', 'one'], 'who confirms it');
  const [[id]] = sql(amends, "select id from subscriber where address = 'ops@one.example'");
  const foreign = (await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'ops@two.example', account: 'two', confirmed: true })).id;
  const text = (await get(contacts, cookie)).text;
  ok(text.includes('ops@one.example') && !text.includes('ops@two.example'), 'the page lists the channels of the account');
  is([(await get(`${page}/channels/${id}`, cookie)).status, (await get(`${page}/channels/${foreign}`, cookie)).status], [200, 404], 'its topics can be opened, those of another account not');
  await post(`${page}/channels/${id}`, { do: 'save', what: 'some', component: 'api', locale: 'en', timezone: 'UTC' }, cookie);
  is(sql(amends, `select kind from subscription where subscriber_id = ${id}`), [['component']], 'and changed');
  is([(await post(contacts, { do: 'unsubscribe', id: foreign }, cookie)).status, (await post(contacts, { do: 'unsubscribe', id }, cookie)).status, row()[0]], [404, 200, 'unsubscribed'], 'a channel of the account can be removed');
}

async function staff(amends, { get, enter }) {
  const page = new URL(command(amends, 'account', 'link', 'two', '--contact=ada@two.example')).pathname;
  const cookie = await enter(page);
  is((await get(page, cookie)).status, 200, 'the command prints a link to the page');
  command(amends, 'account', 'revoke-links', 'two');
  is([(await get(page, cookie)).status, sql(amends, "select array_agg(action order by seq) from audit where object = 'account:two'")[0][0]], [404, '{account.link,account.revoke_links}'], 'and ends all of them; the audit log has both');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'Interface' });
  await imported(amends, 'one', 'two', 'three');
  const reader = browser(amends);
  const page = await asks(amends, mails, reader);
  const ada = await invites(amends, mails, reader, page);
  await removals(amends, mails, reader);
  await channels(amends, mails, reader, ada);
  await staff(amends, reader);
});
