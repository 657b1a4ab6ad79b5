#!/usr/bin/env node
'use strict';
// The way of a letter in a real browser: two people draft, approve, write, cancel and send; a customer
// requests a review and receives a further credit. axe-core finds nothing, nothing is wider than a phone, in
// three languages; screenshots stay in BUILD/screenshots.
const { waitUntil } = require('../lib/amends.js');
const { mailBodies } = require('../lib/sinks.js');
const { PASSWORD, person } = require('../lib/staff.js');
const lib = require('../lib/cases.js');
const { launch, open, chosen, PHONE, DESK } = require('../lib/walk.js');
const { upWithMail } = require('../lib/mailed.js');
const { ok, is, scenario } = require('../lib/tap.js');

const one = lib.cases().find((each) => each.name.startsWith('2018-05'));
const LETTER = { subject: 'Sorry, {{account.name}}', body: 'Dear {{contact.name}},\n\n{{credit.amount_text}} is yours.{{#credit.incidents}}\n\n- **{{title}}** for {{duration}}{{/credit.incidents}}' };
const GERMAN = { subject: 'Entschuldigung, {{account.name}}', body: 'Guten Tag {{contact.name}}, {{credit.amount_text}} gehören Ihnen.' };

async function enter(amends, browser, how, login, role) {
  const desk = await open(browser, amends.url, { ...how, name: `${login}-${how.name}` });
  person(amends, login, [role], { email: `${login}@staff.example` });
  await desk.go('/staff/login');
  await desk.page.fill('#login', login);
  await desk.page.fill('#password', PASSWORD);
  await desk.press('main button');
  return desk;
}

// Acknowledge the unread warnings.
async function readWarnings(desk) {
  const boxes = await desk.page.$$('input[name=warning]');
  for (const box of boxes) await box.check();
  if (boxes.length) await desk.press('button[value=acknowledge]');
  return boxes.length;
}

async function draft(bill) {
  await bill.go('/staff');
  await bill.press('header nav a[href="/staff/credits"]');
  await bill.look('runs-empty');
  await bill.press('a[href="/staff/credits/new"]');
  await bill.page.selectOption('#policy', 'pro-rata-10x');
  for (const incident of one.incidents.slice(1)) await bill.page.check(`input[value="${incident.ref}"]`);
  await bill.page.fill('#reason', 'Three bad days in May');
  await bill.look('new-run');
  await bill.press('.actions button');
  await bill.look('draft');
  ok(await bill.page.isVisible('text=You drafted this run'), 'the page says why the author cannot approve');
  is(await bill.page.$('form[action$="/approve"]'), null, 'and offers no button for it');
  ok(await readWarnings(bill) > 0, 'each warning is ticked');
  is(await bill.page.$$('input[name=warning]'), [], 'and then read, by name');
  return new URL(bill.page.url()).pathname;
}

async function approve(ann, run) {
  await ann.go('/staff');
  await ann.look('to-approve');
  await ann.press(`a[href="${run}"]`);
  await ann.look('approving');
  await ann.pressSure('button[value=approve]', 'approve-asked');
  await ann.look('issued');
  ok(/issued|ausgestellt|発行済み/.test(await ann.page.textContent('.meta strong')), 'the second person issues it');
}

async function write(bill, amends, mails, run) {
  await bill.go(`${run}/letter`);
  ok((await bill.page.inputValue('#body')).includes('{{credit.amount_text}}'), 'a starter letter waits');
  is(await bill.page.locator('button[value=send]').count(), 0, 'nothing can be sent before its preview');
  await bill.press('button[value=preview]');
  ok(await bill.page.isVisible('#preview'), 'and it has no holes');
  await bill.page.fill('#subject', LETTER.subject);
  await bill.page.fill('#body', 'Dear {{contact.nmae}}');
  await bill.press('button[value=preview]');
  ok(/contact\.nmae/.test(await bill.page.textContent('#body ~ .wrong')), 'a merge field that is none is named, beside the text');
  await bill.page.fill('#body', LETTER.body);
  for (const box of ['.translations', '.translations details:has([name="subject:de"])']) {
    if (!await bill.page.evaluate((one) => document.querySelector(one).open, box)) await bill.page.click(`${box} > summary`);
  }
  await bill.page.fill('[name="subject:de"]', GERMAN.subject);
  await bill.page.fill('[name="body:de"]', GERMAN.body);
  await bill.page.fill('#account', 'acct-001');
  await bill.press('button[value=preview]');
  const name = lib.accounts().find((account) => account.external_id === 'acct-001').name;
  is(await bill.page.textContent('#preview h2'), `Sorry, ${name}`, 'a preview as an account');
  for (const frame of ['mail-wide', 'mail-narrow']) {
    await bill.page.frameLocator(`iframe[name=${frame}]`).getByText('Your credit').first().waitFor();
  }
  await bill.look('preview');
  await bill.page.fill('#as-locale', 'de');
  await bill.press('button[value=preview]');
  ok(/gehören Ihnen/.test(await bill.page.textContent('#preview')), 'and in its variant');
  await bill.press('button[value=test]');
  await waitUntil('the test arrives', () => mails.mails().some((mail) => mail.to === 'bill@staff.example'));
  await bill.look('tested');
  await bill.press('button[value=preview]');
  await bill.page.fill('#body', `${LETTER.body}\n\nYours`);
  await bill.page.selectOption('#hold', '3600');
  await bill.press('button[value=send]');
  ok(await bill.page.isVisible('#preview .note'), 'a changed letter is previewed once more');
  await bill.press('button[value=send]');
  await bill.look('held');
  await bill.press('button[value=cancel]');
  is(mails.mails().filter((mail) => /payers|example\.(com|org|net)|customer/.test(mail.to)).length, 0, 'cancelled: no letter was sent');
  await bill.go(`${run}/letter`);
  for (const [field, text] of Object.entries({ subject: LETTER.subject, body: LETTER.body })) await bill.page.fill(`#${field}`, text);
  await bill.press('button[value=preview]');
  await bill.page.selectOption('#hold', '0');
  await bill.press('button[value=send]');
  await amends.settled(Number(bill.page.url().split('/').pop()));
  await bill.go(bill.page.url());
  await bill.look('sent');
  await bill.go(run);
  const proof = await bill.page.getAttribute('a[href$="/notices/proof"]', 'href');
  const csv = await bill.page.evaluate((target) => fetch(target).then((reply) => reply.text()), proof);
  ok(/,accepted,/.test(csv), 'the proof of delivery is a link away');
  await bill.look('run-after');
}

async function customer(amends, browser, mails) {
  const letter = mails.mails().find((mail) => /\/credit\//.test(mailBodies(mail.data)['text/plain']) && mail.to !== 'bill@staff.example');
  const reader = await open(browser, amends.url, { language: 'en', zone: 'UTC', scheme: 'light', size: PHONE, name: 'customer' });
  await reader.go(new URL(mailBodies(letter.data)['text/plain'].match(/https?:\S+\/credit\/[^\s>#)]+/)[0]).pathname);
  await reader.page.click('.exact summary');
  await reader.look('statement');
  await reader.page.setViewportSize(DESK);
  await reader.look('statement-desk');
  await reader.page.setViewportSize(PHONE);
  await reader.page.click('.review summary');
  await reader.page.fill('textarea', 'We were down <all> day.');
  await reader.press('.review button');
  await reader.look('asked');
  return { reader, to: letter.to };
}

async function answer(bill, ann, mails, to) {
  await bill.go('/staff');
  await bill.look('review-open');
  await bill.press('a[href^="/staff/credits/reviews/"]');
  await bill.page.check('input[value=further_credit]');
  await bill.page.fill('#amount', 'seven');
  await bill.page.fill('#message', 'You are right.');
  await bill.press('button[value=answer]');
  ok(await bill.page.isVisible('[role=alert]'), 'an amount that is none is refused');
  await bill.look('answering');
  await bill.page.fill('#amount', '7.77');
  await bill.press('button[value=answer]');
  await bill.look('answered');
  await bill.press('a[href^="/staff/credits/runs/"]');
  const run = new URL(bill.page.url()).pathname;
  await readWarnings(bill);
  await ann.go(run);
  await ann.pressSure('button[value=approve]', 'approve-asked');
  await waitUntil('the customer is notified', () => mails.mails().some((mail) => mail.to === to && mailBodies(mail.data)['text/plain'].includes('You are right.')));
}

async function around(bill, run) {
  for (const target of ['/staff/credits', '/staff/credits/reviews', '/staff/credits/ageing', '/staff/credits/alerts', '/staff/credits/accounts?search=acct', `${run}/reconcile`]) {
    await bill.go(target);
    await bill.look(target.split('/').pop().replace(/\W.*/, ''));
  }
  await bill.go('/staff/credits/accounts/acct-001');
  await bill.look('ledger');
  await bill.press('td a[href^="/staff/credits/items/"]');
  await bill.look('credit');
  await bill.page.click('details:has(#reason) summary');
  await bill.page.fill('#reason', 'a test');
  await bill.pressSure('button[value=reverse]');
  await bill.look('reversed');
}

const WALKS = [
  { name: 'en-light-desk', language: 'en', zone: 'America/New_York', scheme: 'light', size: DESK },
  { name: 'de-dark-phone', language: 'de', zone: 'Europe/Berlin', scheme: 'dark', size: PHONE },
  { name: 'ja-light-phone', language: 'ja', zone: 'Asia/Tokyo', scheme: 'light', size: PHONE },
];

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup, { AMENDS_BRAND: 'Example Chat' });
  const browser = await launch();
  cleanup(() => browser.close());
  await lib.createCatalogue(amends);
  await lib.replayCase(amends, one);
  const bill = await enter(amends, browser, WALKS[0], 'bill', 'billing');
  const ann = await enter(amends, browser, { ...WALKS[1], language: 'en' }, 'ann', 'approver');
  const run = await draft(bill);
  await approve(ann, run);
  await write(bill, amends, mails, run);
  const { reader, to } = await customer(amends, browser, mails);
  await answer(bill, ann, mails, to);
  await around(bill, run);
  const desks = [bill, ann, reader];
  for (const [, how] of chosen(WALKS.slice(1), [])) {
    const other = await enter(amends, browser, how, `see-${how.language}`, 'billing');
    desks.push(other);
    for (const target of ['/staff', '/staff/credits', run, `${run}/letter`, '/staff/credits/policies', '/staff/credits/ageing', '/staff/credits/alerts', '/staff/credits/accounts/acct-001', '/staff/credits/reviews/1', '/staff/credits/new']) {
      await other.go(target);
      await other.look(target.slice(1).replace(/\W+/g, '-'));
    }
  }
  is(desks.flatMap((desk) => desk.faults), [], 'axe-core finds nothing, no page is too wide, the console is quiet');
});
