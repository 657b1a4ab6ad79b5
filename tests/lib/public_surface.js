'use strict';
// Every document that anybody may read without a key, found in /openapi.json?pages=true, byte by byte.

const anybody = { key: null };

// They measure the process.
const LIVELY = ['/healthz', '/readyz', '/metrics'];

const fill = (path, names) => Object.entries(names).reduce((all, [name, values]) =>
  all.flatMap((one) => (one.includes(`{${name}}`) ? values.map((value) => one.replace(`{${name}}`, value)) : [one])), [path]);

// The targets of public GET routes. refs: incidents, also those that should not be there.
function targets(document, refs) {
  const month = new Date().toISOString().slice(0, 7);
  const open = Object.keys(document.paths).filter((path) => document.paths[path].get && !document.paths[path].get.security.length);
  return open.filter((path) => !path.startsWith('/staff') && !LIVELY.includes(path))
    .flatMap((path) => fill(path, { ref: refs, month: [month], name: ['page.css'] }))
    .map((path) => path.replace(/\{[^}]+\}/g, 'none'))
    .concat(refs.map((ref) => `/subscribe?incident=${ref}`), ['/?lang=de', '/history?lang=ja', '/history?lang=de', '/feed.atom?lang=de', '/feed.json?lang=de', '/history.rss?lang=de', '/maintenance.ics?lang=de'],
      refs.map((ref) => `/incidents/${ref}?lang=de`));
}

async function readAll(amends, list) {
  const seen = {};
  for (const target of list) {
    const reply = await amends.request('GET', target, undefined, anybody);
    // A form's token is new for each reader, and the id in a refusal for each request.
    const text = reply.text.replace(/name="csrf" value="[^"]*"/g, '').replace(reply.status < 400 ? /^$/ : /\b[0-9a-f]{16}\b/g, '');
    seen[target] = { status: reply.status, etag: reply.headers.get('etag'), text };
  }
  return seen;
}

// The targets whose bytes differ.
const differing = (before, after) => Object.keys(before).filter((target) => JSON.stringify(before[target]) !== JSON.stringify(after[target]));

// Render every cached document again: the api starts anew.
async function freshApi(amends, waitUntil) {
  const pid = amends.rolePid('api');
  process.kill(pid, 'SIGKILL');
  await waitUntil('a new api', () => amends.rolePid('api') && amends.rolePid('api') !== pid);
  await waitUntil('it answers', async () => (await fetch(`${amends.url}/readyz`).catch(() => ({}))).ok);
}

module.exports = { targets, readAll, differing, freshApi, anybody };
