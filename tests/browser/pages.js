#!/usr/bin/env node
'use strict';
// Every page of the console that links lead to: its tab says what it is, one item of the navigation is current, all its
// times are in the zone of the person and say so, with the exact time on hover, and none is in the form of the API.
const { Amends, freshDirectory } = require('../lib/amends.js');
const { sql } = require('../lib/notifiers.js');
const { Desk } = require('../lib/staff.js');
const { launch, open, DESK } = require('../lib/walk.js');
const { ok, is, note, scenario } = require('../lib/tap.js');

const ZONE = 'Asia/Tokyo'; // the browser is elsewhere
const POLICY = { name: 'sla', model: 'days', days: '2', per: 'run', audience: 'all', rounding: 'half_up' };

async function prepare(amends) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'reader@readers.example', confirmed: true });
  await amends.call('POST', '/v1/incidents', { ref: 'late', title: 'Messages arrive late', state: 'investigating', body: 'x', components: [{ component: 'api', level: 'major_outage' }] });
  await amends.call('POST', '/v1/incidents/late/updates', { state: 'resolved', body: 'y', notify: false });
  const soon = new Date(Date.now() + 86400000).toISOString();
  await amends.call('POST', '/v1/incidents', { ref: 'plan', title: 'Database upgrade', kind: 'maintenance', state: 'scheduled', body: 'x', notify: false, scheduled_from: soon, scheduled_until: new Date(Date.now() + 90000000).toISOString() });
  await amends.call('POST', '/v1/suppressions', { address: 'angry@readers.example', note: 'x' });
  await amends.call('POST', '/v1/incidents', { ref: 'held', title: 'Held one', state: 'investigating', body: 'x', hold_seconds: 3000 }).catch(() => null);
  await amends.call('POST', '/v1/policies', POLICY).catch((error) => note(error.message));
  await amends.call('POST', '/v1/credit-runs', { policy: 'sla', incidents: ['late'], reason: 'Late' }).catch((error) => note(error.message));
}

// A path without what names one thing: a page of each sort is enough.
const sort = (path) => path.replace(/\/\d+(?=\/|$)/g, '/N').replace(/(incidents|accounts|policies)\/(?!new|templates|postmortem)[^/]+/, '$1/X');

async function look(page) {
  return page.evaluate(() => ({
    title: document.title,
    heading: (document.querySelector('h1') || {}).textContent,
    current: [...document.querySelectorAll('body > header [aria-current=page]')].length,
    raw: document.body.innerText.match(/.{0,20}\d{4}-\d\d-\d\d[T ]\d\d:\d\d.{0,10}/g) || [],
    unhovered: [...document.querySelectorAll('time[datetime*=T]')].filter((one) => !/GMT\+0?9/.test(one.title)).length,
    elsewhere: [...document.querySelectorAll('time[datetime*=T]')].filter((one) => !/GMT\+9/.test(one.textContent)).map((one) => one.textContent),
    footer: document.querySelector('body > footer').innerText,
    links: [...document.querySelectorAll('main a[href], header nav a[href], header .who a, footer a[href]')].map((one) => one.href),
    hints: [...document.querySelectorAll('main label, main .meta')].map((one) => one.textContent).filter((one) => /\bUTC\b/.test(one)),
  }));
}

async function crawl(steps, amends) {
  const seen = new Map();
  const left = ['/staff', '/staff/design', '/staff/credits/new', '/staff/access'];
  while (left.length) {
    const target = left.shift();
    const key = sort(new URL(target, amends.url).pathname);
    if (seen.has(key)) continue;
    await steps.page.goto(new URL(target, amends.url).href);
    const found = await look(steps.page);
    seen.set(key, found);
    for (const href of found.links) {
      const url = new URL(href);
      if (url.origin === amends.url && /^\/staff(\/|$)/.test(url.pathname) && !/logout|\.html$|\/html$/.test(url.pathname) && !seen.has(sort(url.pathname))) left.push(url.pathname + url.search);
    }
  }
  return seen;
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await prepare(amends);
  const desk = await Desk.enter(amends, 'ann', ['admin', 'responder', 'billing'], { name: 'Ann' });
  sql(amends, `update staff set timezone = '${ZONE}' where login = 'ann'`);
  const browser = await launch();
  cleanup(() => browser.close());
  const cookie = { name: desk.cookie.slice(0, desk.cookie.indexOf('=')), value: desk.cookie.slice(desk.cookie.indexOf('=') + 1), url: amends.url };
  const steps = await open(browser, amends.url, { language: 'en', zone: 'America/New_York', scheme: 'light', size: DESK, name: 'pages' });
  await steps.page.context().addCookies([cookie]);
  const seen = await crawl(steps, amends);
  const wrong = (test) => [...seen].filter(([, one]) => test(one)).map(([key]) => key);
  ok(seen.size > 25, `${seen.size} pages`);
  is(wrong((one) => !/^[^·]+ · Status$/.test(one.title) || !one.heading), [], 'each has a title and a heading');
  const titles = [...seen].map(([key, one]) => [one.title, key]);
  is(titles.filter(([title], n) => titles.findIndex((other) => other[0] === title) !== n), [], 'and no two the same');
  is(wrong((one) => one.current !== 1).filter((key) => !/^\/staff\/(brand|design|outbox.*)$/.test(key)), [], 'one item of the navigation is current');
  is([...seen].flatMap(([key, one]) => one.raw.map((text) => `${key}: ${text}`)), [], 'no time is in the form of the API');
  is([...seen].flatMap(([key, one]) => one.elsewhere.map((text) => `${key}: ${text}`)), [], 'all are in the person\'s zone');
  is(wrong((one) => one.unhovered), [], 'and have the exact time on hover');
  is(wrong((one) => !one.footer.includes(ZONE)), [], 'which each page names');
  is([...seen].flatMap(([key, one]) => one.hints.map((text) => `${key}: ${text}`)), [], 'and no field is in another');
  const bare = await open(browser, amends.url, { language: 'en', zone: 'America/New_York', scheme: 'light', size: DESK, name: 'pages-bare', bare: true });
  await bare.page.context().addCookies([cookie]);
  await bare.go('/staff/incidents/late');
  ok(/\d{4}-\d\d-\d\d \d\d:\d\d \+09:00/.test(await bare.page.textContent('main')), 'without script, too');
});
