#!/usr/bin/env node
'use strict';
// An incident for the affected only: subscribers of accounts in its scope hear of it, and every
// public document stays as it was. One with two texts, and notices to the same audiences.
const fs = require('node:fs');
const { waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

// Every path of the public routes, so that a new one is in the test.
const paths = [...fs.readFileSync('api/public/routes.c', 'utf8').matchAll(/"(\/[a-z0-9_./{}-]*)"/g)]
  .map(([, path]) => path.replace('{month}', new Date().toISOString().slice(0, 7)).replace('{ref}', 'secret'))
  .filter((path) => !path.startsWith('/static/'));

async function documents(amends) {
  const all = {};
  for (const path of paths) {
    const response = await fetch(`${amends.url}${path}`);
    all[path] = `${response.status} ${(await response.text()).replace(/[0-9a-f]{16}/g, 'REQUEST')}`;
  }
  return all;
}

async function prepare(amends) {
  for (const [slug, name] of [['api', 'API'], ['mail', 'Mail']]) await amends.call('POST', '/v1/components', { slug, name });
  sql(amends, `
    insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor, labels)
      select id, id, 'EUR', 2, 'UTC', 'month', '2019-01-01', labels::jsonb from (values
        ('north', '{"region": "eu"}'), ('south', '{"region": "us"}'), ('named', '{}'), ('other', '{"region": "eu"}')) a (id, labels);
    insert into account_component (account_id, component_id)
      select a.id, c.id from account a, component c where external_id = 'other' and slug = 'mail';
    insert into subscriber (channel, address, address_hash, state, account_id)
      select 'email', n || '@readers.example', sha256(n::bytea), 'active', (select id from account where external_id = n)
      from unnest(array['north', 'south', 'named', 'other', 'nobody']) n;
    insert into subscription (subscriber_id, kind) select id, 'all' from subscriber;
    insert into account_contact (account_id, email, address_hash)
      select id, 'north@readers.example', sha256('north') from account where external_id in ('north', 'other')`);
}

const whole = (mail) => mail.data.replace(/=\r?\n/g, '');
const link = (mails, reader, title) => {
  const mail = mails.mails().filter((one) => one.to.startsWith(`${reader}@`) && one.data.includes(title)).at(-1);
  return /href=3D"http:\/\/[^/"]*([^"]*)" class=3D"button"/.exec(whole(mail))[1];
};

// The button of a mail leads a contact of the account to the incident on its page; other readers to the form for the link.
async function led(amends, mails) {
  is(link(mails, 'named', 'Shard seven'), '/account', 'the button leads a reader who is no contact to the form for the link of an account');
  const target = link(mails, 'north', 'Shard seven');
  const [, page] = /^(\/a\/[^/]+)\/incidents\/secret$/.exec(target) || [null, '/none'];
  const asked = await amends.request('GET', target, undefined, { key: null });
  is([asked.status, asked.headers.get('location')], [303, `${page}?incident=secret`], 'and a contact to the page of the account');
  const shown = await amends.request('GET', `${page}?incident=secret`, undefined, { key: null });
  ok(/name="incident" value="secret"/.test(shown.text) && !/Shard seven/.test(shown.text), 'which asks first');
  const entered = await amends.request('POST', page, 'incident=secret', { key: null, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  is([entered.status, entered.headers.get('location')], [303, target], 'and then goes on to the incident');
  const seen = await amends.request('GET', target, undefined, { key: null, headers: { cookie: entered.headers.get('set-cookie').split(';')[0] } });
  ok(seen.status === 200 && /Shard seven/.test(seen.text) && /Looking\./.test(seen.text), 'where its text stands');
}

const heard = (mails, title) => mails.mails().filter((mail) => mail.data.includes(title)).map((mail) => mail.to.split('@')[0]).sort();
const scope = { labels: { region: ['eu', 'ap'] }, accounts: [{ account: 'named' }] };
const body = {
  ref: 'secret', title: 'Shard seven', kind: 'incident', state: 'investigating', body: 'Looking.', audience: 'affected', scope,
  components: [{ component: 'api', level: 'major_outage' }],
};

async function incident(amends, mails) {
  await waitUntil('the page is rendered with the components', async () => {
    const all = await documents(amends);
    return ['/', '/history.json', '/api/v2/summary.json', '/api/v2/components.json'].every((path) => all[path].includes('Mail'));
  });
  const before = await documents(amends);
  const seen = await amends.call('POST', '/v1/incidents/preview', body);
  is(seen.audience.map((one) => one.count), [2], 'the preview counts the affected');
  const { broadcast } = await amends.call('POST', '/v1/incidents', body);
  await waitUntil('it is sent', () => sql(amends, `select 1 from broadcast where id = ${broadcast} and state = 'done'`).length === 1);
  is(heard(mails, 'Shard seven'), ['named', 'north'], 'accounts by label and by name hear of it, those that do not use the component and readers without an account do not');
  ok(!mails.mails().some((mail) => /\/\/[^/]+\/incidents\/secret/.test(whole(mail))), 'its mails lead to no page that nobody can open');
  await led(amends, mails);
  is(sql(amends, 'select count(*) from broadcast_scope'), [['0']], 'the list of recipients is dropped when it is sent');
  const seenByStaff = await amends.call('GET', '/v1/incidents/secret');
  is([seenByStaff.audience, seenByStaff.accounts, seenByStaff.scope], ['affected', 2, scope], 'staff see the audience, with the number of accounts');
  is((await amends.call('GET', '/v1/incidents/secret/impacts')).impacts.map((one) => one.scope), [scope], 'the impact of the post has its scope');
  const after = await documents(amends);
  is(paths.filter((path) => after[path] !== before[path]), [], `${paths.length} public documents stay as they were`);
  ok(after['/incidents/secret'].startsWith('404'), 'it has no page');
  return before;
}

async function corrected(amends, mails) {
  const from = new Date(Date.now() - 3600000).toISOString();
  await amends.call('PUT', '/v1/incidents/secret/impacts', { impacts: [{ component: 'api', level: 'major_outage', from, scope: { labels: { region: 'us' } } }] });
  const { broadcast } = await amends.call('POST', '/v1/incidents/secret/updates', { state: 'resolved', body: 'Mended.' });
  await waitUntil('the end is sent', () => sql(amends, `select 1 from broadcast where id = ${broadcast} and state = 'done'`).length === 1);
  is(heard(mails, 'Mended.'), ['south'], 'after a correction those hear of it whom the impacts name now');
}

// Public, with a text of its own for the affected.
async function both(amends, mails) {
  const twice = {
    ...body, ref: 'open', title: 'Slow writes', audience: 'both', body: 'Some writes are slow.', affected_body: 'Your writes are slow.',
    translations: { de: { body: 'Schreiben ist langsam.', affected_body: 'Ihr Schreiben ist langsam.' } },
  };
  sql(amends, "update subscriber set locale = 'de' where address like 'named@%'");
  const seen = await amends.call('POST', '/v1/incidents/preview', twice);
  is(seen.audience.map((one) => [one.locale, Boolean(one.affected), one.count]), [['de', true, 1], ['en', true, 1], ['en', false, 1]], 'the preview counts both audiences');
  is(seen.messages.map((one) => [one.locale, /(Your|Ihr|Some) |Schreiben/.exec(one.text)[0].trim()]), [['de', 'Ihr'], ['en', 'Your'], ['en', 'Some']], 'and shows both texts');
  const { broadcast } = await amends.call('POST', '/v1/incidents', twice);
  await waitUntil('it is sent', () => sql(amends, `select 1 from broadcast where id = ${broadcast} and state = 'done'`).length === 1);
  is(heard(mails, 'Your writes'), ['north'], 'the affected read their text');
  const own = (reader) => mails.mails().some((mail) => mail.to.startsWith(`${reader}@`) && /Slow writes/.test(mail.data) && /\/a\/[^/]+\/incidents\/open/.test(whole(mail)));
  is([link(mails, 'north', 'Slow writes'), own('north'), own('named'), own('nobody')], ['/incidents/open', true, false, false], 'their mail leads a contact to the page of the account, too');
  is(heard(mails, 'Ihr Schreiben'), ['named'], 'in their language');
  is(heard(mails, 'Some writes'), ['nobody'], 'readers without an account read the public one; accounts out of scope hear nothing');
  const page = async () => (await fetch(`${amends.url}/incidents/open`)).text();
  await waitUntil('its page shows it', async () => (await page()).includes('Some writes'));
  ok(!(await page()).includes('Your writes'), 'the page has the public text only');
  sql(amends, "update subscriber set verbosity = 'daily', timezone = 'UTC' where address like any (array['north@%', 'nobody@%', 'south@%'])");
  const before = mails.mails().length;
  const [[digest]] = sql(amends, "select amends.digest_make('UTC', (now() at time zone 'UTC')::date)");
  await amends.settled(digest);
  is(mails.mails().slice(before).map((mail) => [mail.to.split('@')[0], mail.data.includes('Your writes'), mail.data.includes('Some writes')]).sort(), [['nobody', false, true], ['north', true, false], ['south', false, false]], 'so do the daily summaries');
  const leads = (reader, path) => path.test(whole(mails.mails().slice(before).find((mail) => mail.to.startsWith(`${reader}@`))));
  is([leads('north', /href=3D"[^"]*\/a\/[^/"]+"/), leads('nobody', /\/a\//), leads('south', /href=3D"[^"]*\/account"/)], [true, false, true], 'and lead a contact to the page of the account');
  const { updates: [update] } = await amends.call('GET', '/v1/incidents/open');
  is(update.affected_body, 'Your writes are slow.', 'staff see both');
  const edited = await amends.call('PATCH', `/v1/incidents/open/updates/${update.id}`, { affected_body: 'Your writes fail.' });
  is([edited.body, edited.affected_body], ['Some writes are slow.', 'Your writes fail.'], 'each text is corrected by itself');
  const emptied = await amends.call('PATCH', `/v1/incidents/open/updates/${update.id}`, { affected_body: '' });
  is([emptied.body, emptied.affected_body ?? null, (await amends.call('GET', '/v1/incidents/open')).updates.find(({ id }) => id === update.id).affected_body], ['Some writes are slow.', null, null], 'the empty text is none');
  const refused = await amends.request('POST', '/v1/incidents', { ...twice, ref: 'public', audience: 'public' });
  is([refused.status, refused.body.errors[0].field], [422, 'affected_body'], 'a text that nobody would read is refused');
}

async function notices(amends, mails) {
  sql(amends, "update subscriber set verbosity = 'every'; update account set plan = 'pro' where external_id in ('north', 'south')");
  const send = async (audience, subject) => {
    const { broadcast } = await amends.call('POST', '/v1/notices', { audience, subject, body: 'Hello.' });
    await amends.settled(broadcast);
    return heard(mails, subject);
  };
  is(await send({ labels: { region: 'eu' } }, 'By label'), ['north', 'other'], 'a notice goes to accounts by label');
  is(await send({ labels: { region: 'us' }, accounts: ['named'] }, 'Or name'), ['named', 'south'], 'or by name');
  is(await send({ labels: { region: 'eu' }, plans: ['pro'] }, 'And plan'), ['north'], 'and of a plan');
  sql(amends, "update subscription set kind = 'component', target_id = (select id from component where slug = 'mail') where subscriber_id = (select id from subscriber where address like 'nobody@%')");
  sql(amends, "insert into mute (subscriber_id, kind, target_id) select s.id, 'component', c.id from subscriber s, component c where s.address like 'north@%' and c.slug = 'mail'");
  is(await send({ components: ['mail'] }, 'Of mail'), ['named', 'nobody', 'other', 'south'], 'or to the subscribers of a component');
  is(await send({ components: ['api'], plans: ['pro'] }, 'Pro of api'), ['north', 'south'], 'each member narrows');
  const seen = await amends.call('POST', '/v1/notices/preview', { audience: { labels: { region: 'eu' } }, subject: 'x', body: 'y' });
  is(seen.audience, [{ channel: 'email', locale: 'en', count: 2 }], 'the preview counts them');
  const refused = async (audience) => (await amends.request('POST', '/v1/notices', { audience, subject: 'x', body: 'y' })).body.errors.map((one) => `${one.field}: ${one.detail}`)[0];
  is([await refused('some'), await refused({}), await refused({ accounts: ['north', 'norht'] }), await refused({ plans: ['gold'] }), await refused({ credit_run: 9 }), await refused({ components: ['x'] }), await refused({ labels: { region: 1 } }), await refused({ labels: { region: 'mars' } }), await refused({ label: {} })],
    ['audience: must be "all" or an object', 'audience: names nobody: say "all" for everybody', 'audience.accounts[1]: no account "norht"', 'audience.plans: no account has the plan "gold"', 'audience.credit_run: no credit run 9', 'audience.components[0]: no component "x"', 'audience.labels.region: must be a text or a list of texts', 'audience: no subscriber is in it', 'audience.label: is not a known field'], 'a wrong audience is refused by its name');
  is(sql(amends, "select count(*) from broadcast where subject = 'x'"), [['0']], 'and nothing is written');
}

const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } };

// Accounts as a file: a scope and an audience name the list.
async function lists(amends, mails) {
  const wrong = await amends.request('POST', '/v1/account-lists/shard-7', '{"account": "north"}\n{"account": "norht"}\n{"account": "north"}\n{"account": "south", "share_bp": 10001}', NDJSON);
  is([wrong.status, wrong.body.errors.map(({ line, field }) => [line, field])], [422, [[2, 'account'], [3, 'account'], [4, 'share_bp']]], 'each wrong line of a list is named');
  is((await amends.request('POST', '/v1/account-lists/shard-7', '', NDJSON)).status, 422, 'a list without accounts is refused');
  const made = await amends.call('POST', '/v1/account-lists/shard-7', '{"account": "south"}\n{"account": "named", "share_bp": 5000}', NDJSON);
  is([made.name, made.accounts], ['shard-7', 2], 'a list is imported');
  is((await amends.request('POST', '/v1/account-lists/shard-7', '{"account": "north"}', NDJSON)).status, 409, 'and does not change');
  is((await amends.call('GET', '/v1/account-lists')).data.map((one) => [one.name, one.accounts]), [['shard-7', 2]], 'it is listed');
  const seen = await amends.call('POST', '/v1/incidents/preview', { ...body, ref: 'listed', scope: { labels: { region: 'eu' }, list: 'shard-7' } });
  is(seen.audience.map((one) => [one.locale, one.count]), [['de', 1], ['en', 2]], 'an incident tells its accounts, and those with the labels');
  const notice = await amends.call('POST', '/v1/notices', { audience: { list: 'shard-7' }, subject: 'To the list', body: 'x' });
  await amends.settled(notice.broadcast);
  is(heard(mails, 'To the list'), ['named', 'south'], 'so does a notice');
  for (const [method, path, wrongly] of [
    ['POST', '/v1/incidents', { ...body, ref: 'wrong', scope: { list: 'x' } }],
    ['PUT', '/v1/incidents/open/impacts', { impacts: [{ component: 'api', level: 'major_outage', from: '2026-01-01T00:00:00Z', scope: { list: 'x' } }] }],
  ]) {
    const refused = await amends.request(method, path, wrongly);
    is([refused.status, refused.body.errors[0].detail], [422, 'no account list "x"'], `${path} refuses an unknown list`);
  }
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  await prepare(amends);
  const before = await incident(amends, mails);
  await corrected(amends, mails);
  const after = await documents(amends);
  is(paths.filter((path) => after[path] !== before[path]), [], 'nor does its end change a public document');
  await both(amends, mails);
  await notices(amends, mails);
  await lists(amends, mails);
  const wrong = await amends.request('POST', '/v1/incidents', { ...body, ref: 'wrong', scope: { accounts: [{}] } });
  is([wrong.status, wrong.body.errors.map((one) => one.field)], [422, ['scope.accounts[0].account']], 'a wrong scope is refused by its field');
  for (const region of [5, [], ['eu', 5], null]) {
    const labelled = await amends.request('POST', '/v1/incidents', { ...body, ref: 'wrong', scope: { labels: { region } } });
    is([labelled.status, labelled.body.errors && labelled.body.errors[0].field], [422, 'scope.labels.region'], `so is the label ${JSON.stringify(region)}`);
  }
});
