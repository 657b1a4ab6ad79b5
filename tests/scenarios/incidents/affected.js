#!/usr/bin/env node
'use strict';
// An incident for the affected only: subscribers of accounts in its scope hear of it, and every
// public document stays as it was.
const fs = require('node:fs');
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink } = require('../../lib/sinks.js');
const { sql } = require('../../lib/notifiers.js');
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
    insert into subscription (subscriber_id, kind) select id, 'all' from subscriber`);
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
  ok(!mails.mails().some((mail) => mail.data.includes('/incidents/secret')), 'its mails lead to no page that nobody can open');
  is(sql(amends, 'select count(*) from broadcast_scope'), [['0']], 'the list of recipients is dropped when it is sent');
  const whole = await amends.call('GET', '/v1/incidents/secret');
  is([whole.audience, whole.accounts, whole.scope], ['affected', 2, scope], 'staff see the audience, with the number of accounts');
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

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url } });
  cleanup(() => amends.destroy());
  await prepare(amends);
  const before = await incident(amends, mails);
  await corrected(amends, mails);
  const after = await documents(amends);
  is(paths.filter((path) => after[path] !== before[path]), [], 'nor does its end change a public document');
  const wrong = await amends.request('POST', '/v1/incidents', { ...body, ref: 'wrong', scope: { accounts: [{}] } });
  is([wrong.status, wrong.body.errors.map((one) => one.field)], [422, ['scope.accounts[0].account']], 'a wrong scope is refused by its field');
});
