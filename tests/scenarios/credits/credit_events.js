#!/usr/bin/env node
'use strict';
// A billing system's webhook: one event per run and per reversal, signed, retried; no notices.
const { Amends, waitUntil } = require('../../lib/amends.js');
const { HttpSink, webhookVerifies } = require('../../lib/sinks.js');
const lib = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

scenario(async (cleanup) => {
  const http = await HttpSink.start();
  cleanup(() => http.stop());
  const amends = await Amends.up({ env: { AMENDS_ALLOW_LOOPBACK: '1' } });
  cleanup(() => amends.destroy());
  const one = lib.cases().find((each) => each.name.startsWith('2018-05'));
  await lib.createCatalogue(amends);
  const hook = await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address: `${http.url}/billing`, credits: true, confirmed: true });
  is((await amends.request('POST', '/v1/subscribers', { channel: 'email', address: 'a@b.example', credits: true })).status, 422, 'credits are for webhooks');
  await lib.replayCase(amends, one);
  await amends.settled((await amends.call('POST', '/v1/notices', { subject: 'News', body: 'News' })).broadcast);
  is(http.at('/billing'), [], 'it hears no updates and no notices');
  let first = true;
  http.answer = () => { const reply = first ? { status: 500 } : undefined; first = false; return reply; };
  const key = approver(amends);
  const { issued, credits } = await lib.runCredits(amends, one, key);
  await waitUntil('it is tried again', () => http.at('/billing').length === 2);
  const [failed, again] = http.at('/billing');
  is(failed.headers['webhook-id'], again.headers['webhook-id'], 'with the same id');
  ok(webhookVerifies(again, hook.secret), 'signed');
  const event = JSON.parse(again.body);
  is([event.type, event.run, event.credits, event.credit, event.account], ['credit.issued', issued.id, credits.length, null, null], 'one event for the run');
  const sums = new Map();
  for (const each of credits) sums.set(each.currency, (sums.get(each.currency) || 0) + each.amount_minor);
  is(event.amounts.map((each) => [each.currency, each.amount_minor, each.exponent === 0]), [...sums].sort().map(([currency, minor]) => [currency, minor, currency === 'JPY']), 'with what it comes to by currency');
  const named = await amends.request('GET', event.feed.replace(/^https?:\/\/[^/]*/, ''));
  is(named.body.data.map((each) => each.id), credits.map((each) => each.id), 'and where its credits are');
  await amends.call('POST', `/v1/credits/${credits[0].id}/reversal`, { reason: 'wrong' });
  const reversed = await waitUntil('the reversal', () => http.at('/billing')[2]);
  const undone = JSON.parse(reversed.body);
  is([undone.type, undone.credit, undone.account, undone.credits, undone.amounts[0].amount_minor], ['credit.reversed', credits[0].id, credits[0].account, 1, credits[0].amount_minor], 'and one for a reversal, which names its credit');
});
