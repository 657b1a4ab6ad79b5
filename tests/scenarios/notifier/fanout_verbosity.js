#!/usr/bin/env node
'use strict';
// The case of 2025 for three readers: `every` gets a mail per update, `milestones` the start, the
// end and the post-mortem, `daily` one mail per local day with updates. Then the due times of digests.
const { waitUntil } = require('../../lib/amends.js');
const { mailHeaders, mailBodies } = require('../../lib/sinks.js');
const { cases, createCatalogue, replayIncident } = require('../../lib/cases.js');
const { sql } = require('../../lib/notifiers.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const ZONES = ['America/Los_Angeles', 'Europe/Berlin', 'Pacific/Auckland'];

function localDay(instant, zone) {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const part = Object.fromEntries(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}`;
}

async function subscribe(amends, address, verbosity, timezone, components) {
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address, verbosity, timezone, confirmed: true, ...(components ? { components } : {}) });
}

const to = (mails, address) => mails.mails().filter((mail) => mail.to.includes(address));

async function makeDigests(amends, zone, days) {
  const made = [];
  for (const day of days) {
    const [[id]] = sql(amends, `select coalesce(amends.digest_make('${zone}', '${day}'), 0)`);
    if (id !== '0') made.push(id);
  }
  for (const id of made) await amends.settled(id);
  return made;
}

// Every instant of digest_due runs in a transaction that is rolled back; the running notifier's waits.
function checkClock(amends, days) {
  const day = days[0];
  const due = (at, from) => sql(amends, `begin; lock table digest_zone; delete from broadcast_cursor where broadcast_id in (select id from broadcast where kind = 'digest');
    delete from broadcast where kind = 'digest'; delete from digest_zone; insert into digest_zone values ('Europe/Berlin', date '${day}' - ${from});
    create temp table made as select amends.digest_due(timestamp '${day}' at time zone 'Europe/Berlin' + interval '${at}') as id;
    select digest_day from broadcast join made using (id); rollback;`).map(([one]) => one);
  is(due('31 hours 59 minutes', 1), [], 'not before eight in the morning');
  is(due('32 hours', 1), [day], 'at eight');
  is(due('32 hours', 0), [], 'once');
  is(due('3 days', 1).includes(day), true, 'later, if nobody was there');
  is(due('60 days', 1), [], 'but not weeks later');
}

function checkMilestones(mails, incident) {
  const states = to(mails, 'milestones@').map((mail) => mailBodies(mail.data)['text/plain'].split(/\r?\n/)[1].split(',')[0]);
  is(states, ['Investigating', 'Resolved', 'Post-mortem'], 'milestones: start, end, post-mortem');
  is(to(mails, 'every@').length, incident.posts.length, `every: all ${incident.posts.length}`);
}

async function checkDaily(amends, mails, incident) {
  for (const zone of ZONES) {
    const days = [...new Set(incident.posts.map((post) => localDay(post.at, zone)))].sort();
    const around = [...days, localDay(Date.parse(incident.posts[0].at) - 86400000, zone)];
    await makeDigests(amends, zone, around);
    is(await makeDigests(amends, zone, around), [], `${zone}: made once`);
    const got = to(mails, `daily-${zone.split('/')[1].toLowerCase()}@`);
    is(got.map((mail) => mailHeaders(mail.data).subject[0].match(/\d{4}-\d\d-\d\d/)[0]).sort(), days, `${zone}: one a day with news, ${days.length}`);
    const text = got.map((mail) => mailBodies(mail.data)['text/plain']).join('\n');
    const told = text.match(/^(Investigating|Identified|Monitoring|Resolved|Post-mortem), \w+ \d+, \d{4}/gm) || [];
    is(told.length, incident.posts.length, 'with every update in one of them');
  }
  is(to(mails, 'elsewhere@').length, 0, 'who subscribes to another component gets none');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  const one = cases().find(({ name }) => name.startsWith('2025'));
  await createCatalogue(amends);
  await amends.call('POST', '/v1/components', { slug: 'elsewhere', name: 'Elsewhere' });
  await subscribe(amends, 'every@readers.example', 'every', 'Europe/Berlin');
  await subscribe(amends, 'milestones@readers.example', 'milestones', 'Europe/Berlin');
  await subscribe(amends, 'elsewhere@readers.example', 'daily', 'Europe/Berlin', ['elsewhere']);
  for (const zone of ZONES) await subscribe(amends, `daily-${zone.split('/')[1].toLowerCase()}@readers.example`, 'daily', zone);

  const [incident] = one.incidents;
  await replayIncident(amends, incident, (posted) => amends.settled(posted.broadcast));
  checkMilestones(mails, incident);
  is(to(mails, 'daily').length, 0, 'daily: none of them');
  await checkDaily(amends, mails, incident);

  const days = [...new Set(incident.posts.map((post) => localDay(post.at, 'Europe/Berlin')))].sort();
  checkClock(amends, days);
  // It checks when it starts, and once per minute.
  process.kill(amends.rolePid('notifier'), 'SIGTERM');
  await waitUntil('the notifier looks', () => sql(amends, 'select 1 from digest_zone').length >= ZONES.length);
  note(sql(amends, 'select timezone, day from digest_zone order by 1').map((row) => row.join(' ')).join(', '));
  ok(true, 'the notifier looks for digests by itself');
});
