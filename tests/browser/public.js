#!/usr/bin/env node
'use strict';
// A reader's walk in a real browser: subscribe, mail, confirm, manage, incident, unsubscribe,
// undo; in three languages, light and dark, on a phone and a desk. axe-core finds nothing on any
// page, foreign scripts and requests do not run, and screenshots stay in BUILD/screenshots.
const ICAL = require('../node_modules/ical.js/dist/ical.es5.cjs');
const { waitUntil } = require('../lib/amends.js');
const { mailTo } = require('../lib/readers.js');
const { launch, open, nameOf, chosen, PHONE, DESK } = require('../lib/walk.js');
const { upWithMail } = require('../lib/mailed.js');
const { ok, is, note, scenario } = require('../lib/tap.js');

const WALKS = [
  { language: 'en', zone: 'America/New_York', scheme: 'light', device: 'desk', size: DESK },
  { language: 'de', zone: 'Europe/Berlin', scheme: 'dark', device: 'desk', size: DESK },
  { language: 'ja', zone: 'Asia/Tokyo', scheme: 'light', device: 'phone', size: PHONE },
  { language: 'en', zone: 'UTC', scheme: 'dark', device: 'phone', size: PHONE },
];
const CHOSEN = chosen(WALKS, [0]);
const OFFSET = { 'America/New_York': /GMT-0[45]:00/, 'Europe/Berlin': /GMT\+0[12]:00/, 'Asia/Tokyo': /GMT\+09:00/, UTC: /GMT/ };

async function prepare(amends) {
  for (const [slug, name, group] of [['api', 'API', 'platform'], ['web-login', 'Web login', 'platform'], ['messages', 'Message delivery', 'chat'], ['transcripts', 'Transcripts', 'chat']]) {
    await amends.call('POST', '/v1/components', { slug, name, group });
  }
  await amends.call('PATCH', '/v1/components/messages', { description: 'Chat messages and their push notifications.' });
  await amends.call('PATCH', '/v1/component-groups/chat', { name: 'Chat & calls', description: 'All that people say to each other.' });
  const day = (n) => new Date(Date.now() - n * 86400000).toISOString();
  for (const [n, component, level] of [[70, 'api', 'major_outage'], [41, 'messages', 'partial_outage'], [12, 'messages', 'degraded_performance'], [3, 'web-login', 'partial_outage']]) {
    const ref = `past-${n}`;
    await amends.call('POST', '/v1/incidents', { ref, title: `Slow ${component}`, kind: 'incident', state: 'investigating', body: 'We look into it.', notify: false, posted_at: day(n) });
    await amends.call('POST', `/v1/incidents/${ref}/updates`, { state: 'resolved', body: 'It is **over**. We are sorry.', notify: false, posted_at: day(n - 0.1) });
    await amends.call('PUT', `/v1/incidents/${ref}/impacts`, { impacts: [{ component, level, from: day(n), to: day(n - 0.1) }] });
  }
  await amends.call('POST', '/v1/policies', { name: 'uptime', model: 'tiered', tiers: [{ uptime_below: '99.9', percent: '10' }, { uptime_below: '99', percent: '25' }], maintenance_notice_hours: 48 });
  await amends.call('PUT', '/v1/policies/uptime/publication', { title: 'Uptime' });
  await amends.call('POST', '/v1/incidents', { ref: 'planned', title: 'Database upgrade', kind: 'maintenance', state: 'scheduled', body: 'Messages may be late for some minutes.', notify: false });
  await amends.call('PUT', '/v1/incidents/planned/impacts', { impacts: [{ component: 'messages', level: 'under_maintenance', from: day(-5), to: day(-5.1) }] });
}

// With htmx another channel changes the field of the address and nothing else.
async function channels(page, steps) {
  for (const channel of ['sms', 'slack', 'webhook', 'email']) {
    await page.click(`.tabs a[href*="channel=${channel}"]`);
    await page.waitForSelector(`input[name=channel][value=${channel}]`, { state: 'attached' });
    if (channel === 'slack' || channel === 'webhook') await steps.look(channel);
    if (!await page.isChecked('input[name=component][value=api]')) steps.faults.push(`${channel}: the choice is lost`);
  }
}

// The day under the pointer lists its incidents, another says that there were none.
async function hover(page, steps) {
  await page.hover('svg.bars a.partial_outage >> nth=0');
  const [title, href] = [await page.textContent('.tip'), await page.getAttribute('.tip a', 'href')];
  if (!/: Slow (messages|web-login)/.test(title) || !/^\/incidents\/past-/.test(href)) steps.faults.push(`the tip of a bad day: ${title} ${href}`);
  await page.keyboard.press('Escape');
  if (await page.isVisible('.tip')) steps.faults.push('Escape leaves the tip');
  await page.focus('svg.bars a.major_outage');
  if (!(await page.textContent('.tip')).includes('Slow api')) steps.faults.push('the focus shows no tip');
  const bars = await page.locator('svg.bars').nth(1).boundingBox();
  await page.mouse.move(bars.x + bars.width - 60, bars.y + 10);
  if (!await page.isVisible('.tip')) steps.faults.push('a quiet day has no tip');
  await page.mouse.move(2, 2);
}

// All actions of a reader on their subscription.
async function change(page, steps, amends, mails, address) {
  await page.fill('#until', `${new Date().getFullYear() + 1}-01-31`);
  await steps.press('button[value=pause]');
  await page.waitForSelector('button[value=resume]');
  await steps.look('paused');
  await steps.press('button[value=resume]');
  await page.waitForSelector('#until');
  await page.fill('#address', `new-${address}`);
  await steps.press('button[value=move]');
  await page.waitForSelector('.told');
  await steps.look('moving');
  const letter = await mailTo(mails, `new-${address}`);
  await page.goto(amends.url + letter.link('confirm'));
  await steps.look('confirm-move');
  const [download, record] = await Promise.all([page.waitForEvent('download'), page.evaluate(() => fetch('/preferences/record').then((reply) => reply.json())).then((json) => json),
    page.goto(`${amends.url}/preferences/record`).catch(() => null)]);
  if (!download || record.subscriber.address !== address) steps.faults.push('the record is not there');
}

async function walk(amends, mails, browser, how, n) {
  const name = nameOf(how);
  const steps = await open(browser, amends.url, { ...how, name, expected: /404/ });
  const { page } = steps;
  steps.press = (selector) => Promise.all([page.waitForLoadState('load'), page.click(selector)]); // htmx stays on the page
  const address = `walker${n}@readers.example`;

  // The pages follow a change, each language by itself.
  const shown = () => fetch(amends.url, { headers: { 'accept-language': how.language } }).then((reply) => reply.text());
  await waitUntil('the page shows the maintenance', async () => /class="planned">(?:(?!<\/article>)[^])*<time/.test(await shown()));
  await steps.go('/');
  is(await page.getAttribute('html', 'lang'), how.language, `${name}: the page is in the browser's language`);
  ok(OFFSET[how.zone].test(await page.getAttribute('article.planned time', 'title')), 'times are in the reader\'s zone, with its offset');
  ok((await page.textContent('footer')).includes(how.zone), 'the page names the zone');
  await hover(page, steps);
  await steps.look('home');
  await steps.press('header .button');
  await steps.look('subscribe');
  is(await page.inputValue('#timezone'), how.zone, 'the form knows the zone');
  await page.fill('#address', address);
  await page.check('input[name=what][value=some]');
  await page.check('input[name=component][value=api]');
  await channels(page, steps);
  await page.fill('#address', 'nobody');
  await page.press('#address', 'Tab');
  await page.waitForSelector('#address-wrong:not(:empty)');
  await steps.look('wrong-address');
  await page.fill('#address', address);
  await page.press('#address', 'Tab');
  await page.waitForSelector('#address-wrong:empty', { state: 'attached' });
  await steps.press('main button');
  await page.waitForSelector('.told');
  await steps.look('told');
  const confirmation = await mailTo(mails, address);
  await steps.go(confirmation.link('confirm'));
  await steps.look('confirm');
  await steps.press('main button');
  await steps.look('confirmed');
  await steps.go('/manage');
  await page.click('.tabs a[href*="channel=discord"]');
  await page.waitForSelector('input[name=channel][value=discord]', { state: 'attached' });
  await steps.look('manage');
  await page.goBack();
  await page.waitForSelector('input[name=channel][value=email]', { state: 'attached' });
  await page.fill('#address', address);
  await steps.press('main button');
  await page.waitForSelector('.told');
  const letter = await mailTo(mails, address, 1);
  await steps.go(letter.link('manage'));
  await steps.look('enter');
  await steps.press('main button');
  await page.waitForSelector('select#locale');
  await steps.look('preferences');
  is(await page.isChecked('input[name=component][value=api]'), true, 'preferences are what was chosen');
  await page.check('input[name=what][value=all]');
  await steps.press('button[value=save]');
  await page.waitForSelector('.told');
  await steps.look('saved');
  await change(page, steps, amends, mails, address);

  const ref = `walk-${n}`;
  const made = await amends.call('POST', '/v1/incidents', {
    ref, title: 'Messages arrive late', kind: 'incident', state: 'investigating', body: 'Some messages wait for **minutes**. We look into it.',
    components: [{ component: 'messages', level: 'partial_outage' }], next_update_minutes: 30,
  });
  await amends.settled(made.broadcast);
  const update = await mailTo(mails, address, 2);
  await steps.go(`/incidents/${ref}`);
  await steps.look('incident');
  await waitUntil('the home page shows it', async () => (await steps.go('/')) && page.isVisible(`a[href*="${ref}"]`));
  await steps.look('open-incident');
  await steps.go('/sla');
  await steps.look('sla');
  await steps.go('/history');
  await steps.look('history');
  await steps.go(update.link('u'));
  await steps.look('unsubscribe');
  await page.check(`input[value="incident:${ref}"]`);
  await steps.press('fieldset + button');
  await page.waitForSelector('.told');
  await steps.look('muted');
  await page.check('input[value=all]');
  await steps.press('fieldset + button');
  await page.waitForSelector('button[value=undo]');
  await steps.look('unsubscribed');
  await steps.press('button[value=undo]');
  await page.waitForSelector('.told');
  await steps.look('undone');
  const state = (await amends.all('/v1/subscribers')).find((one) => one.address === address).state;
  is(state, 'active', 'subscribed, changed, left and back');
  await steps.go('/incidents/nothing');
  await steps.look('failure');
  is(steps.faults, [], `axe-core finds nothing on ${steps.n} pages, none is too wide, asks others or offends the policy`);
  await amends.call('POST', `/v1/incidents/${ref}/updates`, { state: 'resolved', body: 'Over.', notify: false });
  await page.context().close();
}

// A scanner that also runs a page's scripts changes nothing.
async function scan(amends, mails, browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const everything = async () => JSON.stringify(await amends.all('/v1/subscribers'));
  const before = await everything();
  const letters = [await mailTo(mails, 'walker0@readers.example', 0), await mailTo(mails, 'walker0@readers.example', 1), await mailTo(mails, 'walker0@readers.example', 2)];
  for (const link of new Set(letters.flatMap((letter) => letter.links))) {
    await page.goto(amends.url + link);
    await page.waitForTimeout(50);
  }
  is(await everything(), before, 'links opened in a browser change nothing');
  await context.close();
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup, { AMENDS_BRAND: 'Example Chat', AMENDS_SMS_PROVIDER: 'generic', AMENDS_SLACK_CLIENT_ID: '1', AMENDS_SLACK_CLIENT_SECRET: '2', AMENDS_POSTAL_ADDRESS: '1 Sample Street, 12345 Sampletown' });
  const browser = await launch();
  cleanup(() => browser.close());
  note(`Chromium ${browser.version()}`);
  await prepare(amends);
  await waitUntil('the page is ready', async () => /Database upgrade/.test((await amends.request('GET', '/')).text) && /Database upgrade/.test((await amends.request('GET', '/?lang=ja')).text));
  for (const [n, how] of CHOSEN) await walk(amends, mails, browser, how, n);
  await scan(amends, mails, browser);
  const calendar = new ICAL.Component(ICAL.parse((await amends.request('GET', '/maintenance.ics')).text));
  is(calendar.getAllSubcomponents('vevent').map((one) => new ICAL.Event(one).summary), ['Database upgrade'], 'ical.js reads the calendar');
});
