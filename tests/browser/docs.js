#!/usr/bin/env node
'use strict';
// The reference in a real browser: search, contents, and an operation tried on this installation.
const { Amends, freshDirectory } = require('../lib/amends.js');
const { chosen, launch, open, nameOf, PHONE, DESK } = require('../lib/walk.js');
const { is, ok, scenario } = require('../lib/tap.js');

const WALKS = [
  { language: 'en', zone: 'UTC', scheme: 'light', device: 'desk', size: DESK },
  { language: 'en', zone: 'UTC', scheme: 'dark', device: 'phone', size: PHONE },
];

async function take(browser, amends, how) {
  const walk = await open(browser, amends.url, { ...how, name: `docs-${nameOf(how)}` });
  const { page } = walk;
  await walk.go('/docs#listIncidents');
  const phone = how.device === 'phone';
  is(await page.locator('.contents').evaluate((one) => one.open), !phone, 'contents are beside the text, on a phone closed above it');
  if (phone) await page.click('.contents > summary');
  ok(await page.locator('.contents a[aria-current]').textContent() === 'List incidents', 'they show the place');
  await page.fill('#find', 'undo held');
  ok(await page.locator('#undoHeldPost').isVisible() && !await page.locator('#createComponent').isVisible(), 'search leaves what matches');
  await page.fill('#find', 'nothing-like-it');
  ok(await page.locator('[data-none]').isVisible(), 'or says that nothing does');
  await page.fill('#find', '');
  await page.locator('#createComponent').scrollIntoViewIfNeeded();
  await page.click('#createComponent .try > summary');
  await page.fill('#createComponent-key', amends.key);
  await page.fill('#createComponent-body', `{"slug": "${how.device}", "name": "API"}`);
  await page.click('#createComponent .try button');
  await page.locator('#createComponent .try pre', { hasText: /^201 Created/ }).waitFor();
  await page.click('#updateComponent .try > summary');
  is(await page.inputValue('#updateComponent-key'), amends.key, 'the key is kept for the next one');
  await page.fill('#updateComponent-slug', how.device);
  await page.fill('#updateComponent-body', '{"nme": "x"}');
  await page.click('#updateComponent .try button');
  await page.locator('#updateComponent .try pre', { hasText: /^4\d\d / }).waitFor();
  // axe-core takes 12 s for all operations.
  if (!process.env.ALL_WALKS) await page.fill('#find', 'component');
  await walk.look('tried');
  is(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0], 'and stored nowhere');
  await page.context().close();
  is(walk.faults.join('\n'), '', `${walk.name}: no fault`);
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  const browser = await launch();
  cleanup(() => browser.close());
  for (const [, how] of chosen(WALKS, [1])) await take(browser, amends, how);
});
