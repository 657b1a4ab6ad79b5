#!/usr/bin/env node
'use strict';
// What `make demo` leaves to look at: its own checks hold, the page is healthy with 90 days of history,
// and each of the three links leads where it says.
const { showcase } = require('../../demo/showcase.js');
const { PASSWORD } = require('../../lib/staff.js');
const { launch, open, PHONE, DESK } = require('../../lib/walk.js');
const { ok, is, scenario } = require('../../lib/tap.js');

scenario(async (cleanup) => {
  const { amends, links } = await showcase((what, got, want) => is(got, want, what));
  cleanup(() => amends.destroy());
  is(Object.keys(links), ['status page', 'console (once)', 'outbox'], 'three links');
  const browser = await launch();
  cleanup(() => browser.close());
  for (const [scheme, size] of [['light', DESK], ['dark', PHONE]]) {
    const walk = await open(browser, amends.url, { language: 'en', zone: 'UTC', scheme, size, name: `showcase-${scheme}` });
    await walk.go(links['status page']);
    ok(/All systems operational/.test(await walk.page.textContent('main')), 'the page is healthy');
    is(await walk.page.$$eval('.bars', (all) => all.filter((bars) => bars.dataset.first !== bars.dataset.since).length), 0, 'no day of the 90 is without data');
    ok(await walk.page.locator('main article').count() > 0, 'and an incident of the last 14 days is there');
    await walk.look('page');
    await walk.go('/history');
    is((await walk.page.textContent('main')).match(/20(13|18|19)/g), null, 'nothing is years old');
    await walk.look('history');
    if (scheme === 'light') {
      await walk.go(links['console (once)']);
      await walk.page.fill('#password', PASSWORD);
      await walk.press('main button');
      await walk.look('console');
      await walk.go(links.outbox);
      ok(await walk.page.locator('ul.past li').count() === 50, 'the outbox is full of messages');
      await walk.look('outbox');
    }
    is(walk.faults, [], 'axe-core, the console and the network have no fault');
  }
});
