#!/usr/bin/env node
'use strict';
// The tasks of a person on call, in a real browser: sign in, start an incident using only the keyboard,
// preview, post, undo, post, update, correct, resolve, impacts, post-mortem; in three languages,
// light and dark, phone and desk, and once without JavaScript. axe-core finds nothing on any page.
const { Amends, freshDirectory, waitUntil } = require('../lib/amends.js');
const { MailSink, HttpSink, mailHeaders } = require('../lib/sinks.js');
const { invited, PASSWORD } = require('../lib/staff.js');
const { launch, open, nameOf, chosen, PHONE, DESK } = require('../lib/walk.js');
const { ok, is, note, scenario } = require('../lib/tap.js');

const WALKS = [
  { language: 'en', scheme: 'light', device: 'desk', size: DESK },
  { language: 'de', scheme: 'dark', device: 'phone', size: PHONE },
  { language: 'ja', scheme: 'light', device: 'phone', size: PHONE },
  { language: 'en', scheme: 'dark', device: 'desk', size: DESK, bare: true },
  { language: 'ja', scheme: 'dark', device: 'desk', size: DESK },
  { language: 'en', scheme: 'light', device: 'phone', size: PHONE },
];
const CHOSEN = chosen(WALKS, [3]);

// Only keys, from the first page to the preview.
async function start(page, steps, amends, title) {
  const began = Date.now();
  await page.goto(`${amends.url}/staff/incidents/new`);
  if (steps.bare) await page.focus('#title');
  else await page.waitForSelector('#title:focus');
  await page.keyboard.type(title);
  await page.keyboard.press('Tab');
  await page.keyboard.type('Some messages are **late**. We look into it.');
  await page.keyboard.press('Tab'); // the translations, closed
  await page.keyboard.press('Tab'); // the state that is chosen
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  const level = await page.evaluate(() => document.activeElement.name).catch(() => 'level:messages');
  if (!/^level:/.test(level)) steps.faults.push(`Tab leads to ${level}, not to the components`);
  await Promise.all([page.waitForNavigation(), page.press('button[value=check]', 'Enter')]);
  ok(Date.now() - began < 20000, `written and checked by keyboard in ${Date.now() - began} ms`);
  await steps.look('check');
  is(await page.inputValue('#title'), title, 'the check keeps what was typed');
  is(await page.locator('section[aria-labelledby=check] tbody tr').count(), 3, 'who gets it, by channel and language');
  ok(/Some messages are/.test(await page.textContent('section[aria-labelledby=check] .aside')), 'and the messages');
}

// The actual mail, in a sandboxed page.
async function mailAlone(page, steps, context) {
  const [mail] = await Promise.all([context.waitForEvent('page'), page.click('button[value="mail:en"]')]);
  await mail.waitForLoadState();
  if (!/<strong>late<\/strong>/.test(await mail.content())) steps.faults.push('the mail is not there');
  await mail.close();
}

async function testMail(page, steps, mails, to) {
  const before = mails.mails().length;
  await steps.press('button[value=test]');
  await page.waitForSelector('[role=status]');
  await waitUntil('the test mail', () => mails.mails().slice(before).some((mail) => mail.to === to && /\[Test\]|=\?utf-8/i.test(mailHeaders(mail.data).subject[0])));
}

async function templates(page, steps, amends, name) {
  await page.goto(`${amends.url}/staff/incidents/templates`);
  await page.fill('#name', name);
  await page.fill('#title', 'Login fails');
  await page.fill('#body', 'Some of you cannot sign in.');
  await page.selectOption('select[name="level:api"]', 'major_outage');
  await steps.press('button[value=save]');
  await steps.look('templates');
  await steps.press('a.button[href*="template="]');
  is([await page.inputValue('#title'), await page.inputValue('select[name="level:api"]')], ['Login fails', 'major_outage'], 'a template fills the form');
  await page.goto(`${amends.url}/staff/incidents/templates`);
  await steps.pressSure('button[value=delete]');
  is(await page.locator('button[value=delete]').count(), 0, 'and goes');
}

// Every component of the design system, axe-clean.
async function design(page, steps) {
  await steps.go('/staff/design');
  await steps.look('design');
}

async function maintenance(page, steps, amends) {
  const day = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 16);
  await page.goto(`${amends.url}/staff/incidents/new?kind=maintenance`);
  await page.fill('#title', 'Database upgrade');
  await page.fill('#from', day(2));
  await page.fill('#until', day(2.1));
  await page.fill('#body', 'Messages may be late.');
  await steps.look('plan');
  await page.selectOption('#hold', '0');
  await page.uncheck('input[name=notify]');
  await steps.press('button[value=post]');
  const target = page.url();
  await page.click('details:has(#move-from) summary');
  await page.fill('#move-from', day(3));
  await page.fill('#move-until', day(3.1));
  await page.selectOption('form:has(#move-from) select[name=hold]', '0');
  await steps.look('move');
  await steps.press('button[value=move]');
  await page.goto(`${amends.url}/staff`);
  ok(await page.locator(`main time[datetime^="${day(3).slice(0, 10)}"]`).count() > 0, 'scheduled maintenance can be rescheduled, and is on the first page');
  await page.goto(target);
  await page.check('input[name=state][value=cancelled]', { force: true });
  await page.fill('#body', 'Not this time.');
  await page.selectOption('#hold', '0');
  await steps.press('button[value=post]');
}

async function after(page, steps, amends, target) {
  await page.goto(target);
  await page.click('ol.timeline details summary');
  await page.fill('ol.timeline textarea', 'Corrected **text**.');
  await page.selectOption('ol.timeline select[name=hold]', '0');
  await steps.press('button[value=correct]');
  ok(/Corrected text/.test(await page.textContent('ol.timeline')), 'a text can be corrected');
  await page.check('input[name=state][value=resolved]', { force: true });
  await page.fill('#body', 'It is over.');
  await page.selectOption('#hold', '0');
  await page.selectOption('#promise', '0');
  await steps.press('button[value=post]');
  await page.goto(`${target}/impacts`);
  await page.fill('input[name="from:0"]', new Date(Date.now() - 7200000).toISOString().slice(0, 16));
  await page.fill('input[name="to:0"]', new Date(Date.now() - 3600000).toISOString().slice(0, 16));
  await page.selectOption('select[name=hold]', '0');
  await steps.press('main form button[type=submit]');
  ok(await page.locator('.told.note').count() > 0, 'what the impacts and the posts disagree about stands there');
  await steps.look('impacts');
  await page.goto(`${target}/retract`);
  await steps.look('retract');
  await postmortem(page, steps, amends, target);
}

// One for the incident and two others of the same cause.
async function postmortem(page, steps, amends, target) {
  const ref = target.split('/').pop();
  const others = [`${ref}-web`, `${ref}-search`];
  for (const other of others) {
    await amends.call('POST', '/v1/incidents', { ref: other, title: `Also slow: ${other}`, kind: 'incident', state: 'investigating', body: 'We look into it.', notify: false });
    await amends.call('POST', `/v1/incidents/${other}/updates`, { state: 'resolved', body: 'It is over.', notify: false });
  }
  await page.goto(`${amends.url}/staff/incidents/postmortem?incident=${ref}`);
  for (const other of others) await page.check(`input[name=incident][value="${other}"]`);
  await page.fill('#body', 'A cable. **Never again.**');
  await steps.press('button[value=check]');
  await page.selectOption('#hold', '0');
  await steps.look('postmortem');
  await steps.press('button[value=post]');
  const told = await (await fetch(`${amends.url}/incidents/${ref}`)).text();
  ok(others.every((other) => told.includes(`Also slow: ${other}`)), 'one post-mortem names the three incidents');
}

// Follow the link to the incident while the page reloads itself, as it does when all is sent.
async function leave(page, steps) {
  const target = new URL(await page.getAttribute('main .meta a', 'href'), page.url()).href;
  await page.route(target, (route) => setTimeout(() => route.continue(), 300), { times: 1 });
  if (!steps.bare) await page.evaluate("addEventListener('click', () => setTimeout(reload, 100))");
  await page.click('main .meta a');
  await page.waitForSelector('#body');
  is(page.url(), target, 'a link leads where it says, though the page reloads itself');
  return target.split('?')[0];
}

async function walk(amends, mails, browser, how, n) {
  const name = nameOf(how);
  const steps = await open(browser, amends.url, { ...how, name: `staff-${name}` });
  const { page } = steps;
  const login = `oncall${n}`;
  const email = `${login}@staff.example`;
  await page.goto(amends.url + await invited(amends, mails, login, ['responder'], `--name=On Call ${n}`));
  await steps.look('welcome');
  await page.fill('#password', PASSWORD);
  await steps.press('main button[type=submit]');
  await page.goto(`${amends.url}/staff/account`);
  await page.selectOption('#locale', how.language);
  await steps.press('button[value=save]');
  await page.goto(`${amends.url}/staff`);
  is(await page.getAttribute('html', 'lang'), how.language, `${name}: the console is in their language`);
  await steps.look('home');

  await start(page, steps, amends, `Messages are late ${n}`);
  await mailAlone(page, steps, page.context());
  await testMail(page, steps, mails, email);
  await steps.press('button[value=post]');
  ok(/\/staff\/held\/\d+$/.test(page.url()), `${name}: posting leads to the undo window`);
  const seconds = parseInt(await page.textContent('[data-countdown]'), 10);
  ok(seconds > 0 && seconds <= 30, `which says that ${seconds} s are left`);
  await steps.look('held');
  await steps.press('button[value=undo]');
  await steps.look('undone');
  is((await amends.all('/v1/incidents')).filter((one) => one.title === `Messages are late ${n}`), [], 'undone, there is no incident');
  await start(page, steps, amends, `Messages are late ${n}`);
  await steps.press('button[value=post]');
  await steps.press('button[value=publish]');
  ok(/\/staff\/broadcasts\/\d+$/.test(page.url()), `${name}: publishing it now leads to what is sent`);
  const target = await leave(page, steps);
  await page.fill('#body', 'We know why.');
  await page.check('input[name=state][value=identified]', { force: true });
  await page.selectOption('#hold', '0');
  await steps.press('button[value=post]');
  await amends.settled(Number(page.url().split('/').pop()));
  if (how.bare) await page.reload();
  else await page.waitForSelector('section:not([data-events]) svg.outcome'); // it reloads by itself
  await steps.look('sent');
  await page.goto(`${amends.url}/staff`);
  ok(await page.locator('main .todo').first().locator('.meta strong').count() > 0, 'what was promised stands first');
  await steps.look('promises');
  await after(page, steps, amends, target);
  await templates(page, steps, amends, `Login ${n}`);
  await maintenance(page, steps, amends);
  await design(page, steps);
  for (const part of ['incidents', 'account']) {
    await page.goto(`${amends.url}/staff/${part}`);
    await steps.look(part);
  }
  await page.fill('#offer-old', PASSWORD);
  await steps.press('button[value=offer]');
  await page.waitForSelector('svg.qr');
  await steps.look('second-factor');
  is(steps.faults, [], `${name}: axe-core finds nothing on ${steps.n} pages, none is too wide or asks others`);
  await page.context().close();
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const http = await HttpSink.start();
  cleanup(() => http.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1', AMENDS_BRAND: 'Example Chat' } });
  cleanup(() => amends.destroy());
  for (const [slug, title] of [['api', 'API'], ['messages', 'Message delivery']]) await amends.call('POST', '/v1/components', { slug, name: title });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'one@readers.example', confirmed: true, locale: 'en' });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'zwei@readers.example', confirmed: true, locale: 'de' });
  await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address: `${http.url}/hook`, confirmed: true });
  const browser = await launch();
  cleanup(() => browser.close());
  note(`Chromium ${browser.version()}`);
  for (const [n, how] of CHOSEN) await walk(amends, mails, browser, how, n);
});
