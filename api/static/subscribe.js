// "Get notifications in this browser" on /subscribe and /manage, where the browser can: asks for
// permission when it is clicked, and puts the subscription into the form. The channel is hidden
// elsewhere and without this file.
'use strict';

const WORKER = '/push.js';
const able = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
if (able) document.documentElement.classList.add('can-push');

const keyOf = (subscription) => btoa(String.fromCharCode(...new Uint8Array(subscription.options.applicationServerKey)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

// What the worker needs when the subscription changes without a page.
async function remember(subscription, key) {
  const cache = await caches.open('push');
  await cache.put(WORKER, Response.json({ address: subscription.endpoint, key }));
}

// The subscription, unless it was ended elsewhere, such as by the link in a notification.
async function current(key) {
  const worker = await navigator.serviceWorker.getRegistration(WORKER);
  const subscription = worker && await worker.pushManager.getSubscription();
  if (!subscription || keyOf(subscription) !== key) return null;
  const reply = await fetch('/push/check', { method: 'POST', body: new URLSearchParams({ address: subscription.endpoint }) });
  return reply.ok && (await reply.json()).subscribed ? subscription : null;
}

function fill(form, subscription) {
  const { endpoint, keys } = subscription.toJSON();
  form.elements.address.value = endpoint;
  form.elements.p256dh.value = keys.p256dh;
  form.elements.auth.value = keys.auth;
}

// none (the browser cannot), denied, off or on.
async function show(box) {
  const subscription = able && Notification.permission === 'granted' ? await current(box.dataset.push) : null;
  if (subscription) fill(box.closest('form'), subscription);
  box.dataset.state = !able ? 'none' : Notification.permission === 'denied' ? 'denied' : subscription ? 'on' : 'off';
}

const showAll = () => { for (const box of document.querySelectorAll('[data-push]')) show(box); };

async function subscribe(box) {
  if (await Notification.requestPermission() !== 'granted') return null;
  await navigator.serviceWorker.register(WORKER);
  const worker = await navigator.serviceWorker.ready;
  const old = await worker.pushManager.getSubscription();
  if (old && keyOf(old) !== box.dataset.push) await old.unsubscribe(); // made for a key that was dropped
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: box.dataset.push });
  await remember(subscription, box.dataset.push);
  return subscription;
}

async function turnOff(box) {
  const subscription = await current(box.dataset.push);
  if (subscription) await subscription.unsubscribe();
  await caches.delete('push');
}

addEventListener('submit', async (event) => {
  const box = event.target.querySelector('[data-push]');
  const button = event.submitter;
  if (!box || !button || box.dataset.busy) return;
  const ends = button.hasAttribute('data-push-end');
  if (!ends && button.formAction.endsWith('/push/manage')) return;
  event.preventDefault();
  box.dataset.busy = 'yes';
  try {
    if (ends) await turnOff(box);
    else {
      const subscription = await subscribe(box);
      if (subscription) fill(event.target, subscription);
      else return await show(box);
    }
    event.target.requestSubmit(button);
  } catch {
    box.dataset.state = 'failed';
  } finally {
    delete box.dataset.busy;
  }
});

addEventListener('htmx:load', showAll);
showAll();
