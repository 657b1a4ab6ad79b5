#!/usr/bin/env node
'use strict';
// Webhooks in Statuspage's format: all updates with the ids and impact of the API, the page's status,
// and a component_update for each component whose status changes.
const { Amends, waitUntil } = require('../../lib/amends.js');
const { HttpSink } = require('../../lib/sinks.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const post = (amends, path, body) => amends.call('POST', path, body).then((made) => (made.broadcast ? amends.settled(made.broadcast) : made));
const bodies = (sink, path) => sink.at(path).map((request) => JSON.parse(request.body));

async function prepare(amends, sink) {
  for (const slug of ['api', 'web', 'mail']) await amends.call('POST', '/v1/components', { slug, name: slug.toUpperCase(), group: slug === 'mail' ? undefined : 'core' });
  const hooks = { all: {}, group: { groups: ['core'] }, web: { components: ['web'] }, own: { format: 'amends' } };
  for (const [name, more] of Object.entries(hooks)) {
    await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address: `${sink.url}/hook/${name}`, format: 'statuspage', confirmed: true, ...more });
  }
}

async function incident(amends, sink) {
  await post(amends, '/v1/incidents', { ref: 'down', title: 'Down & "out"', kind: 'incident', state: 'investigating', body: 'API is down.', components: [{ component: 'api', level: 'major_outage' }] });
  await post(amends, '/v1/incidents/down/updates', { state: 'identified', body: 'Web, too.', components: [{ component: 'web', level: 'degraded_performance' }] });
  const events = await waitUntil('both updates arrive', () => {
    const seen = bodies(sink, '/hook/all').filter((body) => body.incident);
    return seen.length === 2 && seen;
  });
  const second = events[1];
  is(second.page, { id: 'amends', status_indicator: 'major', status_description: 'Partial System Outage' }, "page has the page's status");
  is([second.incident.impact, second.incident.backfilled, second.incident.postmortem_body], ['critical', false, null], 'incident has its impact and what Statuspage documents');
  ok(/^http.*\/u\//.test(second.meta.unsubscribe), 'meta says where to unsubscribe');
  const { incidents: [api] } = await waitUntil('the API has them', async () => {
    const { body } = await amends.request('GET', '/api/v2/incidents.json', undefined, { key: null });
    return body.incidents[0]?.incident_updates.length === 2 && body;
  });
  is(second.incident.incident_updates, api.incident_updates, "all updates are there, as the API's");
  is([second.incident.id, second.incident.shortlink, second.incident.created_at], [api.id, api.shortlink, api.created_at], 'with its ids and times');
  is(events[0].incident.incident_updates.length, 1, 'the first had one');
}

async function components(amends, sink) {
  const changes = (path) => bodies(sink, path).filter((body) => body.component_update)
    .map(({ component_update: { component_id: id, old_status: old, new_status: now }, component }) => [id, old, now, component.name, component.status]);
  const up = ['api', 'operational', 'major_outage', 'API', 'major_outage'];
  const slow = ['web', 'operational', 'degraded_performance', 'WEB', 'degraded_performance'];
  await waitUntil('component updates arrive', () => changes('/hook/all').length === 2 && changes('/hook/web').length === 1);
  is(changes('/hook/all').sort(), [up, slow], 'component_update per component that changes');
  await post(amends, '/v1/incidents/down/updates', { state: 'resolved', body: 'Up.' });
  await waitUntil('the ends arrive', () => changes('/hook/all').length === 4 && changes('/hook/group').length === 4 && changes('/hook/web').length === 2);
  is(changes('/hook/web'), [slow, ['web', 'degraded_performance', 'operational', 'WEB', 'operational']], 'to whoever subscribes to it');
  const event = bodies(sink, '/hook/web').find((body) => body.component_update);
  is(Object.keys(event).sort(), ['component', 'component_update', 'meta', 'page'], 'shaped as documented');
  ok(/^\d+-web$/.test(event.component_update.id) && /T.*\.\d{3}Z$/.test(event.component_update.created_at), 'with an id and a time');
  await post(amends, '/v1/incidents', { ref: 'wrong', title: 'Wrong', kind: 'incident', state: 'investigating', body: 'A bad probe.', components: [{ component: 'mail', level: 'partial_outage' }] });
  await post(amends, '/v1/incidents/wrong/retract', { body: 'A bad probe.', notify: true });
  await waitUntil('a retraction ends it', () => changes('/hook/all').length === 6);
  is(changes('/hook/all').slice(4), [['mail', 'operational', 'partial_outage', 'MAIL', 'partial_outage'], ['mail', 'partial_outage', 'operational', 'MAIL', 'operational']], 'a retracted incident gives its components back');
  await post(amends, '/v1/incidents', { ref: 'words', title: 'Words', kind: 'incident', state: 'investigating', body: 'No component.' });
  is([changes('/hook/all').length, bodies(sink, '/hook/own').filter((body) => body.component_update || body.page).length], [6, 0], 'not without a change, and not in our own format');
}

scenario(async (cleanup) => {
  const sink = await HttpSink.start();
  cleanup(() => sink.stop());
  const amends = await Amends.up({ env: { AMENDS_ALLOW_LOOPBACK: '1' } });
  cleanup(() => amends.destroy());
  await prepare(amends, sink);
  await incident(amends, sink);
  await components(amends, sink);
});
