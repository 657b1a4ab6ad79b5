#!/usr/bin/env node
'use strict';
// What cannot be undone is asked first: the first request changes nothing and names the consequence, the
// second, made by the form of that page, does it.
const lib = require('../../lib/cases.js');
const { Desk, keyOf, person } = require('../../lib/staff.js');
const { sql } = require('../../lib/notifiers.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const decoded = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&#34;', '"');

// The form of the page, as its button would send it.
function formOf(text) {
  const [, target, inside] = text.match(/<section class="card confirm"[\s\S]*?action="([^"]+)">([\s\S]*?)<\/form>/) || [];
  const fields = [...(inside || '').matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name, value]) => [name, decoded(value)]);
  return { target, fields: { ...Object.fromEntries(fields), sure: '1' } };
}

// state: a query of one value that only the second request changes.
async function asks(amends, desk, what, target, fields, question, state) {
  const before = sql(amends, state);
  const asked = await desk.send(target, fields);
  const [, title] = asked.text.match(/data-confirm>\s*<h1>([^<]+)/) || [];
  is([asked.status, decoded(title || ''), sql(amends, state)], [200, question, before], `${what}: asked, and nothing is done`);
  const { target: again, fields: kept } = formOf(asked.text);
  is(again, target, 'the form leads to the same place');
  const done = await desk.send(again, kept);
  ok(done.status === 303 && JSON.stringify(sql(amends, state)) !== JSON.stringify(before), `${what}: then it is done (${done.status})`);
}

async function money(amends) {
  const one = lib.cases().find((item) => item.name.startsWith('2019'));
  await lib.createCatalogue(amends);
  await lib.replayCase(amends, one);
  const bill = await Desk.enter(amends, 'bill', ['billing']);
  const ann = await Desk.enter(amends, 'ann', ['approver']);
  const draft = async (reason) => {
    await bill.send('/staff/credits/new', { policy: 'two-days', incident: one.incidents[0].ref, reason });
    const [run] = (await amends.call('GET', '/v1/credit-runs?limit=1')).data;
    if (run.warnings.length) await amends.call('POST', `/v1/credit-runs/${run.id}/acknowledge-warnings`, { warnings: run.warnings.map((warning) => warning.id) });
    return run;
  };
  const first = await draft('Not this one');
  const credits = first.totals.reduce((all, total) => all + total.credits, 0);
  const state = (run) => `select state from credit_run where id = ${run}`;
  await asks(amends, bill, 'void', `/staff/credits/runs/${first.id}`, { do: 'void' }, `Void run ${first.id}: Not this one?`, state(first.id));
  const run = await draft('Sorry');
  const amount = run.totals.map((total) => `${(total.amount_minor / 10 ** total.exponent).toLocaleString('en', { minimumFractionDigits: total.exponent })} ${total.currency}`).join(' + ');
  await asks(amends, ann, 'approve', `/staff/credits/runs/${run.id}/approve`, { do: 'approve' }, `Approve and issue ${credits} credits, ${amount}?`, state(run.id));
  const credit = (await amends.call('GET', `/v1/credits?run=${run.id}`)).data[0];
  const paid = `${(credit.amount_minor / 10 ** credit.exponent).toFixed(credit.exponent)} ${credit.currency}`;
  sql(amends, `select amends.credit_review_open(${credit.id}, null, 'More.')`);
  const [[review]] = sql(amends, 'select id from credit_review');
  await asks(amends, bill, 'decline', `/staff/credits/reviews/${review}`, { decision: 'declined', message: 'No "more" & less.', do: 'answer' },
    `Decline the review of ${credit.account}?`, 'select state from credit_review');
  is(sql(amends, 'select answer from credit_review'), [['No "more" & less.']], 'what was typed arrives whole');
  await asks(amends, bill, 'reverse', `/staff/credits/items/${credit.id}`, { reason: 'wrong', do: 'reverse' }, `Reverse ${paid} for ${credit.account}?`, `select state from credit where id = ${credit.id}`);
}

async function people(amends) {
  const desk = await Desk.enter(amends, 'root', ['admin']);
  const eve = person(amends, 'eve', ['viewer'], { name: 'Eve <b>' });
  keyOf(amends, 'eve', 'incidents:read');
  const [[key, name]] = sql(amends, `select id, name from api_key where staff_id = ${eve} and name like 'of %'`);
  await asks(amends, desk, 'revoke', '/staff/access/keys', { id: key, do: 'revoke' }, `Revoke the key ${name}?`, `select revoked_at from api_key where id = ${key}`);
  sql(amends, `update staff set totp_secret = '\\x00' where id = ${eve}`);
  await asks(amends, desk, 'second factor', '/staff/access', { id: eve, do: 'totp' }, 'Remove the second factor of Eve &lt;b&gt;?', `select totp_secret is null from staff where id = ${eve}`);
  await asks(amends, desk, 'disable', '/staff/access', { id: eve, do: 'disable' }, 'Disable Eve &lt;b&gt;?', `select disabled_at is null from staff where id = ${eve}`);
  await desk.send('/staff/brand', { accent: '#14532d', do: 'save' });
  await asks(amends, desk, 'discard', '/staff/brand', { do: 'discard' }, 'Discard the draft?', 'select draft from brand');
  return desk;
}

async function subscribers(amends, desk) {
  const add = async (address) => (await amends.call('POST', '/v1/subscribers', { channel: 'email', address, confirmed: true })).id;
  const [one, two] = [await add('one@readers.example'), await add('two@readers.example')];
  const at = (id) => `/staff/subscribers/${id}`;
  await asks(amends, desk, 'unsubscribe', at(one), { do: 'unsubscribe', note: 'asked' }, 'Unsubscribe one@readers.example?', `select state from subscriber where id = ${one}`);
  await asks(amends, desk, 'erase', at(two), { do: 'erase', note: 'asked' }, 'Erase two@readers.example?', `select count(*) from subscriber where address is not null and id = ${two}`);
  await amends.call('POST', '/v1/suppressions', { channel: 'email', address: 'three@readers.example', note: 'asked' });
  sql(amends, "update suppression set reason = 'bounce'"); // a person's own is not lifted
  await asks(amends, desk, 'lift suppressions', '/staff/subscribers/suppressed', { do: 'undo', since: '2020-01-01T00:00', until: '', reason: '', note: 'a mistake' }, 'Lift these suppressions?', 'select count(*) from suppression');
  const notice = await amends.call('POST', '/v1/notices', { subject: 'News', body: 'We move.', hold_seconds: 600 });
  await asks(amends, desk, 'stop', `/staff/broadcasts/${notice.broadcast}`, { do: 'stop' }, 'Stop sending (0 pending)?', `select state from broadcast where id = ${notice.broadcast}`);
  const made = await amends.call('POST', '/v1/incident-templates', { name: 'Slow', title: 'Slow', kind: 'incident', state: 'investigating', body: 'We look.' });
  await asks(amends, desk, 'delete', '/staff/incidents/templates', { id: made.id, do: 'delete' }, 'Delete the template Slow?', 'select count(*) from incident_template');
}

scenario(async (cleanup) => {
  const { amends } = await upWithMail(cleanup);
  await money(amends);
  await subscribers(amends, await people(amends));
});
