// The service worker behind "Get notifications in this browser": shows what is pushed, opens what is
// clicked, and tells the server when the push service changes the subscription.
'use strict';

self.addEventListener('push', (event) => {
  const { title, body, url, tag, icon, lang, manage, unsubscribe } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, {
    body, tag, icon, lang, renotify: true, // a later update replaces an earlier one, and is heard
    data: { url, manage: manage.url, unsubscribe: unsubscribe.url },
    actions: [{ action: 'manage', title: manage.title }, { action: 'unsubscribe', title: unsubscribe.title }],
  }));
});

async function open(url) {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = windows.find((one) => one.url === url);
  return there ? there.focus() : self.clients.openWindow(url);
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data[event.action] || event.notification.data.url));
});

// Some browsers do not say what the subscription was: page.js keeps it beside us.
async function change({ oldSubscription, newSubscription }) {
  const kept = await (await caches.open('push')).match('/push.js');
  const old = kept ? await kept.json() : { address: oldSubscription.endpoint, key: oldSubscription.options.applicationServerKey };
  const now = newSubscription || await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: old.key });
  const { endpoint, keys } = now.toJSON();
  const reply = await fetch('/push/change', { method: 'POST', body: new URLSearchParams({ address: old.address, to: endpoint, p256dh: keys.p256dh, auth: keys.auth }) });
  if (reply.ok) await (await caches.open('push')).put('/push.js', Response.json({ address: endpoint, key: old.key }));
  else if (reply.status < 500) await now.unsubscribe();
}

self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(change(event)));
