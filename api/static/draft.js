// Unsent posts survive a reload or a crash: the browser keeps each form with data-draft as it is
// typed, until it is posted or its person signs out. A search box narrows a long list.
'use strict';

const PREFIX = 'draft:';
const SENT = 'draft-sent';
const stored = (key) => JSON.parse(localStorage.getItem(PREFIX + key) || 'null');
const typedFields = (form) => [...form.elements].filter((one) => one.name && !['hidden', 'submit', 'button'].includes(one.type));
const isChoice = (field) => field.type === 'checkbox' || field.type === 'radio';

function note(form, text, discard) {
  const place = form.querySelector('.kept');
  place.replaceChildren(text);
  if (!discard) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet';
  button.textContent = form.dataset.discard;
  button.addEventListener('click', () => {
    localStorage.removeItem(PREFIX + form.dataset.draft);
    location.reload();
  });
  place.append(button);
}

const state = (form) => typedFields(form).map((field) => [field.name, field.value, isChoice(field) ? field.checked : null]);

function keep(form) {
  localStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify({ at: Date.now(), fields: state(form) }));
  note(form, form.dataset.saved, true);
}

function restore(form, draft) {
  const fields = typedFields(form);
  for (const [name, value, checked] of draft.fields) {
    const field = fields.find((one) => one.name === name && (checked === null || one.value === value));
    if (!field) continue;
    if (checked === null) field.value = value;
    else field.checked = checked;
    if (checked === null && value && field.closest('details')) field.closest('details').open = true;
  }
  note(form, `${form.dataset.restored} ${relative.format(-Math.round((Date.now() - draft.at) / 60000), 'minute')}`, true);
}

const sent = sessionStorage.getItem(SENT);
if (sent) {
  sessionStorage.removeItem(SENT);
  const again = [...document.querySelectorAll('form[data-draft][data-posted]')].some((form) => form.dataset.draft === sent);
  if (!again) localStorage.removeItem(PREFIX + sent);
}

for (const form of document.querySelectorAll('form[data-draft]')) {
  const place = document.createElement('p');
  place.className = 'kept meta';
  place.setAttribute('role', 'status');
  form.querySelector('.actions').before(place);
  const draft = form.dataset.posted === undefined ? stored(form.dataset.draft) : null;
  if (draft && JSON.stringify(draft.fields) !== JSON.stringify(state(form))) restore(form, draft);
  let timer;
  form.addEventListener('input', (event) => {
    if (!event.target.name) return;
    clearTimeout(timer);
    timer = setTimeout(() => keep(form), 300);
  });
  form.addEventListener('submit', (event) => {
    clearTimeout(timer);
    if (event.submitter && event.submitter.value === 'post') sessionStorage.setItem(SENT, form.dataset.draft);
  });
}

// Nothing typed stays on a computer that others use.
for (const form of document.querySelectorAll('form[action="/staff/logout"]')) {
  form.addEventListener('submit', () => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  });
}

for (const search of document.querySelectorAll('[data-filter]')) {
  const list = search.parentElement;
  search.hidden = false;
  search.addEventListener('input', () => {
    const wanted = search.value.trim().toLocaleLowerCase();
    for (const one of list.querySelectorAll(search.dataset.filter)) one.hidden = !one.firstElementChild.textContent.toLocaleLowerCase().includes(wanted);
    for (const group of list.querySelectorAll('details')) {
      const some = [...group.querySelectorAll(search.dataset.filter)].some((one) => !one.hidden);
      group.hidden = !some;
      if (wanted && some) group.open = true;
    }
  });
}
