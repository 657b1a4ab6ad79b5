#!/usr/bin/env node
'use strict';
// Exports of other programs: nobody who opted out there arrives active, whatever the file and the
// order of files, and an error names the column and those that are accepted. listmonk's database is
// read by deploy/listmonk/subscribers.sql.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, executableIn, freshDirectory } = require('../../lib/amends.js');
const { scenario, ok, is } = require('../../lib/tap.js');

const load = (amends, text, query = '') => amends.request('POST', `/v1/subscribers/import${query}`, text, { headers: { 'content-type': 'text/csv' } });
const states = async (amends, host) => Object.fromEntries((await amends.all('/v1/subscribers'))
  .filter((one) => one.address.endsWith(`@${host}`)).map((one) => [one.address.split('@')[0], one.state]));
const created = async (amends, address) => (await amends.all('/v1/subscribers')).find((one) => one.address === address).created_at;

async function listmonk(amends) {
  const header = 'uuid,email,name,attributes,status,created_at,updated_at';
  const row = (name, status, at) => `8f3c,${name}@lm.example,N,"{""a"": 1}",${status},${at},${at}`;
  const times = { go: '2024-05-01 10:00:00.123456 +0000 UTC', pq: '2024-05-01 10:00:00.123456 +0000 +0000', india: '2024-05-01 15:30:00 +0530 IST',
    brazil: '2024-05-01 07:00:00 -0300 -03', nano: '2024-05-01 10:00:00.123456789 +0000 UTC', zero: '0001-01-01 00:00:00 +0000 UTC' };
  const rows = Object.entries(times).map(([name, at]) => row(name, 'enabled', at));
  const reply = await load(amends, [header, ...rows, row('listed', 'blocklisted', times.go), row('off', 'disabled', times.pq)].join('\n'));
  is([reply.status, reply.body.created], [200, 8], "listmonk: Go's times are read");
  is(await Promise.all(['go', 'pq', 'india', 'brazil', 'nano'].map((name) => created(amends, `${name}@lm.example`))),
    ['2024-05-01T10:00:00.123456Z', '2024-05-01T10:00:00.123456Z', '2024-05-01T10:00:00Z', '2024-05-01T10:00:00Z', '2024-05-01T10:00:00.123456Z'], 'with their zones');
  const left = 'uuid,email,name,attributes,status,created_at,updated_at,subscription_status\n8f3c,left@lm.example,N,{},enabled,2024-05-01 10:00:00 +0000 UTC,,unsubscribed\n';
  await load(amends, left);
  const after = await load(amends, [header, row('left', 'enabled', times.go)].join('\n'));
  is(after.body.opted_out, 1, 'who left a list stays out when the whole export follows');
  const now = await states(amends, 'lm.example');
  is([now.left, now.listed, now.off, now.go], ['unsubscribed', 'suppressed', 'unsubscribed', 'active'], 'opt-outs of every kind arrive');
}

const MAILCHIMP = '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED';

async function mailchimp(amends) {
  const place = '1.2.3.4,,,,,,,,"2018-04-13 10:57:02"';
  const row = (name, confirmed = '"2018-04-13 10:57:02"') => `${name}@mc.example,A,B,2,,,${confirmed},${place}`;
  const subscribed = await load(amends, `${MAILCHIMP},LEID,EUID,NOTES,TAGS\n${row('in')},1,e,,"""a"",""b"""\n${row('bought', '')},2,f,,\n`, '?skip_invalid=true');
  is([subscribed.body.created, subscribed.body.invalid, subscribed.body.groups.find((one) => one.outcome === 'invalid').field], [1, 1, 'confirm_time'], 'Mailchimp: the subscribed; who never confirmed is not');
  const gone = 'UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS';
  await load(amends, `${MAILCHIMP},${gone}\n${row('out')},"2019-01-01 00:00:00",News,9,NORMAL,,3,g,,\n`);
  await load(amends, `${MAILCHIMP},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS\n${row('dead')},"2019-01-01 00:00:00",News,9,4,h,,\n`);
  is(await states(amends, 'mc.example'), { in: 'active', out: 'unsubscribed', dead: 'suppressed' }, 'the unsubscribed and the cleaned, by the columns of their files');
  is(await created(amends, 'in@mc.example'), '2018-04-13T10:57:02Z', 'with the time of the consent');
}

async function keilaAndBrevo(amends) {
  const keila = await load(amends, 'Email,First name,Last name,Data,Status\nin@keila.example,A,B,"{""x"":1}",active\nout@keila.example,,,,unsubscribed\ndead@keila.example,,,,unreachable\n');
  is(keila.status, 200, 'Keila');
  is(await states(amends, 'keila.example'), { in: 'active', out: 'unsubscribed', dead: 'suppressed' }, 'every status');
  const brevo = await load(amends, 'CONTACT ID;EMAIL;FIRSTNAME;EMAIL_BLACKLISTED;ADDED_TIME;MODIFIED_TIME\n1;in@brevo.example;"A;B";No;2024-05-01 10:00:00;\n2;out@brevo.example;;Yes;2024-05-01;\n3;odd@brevo.example;;maybe;2024-05-01;\n');
  is([brevo.status, await states(amends, 'brevo.example')], [200, { in: 'active', out: 'unsubscribed', odd: 'unsubscribed' }], 'Brevo, with semicolons; an unknown word is no consent');
  const status = await load(amends, 'EMAIL,ADDED_TIME,EMAIL_MARKETING\nin@sib.example,2024-05-01,Subscribed\nout@sib.example,2024-05-01,Unsubscribed\n');
  is([status.status, await states(amends, 'sib.example')], [200, { in: 'active', out: 'unsubscribed' }], 'or with the status of the subscription');
  const silent = await load(amends, 'EMAIL,FIRSTNAME,ADDED_TIME,MODIFIED_TIME\nin@quiet.example,A,2024-05-01,\n');
  is([silent.status, silent.body.errors[0].field], [422, 'email_blacklisted'], 'a file that does not say who left is refused');
  is(await states(amends, 'quiet.example'), {}, 'as a whole');
}

async function columns(amends, dir) {
  const wrong = await load(amends, 'Address,Colour\na@wrong.example,red\n');
  is([wrong.status, wrong.body.errors[0].field], [422, 'colour'], 'an unknown column is named');
  ok(/columns are id, channel, address, state/.test(wrong.body.errors[0].detail) && /Mailchimp/.test(wrong.body.errors[0].detail), 'with those that are accepted');
  const file = path.join(dir, 'wrong.csv');
  fs.writeFileSync(file, 'Address,Colour\na@wrong.example,red\n');
  const run = spawnSync(executableIn(dir), ['subscriber', 'import', file], { env: { ...process.env, AMENDS_URL: amends.url, AMENDS_KEY: amends.key } });
  ok(run.status !== 0 && /colour: there is no such column; the columns are id, channel, address/.test(run.stderr.toString()), `the command says so too: ${run.stderr.toString().trim().slice(0, 90)}`);
}

// listmonk's tables (schema.sql of 3.0), as far as the query reads them.
const SCHEMA = `
create type subscriber_status as enum ('enabled', 'disabled', 'blocklisted');
create type subscription_status as enum ('unconfirmed', 'confirmed', 'unsubscribed');
create type list_optin as enum ('single', 'double');
create table subscribers (id serial primary key, uuid uuid not null unique, email text not null unique, name text not null,
  attribs jsonb not null default '{}', status subscriber_status not null default 'enabled',
  created_at timestamptz default now(), updated_at timestamptz default now());
create table lists (id serial primary key, uuid uuid not null unique, name text not null, optin list_optin not null default 'single');
create table subscriber_lists (subscriber_id integer references subscribers(id), list_id integer references lists(id),
  meta jsonb not null default '{}', status subscription_status not null default 'unconfirmed',
  created_at timestamptz default now(), updated_at timestamptz default now(), primary key (subscriber_id, list_id));
insert into lists (uuid, name, optin) values (gen_random_uuid(), 'API', 'double'), (gen_random_uuid(), 'Web', 'single'), (gen_random_uuid(), 'News', 'single');
insert into subscribers (uuid, email, name, status, created_at)
  select gen_random_uuid(), n || '@db.example', 'N', case n when 'listed' then 'blocklisted' when 'off' then 'disabled' else 'enabled' end::subscriber_status,
    '2024-05-01 10:00:00.5+00'
  from unnest(array['both', 'half', 'left', 'listed', 'off', 'asked', 'single', 'news']) n;
insert into subscriber_lists (subscriber_id, list_id, status)
  select s.id, l.id, x.status::subscription_status
  from (values ('both', 'API', 'confirmed'), ('both', 'Web', 'unconfirmed'), ('half', 'API', 'confirmed'), ('half', 'Web', 'unsubscribed'),
    ('left', 'API', 'unsubscribed'), ('left', 'News', 'confirmed'), ('listed', 'API', 'confirmed'), ('off', 'Web', 'confirmed'), ('asked', 'API', 'unconfirmed'),
    ('single', 'Web', 'unconfirmed'), ('news', 'News', 'confirmed')) x (name, list, status)
  join subscribers s on s.email = x.name || '@db.example' join lists l on l.name = x.list;`;

async function database(amends, dir) {
  const psql = (name, ...args) => {
    const done = spawnSync('psql', ['-h', path.join(dir, 'var/run'), '-U', 'amends', '-d', name, '-Xq', '-v', 'ON_ERROR_STOP=1', ...args]);
    if (done.status !== 0) throw new Error(done.stderr.toString());
    return done.stdout.toString();
  };
  psql('amends', '-c', 'create database listmonk');
  psql('listmonk', '-c', SCHEMA);
  const query = path.join(__dirname, '../../../deploy/listmonk/subscribers.sql');
  const mapped = fs.readFileSync(query, 'utf8').replace(/\('LIST', 'COMPONENT'\)/, "('API', 'api'), ('Web', 'web')");
  fs.writeFileSync(path.join(dir, 'mapped.sql'), mapped);
  const csv = psql('listmonk', '--csv', '-f', path.join(dir, 'mapped.sql'));
  const reply = await load(amends, csv);
  is(reply.status, 200, `listmonk's database: ${reply.status === 200 ? 'read' : JSON.stringify(reply.body)}`);
  is(await states(amends, 'db.example'), { both: 'active', half: 'active', left: 'unsubscribed', listed: 'suppressed', off: 'unsubscribed', asked: 'pending', single: 'active' }, 'with the status of each list');
  const all = await amends.all('/v1/subscribers');
  const chosen = (name) => all.find((one) => one.address === `${name}@db.example`).components;
  is([chosen('both'), chosen('half'), chosen('single')], [['api', 'web'], ['api'], ['web']], 'nobody gets what they left');
  psql('amends', '-c', 'drop database listmonk');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const amends = await Amends.up({ dir });
  cleanup(() => amends.destroy());
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug });
  await listmonk(amends);
  await mailchimp(amends);
  await keilaAndBrevo(amends);
  await columns(amends, dir);
  await database(amends, dir);
});
