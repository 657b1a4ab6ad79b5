// The console works without this file; it adds live progress. A section with data-events shows
// an event stream of /v1: data-field names a member, data-progress shows the progress.
'use strict';
// A link or a form that was chosen leads to a new page, which no reload of ours may overtake.
let leaving = false;
for (const way of ['submit', 'beforeunload']) addEventListener(way, () => { leaving = true; });
const reload = () => leaving || location.reload();

const member = (object, path) => path.split('.').reduce((at, name) => (at == null ? at : at[name]), object);

function show(section, broadcast) {
  for (const field of section.querySelectorAll('[data-field]')) {
    const value = member(broadcast, field.dataset.field);
    if (value !== undefined && value !== null) field.textContent = value;
  }
  const bar = section.querySelector('[data-progress]');
  if (bar && broadcast.audience) bar.value = (broadcast.audience - broadcast.open) / broadcast.audience;
}

for (const section of document.querySelectorAll('[data-events]')) {
  const events = new EventSource(section.dataset.events);
  events.addEventListener('broadcast', (event) => show(section, JSON.parse(event.data)));
  events.addEventListener('done', () => {
    events.close();
    reload();
  });
}

// Time left to undo; at its end, reload the page to show the progress.
for (const left of document.querySelectorAll('[data-countdown]')) {
  const end = Date.now() + Number(left.dataset.countdown) * 1000;
  const timer = setInterval(() => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    left.textContent = seconds;
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
