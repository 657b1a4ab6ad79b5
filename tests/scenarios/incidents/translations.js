#!/usr/bin/env node
'use strict';
// Translations of posts and of the names of components: pages, feeds, mails, SMS, chats and webhooks are
// in the reader's language where there is a text in it, in the default language where there is none, and
// then say so to a screen reader. Edits, post-mortems, templates and retractions carry them.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink } = require('../../lib/sinks.js');
const { mailTo } = require('../../lib/readers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const get = (amends, target, language) => amends.request('GET', target, undefined, { key: null, headers: language ? { 'accept-language': language } : {} });
const until = (amends, target, good, language) => waitUntil(`${target} in ${language || 'English'}`, async () => {
  const reply = await get(amends, target, language);
  return good(reply.text) && reply;
});
const errors = async (amends, verb, target, body) => {
  const reply = await amends.request(verb, target, body);
  return [reply.status, reply.body.errors?.[0]?.field];
};

async function components(amends) {
  const de = { name: 'Schnittstelle', description: 'Ihre <Anfragen>.' };
  const made = await amends.call('POST', '/v1/components', { slug: 'api', name: 'Interface', description: 'Your requests.', group: 'core', translations: { de, 'pt-BR': { name: 'Interface BR' } } });
  is(made.translations, { de, 'pt-BR': { name: 'Interface BR' } }, 'a component has translations');
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Website', group: 'core' });
  is((await amends.call('PATCH', '/v1/component-groups/core', { name: 'Core', translations: { de: { name: 'Kern', description: 'Alle brauchen ihn.' } } })).translations.de.name, 'Kern', 'and a group');
  is((await amends.call('PATCH', '/v1/components/api', { position: 1 })).translations.de, de, 'another change keeps them');
  for (const [translations, field] of [
    ['de', 'translations'], [{ jp: { name: 'x' } }, 'translations.jp'], [{ de: {} }, 'translations.de'], [{ de: { name: '' } }, 'translations.de.name'],
    [{ de: { title: 'x' } }, 'translations.de.title'], [{ 'de-': { name: 'x' } }, 'translations.de-'], [{ 'de-CH': { description: 'x'.repeat(501) } }, 'translations.de-CH.description'],
  ]) is(await errors(amends, 'PATCH', '/v1/components/api', { translations }), [422, field], `not ${JSON.stringify(translations).slice(0, 40)}`);
  const german = (await until(amends, '/', (text) => text.includes('Schnittstelle') && text.includes('Kern'), 'de-AT, en;q=0.5')).text;
  ok(/<h3>Kern<\/h3><p class="meta">Alle brauchen ihn/.test(german) && german.includes('<p class="meta">Ihre &lt;Anfragen&gt;.</p>') && german.includes('Website'), 'the German page names them in German');
  ok(/aria-label="Schnittstelle: /.test(german), 'and its bars');
  const english = (await until(amends, '/', (text) => text.includes('Interface'))).text;
  ok(!english.includes('Schnittstelle'), 'the English one in English');
  ok(await until(amends, '/', (text) => text.includes('Interface BR'), 'pt'), 'Portuguese is the one there is');
  const french = (await until(amends, '/?lang=fr', (text) => text.includes('Your requests'))).text;
  ok(french.includes('<p class="meta" lang="en">Your requests.</p>') && !/meta" lang=/.test(english), 'a description in another language than its page says so');
  const form = (await get(amends, '/subscribe?lang=de')).text;
  ok(/Schnittstelle/.test(form) && /Kern/.test(form), 'readers choose by those names');
}

const TEXTS = { de: { title: 'Störung der <Schnittstelle>', body: 'Wir **suchen** die Ursache.' }, 'pt-BR': { title: 'Falha na interface', body: 'Estamos investigando.' }, fr: { title: 'Panne' } };
const outage = (ref, more = {}) => ({ ref, title: 'Interface down', kind: 'incident', state: 'investigating', body: 'We are *looking*.', translations: TEXTS, components: [{ component: 'api', level: 'major_outage' }], ...more });

async function readers(amends, http) {
  const subscribe = (channel, address, locale, more = {}) => amends.call('POST', '/v1/subscribers', { channel, address, locale, confirmed: true, ...more });
  for (const locale of ['de', 'de-CH', 'ja', 'en', 'pt', 'fr']) await subscribe('email', `${locale}@reader.example`, locale);
  await subscribe('sms', '+4915112345678', 'de');
  await subscribe('slack', `${http.url}/slack/T/B/de`, 'de');
  for (const locale of ['de', 'en']) await subscribe('webhook', `${http.url}/hook/${locale}`, locale);
}

async function messages(amends, mails, http, broadcast) {
  await amends.settled(broadcast);
  const of = (locale) => mailTo(mails, `${locale}@reader.example`);
  const [de, ch, ja, en, pt, fr] = await Promise.all(['de', 'de-CH', 'ja', 'en', 'pt', 'fr'].map(of));
  ok(de.subject.includes('Störung der <Schnittstelle>') && /Wir suchen die Ursache/.test(de.text) && !/looking/.test(de.text), `a German mail: ${de.subject}`);
  ok(/<strong>suchen<\/strong>/.test(de.html) && !/ lang="en"/.test(de.html) && /Schnittstelle<\/strong>/.test(de.html), 'with its Markdown and the German name of the component');
  is(ch.subject, de.subject, 'Swiss German reads German');
  ok(ja.subject.includes('Interface down') && /<html lang="ja">/.test(ja.html) && /<div class="body" lang="en">/.test(ja.html) && /<h1[^>]* lang="en">Interface down/.test(ja.html), 'a Japanese one has the English text, marked as such');
  ok(en.subject.includes('Interface down') && !/ lang="en">/.test(en.html.replace('<html lang="en">', '')), 'an English one has no marks');
  ok(pt.subject.includes('Falha na interface') && /<html lang="pt-BR">/.test(pt.html), 'pt reads pt-BR, phrases included');
  ok(fr.subject.includes('Panne') && /<div class="body" lang="en">/.test(fr.html) && !/<h1[^>]* lang=/.test(fr.html), 'a language may have only a title');
  const sms = new URLSearchParams(http.at('/2010-04-01/')[0].body).get('Body');
  ok(sms.includes('Störung der <Schnittstelle>'), `SMS: ${sms}`);
  const slack = http.at('/slack/')[0].body;
  ok(/Störung der/.test(slack) && /Wir \*suchen\*/.test(slack) && /Schnittstelle/.test(slack), 'Slack');
  const hook = (locale) => JSON.parse(http.at(`/hook/${locale}`).find((one) => /incident\.updated/.test(one.body)).body);
  is([hook('de').incident.title, hook('de').update.body, hook('de').incident.components[0].name], [TEXTS.de.title, 'Wir suchen die Ursache.', 'Schnittstelle'], 'a German webhook is in German');
  const english = hook('en');
  is([english.incident.title, english.incident.translations.fr, english.update.translations.de, english.incident.components[0].translations['pt-BR']],
    ['Interface down', { title: 'Panne' }, { body: 'Wir suchen die Ursache.', body_markdown: TEXTS.de.body }, { name: 'Interface BR' }], 'each has all translations');
}

async function pages(amends) {
  const german = (await until(amends, '/incidents/one?lang=de', (text) => text.includes('suchen'))).text;
  ok(/<h1>Störung der &lt;Schnittstelle&gt;<\/h1>/.test(german) && /<title>Störung der/.test(german) && !/looking/.test(german), 'the page of an incident is in German');
  const japanese = (await until(amends, '/incidents/one', (text) => text.includes('looking'), 'ja')).text;
  ok(/<h1 lang="en">Interface down<\/h1>/.test(japanese) && /<div class="said" lang="en"><p>We are <em>looking/.test(japanese), 'or marks what is not in its language');
  for (const target of ['/', '/history', '/embed']) ok((await until(amends, target, (text) => text.includes('Störung der'), 'de')).text.includes('&lt;Schnittstelle&gt;'), `${target} has the title`);
  ok(await until(amends, '/?lang=fr', (text) => text.includes('Panne')), 'French too');
}

async function feeds(amends) {
  for (const target of ['/feed.atom', '/feed.rss', '/feed.json', '/history.atom', '/history.rss', '/maintenance.ics']) {
    const [english, german, chosen] = [await until(amends, target, (text) => text.includes('Interface down') || target.endsWith('.ics')), await get(amends, target, 'de'), await get(amends, `${target}?lang=de`)];
    is(german.headers.get('vary'), 'Accept-Encoding, Accept-Language', `${target} varies by language`);
    if (target.endsWith('.ics')) continue;
    ok(/Interface down/.test(english.text) && !/Störung/.test(english.text), 'it is in English');
    ok(/Störung der/.test(german.text) && /suchen/.test(german.text) && !/looking/.test(german.text), 'or in German');
    ok(german.headers.get('etag') !== english.headers.get('etag'), 'with its own ETag');
    ok(/incidents\/one\?lang=de/.test(chosen.text) && !/lang=de/.test(german.text), 'a chosen language is kept in links');
    const ids = (text) => [...text.matchAll(/<id>[^<]*<\/id>|<guid[^<]*<\/guid>|"id": "[^"]*"/g)].map(String);
    is(ids(chosen.text), ids(english.text), 'the ids are the same in each');
  }
  is((await get(amends, '/feed.json', 'de')).body.language, 'de', 'JSON Feed names the language');
  ok(/<language>fr<\/language>/.test((await get(amends, '/feed.rss?lang=fr')).text) && /<feed[^>]* xml:lang="de"/.test((await get(amends, '/feed.atom', 'de')).text), 'so do RSS and Atom');
  ok(/<content type="html" xml:lang="en">/.test((await get(amends, '/feed.atom', 'fr')).text), 'and an entry in another');
}

async function changes(amends) {
  const [first] = (await amends.call('GET', '/v1/incidents/one')).updates;
  is([first.translations['pt-BR'], (await amends.call('GET', '/v1/incidents/one')).translations.fr], [{ body: 'Estamos investigando.' }, { title: 'Panne' }], 'the API returns both');
  is((await amends.call('PATCH', `/v1/incidents/one/updates/${first.id}`, { body: 'We are still looking.' })).translations.de, { body: TEXTS.de.body }, 'an edit keeps the translations');
  const edited = await amends.call('PATCH', `/v1/incidents/one/updates/${first.id}`, { translations: { de: { body: 'Gefunden.' } } });
  is([edited.body, edited.translations], ['We are still looking.', { de: { body: 'Gefunden.' } }], 'or replaces them');
  await until(amends, '/incidents/one', (text) => text.includes('Gefunden.'), 'de');
  is(await errors(amends, 'PATCH', `/v1/incidents/one/updates/${first.id}`, {}), [422, 'body'], 'something must change');
  is(await errors(amends, 'POST', '/v1/incidents/one/updates', { state: 'identified', body: 'x', translations: { de: { title: 'x' } } }), [422, 'translations.de.title'], 'an update has no title');
  await amends.call('POST', '/v1/incidents/one/updates', { state: 'resolved', body: 'Over.', translations: { de: { body: 'Vorbei.' } }, notify: false });
  await amends.call('PATCH', '/v1/incidents/one', { title: 'Interface was down', translations: { de: { title: 'Schnittstelle war gestört' } } });
  await amends.call('POST', '/v1/postmortems', { incidents: ['one'], title: 'Why', body: 'The disk.', translations: { de: { title: 'Warum', body: 'Die Platte.' } }, notify: false });
  const page = (await until(amends, '/incidents/one', (text) => text.includes('Die Platte.'), 'de')).text;
  ok(/<h1>Schnittstelle war gestört/.test(page) && /<h5>Warum<\/h5>/.test(page) && page.includes('Vorbei.'), 'titles, updates and post-mortems are translated');
  const made = await amends.call('POST', '/v1/incident-templates', { name: 'down', title: 'Down', state: 'investigating', body: 'x', translations: TEXTS });
  is((await amends.call('PATCH', `/v1/incident-templates/${made.id}`, { name: 'gone' })).translations, TEXTS, 'templates carry them');
  await amends.call('POST', '/v1/incidents/one/retract', { body: 'Sorry.', translations: { de: { body: 'Verzeihung.' } } });
  is((await amends.call('GET', '/v1/incidents/one')).updates.at(-1).translations, { de: { body: 'Verzeihung.' } }, 'and a retraction');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  const http = await HttpSink.start();
  cleanup(() => Promise.all([mails.stop(), http.stop()]));
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1', AMENDS_SMS_PROVIDER: 'twilio', AMENDS_SMS_URL: http.url, AMENDS_SMS_ACCOUNT: 'AC1', AMENDS_SMS_TOKEN: 'x', AMENDS_SMS_FROM: '+15005550006' } });
  cleanup(() => amends.destroy());
  await components(amends);
  await readers(amends, http);
  const preview = await amends.call('POST', '/v1/incidents/preview', outage('one'));
  const seen = (locale) => preview.messages.find((one) => one.channel === 'email' && one.locale === locale).subject;
  ok(/Störung/.test(seen('de')) && /Falha/.test(seen('pt')) && /Interface down/.test(seen('ja')), 'a preview has the message of each language');
  const { broadcast } = await amends.call('POST', '/v1/incidents', outage('one'));
  await messages(amends, mails, http, broadcast);
  await pages(amends);
  await feeds(amends);
  await changes(amends);
});
