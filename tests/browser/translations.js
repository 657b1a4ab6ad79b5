#!/usr/bin/env node
'use strict';
// A post in two languages, in a real browser: the start form with a German text, the check with the
// message of each language and who has no text, the page of the post, the names of a component; and the
// reader's page in German, and in Japanese with what is in English marked. Phone and desk, light and dark,
// once without JavaScript. axe-core finds nothing.
const { invited, PASSWORD } = require('../lib/staff.js');
const { launch, open, nameOf, chosen, PHONE, DESK } = require('../lib/walk.js');
const { upWithMail } = require('../lib/mailed.js');
const { ok, is, scenario } = require('../lib/tap.js');

const WALKS = [
  { language: 'en', scheme: 'light', device: 'desk', size: DESK },
  { language: 'en', scheme: 'dark', device: 'phone', size: PHONE },
  { language: 'en', scheme: 'dark', device: 'desk', size: DESK },
  { language: 'en', scheme: 'light', device: 'phone', size: PHONE, bare: true },
];
const CHOSEN = chosen(WALKS, [3]);

async function start(walk, title) {
  const { page } = walk;
  await walk.go('/staff/incidents/new');
  await page.fill('#title', title);
  await page.fill('#body', 'Some messages are **late**. We look into it.');
  await walk.look('start');
  await page.click('#translations > summary');
  await walk.look('languages');
  await page.click('#translations details:has([lang=de]) > summary');
  await page.fill('#title-de', `${title} auf Deutsch`);
  await page.fill('#body-de', 'Einige Nachrichten kommen **verspätet**. Wir suchen die Ursache.');
  await walk.press('button[value=check]');
  await walk.look('check');
  const check = await page.textContent('section[aria-labelledby=check]');
  ok(/Readers of Japanese: 2\. There is no text in Japanese/.test(check) && !/no text in German/.test(check), 'the check names the language without a text, with its readers');
  ok(check.includes(`${title} auf Deutsch`) && check.includes('Some messages are'), 'and has the message of each language');
  is(await page.inputValue('#body-de'), 'Einige Nachrichten kommen **verspätet**. Wir suchen die Ursache.', 'the German text is still there, and open');
  ok(await page.isVisible('#body-de'), 'for a change');
  await page.selectOption('#hold', '0');
  await walk.press('section[aria-labelledby=check] button[value=post]');
}

async function reader(walk, amends, title) {
  const one = (await amends.all('/v1/incidents')).find((each) => each.title === title);
  await walk.go(`/incidents/${one.ref}?lang=de`);
  await walk.look('page-de');
  is(await walk.page.textContent('h1'), `${title} auf Deutsch`, 'a German reader reads German');
  await walk.go(`/incidents/${one.ref}?lang=ja`);
  await walk.look('page-ja');
  is(await walk.page.getAttribute('h1', 'lang'), 'en', 'a Japanese one English, marked as such');
  await walk.go(`/staff/incidents/${one.ref}`);
  await walk.page.click('details:has(#new-title) > summary');
  await walk.look('title');
  ok(await walk.page.isVisible('#title-de-title'), 'staff can translate the title later');
}

async function component(walk) {
  await walk.go('/staff/components');
  await walk.look('components');
  await walk.press('a[href$="slug=api"]');
  if (!await walk.page.isVisible('#name-ja')) await walk.page.click('#translations details:has([lang=ja]) > summary');
  await walk.page.fill('#name-ja', 'メッセージ');
  await walk.look('component');
  await walk.press('form.draft button[type=submit]');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'Messages', description: 'Sending and receiving.', group: 'core', translations: { de: { name: 'Nachrichten', description: 'Senden und empfangen.' } } });
  for (const [n, locale] of ['de', 'de-AT', 'ja', 'ja', 'en'].entries()) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `r${n}@readers.example`, locale, confirmed: true });
  const browser = await launch();
  cleanup(() => browser.close());
  for (const [n, how] of CHOSEN) {
    const walk = await open(browser, amends.url, { ...how, zone: 'UTC', name: `translations-${nameOf(how)}` });
    await walk.go(await invited(amends, mails, `person${n}`, ['responder'], `--name=Person ${n}`));
    await walk.page.fill('#password', PASSWORD);
    await walk.press('button[type=submit]');
    const title = `Messages are late ${n}`;
    await start(walk, title);
    await reader(walk, amends, title);
    await component(walk);
    is(walk.faults, [], `${nameOf(how)}: no fault`);
  }
});
