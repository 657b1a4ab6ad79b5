// The console works without this file; it adds live progress. A section with data-events shows
// an event stream of /v1: data-field names a member.
'use strict';
// A link or a form that was chosen leads to a new page, which no reload of ours may overtake.
let leaving = false;
for (const way of ['submit', 'beforeunload']) addEventListener(way, () => { leaving = true; });
const reload = () => leaving || location.reload();

const member = (object, path) => path.split('.').reduce((at, name) => (at == null ? at : at[name]), object);

// The sentence and the bar are the server's.
let asking = false;
async function showOutcome(section) {
  if (asking || leaving) return;
  asking = true;
  const reply = await fetch(location.href).catch(() => null);
  const page = reply && reply.ok ? new DOMParser().parseFromString(await reply.text(), 'text/html') : null;
  for (const one of section.querySelectorAll('.outcome')) {
    const next = page && page.querySelector(`${one.tagName.toLowerCase()}.outcome`);
    if (next) one.replaceWith(next);
  }
  asking = false;
}

function show(section, broadcast) {
  for (const field of section.querySelectorAll('[data-field]')) {
    const value = member(broadcast, field.dataset.field);
    if (value !== undefined && value !== null) field.textContent = value;
  }
  showOutcome(section);
}

for (const section of document.querySelectorAll('[data-events]')) {
  const events = new EventSource(section.dataset.events);
  events.addEventListener('broadcast', (event) => show(section, JSON.parse(event.data)));
  events.addEventListener('done', () => {
    events.close();
    reload();
  });
}

// Time left to undo, as 9:59 or 59 s; at its end, reload the page to show the progress.
for (const left of document.querySelectorAll('[data-countdown]')) {
  const end = Date.now() + Number(left.dataset.countdown) * 1000;
  const unit = left.textContent.replace(/\d/g, '');
  const timer = setInterval(() => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    left.textContent = seconds < 60 ? seconds + unit : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    if (seconds) return;
    clearInterval(timer);
    setTimeout(reload, 500);
  }, 500);
}

// Refresh running sections every second, and at the end the whole page.
async function follow(section) {
  const reply = await fetch(location.href).catch(() => null);
  const page = reply && reply.ok ? new DOMParser().parseFromString(await reply.text(), 'text/html') : null;
  const next = page && page.querySelector('[data-live]');
  if (page && !next) {
    reload();
    return;
  }
  if (next) section.replaceChildren(...next.childNodes);
  setTimeout(() => follow(section), 1000);
}
for (const section of document.querySelectorAll('[data-live]')) setTimeout(() => follow(section), 1000);

// Refresh a section with an id every data-again seconds, and nothing around it: forms stay as they are.
async function again(id) {
  const reply = await fetch(location.href).catch(() => null);
  const page = reply && reply.ok ? new DOMParser().parseFromString(await reply.text(), 'text/html') : null;
  const next = page && page.getElementById(id);
  if (next) {
    showTimes(next);
    document.getElementById(id).replaceWith(next);
  }
  wait(document.getElementById(id));
}
function wait(section) {
  if (section.dataset.again) setTimeout(() => again(section.id), section.dataset.again * 1000);
}
document.querySelectorAll('[data-again]').forEach(wait);

// The real mail at two widths: each frame is the target of the form's own preview.
for (const frame of document.querySelectorAll('iframe[data-preview]')) {
  const copy = new FormData(document.querySelector('form.draft'));
  const form = document.createElement('form');
  form.method = 'post';
  form.action = location.pathname;
  form.target = frame.name;
  form.hidden = true;
  copy.set('do', 'mail');
  for (const [name, value] of copy) {
    const field = document.createElement('textarea');
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

// A form with data-refresh shows, as it is filled in, what the server makes of it. Parts of its
// answer replace those of the page by id: data-part="free" unless the focus is in them, "text"
// always, "value" by the value alone, and "whole" only after a change of a field with data-whole,
// which decides what other fields there are. One request at a time.
function replace(part, whole) {
  const own = document.getElementById(part.id);
  if (!own) return;
  const kind = part.dataset.part;
  if (kind === 'value') own.value = part.value;
  else if (kind === 'whole' ? whole : kind === 'text' || !own.contains(document.activeElement)) refill(own, part);
}

// What the person has opened stays open, and the focus where it was.
function refill(own, part) {
  const opened = [...own.querySelectorAll('details[open][id]')].map((one) => one.id);
  const focus = own.contains(document.activeElement) && document.activeElement.id;
  own.replaceChildren(...part.childNodes);
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  if (focus) document.getElementById(focus)?.focus();
}

function mark(form) {
  for (const field of form.querySelectorAll('[aria-invalid]')) {
    const wrong = document.getElementById(field.getAttribute('aria-describedby').split(' ')[0]);
    if (!wrong.textContent) field.removeAttribute('aria-invalid');
  }
}

function refreshing(form) {
  let timer, busy = false, pending = false, whole = false;
  const ask = async () => {
    if (busy) { pending = true; return; }
    busy = true;
    const all = whole;
    whole = false;
    const body = new URLSearchParams(new FormData(form));
    body.set('do', 'refresh');
    const reply = await fetch(form.action, { method: 'POST', body }).catch(() => null);
    const page = reply && new DOMParser().parseFromString(await reply.text(), 'text/html');
    busy = false;
    if (page && !leaving) {
      const parts = [...page.querySelectorAll('[data-part]')];
      for (const part of parts) if (part.dataset.part === 'whole') replace(part, all);
      for (const part of parts) if (part.dataset.part !== 'whole') replace(part, all);
      mark(form);
    }
    if (pending) { pending = false; ask(); }
  };
  form.addEventListener('input', (event) => {
    whole = whole || event.target.dataset.whole !== undefined;
    clearTimeout(timer);
    timer = setTimeout(ask, event.target.type === 'radio' ? 0 : 500);
  });
}
for (const form of document.querySelectorAll('form[data-refresh]')) refreshing(form);

// What cannot be undone: the server asks in a page of its own, which is shown as a dialog here. An
// answer that asks nothing is where the form leads.
function dialogOf(question) {
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-label', question.querySelector('h1').textContent);
  dialog.replaceChildren(...question.childNodes);
  dialog.addEventListener('close', () => { leaving = false; dialog.remove(); });
  dialog.querySelector('[data-close]').addEventListener('click', (event) => { event.preventDefault(); dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
}

async function askFirst(form, button) {
  const body = new URLSearchParams(new FormData(form));
  body.append(button.name, button.value);
  const reply = await fetch(form.action, { method: 'POST', body }).catch(() => null);
  if (!reply) { leaving = false; return; }
  if (reply.redirected) { location.assign(reply.url); return; }
  const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
  const question = page.querySelector('[data-confirm]');
  if (question) {
    dialogOf(question);
    return;
  }
  button.removeAttribute('data-asks'); // refused, so nothing was done: the server's page says why
  form.requestSubmit(button);
}
addEventListener('submit', (event) => {
  if (!event.submitter || event.submitter.dataset.asks === undefined) return;
  event.preventDefault();
  askFirst(event.target, event.submitter);
});
