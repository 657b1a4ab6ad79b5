#!/usr/bin/env node
'use strict';
// "How your credit is computed": the statement of each credit links to a page about the version of its
// policy, in six languages and the account's currency; a made-up link opens nothing. The console has
// the link, and its form keeps what it has no field for.
const { Amends } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { Desk, approver } = require('../../lib/staff.js');
const { sql } = require('../../lib/notifiers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const public_ = { key: null };
const LANGUAGES = {
  en: 'How your credit is computed', de: 'So wird Ihre Gutschrift berechnet', ja: 'クレジットの計算方法', es: 'Cómo se calcula su crédito', fr: 'Comment votre crédit est calculé', 'pt-BR': 'Como o seu crédito é calculado',
};

async function credited(amends) {
  const one = lib.cases().find((item) => item.name.startsWith('2019'));
  await lib.createCatalogue(amends);
  await lib.replayCase(amends, one);
  const { draft } = await lib.runCredits(amends, one, approver(amends));
  return (await amends.call('GET', `/v1/credits?run=${draft.id}`)).data.find((credit) => credit.currency === 'EUR');
}

async function statement(amends, credit) {
  const run = credit.run;
  const { statement_url: url } = await amends.call('POST', `/v1/credit-runs/${run}/notices/preview`, { subject: 'S', body: 'B', account: credit.account })
    .then((reply) => ({ statement_url: reply.text.match(/https?:\S+\/credit\/[^\s>)]+/)[0] }));
  return (await amends.request('GET', new URL(url).pathname, undefined, public_)).text;
}

async function explained(amends, how) {
  for (const [language, title] of Object.entries(LANGUAGES)) {
    const { status, text } = await amends.request('GET', `${how}?lang=${language}`, undefined, public_);
    is([status, text.includes(title), /99[.,]00 EUR/.test(text), /\{\w+\}/.test(text)], [200, true, true, false], `${language}: with an example in the account's currency`);
  }
  const token = how.split('/').pop();
  for (const wrong of [`${token.slice(0, -2)}xx`, 'x.y', token.replace('.', '..')]) {
    is((await amends.request('GET', `/how-credits-work/${wrong}`, undefined, public_)).status, 404, 'a made-up link opens nothing');
  }
}

async function kept(amends) {
  const desk = await Desk.enter(amends, 'bill', ['billing']);
  const list = (await desk.get('/staff/credits/policies')).text;
  ok(lib.policies().every((policy) => list.includes(`/staff/credits/policies/${policy.name}"`)), 'the console lists the policies');
  ok(!list.includes('review-'), 'not those of reviews');
  const page = await desk.get(`/staff/credits/policies/${lib.policies()[0].name}`);
  is((await amends.request('GET', page.text.match(/\/how-credits-work\/[\w.-]+/)[0], undefined, public_)).status, 200, 'a policy\'s page has the link');
  is((await desk.get('/staff/credits/policies/nothing')).status, 404, 'of one that is none there is no page');
  const known = { model: 'prorata', multiplier: '3', cap_percent: '50', name: 'later' };
  const reply = await desk.send('/staff/credits/new-policy', { ...known, other: '{"later":{"days_after":3}}', was: '{}', document: '{}', do: 'preview' });
  ok(/name="other"[^>]*value="{&quot;later&quot;:{&quot;days_after&quot;:3}}"/.test(reply.text.replaceAll('&#34;', '&quot;')), 'what the form has no field for is kept');
  ok(/<code>later<\/code>/.test(reply.text), 'and named');
  const saved = await desk.send('/staff/credits/new-policy', { ...known, other: '{}', was: '{}', document: '{}', do: 'add' });
  is([saved.status, saved.headers.get('location')], [303, '/staff/credits/policies/later'], 'a policy is saved');
  const promised = [...(await desk.get('/staff/credits/new-policy')).text.matchAll(/new-policy\?published=([\w-]+)"/g)].map(([, name]) => name);
  ok(promised.length >= 5, `promises that companies publish are there to start from: ${promised.length}`);
  for (const name of promised.slice(0, 3)) {
    const { text } = await desk.get(`/staff/credits/new-policy?published=${name}`);
    ok(text.includes(`value="${name}"`) && /<p class="amount">/.test(text), `${name}, with its example`);
  }
  is((await desk.get('/staff/credits/new-policy?published=nothing')).status, 404, 'none by another name');
  const viewer = await Desk.enter(amends, 'vera', ['viewer']);
  is((await viewer.send('/staff/credits/new-policy', { ...known, do: 'add' })).status, 403, 'by who may');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({});
  cleanup(() => amends.destroy());
  const credit = await credited(amends);
  const text = await statement(amends, credit);
  const [how] = text.match(/\/how-credits-work\/[\w.-]+/);
  await explained(amends, how);
  sql(amends, 'update policy set helper = true');
  ok(!(await statement(amends, credit)).includes('how-credits-work'), 'a further credit has its own reasons, no rule');
  sql(amends, 'update policy set helper = false');
  await kept(amends);
});
