#!/usr/bin/env node
'use strict';
// The conformance of all channels with a document, those of the executable and one of the installation: each has a
// service of its own here, played by its document. Limits, escaping, mentions, the request, a permanent error, a
// pause, hosts and other addresses that are refused, the end of a subscription, and what belongs to one incident.
const fs = require('node:fs');
const path = require('node:path');
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { HttpSink } = require('../../lib/sinks.js');
const { documents, addressAt, markOf, accepts, refuses, throttles, at, strings } = require('../../lib/channels.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const PUBLIC = 'https://status.example.com';
const HOST = 'status.example.com';
// Every word of these would mention somebody, be formatted or end a string, without escaping.
const NASTY = '@everyone *all* <!channel> <users/all> <at>x</at> [x](y) "q" & @room <https://evil.example|ok>';
const BODY = `**Bold** @all @here ${'😀 long '.repeat(2800)}`;
const PAUSE = 7; // s; the first retry would be after 4 to 6

// An operator's own: no C, no template.
const OWN = { ...documents().find((one) => one.name === 'mattermost'), name: 'zulip' };
OWN.channel = { ...OWN.channel, title: 'Zulip', hosts: ['zulip.example.com'], example: 'https://zulip.example.com/hooks/KEY' };

// Where nobody is mentioned although the text is as it was written.
const UNMENTIONED = {
  discord: (message) => is(message.allowed_mentions, { parse: [] }, 'discord: nobody may be mentioned'),
  matrix: (message) => is(message['m.mentions'], {}, 'matrix: its intentional mentions are none'),
  teams: (message) => ok(!JSON.stringify(message).includes('"msteams"'), 'teams: its card has no entities, without which no mention is one'),
  ntfy: () => ok(true, 'ntfy has no mentions'), pagerduty: () => ok(true, 'pagerduty has none'), opsgenie: () => ok(true, 'opsgenie has none'),
};

// What would be a link with another text, where nothing is escaped.
const LINKS = { google_chat: /<https?:[^>]*evil/, rocketchat: /<https?:[^>]*evil|\]\(/ };

// What escaping must have done to the title, by the document's word.
const ESCAPED = { markdown: '\\*all\\*', html: '&lt;!channel&gt;', text: '<!channel>' };

async function refused(amends, document) {
  const { name, channel } = document;
  const tries = [['a private address', addressAt(document, 'https://10.0.0.1', 'x')], ['the metadata of a cloud', addressAt(document, 'https://169.254.169.254', 'x')],
    ['no https', addressAt(document, 'http://example.com', 'x')], ['another form', 'https://']];
  if (channel.hosts) tries.push(['another host', addressAt(document, 'https://evil.example.com', 'x')], ['a host that ends so', addressAt(document, `https://evil${channel.hosts[0].replace(/^\./, '')}.example`, 'x')]);
  for (const [what, address] of tries) {
    const reply = await amends.request('POST', '/v1/subscribers', { channel: name, address, confirmed: true });
    is([reply.status, JSON.parse(reply.text).errors?.[0].field], [422, 'address'], `${name}: refuses ${what}`);
  }
}

// One request of the service, as its document has it.
function conforms(document, request) {
  const { name, channel } = document;
  const message = JSON.parse(request.body);
  is([request.method, request.headers['content-type']], [document.method || 'POST', 'application/json'], `${name}: method and type`);
  const action = channel.actions ? channel.actions.find((one) => one.first).name : null;
  for (const { pointer, characters, bytes } of channel.maxima) {
    const text = pointer ? at(message, action ? pointer.replace(`/${action}`, '') : pointer) : request.body;
    if (text === undefined) continue;
    ok(!characters || text.length <= characters, `${name}: ${pointer} has at most ${characters} characters: ${text.length}`);
    ok(!bytes || Buffer.byteLength(text) <= bytes, `${name}: ${pointer || 'all'} has at most ${bytes} bytes: ${Buffer.byteLength(text)}`);
  }
  const all = strings(message);
  ok(all.some((text) => text.replaceAll('\u200b', '').includes(ESCAPED[channel.escape])), `${name}: the title is escaped as ${channel.escape}`);
  ok(all.some((text) => text.includes(`${PUBLIC}/incidents/nasty`)), `${name}: with the link`);
  ok(all.some((text) => /😀 long.*\.\.\./s.test(text)), `${name}: the text is cut`);
  ok(channel.escape !== 'text' || !LINKS[name] || !all.some((text) => LINKS[name].test(text)), `${name}: no title hides where a link leads`);
  if (UNMENTIONED[name]) UNMENTIONED[name](message);
  else ok(!all.some((text) => /(^|[^\w])@(everyone|all|here|room)\b/.test(text) || (name === 'google_chat' && text.includes('<users/all>'))), `${name}: nobody is mentioned`);
}

const incident = (ref, more) => ({ ref, kind: 'incident', state: 'investigating', notify: true, components: [{ component: 'api', level: 'major_outage' }], ...more });

async function subscribeAll(amends, all) {
  for (const { document, sink, ids } of all) {
    for (const mark of ['ok', 'gone', 'slow']) {
      const { id, address } = await amends.call('POST', '/v1/subscribers', { channel: document.name, address: addressAt(document, sink.url, mark), confirmed: true });
      ids[mark] = id;
      if (mark === 'ok') ok(!address.includes('zz'), `${document.name}: the address is sealed`);
    }
  }
}

async function first(amends, all) {
  const posted = await amends.call('POST', '/v1/incidents', incident('nasty', { title: NASTY, body: BODY }));
  for (const one of all) await waitUntil(`${one.document.name} has its message`, () => one.got('ok')[0]);
  for (const { document, got } of all) conforms(document, got('ok')[0]);
  return posted;
}

// A subscription that has ended; those that go on see the incident through.
async function follow(amends, all) {
  for (const { document, ids } of all) if (!document.channel.actions) await amends.call('DELETE', `/v1/subscribers/${ids.ok}`);
  for (const [state, body] of [['monitoring', 'Better.'], ['resolved', 'Up.']]) {
    const { broadcast } = await amends.call('POST', '/v1/incidents/nasty/updates', { state, body });
    await waitUntil(`${state} arrives`, () => all.every(({ document, got }) => !document.channel.actions || got('ok').some((one) => one.broadcast === state || got('ok').length >= (state === 'monitoring' ? 2 : 3))));
    ok(broadcast, `${state} is sent`);
  }
  for (const { document, got } of all) if (!document.channel.actions) is(got('ok').length, 1, `${document.name}: an ended subscription gets no more`);
}

function sequences(by) {
  const events = by('pagerduty').got('ok').map((one) => [one.path, JSON.parse(one.body)]);
  is(events.map(([target, one]) => [target, one.event_action, one.dedup_key]), ['trigger', 'acknowledge', 'resolve'].map((action) => ['/v2/enqueue', action, `${HOST}:nasty`]), 'pagerduty: one alert is triggered, acknowledged and resolved');
  is(events[0][1].payload.severity, 'critical', 'with a severity by the level');
  ok(events.every(([, one]) => one.routing_key === 'INTEGRATION_KEYzzok'), 'and the key of the address');
  const calls = by('opsgenie').got('ok');
  const alias = encodeURI(`${HOST}:nasty`);
  is(calls.map((one) => one.path), ['/v2/alerts', `/v2/alerts/${alias}/acknowledge?identifierType=alias`, `/v2/alerts/${alias}/close?identifierType=alias`], 'opsgenie: one alert is created, acknowledged and closed');
  is([JSON.parse(calls[0].body).alias, JSON.parse(calls[0].body).priority, calls[0].headers.authorization], [`${HOST}:nasty`, 'P1', 'GenieKey API_KEYzzok'], 'by its alias, with a priority and the key');
  is(JSON.parse(calls[2].body), { note: 'Resolved\nUp.', source: PUBLIC }, 'and the last text as its note');
}

// A permanent error ends the endpoint, a pause is kept, and a message is the same on each attempt.
async function errors(amends, all, broadcast) {
  await amends.settled(broadcast);
  for (const { document, ids, got, gone } of all) {
    const { state, state_reason: reason } = await amends.call('GET', `/v1/subscribers/${ids.gone}`);
    is([state, reason, got('gone').length], ['suppressed', gone.reason, 1], `${document.name}: a permanent error ends the endpoint`);
    const [one, two] = got('slow');
    ok(two && two.at - one.at >= PAUSE * 1000 - 100, `${document.name}: a pause is kept: ${two && two.at - one.at} ms`);
    ok(two.path === one.path && two.body === one.body, `${document.name}: the second attempt is the same request`);
  }
}

// The pace by Discord's headers, and what other kinds of message are for those with actions.
async function others(amends, by) {
  const { broadcast } = await amends.call('POST', '/v1/incidents', { ref: 'work', title: 'Work', kind: 'maintenance', state: 'scheduled', notify: true, body: 'Soon.', components: [{ component: 'api', level: 'under_maintenance' }], scheduled_from: '2099-01-01T00:00:00Z', scheduled_until: '2099-01-01T01:00:00Z' });
  await waitUntil('the maintenance arrives', () => by('pagerduty').got('ok').length === 4);
  const [, , , change] = by('pagerduty').got('ok');
  is([change.path, JSON.parse(change.body).event_action], ['/v2/change/enqueue', undefined], 'pagerduty: maintenance wakes nobody, it is a change event');
  ok(broadcast, 'sent');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  fs.mkdirSync(path.join(dir, 'templates/channels'), { recursive: true });
  fs.writeFileSync(path.join(dir, 'templates/channels/zulip.json'), JSON.stringify(OWN));
  const all = [];
  for (const document of [...documents(), OWN]) {
    const sink = await HttpSink.start();
    cleanup(() => sink.stop());
    const gone = document.errors.find((row) => row.verdict === 'disable');
    const got = (mark) => sink.requests.filter((one) => markOf(one) === mark);
    all.push({ document, sink, gone, got, ids: {} });
    sink.answer = (request) => {
      if (markOf(request) === 'gone') return refuses(document, gone);
      return markOf(request) === 'slow' && !got('slow').length ? throttles(document, PAUSE) : accepts(document);
    };
  }
  const by = (name) => all.find((one) => one.document.name === name);
  const amends = await Amends.up({ env: { AMENDS_ALLOW_LOOPBACK: '1', AMENDS_PUBLIC_URL: PUBLIC, AMENDS_TEMPLATES_DIR: path.join(dir, 'templates') } });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await subscribeAll(amends, all);
  const posted = await first(amends, all);
  for (const { document } of all) await refused(amends, document); // while the pauses last
  await errors(amends, all, posted.broadcast);
  await follow(amends, all);
  sequences(by);
  await others(amends, by);
});
