#!/usr/bin/env node
'use strict';
// "Get notifications in this browser" in a real browser: the channel shows only where it can work, the
// permission is asked for on a click, our service worker shows what a push service delivered, and its
// clicks lead on. Chromium subscribes at Google only, so the subscription is one of our own keys; the
// message is sent by the notifier, decrypted, and handed to the worker by the DevTools protocol.
const { Amends, waitUntil } = require('../lib/amends.js');
const { HttpSink } = require('../lib/sinks.js');
const { PushBrowser } = require('../lib/push_browser.js');
const { launch, open, PHONE, DESK } = require('../lib/walk.js');
const { ok, is, scenario } = require('../lib/tap.js');

const BUTTON = '#send button';

// In the page, before its own scripts: subscribe() resolves to this subscription.
function pretend({ endpoint, p256dh, auth }) {
  const box = globalThis.localStorage;
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0)).buffer;
  const subscription = () => ({
    endpoint, options: { applicationServerKey: bytes(box.getItem('key')) },
    toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh, auth } }),
    unsubscribe: async () => { box.removeItem('key'); return true; },
  });
  globalThis.PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly) throw new Error('it must be visible');
    box.setItem('key', applicationServerKey);
    return subscription();
  };
  globalThis.PushManager.prototype.getSubscription = async () => (box.getItem('key') ? subscription() : null);
}

async function walkOf(browser, amends, how, sink, keys) {
  const steps = await open(browser, amends.url, { language: 'en', zone: 'Europe/Berlin', ...how });
  await steps.page.addInitScript(pretend, { endpoint: `${sink.url}/push/browser`, p256dh: keys.p256dh, auth: keys.auth });
  return steps;
}

const state = (page) => page.getAttribute('[data-push]', 'data-state');
const isState = (page, wanted) => page.waitForSelector(`[data-push][data-state=${wanted}]`);

async function subscribe(steps, amends) {
  const { page } = steps;
  await steps.go('/subscribe');
  await page.click('.tabs a[href*="channel=push"]');
  await isState(page, 'off');
  is(await page.textContent(BUTTON), 'Get notifications in this browser', 'the button says what it does');
  await steps.look('push-off');
  await page.check('input[name=what][value=some]');
  await page.check('input[name=component][value=api]');
  await steps.press(BUTTON);
  is(await page.textContent('.told'), 'Notifications are on in this browser.', 'one click subscribes');
  await steps.look('push-sent');
  const [reader] = await waitUntil('the subscriber is there', async () => { const all = await amends.all('/v1/subscribers?channel=push'); return all.length && all; });
  is([reader.state, reader.components, reader.timezone], ['active', ['api'], 'Europe/Berlin'], 'without a confirmation, with its choice');
  return reader;
}

async function shown(steps, amends, sink, keys) {
  const { page } = steps;
  const client = await page.context().newCDPSession(page);
  const registrations = [];
  client.on('ServiceWorker.workerRegistrationUpdated', (event) => registrations.push(...event.registrations));
  await client.send('ServiceWorker.enable');
  const worker = await waitUntil('the worker runs', () => page.context().serviceWorkers()[0]);
  is([new URL(worker.url()).pathname, await worker.evaluate(() => self.registration.scope)], ['/push.js', `${amends.url}/`], 'the worker serves the whole site');
  const posted = await amends.call('POST', '/v1/incidents', {
    ref: 'api-1', title: 'API errors', kind: 'incident', state: 'investigating', notify: true, body: 'We look into it.', components: [{ component: 'api', level: 'partial_outage' }],
  });
  await amends.settled(posted.broadcast);
  const message = keys.open(sink.at('/push/browser')[0].bytes);
  const [registration] = await waitUntil('it is registered', () => registrations.length && registrations);
  await client.send('ServiceWorker.deliverPushMessage', { origin: amends.url, registrationId: registration.registrationId, data: JSON.stringify(message) });
  const list = () => worker.evaluate(async () => (await self.registration.getNotifications()).map(({ title, body, tag, lang, icon, actions }) => ({ title, body, tag, lang, icon, actions: actions.map((one) => one.title) })));
  const some = async () => { const all = await list(); return all.length && all; };
  const [seen] = await waitUntil('it is shown', some, 20000);
  is(seen, { title: 'Investigating: API errors', body: 'API: Partial outage\nWe look into it.', tag: 'incident:api-1', lang: 'en', icon: `${amends.url}/push/icon`, actions: ['Manage subscription', 'Unsubscribe'] }, 'the notification');
  const click = (action) => worker.evaluate(async (which) => {
    const [notification] = await self.registration.getNotifications();
    const went = new Promise((resolve) => { self.clients.openWindow = async (url) => resolve(url); });
    self.dispatchEvent(new NotificationEvent('notificationclick', { notification, action: which }));
    return went;
  }, action);
  is(await click(''), `${amends.url}/incidents/api-1`, 'a click opens the incident');
  await waitUntil('it is closed', async () => (await list()).length === 0, 20000);
  await client.send('ServiceWorker.deliverPushMessage', { origin: amends.url, registrationId: registration.registrationId, data: JSON.stringify(message) });
  await waitUntil('it is shown again', some, 20000);
  ok((await click('manage')).startsWith(`${amends.url}/p/`), '"Manage subscription" opens the choices');
}

// The worker alone: the push service gives the browser another endpoint.
async function changed(worker, amends, sink, reader) {
  const next = new PushBrowser();
  await worker.evaluate(async ({ endpoint, p256dh, auth }) => {
    const newSubscription = { toJSON: () => ({ endpoint, keys: { p256dh, auth } }), unsubscribe: async () => true };
    const event = Object.assign(new ExtendableEvent('pushsubscriptionchange'), { newSubscription });
    self.dispatchEvent(event);
  }, { endpoint: `${sink.url}/push/moved`, p256dh: next.p256dh, auth: next.auth });
  const updated = () => amends.call('POST', '/v1/incidents/api-1/updates', { state: 'identified', body: 'Found.', notify: true });
  await waitUntil('the endpoint has moved', async () => { await amends.settled((await updated()).broadcast); return sink.at('/push/moved').length; }, 20000);
  is(next.open(sink.at('/push/moved')[0].bytes).title, 'Identified: API errors', 'the new endpoint gets the next message');
  is((await amends.call('GET', `/v1/subscribers/${reader.id}`)).components, ['api'], 'with the same choice');
}

async function manage(steps, amends, reader) {
  const { page } = steps;
  await steps.go('/subscribe?channel=push');
  await isState(page, 'on');
  ok(!await page.isVisible(BUTTON), 'who is subscribed is not asked again');
  await steps.look('push-on');
  await steps.press('button[formaction="/push/manage"]');
  is([new URL(page.url()).pathname, await page.isChecked('input[name=component][value=api]')], ['/preferences', true], 'the preferences open at once');
  await steps.look('push-preferences');
  await steps.press('button[value=unsubscribe]');
  await steps.go('/subscribe?channel=push');
  await isState(page, 'off');
  await steps.press(BUTTON);
  await waitUntil('it is on again', async () => (await amends.call('GET', `/v1/subscribers/${reader.id}`)).state === 'active');
  await steps.go('/manage?channel=push');
  await isState(page, 'on');
  await steps.press('button[formaction="/push/end"]');
  is((await amends.call('GET', `/v1/subscribers/${reader.id}`)).state, 'unsubscribed', 'and it can be turned off in the page');
  await steps.look('push-ended');
  await steps.go('/manage?channel=push');
  await isState(page, 'off');
  ok((await page.textContent('main')).includes('This browser is not subscribed.'), 'which it then says');
}

async function elsewhere(browser, amends, sink, keys) {
  const bare = await open(browser, amends.url, { language: 'en', zone: 'UTC', bare: true });
  await bare.go('/subscribe');
  ok(!await bare.page.isVisible('.tabs a[href*="channel=push"]'), 'without JavaScript there is no such channel');
  const old = await walkOf(browser, amends, { size: PHONE, scheme: 'dark', name: 'push-old' }, sink, keys);
  await old.page.addInitScript(() => { delete globalThis.PushManager; });
  await old.go('/subscribe?channel=push');
  ok(!await old.page.isVisible('.tabs a[href*="channel=push"]') && await state(old.page) === 'none' && !await old.page.isVisible(BUTTON), 'nor in a browser that cannot');
  await old.look('push-none');
  const denied = await walkOf(browser, amends, { size: PHONE, scheme: 'light', name: 'push-denied' }, sink, keys);
  await denied.page.addInitScript(() => { Object.defineProperty(Notification, 'permission', { get: () => 'denied' }); });
  await denied.go('/subscribe?channel=push');
  await isState(denied.page, 'denied');
  ok(!await denied.page.isVisible(BUTTON), 'who has blocked notifications is told');
  await denied.look('push-denied');
  is([...old.faults, ...denied.faults], [], 'no faults');
}

scenario(async (cleanup) => {
  const sink = await HttpSink.start();
  cleanup(() => sink.stop());
  const amends = await Amends.up({ env: { AMENDS_ALLOW_LOOPBACK: '1', AMENDS_OUTBOX: 'off', AMENDS_PUSH_SERVICES: '127.0.0.1' } });
  cleanup(() => amends.destroy());
  for (const [slug, name] of [['api', 'API'], ['web', 'Web']]) await amends.call('POST', '/v1/components', { slug, name });
  const browser = await launch({ whole: true });
  cleanup(() => browser.close());
  const keys = new PushBrowser();
  const steps = await walkOf(browser, amends, { size: DESK, scheme: 'light', name: 'push-desk' }, sink, keys);
  await steps.page.context().grantPermissions(['notifications'], { origin: amends.url });
  const reader = await subscribe(steps, amends);
  await shown(steps, amends, sink, keys);
  await manage(steps, amends, reader);
  const phone = await walkOf(browser, amends, { size: PHONE, scheme: 'dark', name: 'push-phone' }, sink, keys);
  await phone.page.context().grantPermissions(['notifications'], { origin: amends.url });
  const again = await subscribe(phone, amends);
  is([again.id, again.components], [reader.id, ['api']], 'who comes back is the same subscriber');
  await changed(phone.page.context().serviceWorkers()[0], amends, sink, reader);
  await elsewhere(browser, amends, sink, keys);
  is([...steps.faults, ...phone.faults], [], 'no faults');
});
