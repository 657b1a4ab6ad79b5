#!/usr/bin/env node
'use strict';
// The letter about a credit and the statement name incidents and components in the reader's language, and
// say how the amount came about. A contact in whose language the letter is not written gets the letter's own text.
const { waitUntil } = require('../../lib/amends.js');
const { mailTo } = require('../../lib/readers.js');
const { approver } = require('../../lib/staff.js');
const { acknowledge } = require('../../lib/cases.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const plain = (html) => html.replace(/<[^>]+>/g, '').replace(/\s+/g, ' ').trim();
const at = (hours) => new Date(Date.now() + hours * 3600000).toISOString();

async function issued(amends) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'Interface', translations: { de: { name: 'Schnittstelle' } } });
  const contacts = ['de-AT', 'ja'].map((locale) => ({ email: `${locale}@acme.example`, name: locale, locale }));
  const account = { external_id: 'acme', name: 'Acme', currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2024-01-01', components: ['api'], prices: [{ from: '2024-01-01', amount_minor: 100000 }], contacts };
  await amends.request('POST', '/v1/accounts/import', JSON.stringify(account), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', { name: 'p', model: 'prorata', multiplier: '10', cap_percent: '100', weights_bp: { major_outage: 10000 } });
  await amends.call('POST', '/v1/incidents', { ref: 'one', title: 'Interface down', kind: 'incident', state: 'investigating', body: 'x', notify: false, posted_at: at(-3),
    translations: { de: { title: 'Schnittstelle gestört' } }, components: [{ component: 'api', level: 'major_outage' }] });
  await amends.call('POST', '/v1/incidents/one/updates', { state: 'resolved', body: 'x', notify: false, posted_at: at(-1) });
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'p', incidents: ['one'], reason: 'sorry' });
  await acknowledge(amends, run);
  await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key: approver(amends) });
  return run.id;
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  const run = await issued(amends);
  const body = '{{#credit.incidents}}- {{title}}\n{{/credit.incidents}}';
  const letter = { subject: 'Credit', body: `Sorry\n\n${body}`, variants: { de: { subject: 'Gutschrift', body: `Verzeihung\n\n${body}` }, en: { subject: 'In English', body: `x ${body}` } } };
  const preview = await amends.call('POST', `/v1/credit-runs/${run}/notices/preview`, { ...letter, locale: 'de' });
  ok(/Schnittstelle gestört/.test(preview.text), 'a preview in German has the German title');
  const { languages } = await amends.call('POST', `/v1/credit-runs/${run}/notices/preview`, letter);
  is(languages.map((one) => [one.locale, one.written]).sort(), [['de-AT', true], ['ja', false]], 'staff see that no Japanese letter is written');
  await waitUntil('it is issued', async () => (await amends.call('GET', `/v1/credit-runs/${run}`)).state === 'issued');
  await amends.settled((await amends.call('POST', `/v1/credit-runs/${run}/notices`, letter)).broadcast);
  const [german, japanese] = [await mailTo(mails, 'de-AT@acme.example'), await mailTo(mails, 'ja@acme.example')];
  is([german.subject, japanese.subject], ['Gutschrift', 'Credit'], 'Austrian German gets the German letter, Japanese the letter itself');
  ok(/Verzeihung/.test(german.text) && /Schnittstelle gestört/.test(german.text) && /Interface down/.test(japanese.text), 'with the title in that language');
  const page = (language) => amends.request('GET', `${german.link('credit')}?lang=${language}`, undefined, { key: null }).then((reply) => reply.text);
  const [deutsch, english] = [await page('de'), await page('en')];
  const brief = [...deutsch.match(/<ul class="brief">(.*?)<\/ul>/s)[1].matchAll(/<li>(.*?)<\/li>/gs)].map(([, sentence]) => plain(sentence));
  ok(brief.length > 1 && /^10 × [\d.,…]+ s × 1\.000,00 EUR \/ \d+ s = \d+,\d+… EUR$/.test(brief[1]) && /^Gerundet/.test(brief[2]), `the statement says the calculation in short: ${brief}`);
  ok([german.text, german.html].every((part) => brief.every((sentence) => plain(part).includes(`• ${sentence}`))), 'and so do both parts of the letter');
  ok([japanese.text, japanese.html].every((part) => /• 10 × .* EUR • 端数処理/.test(plain(part))), 'in the language of the reader');
  ok(/Schnittstelle gestört/.test(deutsch) && /Schnittstelle[^ ]/.test(deutsch) && !/Interface/.test(deutsch), 'the statement names incident and component in German');
  ok(/Interface down/.test(english) && !/Schnittstelle/.test(english), 'or in English');
});
