#!/usr/bin/env node
'use strict';
// The page "What we owe you" (/sla, /sla.json): nothing until staff publish a policy, then its words with
// an example in each of six languages, linked from the foot of every page; a newer version is shown
// only when it is published, and a withdrawn one no more. Who may not write policies cannot publish.
const { Amends, waitUntil } = require('../../lib/amends.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const anybody = { key: null };
const TITLES = { en: 'What we owe you', de: 'Was wir Ihnen schulden', ja: 'お客様へのお約束', es: 'Lo que le debemos', fr: 'Ce que nous vous devons', 'pt-BR': 'O que devemos a você' };
const policy = (percent) => ({ name: 'uptime', model: 'tiered', components: ['api'], tiers: [{ uptime_below: '99.95', percent }] });

const page = (amends, path = '/sla') => amends.request('GET', path, undefined, anybody);
const reads = (amends, path, wanted) => waitUntil(`${path} is as it should be`, async () => wanted(await page(amends, path)));

async function published(amends) {
  for (const path of ['/sla', '/sla.json']) is((await page(amends, path)).status, 404, `${path} is not there before a policy is published`);
  ok(await reads(amends, '/', ({ text }) => !text.includes('href="/sla')), 'nor is a link to it');
  const reply = await amends.call('PUT', '/v1/policies/uptime/publication', { title: 'Uptime', currency: 'EUR', translations: { ja: { title: '稼働率' } } });
  is([reply.name, reply.version, reply.title, reply.currency], ['uptime', 1, 'Uptime', 'EUR'], 'a policy is published');
  is((await amends.request('PUT', '/v1/policies/uptime/publication', { translations: { jp: { title: 'x' } } })).body.errors[0].field, 'translations.jp', 'its title can be translated, into languages that there are');
  await reads(amends, '/', ({ text }) => text.includes('href="/sla'));
  for (const [tag, title] of Object.entries(TITLES)) {
    const { status, text } = await page(amends, `/sla?lang=${tag}`);
    const amount = /^(en|ja)$/.test(tag) ? '9.90 EUR' : '9,90 EUR';
    is([status, text.includes(`<h1>${title}`), text.includes(amount), /99[.,]95/.test(text), /\{\w+\}/.test(text)], [200, true, true, true, false], `${tag}: the rule and an example`);
  }
  ok((await page(amends, '/sla?lang=ja')).text.includes('<h2>稼働率</h2>') && (await page(amends, '/sla?lang=fr')).text.includes('<h2 lang="en">Uptime</h2>'), 'a reader gets its title in their language, or marked');
  const day = new Intl.DateTimeFormat('de', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date());
  ok((await page(amends, '/sla?lang=de')).text.includes(`>${day}</time>`), 'and the day on which it was published, in words');
  const { text, headers } = await page(amends);
  ok(text.includes('Public interface') && /^text\/html/.test(headers.get('content-type')), 'components have their names, on a page');
}

async function asData(amends) {
  const { policies: [one], lang } = JSON.parse((await page(amends, '/sla.json?lang=de')).text);
  is([lang, one.name, one.title, one.version, one.document.tiers], ['de', 'uptime', 'Uptime', 1, policy('10').tiers], 'the document is there for programs');
  ok(one.words.rows[0].when === 'Verfügbarkeit unter 99,95\u00a0%' && /9,90 EUR/.test(one.example), 'with its words and the example');
}

async function versions(amends) {
  await amends.call('POST', '/v1/policies', policy('20'));
  ok((await page(amends)).text.includes('10\u00a0% of the price'), 'a newer version is not shown by itself');
  const [newest, first] = (await amends.call('GET', '/v1/policies?name=uptime')).data;
  is([Boolean(newest.published_at), Boolean(first.published_at)], [false, true], 'the list of versions says which is');
  const desk = await Desk.enter(amends, 'bill', ['billing']);
  const shown = (await desk.get('/staff/credits/policies/uptime')).text;
  ok(/version 1 at <a href="\/sla"/.test(shown) && shown.includes('Publish this version'), 'the console says so, and offers the newer');
  is((await desk.send('/staff/credits/policies/uptime', { do: 'publish', version: '2', title: 'Our <uptime>', 'title:de': 'Unsere <Zeit>' })).status, 303, 'its button publishes');
  await reads(amends, '/sla', ({ text }) => text.includes('20\u00a0% of the price') && text.includes('Our &lt;uptime&gt;'));
  await reads(amends, '/sla?lang=de', ({ text }) => text.includes('Unsere &lt;Zeit&gt;'));
  const viewer = await Desk.enter(amends, 'vera', ['viewer']);
  is((await viewer.send('/staff/credits/policies/uptime', { do: 'withdraw' })).status, 403, 'who only reads cannot withdraw it');
  is((await desk.send('/staff/credits/policies/uptime', { do: 'withdraw' })).status, 303, 'who writes policies can');
  await reads(amends, '/sla', ({ status }) => status === 404);
  const actions = (await amends.call('GET', '/v1/audit?limit=100')).data.map(({ action }) => action);
  ok(actions.includes('policy.publish') && actions.includes('policy.withdraw'), 'the audit log has both');
}

async function refused(amends) {
  is((await amends.request('PUT', '/v1/policies/nothing/publication', {})).status, 404, 'no such policy');
  is((await amends.request('PUT', '/v1/policies/uptime/publication', { version: 9 })).status, 404, 'no such version');
  is((await amends.request('PUT', '/v1/policies/uptime/publication', { currency: 'eur' })).status, 422, 'no such currency');
  await amends.call('POST', '/v1/policies', { name: 'fixed', model: 'fixed', amounts: { JPY: 1500 } });
  is((await amends.call('PUT', '/v1/policies/fixed/publication', {})).currency, 'JPY', 'the example is in a currency in which the policy pays');
  ok((await page(amends, '/sla')).text.includes('receives 1,500 JPY'), 'and gives it');
  is((await amends.request('DELETE', '/v1/policies/fixed/publication')).status, 204, 'it is withdrawn');
  await reads(amends, '/sla', ({ status }) => status === 404);
  is((await amends.request('DELETE', '/v1/policies/uptime/publication')).status, 404, 'what is not published cannot be withdrawn');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({});
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'Public interface' });
  await amends.call('POST', '/v1/policies', policy('10'));
  await refused(amends);
  await published(amends);
  await asData(amends);
  await versions(amends);
});
