#!/usr/bin/env node
'use strict';
// Letters about credits: an unknown merge field is named before anything is sent, the preview equals
// the letter, languages, one letter per address, undo, throttle, delivery report.
const { waitUntil } = require('../../lib/amends.js');
const { mailHeaders, mailBodies } = require('../../lib/sinks.js');
const { simpleParser } = require('../../node_modules/mailparser');
const { sql } = require('../../lib/notifiers.js');
const lib = require('../../lib/cases.js');
const { Desk, approver } = require('../../lib/staff.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } };
const one = lib.cases().find((each) => each.name.startsWith('2018-05'));
const LETTER = {
  subject: '{{credit.amount_text}} for {{account.name}}',
  body: 'Dear {{contact.name}},\n\n{{#credit.incidents}}\n- [{{title}}]({{url}}) for {{duration}} from {{from_local}}{{#postmortem_url}}, [why]({{postmortem_url}}){{/postmortem_url}}\n{{/credit.incidents}}\n\nYou get {{credit.days}} days by {{credit.expected_by}}.',
  variants: { de: { subject: '{{credit.amount_text}} für {{account.name}}', body: 'Guten Tag {{contact.name}}' } },
  expected_in_days: 5,
};

async function refusals(amends, run) {
  const post = (change) => amends.request('POST', `/v1/credit-runs/${run.id}/notices`, { ...LETTER, ...change });
  for (const [field, change] of [['body', { body: 'Dear {{contact.nmae}}' }], ['subject', { subject: '{{credit.amount}}' }], ['body', { body: '{{^credit.days}}{{what}}{{/credit.days}}' }],
    ['variants.de.body', { variants: { de: { subject: 'x', body: '{{nobody}}' } } }], ['variants.xx_y!', { variants: { 'xx_y!': { subject: 'x', body: 'x' } } }]]) {
    const refused = await post(change);
    is([refused.status, refused.body.errors[0].field], [422, field], `${JSON.stringify(change)}: ${refused.body.detail}`);
  }
  is((await post({})).status, 409, 'no letter is sent for a draft');
  const hole = await post({ expected_in_days: undefined });
  is([hole.status, hole.body.errors[0].field], [422, 'body'], 'a merge field that would be empty refuses the letter');
  ok(/^\{\{credit\.expected_by\}\} is empty in the letters to \d+ contacts \(accounts acct-/.test(hole.body.errors[0].detail), `and is named with accounts: ${hole.body.errors[0].detail}`);
  const preview = await amends.call('POST', `/v1/credit-runs/${run.id}/notices/preview`, LETTER);
  ok(preview.languages.some((one) => one.locale.startsWith('de') && one.written && one.contacts > 0) && preview.languages.some((one) => !one.written), `the preview counts the contacts of each language: ${JSON.stringify(preview.languages)}`);
}

// An account is imported again while its letter is held: the letter goes to its contacts at the time of
// sending, in their current language; credits keep the account's currency.
async function imported(amends, send) {
  const model = lib.accounts().find((each) => each.external_id === 'acct-001');
  const again = (change) => amends.request('POST', '/v1/accounts/import', JSON.stringify({ ...model, ...change }), NDJSON);
  const sent = await send({ per_minute: 240, hold_seconds: 3600 });
  is((await again({ name: 'Moved Ltd', contacts: [{ email: 'new@payers.example', name: 'New', locale: 'de' }] })).body.updated, 1, 'an account is imported again while its letter is held');
  const currency = model.currency === 'EUR' ? 'USD' : 'EUR';
  const refused = await again({ currency });
  is([refused.status, refused.body.errors?.[0].field], [422, 'currency'], `its currency stays, for it has credits: ${refused.body.errors?.[0].detail}`);
  sql(amends, `update broadcast set not_before = now() where id = ${sent.broadcast}`);
  return { sent, gone: model.contacts.map((each) => each.email) };
}

// Invisible to the import: the draft was computed while it ran.
async function crossed(amends, key) {
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'pro-rata-10x', incidents: one.incidents.map((incident) => incident.ref), reason: 'crossed' });
  await lib.acknowledge(amends, run);
  const [{ account }] = (await amends.call('GET', `/v1/credit-runs/${run.id}/credits`)).data;
  sql(amends, `update account set currency = 'CHF' where external_id = '${account}'`);
  const refused = await amends.request('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
  is([refused.status, refused.body.detail], [409, `account ${account} got another currency after this draft was computed; make a new run`], 'a draft in another currency is not issued');
}

// A notice to all subscribers has its languages and its test too.
async function notices(amends, mails) {
  const texts = { subject: 'Prices at {{brand}}', body: 'They **stay**.', variants: { de: { subject: 'Preise', body: 'Sie **bleiben**.' } } };
  const refused = await amends.request('POST', '/v1/notices', { ...texts, variants: { de: { subject: 'x', body: '{{credit.amount_text}}' } } });
  is([refused.status, refused.body.errors[0].field], [422, 'variants.de.body'], 'a notice to subscribers knows no credit, in no language');
  for (const locale of ['en', 'de-AT']) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${locale}@readers.example`, locale, confirmed: true });
  const seen = await amends.call('POST', '/v1/notices/preview', { ...texts, locale: 'de' });
  ok(seen.subject === 'Preise' && /Sie bleiben/.test(seen.text) && /abonniert/.test(seen.text), 'a notice is previewed as a mail, in a language');
  is((await amends.request('POST', '/v1/notices/test', { ...texts, to: 'nobody' })).body.errors[0].field, 'to', 'a test needs an address');
  const before = (await amends.call('GET', '/v1/broadcasts?kind=notice')).data.length;
  await amends.settled((await amends.call('POST', '/v1/notices/test', { ...texts, to: 'me@readers.example' })).broadcast);
  const sent = await amends.call('POST', '/v1/notices', texts);
  await amends.settled(sent.broadcast);
  const subjects = Object.fromEntries(mails.mails().filter((mail) => mail.to.endsWith('@readers.example')).map((mail) => [mail.to, mailHeaders(mail.data).subject[0]]));
  is(subjects, { 'me@readers.example': '[Test] Prices at Status', 'en@readers.example': 'Prices at Status', 'de-AT@readers.example': 'Preise' }, 'a test goes to one address, the notice to each in their language');
  is((await amends.call('GET', '/v1/broadcasts?kind=notice')).data.length, before + 1, 'a preview creates no broadcast');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  await lib.createCatalogue(amends);
  const twin = (account, name) => ({ ...account, external_id: name, name, contacts: [{ email: 'both@payers.example', name: 'Both', locale: 'de-AT' }] });
  const [model] = lib.accounts();
  await amends.call('POST', '/v1/accounts/import', [twin(model, 'twin-1'), twin({ ...model, currency: 'EUR' }, 'twin-2')].map((each) => JSON.stringify(each)).join('\n'), NDJSON);
  await lib.replayCase(amends, one);
  const key = approver(amends);
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'two-days', incidents: one.incidents.map((incident) => incident.ref), reason: 'letters' });
  await refusals(amends, run);
  const preview = (change) => amends.call('POST', `/v1/credit-runs/${run.id}/notices/preview`, { ...LETTER, ...change });
  const seen = await preview({ account: 'acct-001' });
  ok(/2 days by \w{3} \d+, \d{4}/.test(seen.text), `a draft is previewed as an account: ${seen.subject}`);
  ok(/ for (\d+ (d|h|min|s) ?)+ from \w+ \d+, \d{4}/.test(seen.text), 'with the incident and how long it was');
  is((await preview({ account: 'acct-001', locale: 'de' })).subject.replace(/.* EUR|.* USD/, ''), ` für ${lib.accounts().find((each) => each.external_id === 'acct-001').name}`, 'and in another language');
  is((await amends.request('POST', `/v1/credit-runs/${run.id}/notices/preview`, { ...LETTER, account: 'nobody' })).status, 422, 'an unknown account is named');
  const test = await amends.call('POST', `/v1/credit-runs/${run.id}/notices/test`, { ...LETTER, account: 'acct-001', to: 'me@staff.example' });
  await amends.settled(test.broadcast);
  const proofread = mails.mails()[0];
  is([proofread.to, mailHeaders(proofread.data).subject[0].startsWith('[Test] ')], ['me@staff.example', true], 'a test goes to one address');
  await lib.acknowledge(amends, run);
  await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key });
  const post = (change) => amends.call('POST', `/v1/credit-runs/${run.id}/notices`, { ...LETTER, ...change });
  const held = await post({ hold_seconds: 3600 });
  await amends.call('POST', `/v1/broadcasts/${held.broadcast}/cancel`);
  const { sent, gone } = await imported(amends, post);
  is((await amends.request('POST', `/v1/credit-runs/${run.id}/notices`, LETTER)).status, 409, 'a run is written about once');
  const began = Date.now();
  const broadcast = await amends.settled(sent.broadcast);
  const letters = mails.mails().filter((mail) => mail.to !== 'me@staff.example');
  is(new Set(letters.map((mail) => mail.to)).size, letters.length, `${letters.length} letters, one to an address`);
  ok(Date.now() - began > (letters.length - 3) * 250, 'not faster than asked');
  const both = await simpleParser(Buffer.from(letters.find((mail) => mail.to === 'both@payers.example').data, 'latin1'));
  ok(/^\d[\d.]*,\d\d EUR( \+ .*)? für twin-1, twin-2$/.test(both.subject), `two accounts are in one letter, amounts as its language writes them: ${both.subject}`);
  ok(both.text.includes('Guten Tag Both'), 'in that language');
  const [, counted] = both.html.match(/class="sunken"[^>]*>(.*?)<\/p>/s);
  is(counted.split('<br>').length, counted.split('\n').length, `each line of the calculation ends with a <br>: ${counted.slice(0, 60)}`);
  const moved = await simpleParser(Buffer.from(letters.find((mail) => mail.to === 'new@payers.example')?.data || '', 'latin1'));
  ok(/ für Moved Ltd$/.test(moved.subject), `who became its contact gets the letter, in their language: ${moved.subject}`);
  ok(letters.every((mail) => !gone.includes(mail.to)), 'who was gets none');
  const { text: page } = await (await Desk.enter(amends, 'bill', ['billing'])).get(`/staff/credits/runs/${run.id}`);
  ok(page.includes('\u2026 for \u2026</a>') && !page.includes('{{'), 'the console lists it without its merge fields');
  const proof = (await amends.request('GET', `/v1/credit-runs/${run.id}/notices/proof`)).text.trim().split('\r\n');
  const rows = proof.filter((row) => row.includes('both@payers.example')).map((row) => row.split(',').at(-1));
  const [id] = mailHeaders(letters.find((mail) => mail.to === 'both@payers.example').data)['message-id'];
  is(rows, [id, id], 'each account has its proof, with the Message-ID');
  is(proof.filter((row) => /,accepted,\d{4}-/.test(row)).length, proof.length - 1 - proof.filter((row) => /no_contact/.test(row)).length, `${broadcast.counts.accepted} accepted`);
  await crossed(amends, key);
  await notices(amends, mails);
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'credited@readers.example', account: 'acct-001', confirmed: true });
  const told = await amends.call('POST', '/v1/notices/preview', { audience: { credit_run: run.id }, subject: 'x', body: 'y' });
  is(told.audience.map((each) => each.count), [1], 'a notice goes to subscribers of the accounts with a credit of the run');
});
