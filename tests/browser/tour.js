#!/usr/bin/env node
'use strict';
// The README's tour: its commands as they stand there, then what it says to open, in a real browser. It
// ends with a mail, a Slack message and a credit letter, none of which left the installation.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, ROOT, AMENDS, waitUntil } = require('../lib/amends.js');
const { PASSWORD } = require('../lib/staff.js');
const { launch, open, PHONE, DESK } = require('../lib/walk.js');
const { ok, is, scenario } = require('../lib/tap.js');

// The indented blocks of the section.
function blocks() {
  const text = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const section = text.match(/^## A tour in five minutes$([^]*?)^## /m)[1];
  return section.split(/\n\n/).filter((block) => /^ {4}/.test(block.replace(/^\n/, ''))).map((block) => block.replace(/^ {4}/gm, ''));
}

// As typed into a shell, at another place and port.
function typed(amends, ...texts) {
  const here = texts.join('\n').replaceAll('/tmp/amends-tour', path.join(amends.dir, 'var'))
    .replaceAll('http://127.0.0.1:8080', amends.url).replaceAll('build/amends', AMENDS);
  return execFileSync('sh', ['-euc', here], { encoding: 'utf8', cwd: ROOT, env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
}

async function frame(walk) {
  const mail = walk.page.frameLocator('iframe.mail');
  await mail.locator('body').waitFor();
  return mail;
}

async function opened(walk, what, channel = '') {
  await walk.go(`/staff/outbox?channel=${channel}`);
  await walk.press(`ul.past a:has-text("${what}")`);
}

async function messages(walk) {
  await walk.press('main a[href="/staff/outbox"]');
  await walk.look('outbox');
  await opened(walk, 'API errors', 'email');
  const mail = await frame(walk);
  ok(/We are looking into it\./.test(await mail.locator('body').textContent()), 'the mail is seen in the browser');
  await walk.look('mail');
  const [page] = await Promise.all([walk.page.context().waitForEvent('page'), mail.locator('a[href*="/u/"]').click()]);
  await page.waitForLoadState();
  ok(/nsubscribe/.test(await page.textContent('main')), 'and its link opens a page');
  await page.close();
  await opened(walk, 'API errors', 'slack');
  ok(/Investigating/.test(await walk.page.textContent('article.post')), 'so is the Slack message');
  await walk.look('slack');
}

async function letter(walk, amends) {
  await walk.go('/staff/credits');
  await walk.press('a[href="/staff/credits/runs/1"]');
  for (const box of await walk.page.$$('input[name=warning]')) await box.check();
  if (await walk.page.isVisible('button[value=acknowledge]')) await walk.press('button[value=acknowledge]');
  await walk.pressSure('button[value=approve]');
  await waitUntil('the run is issued', async () => (await amends.call('GET', '/v1/credit-runs/1')).state === 'issued');
  await walk.go('/staff/credits/runs/1/letter');
  await walk.press('button[value=preview]');
  await walk.page.selectOption('#hold', '0');
  await walk.press('button[value=send]');
  await waitUntil('it is in the outbox', async () => (await amends.all('/v1/outbox')).some((one) => one.kind === 'credit_notice'));
  await walk.go('/staff/outbox');
  await walk.press('ul.past li:has-text("Credit letter") a');
  const mail = await frame(walk);
  ok(/€\s?\d|\d[.,]\d\d\s?(€|EUR)|EUR\s?\d/.test(await mail.locator('body').textContent()), 'the letter has its amount');
  await walk.look('letter');
  const [page] = await Promise.all([walk.page.context().waitForEvent('page'), mail.locator('a[href*="/credit/"]').first().click()]);
  await page.waitForLoadState();
  ok(/API errors/.test(await page.textContent('main')), 'and leads to the statement');
  await page.close();
}

scenario(async (cleanup) => {
  const [start, first, second] = blocks();
  is(start.split('\n')[1], 'build/amends up --data /tmp/amends-tour --listen 127.0.0.1:8080', 'two commands start it');
  const amends = await Amends.up({ env: { AMENDS_OUTBOX: 'auto' } });
  cleanup(() => amends.destroy());
  const link = typed(amends, first).trim().split('\n').pop();
  const browser = await launch();
  cleanup(() => browser.close());
  const walk = await open(browser, amends.url, { language: 'en', zone: 'UTC', scheme: 'light', size: DESK, name: 'tour' });
  await walk.go(link);
  await walk.page.fill('#password', PASSWORD);
  await walk.press('main button');
  await waitUntil('both messages are kept', async () => (await amends.all('/v1/outbox')).length === 2);
  await walk.go('/staff');
  await messages(walk);
  typed(amends, first.split('\n').slice(0, 2).join('\n'), second);
  await letter(walk, amends);
  await walk.page.setViewportSize(PHONE);
  await walk.page.emulateMedia({ colorScheme: 'dark' });
  await walk.page.reload();
  await walk.look('letter-phone');
  is(walk.faults, [], 'axe-core, the console and the network have no fault');
  is((await amends.all('/v1/outbox')).every((one) => ['email', 'slack'].includes(one.channel)), true, 'nothing else was kept');
});
