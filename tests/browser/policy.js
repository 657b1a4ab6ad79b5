#!/usr/bin/env node
'use strict';
// A policy as a form in a real browser: phone and desktop, light and dark, with and without scripts. A
// mistake is shown beside its field and nothing typed is lost; form and JSON fill each other; the
// example and the cost follow as the person types; the page for customers reads in six languages.
const { Amends, freshDirectory } = require('../lib/amends.js');
const { PASSWORD, person } = require('../lib/staff.js');
const lib = require('../lib/cases.js');
const { launch, open, chosen, PHONE, DESK } = require('../lib/walk.js');
const { ok, is, scenario } = require('../lib/tap.js');

const WALKS = [
  { language: 'en', zone: 'UTC', scheme: 'light', size: DESK, name: 'policy-desk' },
  { language: 'en', zone: 'UTC', scheme: 'dark', size: PHONE, name: 'policy-phone' },
  { language: 'de', zone: 'UTC', scheme: 'dark', size: DESK, name: 'policy-de-desk' },
  { language: 'ja', zone: 'UTC', scheme: 'light', size: PHONE, name: 'policy-ja-phone' },
];
const FORM = '/staff/credits/new-policy';

async function enter(amends, browser, how, login) {
  const desk = await open(browser, amends.url, how);
  person(amends, login, ['billing']);
  await desk.go('/staff/login');
  await desk.page.fill('#login', login);
  await desk.page.fill('#password', PASSWORD);
  await desk.press('main form button');
  return desk;
}

// The page has asked the server and shown its answer.
async function refreshed(desk, doing) {
  await Promise.all([desk.page.waitForResponse((reply) => reply.request().method() === 'POST' && reply.url().endsWith(FORM)), doing()]);
  await desk.page.waitForTimeout(50);
}
const text = (desk, selector) => desk.page.textContent(selector).then((it) => it.trim());
const json = async (desk) => JSON.parse(await desk.page.inputValue('[name=document]'));

async function asYouType(desk) {
  const { page } = desk;
  await desk.go(`${FORM}?starter=ten_times`);
  await desk.look('form');
  ok(/receives 4\.98 USD if .* is affected for 3 h 44 min 40 s, starting on 10 March/.test(await text(desk, '#policy-example')), 'an example stands beside the form');
  ok(/incidents/.test(await text(desk, '#policy-cost')) && /USD/.test(await text(desk, '#policy-cost')), 'and the cost over past incidents, per currency');
  const before = await text(desk, '#policy-cost');
  await refreshed(desk, () => page.fill('[name=multiplier]', '20'));
  ok(/receives 9\.97 USD/.test(await text(desk, '#policy-example')) && before !== await text(desk, '#policy-cost'), 'both follow as the person types');
  is((await json(desk)).multiplier, '20', 'and so does the JSON');
  await refreshed(desk, () => page.fill('[name=multiplier]', 'twenty'));
  is(await text(desk, '#w-multiplier'), 'Enter a number above 0, such as 10 or 0.5.', 'a mistake stands beside its field');
  await refreshed(desk, () => page.check('[value=tiered]'));
  ok(await page.isVisible('[name="tiers.uptime_below"]'), 'another model has its own fields');
  await page.fill('[name="tiers.uptime_below"]', '99.95');
  await refreshed(desk, () => page.fill('[name="tiers.percent"]', '10'));
  ok(/receives 9\.90 USD/.test(await text(desk, '#policy-example')), 'and its example');
  await page.click('details summary:has-text("As JSON")');
  await refreshed(desk, () => page.fill('[name=document]', JSON.stringify({ ...lib.policies()[0], name: 'from-json', model: 'fixed', amounts: { EUR: 1250, JPY: 300 }, tiers: undefined, days: undefined }, null, 1)));
  is(await page.$$eval('[name="amounts.amount"]', (all) => all.map((one) => one.value)), ['12.50', '300'], 'the JSON fills the form');
  await refreshed(desk, () => page.fill('[name="amounts.amount"] >> nth=0', '13'));
  is((await json(desk)).amounts, { EUR: 1300, JPY: 300 }, 'and the form the JSON');
  await refreshed(desk, () => page.fill('[name=document]', '{"model":'));
  ok(await text(desk, '#document-wrong') !== '', 'broken JSON is told beside it');
  await desk.look('broken-json');
}

// A scheme of the library: what it does not use is folded away, and stays as the person opens it.
async function scheme(desk) {
  const { page } = desk;
  await desk.go(`${FORM}?published=telecom-uk`);
  is(await page.$$eval('details.folded[open]', (all) => all.map((one) => one.id)), ['g-limits', 'g-grace'], 'groups that say something are open');
  ok(/10\.34 GBP/.test(await text(desk, '#policy-example')) && /Holidays: 2026-04-03/.test(await text(desk, '#policy-words')), 'the example and the words stand beside it');
  await page.click('#g-claim summary');
  await refreshed(desk, () => page.check('[name="claim.required"]'));
  ok(await page.isVisible('[name="claim.within_days"]'), 'what a choice needs appears, and the group stays open');
  await refreshed(desk, () => page.fill('[name="claim.within_days"]', '30'));
  ok(/within 30 days/.test(await text(desk, '#policy-words')), 'the words follow as the person types');
  await desk.look('scheme');
  await refreshed(desk, () => page.fill('[name="steps.amounts"]', 'ten'));
  ok(/currency/.test(await text(desk, '#w-steps')), 'an amount that is none is told beside the steps');
  await desk.look('scheme-mistake');
}

// Without scripts: every step is a button. Returns the policy's page.
async function byButtons(amends, browser) {
  const desk = await enter(amends, browser, { ...WALKS[0], name: 'policy-bare', bare: true }, 'bare');
  const { page } = desk;
  await desk.go(`${FORM}?starter=uptime_tiers`);
  await desk.press('[value="more:tiers"]');
  is(await page.locator('[name="tiers.percent"]').count(), 5, 'a button adds a row');
  await desk.press('[value="less:tiers:0"]');
  is(await page.$$eval('[name="tiers.uptime_below"]', (all) => all.map((one) => one.value)), ['99.9', '99', '95'], 'and removes one; empty ones are dropped');
  await page.fill('[name="tiers.percent"] >> nth=1', 'many');
  await page.fill('[name=name]', 'my-tiers');
  await desk.press('[value=add]');
  is([await text(desk, '#w-tiers'), await page.inputValue('[name="tiers.percent"] >> nth=1'), await page.inputValue('[name=name]')],
    ['Enter a percentage above 0 and at most 1000, such as 10.', 'many', 'my-tiers'], 'a mistake beside its field, and nothing is lost');
  is(await page.getAttribute('[aria-invalid]', 'name'), 'tiers.percent', 'the field itself is marked');
  await desk.look('mistake');
  await page.fill('[name="tiers.percent"] >> nth=1', '20');
  await page.fill('[name=name]', 'my tiers');
  await desk.press('[value=add]');
  ok((await text(desk, '#w-name')).startsWith('Enter a name'), 'then the next');
  await page.fill('[name=name]', 'my-tiers');
  await page.click('#g-counts summary');
  await page.fill('[name="weights_bp.partial_outage"]', '12.5');
  await page.fill('[name=min_block_seconds]', '5');
  await page.selectOption('[name="min_block_seconds.unit"]', '60');
  await desk.press('.panel [value=preview]');
  is([(await json(desk)).weights_bp.partial_outage, (await json(desk)).min_block_seconds], [1250, 300], 'percentages and minutes are exact');
  await desk.press('[value=add]');
  ok(/below 99\.9\s%: 10\s%.*below 99\s%: 20\s%/s.test(await text(desk, 'main')), 'the policy in words');
  await desk.look('policy');
  return { how: await page.getAttribute('a[href^="/how-credits-work/"]', 'href'), page: new URL(page.url()).pathname };
}

// Everything was down for three hours, some days ago.
async function outage(amends, days) {
  const at = (hour) => new Date(Math.floor(Date.now() / 864e5 - days) * 864e5 + hour * 36e5).toISOString();
  const impacts = lib.componentSlugs().map((component) => ({ component, level: 'major_outage', from: at(9), to: at(12) }));
  await lib.replayIncident(amends, { ref: `down-${days}`, title: 'Everything is down', kind: 'incident', posts: [{ at: at(9), state: 'investigating', body: 'We look.' }, { at: at(12), state: 'resolved', body: 'It works.' }], impacts });
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  await outage(amends, 40);
  await outage(amends, 75);
  const browser = await launch();
  cleanup(() => browser.close());
  const first = await enter(amends, browser, WALKS[0], 'ann');
  const desks = [first];
  await asYouType(first);
  await scheme(first);
  const made = await byButtons(amends, browser);
  for (const [i, how] of chosen(WALKS, [])) {
    const desk = i ? await enter(amends, browser, how, `see-${i}`) : first;
    if (i) desks.push(desk);
    for (const target of [FORM, `${FORM}?policy=my-tiers`, '/staff/credits/policies', made.page]) {
      await desk.go(`${target}${target.includes('?') ? '&' : '?'}lang=${how.language}`);
      await desk.look(target.slice(15).replace(/\W+/g, '-'));
    }
  }
  for (const [i, language] of ['en', 'de', 'ja', 'es', 'fr', 'pt-BR'].entries()) {
    const reader = await open(browser, amends.url, { language, zone: 'UTC', scheme: i % 2 ? 'dark' : 'light', size: i % 2 ? PHONE : DESK, name: `how-${language}` });
    await reader.go(made.how);
    await reader.look('how');
    ok(/9[.,]90 USD/.test(await text(reader, 'main')), `${language}: the page for customers has the example`);
    desks.push(reader);
    if (i) continue;
    await reader.page.emulateMedia({ media: 'print' });
    is([await reader.page.isVisible('header nav'), await reader.page.isVisible('text=Exact calculation')], [false, true], 'on paper it is the text alone');
    await reader.look('how-printed');
    await reader.page.emulateMedia({ media: null });
  }
  is(desks.flatMap((desk) => desk.faults), [], 'axe-core finds nothing, no page is too wide, the console is quiet');
});
