#!/usr/bin/env node
'use strict';
// The brand in a real browser: an administrator uploads a logo, sees the preview in light and dark, and publishes; then
// the public page. axe-core finds nothing, also with the brand's colours; screenshots stay in BUILD/screenshots.
const { Amends, freshDirectory, waitUntil } = require('../lib/amends.js');
const { PASSWORD, person } = require('../lib/staff.js');
const { launch, open, nameOf, chosen, PHONE, DESK } = require('../lib/walk.js');
const { is, ok, scenario } = require('../lib/tap.js');

const WALKS = [
  { language: 'en', zone: 'UTC', scheme: 'light', device: 'desk', size: DESK, accent: '#9b1c31' },
  { language: 'ja', zone: 'Asia/Tokyo', scheme: 'dark', device: 'phone', size: PHONE, accent: '#14532d' },
  { language: 'en', zone: 'UTC', scheme: 'dark', device: 'desk', size: DESK, accent: '#14532d' },
  { language: 'de', zone: 'Europe/Berlin', scheme: 'light', device: 'phone', size: PHONE, accent: '#7c2d12' },
];
const logo = (colour) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 40"><circle cx="20" cy="20" r="16" fill="${colour}"/><text x="44" y="29" font-family="sans-serif" font-weight="700" font-size="26" fill="${colour}">Acme</text></svg>`);

async function upload(page, walk, image, colour) {
  await page.setInputFiles(`#file-${image}`, { name: 'logo.svg', mimeType: 'image/svg+xml', buffer: logo(colour) });
  await walk.press(`form:has(#file-${image}) button[value=upload]`);
}

const ground = (page) => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent').trim());
const groundOf = (page, name) => page.frameLocator(`iframe.${name}`).locator('.button').first().evaluate((one) => getComputedStyle(one).backgroundColor);

async function take(browser, amends, how) {
  const walk = await open(browser, amends.url, { ...how, name: `brand-${nameOf(how)}` });
  const { page } = walk;
  await walk.go(`/staff/brand?lang=${how.language}`);
  await page.fill('input[name=login]', 'boss');
  await page.fill('input[name=password]', PASSWORD);
  await walk.press('main button');
  await upload(page, walk, 'logo', how.accent);
  await upload(page, walk, 'logo_dark', '#ffffff');
  await page.fill('#accent', '#ffee00');
  await walk.press('button[value=save]');
  await walk.look('refused');
  await page.fill('#accent', how.accent);
  await page.fill('#custom_css', ':root { --round-card: 0 }\nmain h1 { letter-spacing: .05em }');
  await page.locator('[name=header_label]').first().fill('Docs');
  await page.locator('[name=header_url]').first().fill('https://docs.acme.example');
  await walk.press('button[value=save]');
  await page.waitForLoadState('networkidle');
  await walk.look('draft');
  await page.emulateMedia({ colorScheme: null }); // what is emulated holds for frames, too
  await waitUntil('the previews differ, when their buttons have faded over', async () => await groundOf(page, 'light') !== await groundOf(page, 'dark'), 10000);
  await page.emulateMedia({ colorScheme: how.scheme });
  await walk.press('button[value=publish]');
  await waitUntil('it is published', async () => (await (await fetch(`${amends.url}/brand.css`)).text()).includes(how.accent));
  await walk.go(`/?lang=${how.language}`);
  await walk.look('public');
  is(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--round-card').trim()), '0', 'the page has the own rules');
  if (how.scheme === 'light') is(await ground(page), how.accent, 'the page has the accent');
  if (!await page.evaluate(() => document.querySelector('.brand img').naturalWidth > 0)) walk.faults.push('the logo does not load');
  await page.context().close();
  is(walk.faults.join('\n'), '', `${walk.name}: no fault`);
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  person(amends, 'boss', ['admin']);
  for (const [slug, name] of [['api', 'API'], ['web', 'Web login']]) await amends.call('POST', '/v1/components', { slug, name });
  const browser = await launch();
  cleanup(() => browser.close());
  for (const [, how] of chosen(WALKS, [1])) await take(browser, amends, how);
  ok(true, 'all walks');
});
