#!/usr/bin/env node
'use strict';
// The page of a broadcast says in a sentence how it went, why what failed did, and whom that concerns, page by page.
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { MailSink } = require('../../lib/sinks.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const told = (text) => (text.match(/<p class="outcome">([^<]*)/) || [])[1];
const rows = (text) => [...text.matchAll(/<td><a href="\?([^"]*)#people">([^<]*)<\/a><\/td><td[^>]*>([^<]*)<\/td><td[^>]*>([^<]*)/g)].map((one) => one.slice(1));
const people = (text) => [...text.matchAll(/<li><span><a href="\/staff\/subscribers\/\d+">([^<]*)/g)].map((one) => one[1]);

async function post(amends, more = {}) {
  return amends.call('POST', '/v1/incidents', { title: 'Late', state: 'investigating', body: 'x', ...more });
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir, ['--refuse-rcpt', 'gone:550 5.1.1 no such user']);
  cleanup(() => mails.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url } });
  cleanup(() => amends.destroy());
  sql(amends, `insert into subscriber (channel, address, address_hash, state) select 'email', n || '@readers.example', decode(md5(n), 'hex') || decode(md5(n), 'hex'), 'active'
    from (select 'ok' || i as n from generate_series(1, 1140) i union all select 'gone' || i from generate_series(1, 60) i) x;
    insert into subscription (subscriber_id, kind, target_id) select id, 'all', 0 from subscriber`);
  const desk = await Desk.enter(amends, 'ann', ['responder']);
  const { broadcast } = await post(amends);
  await amends.settled(broadcast);
  const page = await desk.get(`/staff/broadcasts/${broadcast}`);
  is(told(page.text), 'Delivered to 1,140 of 1,200; 60 failed', 'one sentence first');
  ok(/<svg class="outcome"[^>]*aria-label="Delivered[^>]*><rect class="operational" x="0" width="950"/.test(page.text), 'and a bar');
  is(rows(page.text), [['state=failed&amp;reason=no_such_address', 'The address does not exist', 'Failed', '60']], 'all failures by reason, in words');
  ok(/<title>[^<]*: Late · /.test(page.text), 'the tab has the incident\'s title');
  const first = await desk.get(`/staff/broadcasts/${broadcast}?state=failed&reason=no_such_address`);
  const more = first.text.match(/href="\?(state=failed[^"#]*cursor=[^"#]*)#people"/)[1].replaceAll('&amp;', '&');
  const second = await desk.get(`/staff/broadcasts/${broadcast}?${more}`);
  is([people(first.text).length, people(second.text).length, new Set([...people(first.text), ...people(second.text)]).size], [50, 10, 60], 'whom a reason concerns, page by page');
  ok(people(first.text).every((one) => one.startsWith('gone')), 'and nobody else');
  const { broadcast: held } = await post(amends, { title: 'Second' }).then(async (made) => {
    sql(amends, `update broadcast set not_before = now() + interval '30 seconds', state = 'held' where id = ${made.broadcast}`);
    return made;
  });
  const waiting = await amends.call('GET', `/v1/broadcasts/${held}`);
  ok(!(waiting.oldest_open_seconds < 0), `no message is ${waiting.oldest_open_seconds} seconds old`);
  ok(!/>-\d/.test((await desk.get(`/staff/broadcasts/${held}`)).text), 'nor is any number on the page below zero');
  sql(amends, "update staff set locale = 'de' where login = 'ann'");
  is(told((await desk.get(`/staff/broadcasts/${broadcast}`)).text), 'An 1.140 von 1.200 zugestellt; 60 fehlgeschlagen', 'in the person\'s language');
});
