#!/usr/bin/env node
'use strict';
// The console's forms have a section per language, without JavaScript: start, update, correct, title,
// post-mortem, retraction, templates, components, groups and notices. They say who reads a language in
// which there is no text, and the check says it of the post's own readers.
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const without = (page) => (page.match(/No text: ([^<]*)</) || ['', ''])[1].split(', ');
const missing = (page) => [...page.matchAll(/Readers of (\w+): (\d+)\. There is no text in/g)].map((one) => `${one[1]} ${one[2]}`);
const component = (amends) => amends.all('/v1/components').then((list) => list.find((one) => one.slug === 'api'));
const incident = (amends, ref) => amends.call('GET', `/v1/incidents/${ref}`);

async function readers(amends) {
  for (const [n, locale] of ['de', 'de-AT', 'ja', 'en', 'pt', 'nl'].entries()) {
    await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `r${n}@reader.example`, locale, confirmed: true, ...(locale === 'ja' && { components: ['web'] }) });
  }
  await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address: 'https://hooks.example/x', locale: 'fr', confirmed: true });
  is((await amends.call('GET', '/v1/subscribers/languages')).languages.find((one) => one.locale === 'pt'), { locale: 'pt', count: 1 }, 'the API counts readers by language');
}

async function start(amends, desk) {
  const blank = (await desk.get('/staff/incidents/new')).text;
  is(without(blank).sort(), ['German (2)', 'Japanese (1)', 'Portuguese (1)'], 'the start form says which languages are read: those in which posts can be, by people');
  for (const tag of ['de', 'es', 'fr', 'ja', 'pt-BR']) ok(['title', 'body'].every((part) => new RegExp(`name="${part}:${tag}"[^>]* lang="${tag}"`).test(blank)), `it has fields for ${tag}`);
  ok(!blank.includes('name="title:en"'), 'and none for its own');
  const fields = { kind: 'incident', title: 'API down', state: 'investigating', body: 'We look.', 'title:de': 'API <gestört>', 'body:de': 'Wir suchen.', 'level:api': 'major_outage', notify: '1', promise: '0', hold: '0' };
  const checked = (await desk.send('/staff/incidents/new', { ...fields, do: 'check' })).text;
  const section = checked.slice(checked.indexOf('id="check"'));
  is(missing(section), ['Portuguese 1'], 'the check says it of those who get this post');
  ok(section.includes('API &lt;gestört&gt;') && section.includes('Wir suchen.') && section.includes('API down'), 'and shows the message of each language');
  ok(checked.includes('value="API &lt;gestört&gt;"') && />Wir suchen\.<\/textarea>/.test(checked), 'what was typed is kept');
  const wrong = await desk.send('/staff/incidents/new', { ...fields, 'title:de': 'x'.repeat(251) });
  ok(wrong.status === 422 && /250/.test(wrong.text), 'a title that is too long is refused');
  await desk.send('/staff/incidents/new', fields);
  const [{ ref }] = await amends.all('/v1/incidents');
  const made = await incident(amends, ref);
  is([made.translations, made.updates[0].translations], [{ de: { title: 'API <gestört>' } }, { de: { body: 'Wir suchen.' } }], 'it is posted with them');
  return ref;
}

async function rest(amends, desk, ref) {
  const target = `/staff/incidents/${ref}`;
  const [first] = (await incident(amends, ref)).updates;
  const page = (await desk.get(target)).text;
  ok(page.includes(`id="body-de-${first.id}"`) && page.includes('id="title-de-title"'), 'its page has forms to correct them');
  await desk.send(target, { do: 'correct', update: String(first.id), body: 'We look.', 'body:de': 'Wir suchen noch.', 'body:ja': '調査中です。', hold: '0' });
  await desk.send(target, { do: 'rename', title: 'API was down', 'title:de': 'API war gestört', hold: '0' });
  await desk.send(target, { state: 'resolved', body: 'Over.', 'body:de': 'Vorbei.', promise: '0', hold: '0' });
  const made = await incident(amends, ref);
  is([made.title, made.translations.de.title, made.updates.map((one) => Object.keys(one.translations))], ['API was down', 'API war gestört', [['de', 'ja'], ['de']]], 'text, title and update');
  await desk.send('/staff/incidents/postmortem', { incident: ref, title: 'Why', body: 'Disk.', 'title:de': 'Warum', 'body:de': 'Platte.', hold: '0' });
  is((await incident(amends, ref)).updates.at(-1).translations.de.body, '### Warum\n\nPlatte.', 'a post-mortem');
  await desk.send('/staff/incidents/templates', { name: 'down', kind: 'incident', title: 'Down', state: 'investigating', body: 'x', 'title:ja': '停止', promise: '0', do: 'save' });
  const [template] = (await amends.call('GET', '/v1/incident-templates')).data;
  is(template.translations, { ja: { title: '停止' } }, 'a template');
  ok((await desk.get(`/staff/incidents/new?template=${template.id}`)).text.includes('value="停止"'), 'which fills the start form');
  await desk.send(`${target}/retract`, { body: 'Sorry.', 'body:de': 'Verzeihung.' });
  is((await incident(amends, ref)).updates.at(-1).translations, { de: { body: 'Verzeihung.' } }, 'a retraction');
}

async function components(amends, desk) {
  ok((await desk.get('/staff/components')).text.includes('/staff/components/translations?kind=component&amp;slug=api'), 'components have a page of translations');
  const target = '/staff/components/translations';
  ok((await desk.get(`${target}?kind=group&slug=core`)).text.includes('name="description:de"'), 'groups, too');
  await desk.send(target, { kind: 'component', slug: 'api', 'name:de': 'Schnittstelle' });
  await desk.send(target, { kind: 'group', slug: 'core', 'name:de': 'Kern', 'description:de': 'Innen.' });
  is([(await component(amends)).translations, (await amends.call('GET', '/v1/component-groups')).data[0].translations],
    [{ de: { name: 'Schnittstelle' } }, { de: { name: 'Kern', description: 'Innen.' } }], 'which save');
  ok(/value="Schnittstelle"/.test((await desk.get(`${target}?kind=component&slug=api`)).text) && /<span class="meta">de<\/span>/.test((await desk.get('/staff/components')).text), 'and show them');
  is((await desk.get(`${target}?kind=component&slug=none`)).status, 404, 'of what exists');
  await desk.send(target, { kind: 'component', slug: 'api' });
  is((await component(amends)).translations, undefined, 'empty fields take them away');
}

async function notices(amends, desk) {
  const page = (await desk.get('/staff/notices')).text;
  ok(without(page).includes('German (2)') && without(page).includes('nl (1)') && page.includes('name="subject:nl"'), 'a notice says it, too, and can be in any language');
  const texts = { subject: 'Prices', body: 'They stay.', 'subject:de': 'Preise', 'body:de': 'Sie bleiben.' };
  ok(/Sie bleiben/.test((await desk.send('/staff/notices', { ...texts, do: 'look', locale: 'de' })).text), 'and previews each language');
}

// The usual end is a text for readers: in the language of the other texts, whatever that of the person.
async function end(amends, desk) {
  await amends.call('POST', '/v1/incidents', { ref: 'usual', title: 'x', kind: 'incident', state: 'investigating', body: 'x', notify: false });
  const target = '/staff/incidents/usual?lang=de';
  ok((await desk.get(target)).text.includes('<p>This incident has been resolved.</p>'), 'one click to resolve shows the text of the service to a German');
  await desk.send(target, { do: 'resolve' });
  is((await amends.call('GET', '/v1/held-posts?state=held')).data.map(({ post }) => post.body), ['This incident has been resolved.'], 'and posts it');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API', group: 'core' });
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web' });
  await readers(amends);
  const desk = await Desk.enter(amends, 'rita', ['admin']);
  const ref = await start(amends, desk);
  await rest(amends, desk, ref);
  await components(amends, desk);
  await notices(amends, desk);
  await end(amends, desk);
});
