#!/usr/bin/env node
'use strict';
// Credit reviews: a customer requests one on the statement, staff are notified and answer with a
// reason or with a further credit that a second person approves; the customer is notified.
const { waitUntil } = require('../../lib/amends.js');
const { mailBodies } = require('../../lib/sinks.js');
const { sql } = require('../../lib/notifiers.js');
const lib = require('../../lib/cases.js');
const { approver } = require('../../lib/staff.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const one = lib.cases().find((each) => each.name.startsWith('2018-05'));
const FORM = { key: null, headers: { 'content-type': 'application/x-www-form-urlencoded' } };

async function issued(amends, key) {
  for (const policy of ['pro-rata-10x', 'sla-tiers', 'affected-days']) {
    const run = await amends.call('POST', '/v1/credit-runs', { policy, incidents: one.incidents.map((incident) => incident.ref), reason: policy });
    await lib.acknowledge(amends, run);
    await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
  }
  return amends.call('POST', '/v1/credit-runs/1/notices', { subject: 'Sorry', body: 'Hello' });
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup, { AMENDS_STAFF_EMAIL: 'desk@staff.example' });
  await lib.createCatalogue(amends);
  await lib.replayCase(amends, one);
  const key = approver(amends);
  await amends.settled((await issued(amends, key)).broadcast);
  const letter = mails.mails().find((mail) => /\/credit\//.test(mailBodies(mail.data)['text/plain']));
  const to = letter.to;
  const page = new URL(mailBodies(letter.data)['text/plain'].match(/https?:\S+\/credit\/[^\s>#)]+/)[0]).pathname;
  const seen = await amends.request('GET', page, undefined, { key: null });
  is(seen.status, 200, 'the link opens the statement');
  ok((seen.text.match(/<section id="credit-/g) || []).length > 1, 'with every credit of the account');
  ok(/ – [^<]+: [\d.]+ s /.test(seen.text) && /×/.test(seen.text), 'its windows and its arithmetic');
  ok(/<a href="\/incidents\/[^"]+">[^<]+<\/a>/.test(seen.text) && /counts/i.test(seen.text), 'the incidents that hit it, in words');
  ok(/Total of your credits/.test(seen.text), 'and the total of all credits');
  for (const lang of ['de', 'ja', 'fr', 'es', 'pt-BR']) is((await amends.request('GET', `${page}?lang=${lang}`, undefined, { key: null })).status, 200, `in ${lang}`);
  const credit = Number(seen.text.match(/name="credit" value="(\d+)"/)[1]);
  const ask = (message, id = credit) => amends.request('POST', page, new URLSearchParams({ credit: id, message }).toString(), FORM);
  is((await ask('  ')).status, 422, 'an empty message asks for nothing');
  is((await ask('x', 999999)).status, 404, 'nor does one about somebody else\'s credit');
  is((await ask('We were down <all> day.\nReally.')).status, 200, 'a review is opened');
  ok((await ask('again')).text.includes('working on the answer'), 'one at a time');
  const reviews = await amends.all('/v1/reviews?state=open');
  is(reviews.map((review) => [review.credit, review.contact, review.message]), [[credit, to, 'We were down <all> day.\nReally.']], 'staff see it');
  const staff = await waitUntil('staff are told', () => mails.mails().find((mail) => mail.to === 'desk@staff.example'));
  ok(mailBodies(staff.data)['text/plain'].includes('Really.'), 'and are told by mail');
  const answer = (id, body, options) => amends.request('POST', `/v1/reviews/${id}/answer`, body, options);
  is((await answer(reviews[0].id, { decision: 'further_credit', message: 'x' })).status, 422, 'a further credit needs an amount or a policy');
  const further = await answer(reviews[0].id, { decision: 'further_credit', message: 'You are right.', amount_minor: 777 });
  is([further.status, further.body.state], [200, 'further'], `a further credit is drafted: ${further.text}`);
  is((await amends.request('POST', `/v1/credit-runs/${further.body.run}/approve`)).status === 200, false, 'its author cannot issue it');
  const run = await amends.call('GET', `/v1/credit-runs/${further.body.run}`);
  is(run.totals.map((total) => [total.credits, total.amount_minor]), [[1, 777]], 'for that account alone');
  await amends.call('POST', `/v1/credit-runs/${run.id}/void`);
  is((await amends.call('GET', `/v1/reviews/${reviews[0].id}`)).state, 'open', 'a void opens the review again');
  const next = (await answer(reviews[0].id, { decision: 'further_credit', message: 'You are right.', amount_minor: 778 })).body;
  const draft = await amends.call('GET', `/v1/credit-runs/${next.run}`);
  await lib.acknowledge(amends, draft);
  await amends.call('POST', `/v1/credit-runs/${next.run}/approve`, undefined, { key });
  is((await amends.call('GET', `/v1/reviews/${reviews[0].id}`)).state, 'credited', 'the second person\'s approval credits it');
  const corrected = await amends.call('POST', '/v1/credit-runs', { reconcile: next.run, reason: 'corrected' });
  is([corrected.totals, sql(amends, `select account_id is not distinct from (select account_id from credit where id = ${credit}) from credit_run where id = ${corrected.id}`)], [[], [['t']]], 'a correction of its run is for that account alone, too, and so owes nothing');
  await amends.call('POST', `/v1/credit-runs/${corrected.id}/void`);
  const told = await waitUntil('the customer is notified', () => mails.mails().find((mail) => mail.to === to && mailBodies(mail.data)['text/plain'].includes('You are right.')));
  const newer = new URL(mailBodies(told.data)['text/plain'].match(/https?:\S+\/credit\/[^\s>#)]+/)[0]).pathname;
  ok((await amends.request('GET', newer, undefined, { key: null })).text.includes('7.78'), 'with a link to the new credit');
  await ask('Still not enough.');
  const [second] = await amends.all('/v1/reviews?state=open');
  is((await answer(second.id, { decision: 'declined', message: 'That is all, we are afraid.' })).body.state, 'declined', 'the next is declined');
  is((await answer(second.id, { decision: 'declined', message: 'x' })).status, 409, 'once');
  ok((await amends.request('GET', page, undefined, { key: null })).text.includes('That is all, we are afraid.'), 'and the page says why');
  for (let i = 0; i < 3; i++) {
    await ask('More.');
    const [open] = await amends.all('/v1/reviews?state=open');
    await answer(open.id, { decision: 'declined', message: 'No.' });
  }
  is((await ask('More.')).status, 429, 'five a day for an account');
  is(sql(amends, `select count(*) from audit where action like 'credit_review.%'`), [['11']], 'all of it is in the audit log');
});
