#!/usr/bin/env node
'use strict';
// Web push: a local push service takes messages, which a browser's keys decrypt. VAPID, TTL, Urgency
// and Topic; what ends a subscription and what is tried again; keys and services that are refused.
const { Amends } = require('../../lib/amends.js');
const { HttpSink } = require('../../lib/sinks.js');
const { PushBrowser, vapidClaims } = require('../../lib/push_browser.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const PUBLIC = 'https://status.example.com';

const subscribe = (amends, address, browser, more = {}) => amends.request('POST', '/v1/subscribers', {
  channel: 'push', address, p256dh: browser.p256dh, auth: browser.auth, confirmed: true, ...more,
});

async function deliveries(amends, broadcast) {
  const found = new Map();
  for (const one of await amends.all(`/v1/broadcasts/${broadcast}/deliveries`)) found.set(one.recipient, one);
  return found;
}

async function refusals(amends, sink) {
  const browser = new PushBrowser();
  const wrong = async (field, more, address = `${sink.url}/x`) => {
    const reply = await subscribe(amends, address, browser, more);
    is([reply.status, reply.body.errors?.[0].field], [422, field], `${field}: ${JSON.stringify(reply.body).slice(0, 160)}`);
  };
  await wrong('p256dh', { p256dh: 'AAAA' });
  await wrong('p256dh', { p256dh: Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]).toString('base64url') });
  await wrong('p256dh', { p256dh: undefined });
  await wrong('auth', { auth: 'too short' });
  await wrong('auth', { auth: undefined });
  await wrong('confirmed', { confirmed: undefined });
  await wrong('address', {}, 'https://push.evil.example/x');
  await wrong('address', {}, 'http://fcm.googleapis.com/fcm/send/x');
  await wrong('address', {}, 'https://10.0.0.1/x');
  await wrong('p256dh', { channel: 'webhook' });
}

async function messages(amends, sink) {
  const paths = ['/push/one', '/push/german', '/push/web', '/push/gone', '/push/missing', '/push/large', '/push/slow', '/push/refused'];
  const browsers = new Map();
  const ids = new Map();
  for (const path of paths) {
    browsers.set(path, new PushBrowser());
    const more = { '/push/german': { locale: 'de' }, '/push/web': { components: ['web'] } }[path];
    const reply = await subscribe(amends, `${sink.url}${path}`, browsers.get(path), more);
    is(reply.status, 201, `${path} is subscribed`);
    ids.set(path, reply.body.id);
  }
  let slow = 0;
  sink.answer = ({ path }) => {
    const status = { '/push/gone': 410, '/push/missing': 404, '/push/large': 413, '/push/refused': 403 }[path];
    if (path === '/push/slow' && slow++ === 0) return { status: 429, headers: { 'retry-after': '2' } };
    return { status: status || 201 };
  };
  const posted = await amends.call('POST', '/v1/incidents', {
    ref: 'push-1', title: 'API “errors” 🔥', kind: 'incident', state: 'investigating', notify: true, body: `**We** see errors. ${'長い'.repeat(900)}`,
    components: [{ component: 'api', level: 'major_outage' }],
  });
  await amends.settled(posted.broadcast);
  const seen = await deliveries(amends, posted.broadcast);
  const outcome = (path) => { const one = seen.get(ids.get(path)); return [one.state, one.attempts, one.reason ?? null]; };
  is(outcome('/push/one'), ['accepted', 1, null], '201 is accepted');
  is(outcome('/push/gone'), ['failed', 1, 'gone'], '410 fails');
  is(outcome('/push/missing'), ['failed', 1, 'gone'], 'and 404');
  is(outcome('/push/large'), ['failed', 1, 'too_large'], 'and 413');
  is(outcome('/push/refused'), ['failed', 1, 'refused'], 'and 403');
  is(outcome('/push/slow').slice(0, 2), ['accepted', 2], '429 is tried again');
  const states = {};
  for (const path of paths) states[path] = (await amends.call('GET', `/v1/subscribers/${ids.get(path)}`)).state;
  is(['/push/gone', '/push/missing', '/push/large', '/push/refused'].map((path) => states[path]), ['suppressed', 'suppressed', 'active', 'active'], '410 and 404 end the subscription, 413 and 403 only the message');
  const [first, second] = sink.at('/push/slow').map((request) => request.at);
  ok(second - first >= 1900, `Retry-After is obeyed: ${second - first} ms`);
  is(sink.at('/push/web').length, 0, 'who chose another component hears nothing');

  const [request] = sink.at('/push/one');
  const { headers } = request;
  is([headers['content-encoding'], headers.ttl, headers.urgency], ['aes128gcm', '86400', 'high'], 'an outage is urgent, and kept for a day');
  ok(/^[\w-]{1,32}$/.test(headers.topic), `its topic is of base64url: ${headers.topic}`);
  ok(request.bytes.length <= 4096, `a service takes it: ${request.bytes.length} bytes`);
  const claims = vapidClaims(headers.authorization);
  const now = Date.now() / 1000;
  is([claims.alg, claims.aud, claims.sub], ['ES256', sink.url, 'mailto:ops@example.com'], 'VAPID: signed, for the origin, with the contact');
  ok(claims.exp > now && claims.exp <= now + 86400, `valid for ${Math.round(claims.exp - now)} s`);
  is(sink.at('/push/german')[0].headers.authorization, headers.authorization, 'one token serves the origin');

  const shown = browsers.get('/push/one').open(request.bytes);
  is([shown.title, shown.url, shown.tag], ['Investigating: API “errors” 🔥', `${PUBLIC}/incidents/push-1`, 'incident:push-1'], 'the browser reads it');
  ok(shown.body.startsWith('API: Major outage\nWe see errors. 長い') && shown.body.endsWith('...'), 'component and text, cut');
  is(shown.icon, `${PUBLIC}/push/icon`, 'with the icon of the brand');
  ok(shown.manage.url.startsWith(`${PUBLIC}/p/k1.`), 'a signed link to manage');
  ok(shown.unsubscribe.url.startsWith(`${PUBLIC}/u/k1.`), 'and the signed link to unsubscribe');
  const german = browsers.get('/push/german').open(sink.at('/push/german')[0].bytes);
  ok(german.title !== shown.title && german.lang === 'de', `each in its language: ${german.title}`);
  let opened = false;
  try { browsers.get('/push/german').open(request.bytes); opened = true; } catch { /* as it should */ }
  ok(!opened, 'nobody else can read it');
  const { pathname } = new URL(shown.unsubscribe.url);
  const left = await amends.request('POST', pathname, 'List-Unsubscribe=One-Click', { key: null, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  is([left.status, (await amends.call('GET', `/v1/subscribers/${ids.get('/push/one')}`)).state], [200, 'unsubscribed'], 'one click unsubscribes');

  const again = await subscribe(amends, `${sink.url}/push/gone`, browsers.get('/push/gone'));
  is([again.status, again.body.state], [200, 'active'], 'one that was gone may come back');
  const renewed = new PushBrowser();
  await subscribe(amends, `${sink.url}/push/german`, renewed);
  sink.answer = () => ({ status: 201 });
  const resolved = await amends.call('POST', '/v1/incidents/push-1/updates', { state: 'resolved', body: 'It works.', notify: true, components: [{ component: 'api', level: 'operational' }] });
  await amends.settled(resolved.broadcast);
  const last = sink.at('/push/german')[1];
  is([last.headers.topic, last.headers.urgency], [headers.topic, 'normal'], 'a later update has the same topic, so that it replaces the earlier one');
  ok(renewed.open(last.bytes).body.endsWith('It works.'), 'new keys of an endpoint hold');
  is(sink.at('/push/one').length, 1, 'who has left hears nothing');
}

async function otherKinds(amends, sink) {
  const browser = new PushBrowser();
  await subscribe(amends, `${sink.url}/push/other`, browser);
  const notice = await amends.call('POST', '/v1/notices', { audience: 'all', subject: 'New prices', body: 'From *May*.' });
  await amends.settled(notice.broadcast);
  const from = new Date(Date.now() + 7200e3).toISOString();
  const until = new Date(Date.now() + 10800e3).toISOString();
  const planned = await amends.call('POST', '/v1/incidents', {
    ref: 'push-2', title: 'Database upgrade', kind: 'maintenance', state: 'scheduled', scheduled_from: from, scheduled_until: until, notify: true, body: 'Short.',
    components: [{ component: 'api', level: 'under_maintenance' }],
  });
  await amends.settled(planned.broadcast);
  const [one, two] = sink.at('/push/other');
  const shown = browser.open(one.bytes);
  is([shown.title, shown.body, shown.url, one.headers.topic], ['New prices', 'From May.', `${PUBLIC}/`, undefined], 'a notice');
  const maintenance = browser.open(two.bytes);
  ok(maintenance.title === 'Scheduled: Database upgrade' && /^API\nScheduled: \w+ \d+, \d{4}/.test(maintenance.body) && two.headers.urgency === 'normal', `a maintenance with its time: ${JSON.stringify(maintenance.body)}`);
}

scenario(async (cleanup) => {
  const sink = await HttpSink.start();
  cleanup(() => sink.stop());
  const amends = await Amends.up({
    env: {
      AMENDS_ALLOW_LOOPBACK: '1', AMENDS_PUBLIC_URL: PUBLIC, AMENDS_OUTBOX: 'off', AMENDS_PUSH_CONTACT: 'mailto:ops@example.com',
      AMENDS_PUSH_SERVICES: 'fcm.googleapis.com .notify.windows.com 127.0.0.1 10.0.0.1',
    },
  });
  cleanup(() => amends.destroy());
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: slug === 'api' ? 'API' : 'Web' });
  await refusals(amends, sink);
  await messages(amends, sink);
  await otherKinds(amends, sink);
});
