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

// The key of a message (api/forms/words.h): what it quotes, its numbers and its merge fields are no part of it, and what
// follows an unquoted text is unknown.
const keyOf = (text) => text.replace(/\\".*?\\"/g, ' ').replace(/%(?:ll|z)?[du]|0x%02x|[\d.]*\d/g, ' ').split(/%(?!%)/)[0]
  .toLowerCase().replace(/[^a-z]+/g, '_').replace(/^_|_$/g, '');

// What only a program can send.
const PROGRAMS = /^(must_be_an_array|must_be_a_text_or_a_list_of_texts|must_be_an_object|must_not_be_null|the_body_must_be|is_not_a_known_field|is_reserved|has_no_mail|is_only_for_a_new_schedule|no_calling_code|too_many_requests_of_this_source|a$|any_channel)/;

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
  is(fs.readdirSync(path.join(ROOT, 'templates/alerts')).map((file) => path.parse(file).name).filter((name) => !english.staff_alert_format[name]), [], 'every format of alerts has a name');
  refusals(english);
  entries(english);
});

// Every entry of the audit log is a sentence, of a kind that its page filters by.
function entries(english) {
  const calls = /(?:audit_add|staff_record|preview_send_mail|\brecord|new_codes)\(([^;]*?)\);|into audit[^;]*;|staff_record\(\$1[^;]*;/gs;
  const made = sources.filter((file) => /\.(c|sql)$/.test(file))
    .flatMap((file) => [...read(file).matchAll(calls)].flatMap((one) => [...one[0].matchAll(/["']([a-z_]+\.[a-z_.]+[a-z])["']/g)].map((name) => name[1])));
  const actions = [...new Set(made)].sort();
  is(actions.length > 50, true, `${actions.length} actions`);
  is(actions.filter((action) => !english.staff_audit[action]), [], 'every entry of the audit log is a sentence');
  is(actions.map((action) => action.split('.')[0]).filter((kind) => !english.staff_audit_kind[kind]), [], 'of a kind with a name');
}

// What forms of the console can be refused for: the sources that their routes reach.
function refusals(english) {
  const literals = (files) => files.flatMap((file) => [...read(file).replace(/"\s*\n\s*"/g, '').matchAll(/\b(?:fail|fail_field|refuse)\((.*?)\);/gs)]
    .filter((one) => !/RC_INTERNAL|RC_UPSTREAM|RC_NOT_FOUND/.test(one[1]))
    .flatMap((one) => [...one[1].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((text) => text[1]).filter((text) => text.includes(' '))));
  const formed = literals(sources.concat(walk(path.join(ROOT, 'core'))).filter((file) => /(core\/shape|core\/mail\/mailaddr|api\/incidents\/\w+|api\/alerts\/alert_(rules|match|sources)|api\/signatures\/hook_source|api\/measurements\/measurement_sources|api\/access\/people|api\/subscribers\/\w+|api\/call\/locale|api\/brand\/(brand|accent))\.c$/.test(file)));
  const keys = Object.keys(english.staff_wrong);
  const known = (key) => keys.some((one) => key === one || key.startsWith(`${one}_`));
  is([...new Set(formed.map(keyOf))].filter((key) => key && !known(key) && !PROGRAMS.test(key)), [], 'every refusal of a form of the console has words');
  const all = literals(sources.concat(walk(path.join(ROOT, 'core')))).map(keyOf);
  const told = sources.filter((file) => /notifier\/.*\.(c|sql)$|messages\/.*\.sql$/.test(file)).flatMap((file) => [...read(file).matchAll(/(?:\.reason = |ROW\(SMTP.*|ROW\(ANY.*)"([a-z_]+)"/g)].map((one) => one[1]));
  is([...new Set(told)].filter((one) => !english.staff_reason[one]), [], 'so has every reason of a notifier');
  // The words of one field: "op_must_be_one_of_in" before "must_be_one_of".
  const stale = [...keys.map((key) => key.replace(/^[a-z_]+?_(?=must_)/, '')), ...Object.keys(english.failure).filter((key) => !/^\d/.test(key))]
    .filter((key) => !all.some((one) => one === key || one.startsWith(`${key}_`) || (one && key.startsWith(`${one}_`))));
  is(stale, [], 'and no words are left of a refusal that is gone');
}


function isPartial(file) {
  return !/page\/staff\/\w+\//.test(file);
}

// A page of the console has its own name as its title: staff/incidents/one, "incidents_one".
function isTitle(set, name) {
  return set.startsWith('staff') && templates.some((file) => file.split('/page/staff/')[1]?.replace('/', '_').split('.')[0] === name)
    || /^staff_(audit|audit_actor|audit_part|wrong|reason|told|promise|hold|post_hold|held_action|suggestion|outcome|credit_state|left_out|age|letter_hold|letter|alert_format)$/.test(set);
}
