#!/usr/bin/env node
'use strict';
// The page of a suggested incident: texts and translations as in the form of an incident, of which nothing typed is lost.
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { source, fired } = require('../../lib/alerts.js');
const { Desk } = require('../../lib/staff.js');
const { is, scenario } = require('../../lib/tap.js');

const wrong = (text) => [...text.matchAll(/<span class="wrong"[^>]*>([^<]*)/g)].map((one) => one[1]);
const value = (text, name) => new RegExp(`name="${name}"[^>]*>([^<]*)</textarea>`).exec(text)?.[1] ?? new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(text)?.[1];

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/incident-templates', {
    name: 'Trouble', kind: 'incident', title: 'Trouble', body: 'Trouble.', state: 'investigating', translations: { de: { title: 'Störung', body: 'Gestört.' } },
  });
  const rule = { component: 'api', level: 'partial_outage', group_by: ['zone'], template: 'Trouble', audience: 'both', affected_body: 'You are hit.' };
  await amends.call('POST', '/v1/alert-rules', { ...rule, name: 'any' });
  const send = await source(amends, 'prom'), desk = await Desk.enter(amends, 'ann', ['responder']);
  const suggested = async (zone) => {
    await send(fired(zone, 10, { zone }));
    return (await amends.all('/v1/suggestions?state=pending'))[0].id;
  };
  const published = async (id) => amends.call('GET', `/v1/incidents/${(await amends.call('GET', `/v1/suggestions/${id}`)).incident}`);

  const first = await suggested('z1'), at = `/staff/suggestions/${first}`, page = (await desk.get(at)).text;
  is(['title', 'body', 'affected_body', 'title:de', 'body:de', 'affected_body:ja'].map((name) => value(page, name)), ['Trouble', 'Trouble.', 'You are hit.', 'Störung', 'Gestört.', ''], 'the page has the texts of the rule and its template in every language');
  for (const [ref, kind, state] of [['queue', 'incident', 'investigating'], ['upgrade', 'maintenance', 'in_progress']]) await amends.call('POST', '/v1/incidents', { ref, kind, state, title: ref, body: 'x', notify: false });
  is([...(await desk.get(at)).text.matchAll(/<option value="(queue|upgrade)"/g)].map(([, ref]) => ref), ['queue'], 'it can be merged into an open incident, and into no maintenance');
  const typed = { do: 'publish', audience: 'both', title: 'Writes fail', body: '', affected_body: '', 'body:de': 'Schreiben geht nicht.', 'title:ja': '障害' };
  const refused = await desk.send(at, typed);
  is([refused.status, wrong(refused.text)], [422, ['Required.']], 'a first update without a text is refused');
  is(['title', 'body:de', 'title:ja', 'affected_body'].map((name) => value(refused.text, name)), ['Writes fail', 'Schreiben geht nicht.', '障害', ''], 'and nothing typed is lost');
  is((await desk.send(at, { ...typed, body: 'Writes fail.' })).status, 303, 'with one it is published');
  const { title, translations, updates: [said] } = await published(first);
  is([title, translations, said.body, said.translations], ['Writes fail', { ja: { title: '障害' } }, 'Writes fail.', { de: { body: 'Schreiben geht nicht.' } }], 'in the languages of the form, and no others');
  is(said.affected_body, null, 'an emptied text for the affected is none');

  const second = await suggested('z2');
  is((await desk.send(`/staff/suggestions/${second}`, { do: 'publish', audience: 'public', title: 'T', body: 'B', affected_body: 'Left over.', 'affected_body:de': 'Rest.' })).status, 303, 'texts for the affected of another audience are left out');
  const third = await suggested('z3');
  await desk.send(`/staff/suggestions/${third}`, { do: 'publish' });
  is(((one) => [one.updates[0].affected_body, one.translations])(await published(third)), ['You are hit.', { de: { title: 'Störung' } }], 'the button of the first page publishes what is suggested');
  const fourth = await suggested('z4');
  const { incident } = await amends.call('POST', `/v1/suggestions/${fourth}/publish`, { affected_body: '' });
  is((await amends.call('GET', `/v1/incidents/${incident}`)).updates[0].affected_body, null, 'the API takes the empty text for none');
  const fifth = await suggested('z5');
  is((await amends.call('POST', `/v1/suggestions/${fifth}/publish`, { audience: 'public', affected_body: '' })).state, 'published', 'whatever the audience');
});
