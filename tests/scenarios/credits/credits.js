#!/usr/bin/env node
'use strict';
// The life of a credit: draft, warnings, another person's approval, issue, pull, acknowledge,
// reverse. A cursor never skips a credit, however many runs are issued at once.
const { Amends } = require('../../lib/amends.js');
const { startRole } = require('../../lib/notifiers.js');
const lib = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const WRITERS = 8;

const caseOf = (year) => lib.cases().find((one) => one.name.startsWith(year));

async function approvalRules(amends, approverKey) {
  const one = caseOf('2019');
  const draft = await amends.call('POST', '/v1/credit-runs', { policy: 'pro-rata-10x', incidents: [one.incidents[0].ref], reason: 'January' });
  is(draft.state, 'draft', 'a run starts as a draft');
  is(draft.warnings.map((warning) => warning.text), one.expected_warnings, 'with the warnings of the case');
  const approve = (key) => amends.request('POST', `/v1/credit-runs/${draft.id}/approve`, undefined, { key });
  is((await approve(approverKey)).status, 409, 'warnings have to be acknowledged first');
  const empty = await amends.request('POST', `/v1/credit-runs/${draft.id}/acknowledge-warnings`, {});
  is([empty.status, empty.body.errors[0].field], [422, 'warnings'], 'each by its name');
  ok(draft.warnings.every((warning) => empty.text.includes(warning.code)), 'an empty body is told which are open');
  await lib.acknowledge(amends, draft);
  ok([403, 409].includes((await approve(amends.key)).status), 'the author cannot approve');
  const before = await amends.call('GET', '/v1/credits?limit=10');
  is(before.data.length, 0, 'nothing is in the feed before');
  const issued = await approve(approverKey);
  is(issued.body.state, 'issued', 'another person can');
  is((await approve(approverKey)).status < 500, true, 'approving twice is answered');
  const credits = await amends.all(`/v1/credit-runs/${draft.id}/credits`);
  is(credits.length, lib.expectedCredits(one.name, 'pro-rata-10x').length, 'each account once');
  is((await amends.request('POST', `/v1/credit-runs/${draft.id}/void`)).status, 409, 'an issued run cannot be voided');
  return credits;
}

async function voidedRun(amends, approverKey) {
  const draft = await amends.call('POST', '/v1/credit-runs', { policy: 'two-days', incidents: [caseOf('2013').incidents[0].ref], reason: 'never mind' });
  const voided = await amends.call('POST', `/v1/credit-runs/${draft.id}/void`);
  is(voided.state, 'void', 'a draft can be voided');
  const late = await amends.request('POST', `/v1/credit-runs/${draft.id}/approve`, undefined, { key: approverKey });
  is(late.status, 409, 'and is then not approved');
}

async function acknowledgements(amends, credit) {
  const ack = (reference) => amends.request('POST', '/v1/credits/acks', { acks: [{ credit: credit.id, reference }] });
  is((await ack('inv-1')).status, 200, 'billing acknowledges a credit');
  is((await ack('inv-1')).status, 200, 'and may say it again');
  is((await ack('inv-2')).status, 409, 'but not with another reference');
  is((await amends.request('POST', '/v1/credits/acks', { acks: [{ credit: 999999, reference: 'x' }] })).status, 404, 'an unknown credit is named');
  is((await amends.call('GET', `/v1/credits/${credit.id}`)).state, 'acknowledged', 'its state says so');
}

async function reversal(amends, credit) {
  const reversed = await amends.request('POST', `/v1/credits/${credit.id}/reversal`, { reason: 'wrong account' });
  ok(reversed.status < 300, `a credit is reversed: ${reversed.status}`);
  is((await amends.call('GET', `/v1/credits/${credit.id}`)).state, 'reversed', 'its state says so');
  is((await amends.request('POST', `/v1/credits/${credit.id}/reversal`, { reason: 'twice' })).status, 409, 'once only');
}

// One policy a run, so that the runs are independent, all issued side by side while a poller pulls.
async function nothingIsSkipped(amends, approverKey) {
  const drafts = [];
  for (let i = 0; i < WRITERS; i++) {
    const policy = { ...lib.policies()[1], name: `goodwill-${i}`, cap_percent: '1000' };
    await amends.call('POST', '/v1/policies', policy);
    const draft = await amends.call('POST', '/v1/credit-runs', { policy: policy.name, incidents: [caseOf('2018-05').incidents[0].ref], reason: 'many' });
    await lib.acknowledge(amends, draft);
    drafts.push(draft);
  }
  const start = (await amends.call('GET', '/v1/credits?limit=200')).next_cursor;
  let issuing = true;
  const seen = [];
  const poll = (async () => {
    let cursor = start;
    for (let last = false; !last;) {
      last = !issuing;
      const page = await amends.call('GET', `/v1/credits?limit=3&cursor=${encodeURIComponent(cursor)}`);
      seen.push(...page.data.map((credit) => credit.id));
      cursor = page.next_cursor;
      if (page.data.length) last = false;
    }
    return cursor;
  })();
  const issuers = await Promise.all(drafts.slice(1).map(() => startRole(amends, 'billing')));
  await Promise.all(drafts.map((draft) => amends.call('POST', `/v1/credit-runs/${draft.id}/approve`, undefined, { key: approverKey })));
  issuing = false;
  for (const issuer of issuers) issuer.kill('SIGTERM');
  await poll;
  const issued = [];
  for (const draft of drafts) issued.push(...(await amends.all(`/v1/credit-runs/${draft.id}/credits`)).map((credit) => credit.id));
  ok(issued.length >= WRITERS, `${issued.length} credits issued by ${WRITERS} runs at once`);
  is([...seen].sort((a, b) => a - b), [...issued].sort((a, b) => a - b), 'the poller saw each exactly once');
  const again = await amends.call('GET', `/v1/credits?limit=200&cursor=${encodeURIComponent(start)}`);
  is(again.data.map((credit) => credit.id), seen, 'an old cursor gives the same items in the same order');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  const approverKey = approver(amends);
  for (const one of lib.cases()) await lib.replayCase(amends, one);
  const credits = await approvalRules(amends, approverKey);
  await voidedRun(amends, approverKey);
  await acknowledgements(amends, credits[0]);
  await reversal(amends, credits[1]);
  await nothingIsSkipped(amends, approverKey);
});
