#!/usr/bin/env node
'use strict';
// Starting an incident on a phone: three clicks with a template; a draft that survives a reload; components in groups
// with a search; and one click to resolve.
const { Amends, freshDirectory } = require('../lib/amends.js');
const { Desk } = require('../lib/staff.js');
const { launch, open, PHONE } = require('../lib/walk.js');
const { ok, is, scenario } = require('../lib/tap.js');

async function prepare(amends) {
  for (const group of ['platform', 'apps']) {
    for (let n = 1; n <= 7; n += 1) await amends.call('POST', '/v1/components', { slug: `${group}-${n}`, name: `${group} ${n}`, group });
  }
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/incident-templates', {
    name: 'Login fails', title: 'Sign-in fails', state: 'investigating', body: 'Some of you cannot sign in.', components: [{ component: 'apps-3', level: 'major_outage' }],
  });
  await amends.call('POST', '/v1/incident-templates', { name: 'Over', title: 'x', state: 'resolved', body: 'Sign-in works again.' });
}

async function signedIn(amends, browser) {
  const desk = await Desk.enter(amends, 'ann', ['responder'], { name: 'Ann' });
  const steps = await open(browser, amends.url, { language: 'en', scheme: 'light', size: PHONE, name: 'draft' });
  const at = desk.cookie.indexOf('=');
  await steps.page.context().addCookies([{ name: desk.cookie.slice(0, at), value: desk.cookie.slice(at + 1), url: amends.url }]);
  return steps;
}

async function threeClicks(steps, amends) {
  const { page } = steps;
  await steps.go('/staff');
  let clicks = 0;
  const click = (selector) => { clicks += 1; return steps.press(selector); };
  await click('a.button[href="/staff/incidents/new"]');
  await click('nav.presets a:has-text("Login fails")');
  await steps.look('start');
  is(await page.locator('.levels details[open] summary').allTextContents().then((all) => all.map((one) => one.trim().split(/\s/)[0])), ['Apps'], 'only the group of the template\'s component is open');
  is(await page.locator('input[name=state]').evaluateAll((all) => all.map((one) => one.value)), ['investigating', 'identified', 'monitoring', 'resolved'], 'states that can be first');
  await click('button[value=post]');
  is([clicks, /\/staff\/held\/\d+$/.test(page.url())], [3, true], 'the first incident from the start page on a phone: three clicks');
  await steps.press('button[value=publish]');
  await page.waitForURL(/\/staff\/broadcasts\/\d+$/); // the held post leads there once it is public
  const [incident] = await amends.all('/v1/incidents');
  is([incident.title, incident.components], ['Sign-in fails', [{ component: 'apps-3', level: 'major_outage' }]], 'it is posted as the template says');
  return incident.ref;
}

async function kept(steps) {
  const { page } = steps;
  await steps.go('/staff/incidents/new');
  is(await page.inputValue('#title'), '', 'what was posted is no draft any more');
  await page.fill('#title', 'Half a sentence');
  await page.fill('#body', 'We are');
  await page.fill('[data-filter]', 'platform 7');
  is(await page.locator('.levels label:visible').count(), 1, 'the search finds one of fifteen components');
  await page.selectOption('select[name="level:platform-7"]', 'partial_outage');
  await page.waitForSelector('.kept:has-text("Draft saved")');
  await page.reload();
  is([await page.inputValue('#title'), await page.inputValue('#body'), await page.inputValue('select[name="level:platform-7"]')], ['Half a sentence', 'We are', 'partial_outage'], 'a draft survives a reload');
  ok(/Draft restored/.test(await page.textContent('.kept')), 'and the page says so');
  await steps.look('restored');
  await steps.press('button[value=check]');
  await steps.go('/staff/incidents/new');
  is(await page.inputValue('#body'), 'We are', 'a preview keeps it');
  await Promise.all([page.waitForNavigation(), page.click('.kept button')]);
  is(await page.inputValue('#title'), '', 'discarded, it is gone');
  await page.fill('#title', 'Left behind');
  await page.waitForSelector('.kept:has-text("Draft saved")');
}

async function resolve(steps, amends, ref) {
  const { page } = steps;
  await steps.go(`/staff/incidents/${ref}`);
  ok(/Sign-in works again/.test(await page.textContent('form.todo')), 'the text that would be posted is shown');
  await steps.look('incident');
  await steps.press('button[value=resolve]');
  ok(/\/staff\/held\/\d+$/.test(page.url()), 'one click resolves, and can be undone');
  await steps.press('button[value=publish]');
  const incident = await amends.call('GET', `/v1/incidents/${ref}`);
  is([incident.state, incident.updates.at(-1).body], ['resolved', 'Sign-in works again.'], 'with the text of the template');
  ok(incident.impacts.every((one) => one.to), 'and ends its impacts');
  await steps.go(`/staff/incidents/${ref}`);
  is(await page.locator('button[value=resolve]').count(), 0, 'once');
  await steps.press('.who button');
  is(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('draft:'))), [], 'signing out leaves no draft behind');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await prepare(amends);
  const browser = await launch();
  cleanup(() => browser.close());
  const steps = await signedIn(amends, browser);
  const ref = await threeClicks(steps, amends);
  await kept(steps);
  await resolve(steps, amends, ref);
  is(steps.faults, [], 'axe-core finds nothing, and no page is too wide');
});
