'use strict';
// The documents of channels, and what a test needs to play each service by its document: an address at a sink, the
// responses, and the values in a message.
const fs = require('node:fs');
const path = require('node:path');

const FOLDER = path.join(__dirname, '../../templates/channels');

const documents = () => fs.readdirSync(FOLDER).sort().map((name) => JSON.parse(fs.readFileSync(path.join(FOLDER, name), 'utf8')));

// The example of the document at another server; its last part ends with the mark, so that each request contains it.
function addressAt(document, url, mark) {
  const { pathname, search } = new URL(document.channel.example);
  return `${url}${pathname}${search}zz${mark}`.replace('...', 'x');
}

// The mark of a request's address.
const markOf = (request) => (decodeURIComponent(request.path) + JSON.stringify(request.headers) + request.body).match(/zz([a-z]+)/)?.[1];

// Set the value at a pointer (RFC 6901) into a reply.
function put(reply, pointer, value) {
  const keys = pointer.split('/').slice(1);
  let at = reply;
  keys.forEach((key, i) => {
    const last = i === keys.length - 1;
    if (at[key] === undefined || last) at[key] = last ? value : (/^\d+$/.test(keys[i + 1]) ? [] : {});
    at = at[key];
  });
  return reply;
}

const json = (status, body, headers = {}) => ({ status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

function accepts(document) {
  const reply = {};
  if (document.success) put(reply, document.success.pointer, document.success.equals === 'true' ? true : document.success.equals || 'ok');
  if (document.id) put(reply, document.id, 'ref-1');
  return json(200, reply);
}

// The response that a row of the document's errors describes.
function refuses(document, row) {
  const reply = {};
  if (document.error && (row.code || row.contains)) put(reply, document.error, row.code || `Oh: ${row.contains} (1)`);
  return json(row.status || 400, reply);
}

function throttles(document, seconds) {
  const { pointer, unit } = document.channel.pause || {};
  return pointer ? json(429, put({}, pointer, unit === 'ms' ? seconds * 1000 : seconds)) : json(429, {}, { 'retry-after': String(seconds) });
}

// The value at a pointer.
const at = (value, pointer) => pointer.split('/').slice(1).reduce((found, key) => found?.[key], value);

// All strings of a message.
function strings(value) {
  if (typeof value === 'string') return [value];
  return value && typeof value === 'object' ? Object.values(value).flatMap(strings) : [];
}

module.exports = { documents, addressAt, markOf, accepts, refuses, throttles, at, strings };
