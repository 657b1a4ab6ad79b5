'use strict';
// A person at a real browser: axe-core checks the pages, and screenshots are kept.
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('../node_modules/playwright-core');
const { BUILD } = require('./amends.js');

const AXE = fs.readFileSync(require.resolve('../node_modules/axe-core/axe.min.js'), 'utf8');
const SHOTS = path.join(BUILD, 'screenshots');
const CHROMIUM = '/usr/bin/chromium';
const SHELL = '/usr/bin/chromium-headless-shell'; // the same engine without a browser around it takes two thirds of the time
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

// whole: with what only the whole browser has, such as notifications.
function launch({ whole = false } = {}) {
  fs.mkdirSync(SHOTS, { recursive: true });
  const executablePath = process.env.CHROMIUM || (!whole && fs.existsSync(SHELL) ? SHELL : CHROMIUM);
  return chromium.launch({ executablePath, args: FLAGS });
}

// A walk's name, and those of walks that `make check` takes; `make check-long` (ALL_WALKS=1) takes all.
const nameOf = (how) => `${how.language}-${how.scheme}-${how.device}${how.bare ? '-bare' : ''}`;
const chosen = (walks, some) => [...walks.entries()].filter(([n]) => process.env.ALL_WALKS || some.includes(n));

class Walk {
  constructor(page, url, { name, bare }) {
    Object.assign(this, { page, url, name, bare, n: 0, faults: [] });
  }

  go(target) {
    return this.page.goto(new URL(target, this.url).href);
  }

  // Check the current page and keep a screenshot.
  async look(what) {
    this.n += 1;
    await this.page.screenshot({ path: path.join(SHOTS, `${this.name}-${this.n}-${what}.png`), fullPage: true });
    if (this.bare) return;
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
    for (const one of violations) this.faults.push(`${what}: ${one.id} ${one.nodes[0].html}`);
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) this.faults.push(`${what}: ${wide} pixels too wide`);
    if (await this.page.locator('main > .tabs').count() && !await this.page.locator('main > .tabs [aria-current]').count()) this.faults.push(`${what}: no tab is the current one`);
  }

  // Click an element that leads to another page, and wait for it.
  async press(selector) {
    await Promise.all([this.page.waitForNavigation({ waitUntil: 'load' }), this.page.click(selector)]);
  }

  // Click a button that asks first, and go on: a dialog, or a page without JavaScript.
  async pressSure(selector, what) {
    if (this.bare) await this.press(selector);
    else await this.page.click(selector);
    const sure = `${this.bare ? '.confirm' : 'dialog[open]'} button[name=sure]`;
    await this.page.waitForSelector(sure);
    if (what) await this.look(what);
    await this.press(sure);
  }
}

// how: language, zone, scheme, size, name; bare: without JavaScript, hence not checked; expected:
// allowed messages of the browser's console; asks: other allowed origins.
async function open(browser, url, { expected = /status of 422/, asks = [], ...how }) {
  const context = await browser.newContext({
    locale: how.language, timezoneId: how.zone, colorScheme: how.scheme, viewport: how.size, deviceScaleFactor: 1, javaScriptEnabled: !how.bare,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  const walk = new Walk(page, url, how);
  page.on('request', (request) => { if (![url, ...asks].some((one) => request.url().startsWith(one))) walk.faults.push(`asks ${request.url()}`); });
  page.on('console', (message) => { if (message.type() === 'error' && !expected.test(message.text())) walk.faults.push(message.text()); });
  page.on('pageerror', (error) => walk.faults.push(String(error)));
  return walk;
}

module.exports = { launch, open, nameOf, chosen, PHONE, DESK };
