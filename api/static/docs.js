// The reference works without this file. It searches, shows where one is, and tries operations on
// this installation, with a key that stays in this tab.
'use strict';

const contents = document.querySelector('.contents');
const find = document.getElementById('find');
const links = [...contents.querySelectorAll('nav details a')];
const wide = matchMedia('(min-width: 64rem)');

const fit = () => { contents.open = wide.matches; };
wide.addEventListener('change', fit);
fit();
document.querySelector('[data-find]').hidden = false;

// What an operation is found by: its title, path and purpose, else also its fields.
const texts = new Map(links.map((link) => {
  const operation = document.querySelector(link.hash);
  const head = [...operation.children].filter((one) => /^(H3|P)$/.test(one.tagName)).map((one) => one.textContent).join(' ');
  return [link, [`${operation.id} ${head}`.toLowerCase(), operation.textContent.toLowerCase()]];
}));

function search() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (link, depth) => words.every((word) => texts.get(link)[depth].includes(word));
  const depth = links.some((link) => has(link, 0)) ? 0 : 1;
  for (const link of links) link.hidden = !has(link, depth);
  for (const group of contents.querySelectorAll('nav details')) {
    const any = [...group.querySelectorAll('a')].some((link) => !link.hidden);
    group.hidden = !any;
    group.open = words.length ? any : group.contains(contents.querySelector('[aria-current]'));
  }
  for (const operation of document.querySelectorAll('.operation')) operation.hidden = links.find((link) => link.hash === `#${operation.id}`).hidden;
  for (const part of document.querySelectorAll('.part')) {
    const operations = [...part.querySelectorAll('.operation')];
    part.hidden = Boolean(words.length) && !operations.some((one) => !one.hidden);
  }
  document.querySelector('[data-none]').hidden = links.some((link) => !link.hidden);
  if (wide.matches) document.querySelector('.operations').scrollIntoView();
}
find.addEventListener('input', search);
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.closest('input, textarea, select')) return;
  event.preventDefault();
  contents.open = true;
  find.focus();
});

function here() {
  for (const link of contents.querySelectorAll('nav a')) {
    if (link.hash === location.hash) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
  const current = contents.querySelector('[aria-current]');
  if (current && current.closest('nav details')) current.closest('nav details').open = true;
}
addEventListener('hashchange', here);
here();
for (const link of contents.querySelectorAll('nav a')) link.addEventListener('click', () => { if (!wide.matches) contents.open = false; });

// Try it
let key = '';

function field(form, name, label, value, kind = 'input') {
  const id = `${form.dataset.of}-${name}`;
  const title = document.createElement('label');
  title.className = 'field';
  title.htmlFor = id;
  title.textContent = label;
  const input = document.createElement(kind);
  if (kind === 'input') input.type = name === 'key' ? 'password' : 'text';
  else input.rows = Math.min(16, value.split('\n').length + 1);
  input.id = id;
  input.name = name;
  input.value = value;
  input.autocomplete = 'off';
  input.spellcheck = false;
  form.append(title, input);
  return input;
}

async function send(form, operation, answer) {
  const { verb, path, scope } = operation.dataset;
  const value = (name) => (form.elements[name] ? form.elements[name].value : '');
  key = value('key') || key;
  const target = path.replace(/\{(\w+)\}/g, (all, name) => encodeURIComponent(value(name)));
  const query = value('query').trim().replace(/^\?/, '');
  const headers = scope ? { authorization: `Bearer ${key}` } : {};
  const body = value('body');
  if (body) headers['content-type'] = (operation.dataset.takes || 'application/json').split(',')[0];
  answer.hidden = false;
  answer.textContent = '…';
  const since = performance.now();
  try {
    const reply = await fetch(query ? `${target}?${query}` : target, { method: verb, headers, body: body || undefined, credentials: 'omit', redirect: 'manual' });
    const text = await reply.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON */ }
    answer.textContent = `${reply.status} ${reply.statusText} in ${Math.round(performance.now() - since)} ms\n\n${shown.slice(0, 100000)}`;
  } catch (error) {
    answer.textContent = `No response: ${error.message}`;
  }
}

function build(operation, box) {
  const form = document.createElement('form');
  form.dataset.of = operation.id;
  const { verb, path, scope, takes } = operation.dataset;
  if (scope) field(form, 'key', `API key with scope ${scope}`, key);
  for (const [, name] of path.matchAll(/\{(\w+)\}/g)) field(form, name, name, '').required = true;
  if (operation.querySelector('[aria-label="Query"]')) field(form, 'query', 'Query (name=value&...)', '');
  const example = operation.querySelector('script[type="application/json"]');
  if (example || takes) field(form, 'body', 'Body', example ? example.textContent : '', 'textarea');
  const note = document.createElement('p');
  note.className = 'meta';
  note.textContent = verb === 'GET' ? 'Reads from this installation.' : 'Changes this installation, as any client would.';
  const button = document.createElement('button');
  button.textContent = 'Send request';
  const answer = document.createElement('pre');
  answer.hidden = true;
  answer.tabIndex = 0;
  answer.setAttribute('role', 'status');
  form.append(note, button);
  form.addEventListener('submit', (event) => { event.preventDefault(); send(form, operation, answer); });
  box.append(form, answer);
}

for (const operation of document.querySelectorAll('.operation')) {
  const box = document.createElement('details');
  box.className = 'try';
  const summary = document.createElement('summary');
  summary.textContent = 'Try it';
  box.append(summary);
  box.addEventListener('toggle', () => { if (box.open && box.children.length === 1) build(operation, box); });
  operation.append(box);
}
