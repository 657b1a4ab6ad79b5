#!/usr/bin/env node
'use strict';
// The pictures of the README, from a running demo: node tests/demo/pictures.js CONSOLE-LINK
const path = require('node:path');
const { launch } = require('../lib/walk.js');
const { ROOT } = require('../lib/amends.js');

const PASSWORD = 'four words for a picture';
const VIEW = { width: 1120, height: 760 };

// The link to a page, in a message of the outbox that has it.
async function linkIn(page, url, pattern) {
  await page.goto(`${url}/staff/outbox?channel=email`);
  const first = await page.getAttribute('main li a', 'href');
  await page.goto(url + first);
  return { mail: `${url}${first}/html`, link: (await page.textContent('pre')).match(pattern)[0] };
}

async function main(link) {
  const url = new URL(link).origin;
  const browser = await launch();
  const page = await (await browser.newContext({ viewport: VIEW, locale: 'en-GB', timezoneId: 'Europe/Berlin', deviceScaleFactor: 1 })).newPage();
  const take = (name) => page.screenshot({ path: path.join(ROOT, 'docs/pictures', `${name}.png`) });
  await page.goto(link);
  await page.fill('input[type=password]', PASSWORD);
  await Promise.all([page.waitForNavigation(), page.click('main button[type=submit]')]);
  await page.goto(url);
  await page.hover('svg.bars a >> nth=0');
  await take('page');
  const letter = await linkIn(page, url, /https?:\S+\/credit\/[^\s>#)]+/);
  await page.goto(letter.mail);
  await take('letter');
  await page.goto(letter.link);
  await take('statement');
  await page.goto(`${url}/staff/credits`);
  await page.click('main article h2 a >> nth=0');
  await take('run');
  await browser.close();
}

main(process.argv[2]);
