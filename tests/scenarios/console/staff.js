#!/usr/bin/env node
'use strict';
// Staff are notified once, at the configured addresses and on Slack; the text is never interpreted as a
// template, and a refused address is not suppressed for others.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink, mailHeaders, mailBodies } = require('../../lib/sinks.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const http = await HttpSink.start();
  cleanup(() => http.stop());
  const amends = await Amends.up({
    dir,
    env: { AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1', AMENDS_STAFF_EMAIL: 'desk@staff.example  lead@staff.example', AMENDS_STAFF_SLACK_URL: `${http.url}/slack/staff` },
  });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/subscribers', { channel: 'slack', address: `${http.url}/slack/gone`, confirmed: true });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'one@readers.example', confirmed: true });
  http.answer = ({ path }) => (path === '/slack/staff' ? { status: 404, body: 'no_service' } : undefined);
  const tell = () => sql(amends, `select coalesce(amends.staff_report('test:1', 'Look {{here}}', E'A customer wrote:\\n\\n> {{nothing}} *at all*'), 0)`)[0][0];
  const id = Number(tell());
  is(tell(), '0', 'the same is told once');
  const told = await waitUntil('two mails', () => { const kept = mails.mails(); return kept.length === 2 && kept; });
  is(told.map((mail) => mail.to).sort(), ['desk@staff.example', 'lead@staff.example'], 'each address gets a mail');
  is(mailHeaders(told[0].data).subject, ['Status: Look {{here}}'], 'the subject is no template');
  ok(mailBodies(told[0].data)['text/plain'].includes('{{nothing}} at all'), 'nor is the text');
  const broadcast = await amends.settled(id);
  is([broadcast.kind, broadcast.counts.accepted, broadcast.counts.failed], ['staff', 2, 1], 'an outcome for each place');
  is((await amends.all(`/v1/broadcasts/${id}/deliveries`)).map((row) => row.recipient), [-3, -2, -1], 'under ids of nobody');
  const remind = (at) => sql(amends, `select amends.credit_ageing_remind('${at}')`);
  sql(amends, `insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor) values ('a', 'A', 'EUR', 2, 'UTC', 'month', '2020-01-01');
    insert into policy (name, version, document) values ('p', 1, '{}'); insert into credit_run (policy_id, state, reason, created_by) select id, 'issued', 'x', 1 from policy;
    insert into credit (run_id, account_id, amount_minor, currency, exponent, weighted_seconds, state, issued_at) select r.id, a.id, 5, 'EUR', 2, 1, 'issued', '2020-05-01T12:00:00Z' from credit_run r, account a`);
  for (const at of ['2020-05-02T09:00:00Z', '2020-05-03T07:59:00Z', '2020-05-03T08:00:00Z', '2020-05-03T20:00:00Z']) remind(at);
  is(sql(amends, `select about from broadcast where about like 'ageing:2020%'`), [['ageing:2020-05-03']], 'what billing leaves is told once a day, in the morning');
  is(sql(amends, 'select state from subscriber order by id'), [['active'], ['active']], 'no subscriber ends with staff\'s endpoint');
});
