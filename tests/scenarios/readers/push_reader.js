#!/usr/bin/env node
'use strict';
// What a browser's page and service worker ask of us, by hand: subscribing without a confirmation, the
// preferences and the end by knowing the endpoint, another endpoint, and what is refused.
const { Amends, waitUntil } = require('../../lib/amends.js');
const { HttpSink } = require('../../lib/sinks.js');
const { PushBrowser, vapidClaims } = require('../../lib/push_browser.js');
const { send } = require('../../lib/readers.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const get = (amends, target, headers = {}) => amends.request('GET', target, undefined, { key: null, headers });
const known = async (amends, address) => (await send(amends, '/push/check', { address })).body.subscribed;

class Reader {
  constructor(amends, address) {
    Object.assign(this, { amends, address, keys: new PushBrowser() });
  }

  fields(more = {}) {
    return { address: this.address, p256dh: this.keys.p256dh, auth: this.keys.auth, ...more };
  }

  subscribe(more = {}) {
    return send(this.amends, '/subscribe', { channel: 'push', what: 'all', ...this.fields(), ...more });
  }

  async subscribed(more) {
    is((await this.subscribe(more)).status, 200, `${this.address.split('/').pop()}: the form is taken`);
    await waitUntil('the subscriber is settled', () => known(this.amends, this.address));
    const list = await this.amends.all('/v1/subscribers?channel=push');
    return list.at(-1);
  }
}

async function page(amends) {
  const { text } = await get(amends, '/subscribe?channel=push');
  const key = text.match(/data-push="([\w-]{87})"/)[1];
  ok(text.includes('name="p256dh"') && text.includes('if-push'), 'the form has the fields, and the channel waits for a script');
  const worker = await get(amends, '/push.js');
  is([worker.status, worker.headers.get('content-type'), worker.headers.get('cache-control')], [200, 'text/javascript; charset=utf-8', 'no-cache'], 'the worker is served from the root, so that it serves the whole site');
  is(worker.headers.get('content-security-policy'), "default-src 'none'; connect-src 'self'", 'and may reach only us');
  const icon = await get(amends, '/push/icon');
  is([icon.status, icon.headers.get('location')], [302, '/static/icon.svg'], 'the icon without a brand');
  const manifest = await get(amends, text.match(/rel="manifest" href="([^"]+)"/)[1]);
  is([manifest.headers.get('content-type'), manifest.body.name, manifest.body.display], ['application/manifest+json', 'Status', 'standalone'], 'the manifest that an iPhone asks for');
  ok(/manifest-src 'self'/.test((await get(amends, '/subscribe')).headers.get('content-security-policy')), 'which the policy lets it read');
  return key;
}

async function refusals(amends, reader) {
  const wrong = async (more) => { const reply = await reader.subscribe(more); return [reply.status, reply.text.includes('This browser could not be subscribed.')]; };
  is(await wrong({ p256dh: 'AAAA' }), [422, true], 'a key that is none is refused');
  is(await wrong({ auth: '' }), [422, true], 'and a subscription without a secret');
  is(await wrong({ address: 'https://push.evil.example/x' }), [422, true], 'and an endpoint of an unknown service');
  const far = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  for (const path of ['/push/manage', '/push/end', '/push/change']) is((await send(amends, path, reader.fields(), far)).status, 403, `${path}: not from another site`);
  for (const path of ['/push/manage', '/push/end', '/push/change']) is((await send(amends, path, reader.fields({ to: reader.address }))).status, 404, `${path}: not of an unknown endpoint`);
  is(await known(amends, reader.address), false, 'which is not subscribed');
}

async function manage(amends, reader, id) {
  const reply = await send(amends, '/push/manage', { address: reader.address });
  is([reply.status, reply.headers.get('location')], [303, '/preferences'], 'the endpoint opens the preferences');
  const cookie = reply.headers.get('set-cookie').split(';')[0];
  const { text } = await get(amends, '/preferences', { cookie });
  ok(!text.includes('value="move"') && /name="component" value="web" checked/.test(text), 'with its choice, and nothing to move');
  is((await send(amends, '/push/end', { address: reader.address })).status, 200, 'and ends it');
  is([(await amends.call('GET', `/v1/subscribers/${id}`)).state, await known(amends, reader.address)], ['unsubscribed', false], 'for good');
  is((await send(amends, '/push/manage', { address: reader.address })).status, 404, 'then there is nothing to manage');
  const again = await reader.subscribed();
  is([again.id, again.components], [id, []], 'until the reader comes back, with a new choice');
  const consents = (await amends.all(`/v1/subscribers/${id}/consents`)).map((one) => one.action);
  is(consents.filter((one) => one !== 'unsubscribed'), ['confirmed', 'confirmed'], 'each permission is in the log of consents');
}

async function change(amends, sink, reader, id) {
  const next = new Reader(amends, `${sink.url}/push/next`);
  const other = new Reader(amends, `${sink.url}/push/other`);
  await other.subscribed();
  const move = (to) => send(amends, '/push/change', { address: reader.address, to: to.address, p256dh: to.keys.p256dh, auth: to.keys.auth });
  is((await move(other)).status, 409, 'an endpoint that is subscribed stays the other one');
  is((await send(amends, '/push/change', { address: reader.address, to: next.address, p256dh: 'AAAA', auth: next.keys.auth })).status, 422, 'wrong keys are refused');
  is([(await move(next)).status, await known(amends, reader.address), await known(amends, next.address)], [204, false, true], 'a new endpoint takes the place of the old one');
  const posted = await amends.call('POST', '/v1/incidents', { ref: 'one', title: 'One', kind: 'incident', state: 'investigating', notify: true, body: 'Down.', components: [{ component: 'api', level: 'major_outage' }] });
  await amends.settled(posted.broadcast);
  const [request] = sink.at('/push/next');
  is([next.keys.open(request.bytes).title, sink.at('/push/one').length], ['Investigating: One', 0], 'messages go there, for the new keys');
  sink.answer = ({ path }) => ({ status: path === '/push/next' ? 410 : 201 });
  const update = await amends.call('POST', '/v1/incidents/one/updates', { state: 'identified', body: 'Found.', notify: true });
  await amends.settled(update.broadcast);
  is((await amends.call('GET', `/v1/subscribers/${id}`)).state, 'suppressed', '410 ends it');
  const last = new Reader(amends, `${sink.url}/push/last`);
  is((await send(amends, '/push/change', { address: next.address, to: last.address, p256dh: last.keys.p256dh, auth: last.keys.auth })).status, 204, 'a browser that is late with its new endpoint');
  is((await amends.call('GET', `/v1/subscribers/${id}`)).state, 'active', 'is subscribed again');
  return vapidClaims(request.headers.authorization).key;
}

scenario(async (cleanup) => {
  const sink = await HttpSink.start();
  cleanup(() => sink.stop());
  sink.answer = () => ({ status: 201 });
  const amends = await Amends.up({ env: { AMENDS_ALLOW_LOOPBACK: '1', AMENDS_OUTBOX: 'off', AMENDS_PUSH_SERVICES: '127.0.0.1' } });
  cleanup(() => amends.destroy());
  for (const [slug, name] of [['api', 'API'], ['web', 'Web']]) await amends.call('POST', '/v1/components', { slug, name });
  const key = await page(amends);
  const reader = new Reader(amends, `${sink.url}/push/one`);
  await refusals(amends, reader);
  const row = await reader.subscribed({ what: 'some', component: 'web' });
  is([row.state, row.components, row.address.includes('/push/')], ['active', ['web'], false], 'active at once; the endpoint is kept sealed');
  await manage(amends, reader, row.id);
  is(await change(amends, sink, reader, row.id), key, 'the key of the messages is the one of the page');
});
