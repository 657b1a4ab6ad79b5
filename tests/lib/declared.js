'use strict';
// Every reply seen against its declared shape in /openapi.json, judged by ajv.
const Ajv = require('../node_modules/ajv');

// Times are in UTC and end in Z, also those that SQL puts into JSON.
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/;

// Replies may gain fields, so the document leaves them open; a field that is not declared is a fault here.
function closed(schemas) {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, { additionalProperties: false, ...schema }]));
}

function matches(template, target) {
  const pattern = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(target.split('?')[0]);
}

function operationOf(document, { method, target }) {
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  const found = Object.keys(document.paths)
    .filter((path) => document.paths[path][verb] && matches(path, target))
    .sort((a, b) => (a.match(/\{/g) || []).length - (b.match(/\{/g) || []).length);
  return found.length ? { path: found[0], operation: document.paths[found[0]][verb] } : null;
}

class Declared {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({ strict: false, logger: false, formats: { 'date-time': UTC } });
    this.ajv.addSchema({ $id: 'amends', ...document, components: { ...document.components, schemas: closed(document.components.schemas) } });
    this.hit = new Set();
  }

  // null if the reply matches its declaration, otherwise the error.
  fault(reply) {
    const found = operationOf(this.document, reply);
    if (!found) return reply.status === 404 || reply.status === 405 || reply.status === 400 ? null : 'is not declared';
    if (reply.status < 500) this.hit.add(`${reply.method === 'HEAD' ? 'GET' : reply.method} ${found.path}`);
    if (reply.status >= 400) return this.problemFault(reply, found.operation);
    const declared = found.operation.responses[reply.status];
    if (!declared) return `status ${reply.status} is not declared`;
    const schema = declared.content && declared.content['application/json'] && declared.content['application/json'].schema;
    if (!schema || reply.body === undefined) return null;
    const local = JSON.parse(JSON.stringify(schema).replace(/"#\//g, '"amends#/'));
    return this.ajv.validate(local, reply.body) ? null : this.ajv.errorsText();
  }

  problemFault(reply, operation) {
    if (/html/.test(reply.type)) return operation.operationId ? 'is a page' : null;
    if (!/^application\/problem\+json/.test(reply.type)) return `${reply.status} is ${reply.type}`;
    const good = reply.body && reply.body.status === reply.status && this.ajv.validate('amends#/components/schemas/Problem', reply.body);
    return good ? null : `is not a problem document: ${this.ajv.errorsText()}`;
  }

  neverHit() {
    const all = Object.entries(this.document.paths)
      .flatMap(([path, verbs]) => Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`));
    return all.filter((route) => !this.hit.has(route)).sort();
  }
}

module.exports = { Declared };
