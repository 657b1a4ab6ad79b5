#!/usr/bin/env node
'use strict';
// The effort of three jobs, counted in a real browser on a phone: the page on 4G (its bytes and its
// largest paint), an incident from a template, and a preference changed from a mail.
const { waitUntil } = require('../lib/amends.js');
const { invited, PASSWORD } = require('../lib/staff.js');
const { mailTo } = require('../lib/readers.js');
const { launch, open, PHONE } = require('../lib/walk.js');
const { upWithMail } = require('../lib/mailed.js');
const { ok, is, note, scenario } = require('../lib/tap.js');

const READER = 'ann@readers.example';
const WEIGHT = 30 * 1024;
// Chromium's "Fast 4G".
const FOUR_G = { offline: false, latency: 60, downloadThroughput: (9000 * 1024) / 8, uploadThroughput: (1500 * 1024) / 8 };
const HOW = { language: 'en', zone: 'UTC', scheme: 'light', size: PHONE };

// Clicks are counted where a person makes them.
class Hand {
  constructor(walk) {
    Object.assign(this, { walk, clicks: 0 });
  }

  async press(selector) {
    this.clicks += 1;
    await this.walk.press(selector);
  }
}

async function prepare(amends) {
  for (const slug of ['api', 'web', 'login', 'messages', 'search', 'exports']) await amends.call('POST', '/v1/components', { slug, name: `Service ${slug}`, group: 'platform' });
  const day = (n) => new Date(Date.now() - n * 86400000).toISOString();
  for (let n = 60; n > 2; n -= 4) {
    await amends.call('POST', '/v1/incidents', { ref: `past-${n}`, title: `Slow search ${n}`, kind: 'incident', state: 'investigating', body: 'We look into it.', notify: false, posted_at: day(n) });
    await amends.call('POST', `/v1/incidents/past-${n}/updates`, { state: 'resolved', body: 'It is over. We are sorry.', notify: false, posted_at: day(n - 0.1) });
    await amends.call('PUT', `/v1/incidents/past-${n}/impacts`, { impacts: [{ component: 'search', level: 'partial_outage', from: day(n), to: day(n - 0.1) }] });
  }
  await amends.call('POST', '/v1/incident-templates', { name: 'Search is slow', title: 'Search is slow', body: 'Searches take longer than usual.', state: 'investigating', components: [{ component: 'search', level: 'degraded_performance' }] });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: READER, confirmed: true, locale: 'en' });
}

// Six components, 15 incidents in 60 days, empty cache.
async function pageOn4G(walk) {
  const client = await walk.page.context().newCDPSession(walk.page);
  await client.send('Network.enable');
  await client.send('Network.emulateNetworkConditions', FOUR_G);
  let bytes = 0;
  let requests = 0;
  client.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; requests += 1; });
  await walk.go('/');
  await walk.page.waitForLoadState('networkidle');
  const ms = await walk.page.evaluate(() => new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime)).observe({ type: 'largest-contentful-paint', buffered: true });
  }));
  note(`the page on 4G: ${(bytes / 1024).toFixed(1)} KiB in ${requests} requests, largest contentful paint after ${Math.round(ms)} ms`);
  ok(bytes < WEIGHT, 'the page weighs less than 30 KiB');
  await client.send('Network.emulateNetworkConditions', { ...FOUR_G, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
}

async function incident(amends, mails, walk) {
  await walk.go(await invited(amends, mails, 'oncall', ['responder']));
  await walk.page.fill('#password', PASSWORD);
  await walk.press('main button[type=submit]');
  await walk.go('/staff');
  const hand = new Hand(walk);
  await hand.press('a[href="/staff/incidents/new"]');
  await hand.press('a:has-text("Search is slow")');
  await hand.press('button[value=post]');
  ok(/\/staff\/held\/\d+$/.test(walk.page.url()), 'the incident is posted');
  is(hand.clicks, 3, 'in three clicks, with a template');
  await walk.press('button[value=publish]');
}

async function preference(mails, walk) {
  const hand = new Hand(walk);
  await walk.go((await mailTo(mails, READER, 0)).link('p'));
  hand.clicks += 1;
  await walk.page.check('input[name=verbosity][value=milestones]');
  await hand.press('button[value=save]');
  ok(await walk.page.locator('[role=status]').count() > 0, 'the preference is saved');
  is(hand.clicks, 2, 'in two steps: the link, and Save');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup, { AMENDS_ALLOW_LOOPBACK: '1' });
  await prepare(amends);
  const browser = await launch();
  cleanup(() => browser.close());
  const reader = await open(browser, amends.url, { ...HOW, name: 'jobs-reader' });
  await pageOn4G(reader);
  await incident(amends, mails, await open(browser, amends.url, { ...HOW, name: 'jobs-oncall' }));
  await preference(mails, reader);
  is(reader.faults, [], 'no page asks another site or breaks a rule');
});
