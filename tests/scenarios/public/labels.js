#!/usr/bin/env node
'use strict';
// Every phrase of pages and messages exists in every language, with the same merge fields (test_template_messages renders
// those of mails), and is used;
// every phrase that a template names exists. The console has fewer languages than readers.
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('../../lib/amends.js');
const { is, scenario } = require('../../lib/tap.js');

const CONSOLE = ['en', 'de', 'ja'];
const READERS = [...CONSOLE, 'es', 'fr', 'pt-BR'];
// Sets that only the console shows.
const isStaff = (set) => /^(staff|import_|subscriber_state|verbosity|broadcast_|credit_warning)/.test(set);

// Slack is Slack everywhere.
const isProduct = (set, name) => set === 'channel' && name !== 'email';

const walk = (dir) => fs.readdirSync(dir, { withFileTypes: true })
  .flatMap((one) => (one.name === 'node_modules' ? [] : one.isDirectory() ? walk(path.join(dir, one.name)) : [path.join(dir, one.name)]));
const read = (file) => fs.readFileSync(file, 'utf8');
const labels = (tag) => JSON.parse(read(path.join(ROOT, `templates/labels/${tag}.json`)));
const fields = (text) => [...text.matchAll(/\{\{[#^/]?([\w.]+)\}\}|\{(\w+)\}/g)].map((one) => one[1] || one[2]).sort().join();

const sources = ['api', 'billing', 'cli', 'messages', 'notifier', 'templates'].flatMap((dir) => walk(path.join(ROOT, dir)));
const code = sources.filter((file) => /\.[ch]$/.test(file)).map(read).join('\n');
const templates = sources.filter((file) => file.includes('/templates/') && /\.(html|txt|json|svg|atom|rss|xml)$/.test(file)
  && !/templates\/(labels|samples|providers)\//.test(file));

// The set of {{p.name}} on a page of the console: staff/incidents/one has staff_incidents.
function setOf(file, letter) {
  if (letter !== 'p') return { w: 'page', t: 'staff', '@': 'mail' }[letter];
  return `staff_${file.split('/page/staff/')[1].split(/[./]/)[0]}`;
}

// Names that a template uses: [set, name, file]. A partial of the console names the set of its page.
function used() {
  return templates.flatMap((file) => [...read(file).matchAll(/\{\{[{#^&/]?([wtp])\.([\w ]+)\}?\}\}|\{\{@(\w+)\}\}/g)]
    .map((one) => [one[3] ? 'mail' : setOf(file, one[1]), one[3] || one[2], file]));
}

scenario(async () => {
  const english = labels('en');
  for (const tag of READERS) {
    const own = labels(tag);
    const sets = Object.keys(english).filter((set) => CONSOLE.includes(tag) || !isStaff(set));
    const missing = sets.flatMap((set) => Object.keys(english[set]).filter((name) => !own[set]?.[name] && !isProduct(set, name)).map((name) => `${set}.${name}`));
    is(missing, [], `${tag}: no phrase is missing`);
    const more = Object.keys(own).flatMap((set) => Object.keys(own[set]).filter((name) => !english[set]?.[name]).map((name) => `${set}.${name}`));
    is(more, [], `${tag}: none is left over`);
    const odd = sets.flatMap((set) => Object.keys(english[set])
      .filter((name) => own[set]?.[name] && !['mail', 'starter_letter'].includes(set) && fields(own[set][name]) !== fields(english[set][name]))
      .map((name) => `${set}.${name}`));
    is(odd, [], `${tag}: all have the merge fields of the English`);
  }
  const names = used();
  is(names.filter(([set, name, file]) => !english[set]?.[name] && !(set.startsWith('staff_') && isPartial(file)))
    .map(([set, name, file]) => `${path.basename(file)}: ${set}.${name}`), [], 'every phrase that a template names exists');
  const known = new Set(names.map(([set, name]) => `${set}.${name}`));
  const anywhere = new Set(names.map(([, name]) => name));
  const idle = ['page', 'mail', 'staff', ...Object.keys(english).filter((set) => set.startsWith('staff_'))].flatMap((set) => Object.keys(english[set])
    .filter((name) => !known.has(`${set}.${name}`) && !(set.startsWith('staff_') && anywhere.has(name)) && !code.includes(`"${name}"`) && !isTitle(set, name))
    .map((name) => `${set}.${name}`));
  is(idle, [], 'and every phrase is used');
});

function isPartial(file) {
  return !/page\/staff\/\w+\//.test(file);
}

// A page of the console has its own name as its title: staff/incidents/one, "incidents_one".
function isTitle(set, name) {
  return set.startsWith('staff') && templates.some((file) => file.split('/page/staff/')[1]?.replace('/', '_').split('.')[0] === name)
    || /^staff_(promise|hold|post_hold|held_action|outcome|credit_state|left_out|age|letter_hold|letter)$/.test(set);
}
