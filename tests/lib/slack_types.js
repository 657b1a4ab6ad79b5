'use strict';
// What Slack's own declarations (@slack/types, by TypeScript) and its documented limits say of messages and views.
const fs = require('node:fs');
const path = require('node:path');
const ts = require('../node_modules/typescript');

const TESTS = path.join(__dirname, '..');
const HEAD = `import type { KnownBlock, ModalView } from '@slack/types';
type Message = { text: string; unfurl_links: boolean; unfurl_media: boolean; blocks: KnownBlock[] };
type Reply = { response_type: 'ephemeral' | 'in_channel'; text: string; blocks: KnownBlock[] };
type View = Omit<ModalView, 'blocks'> & { blocks: KnownBlock[] };
`;

// Texts and names, which are strings to the checker whatever they say. Without them most values are the same, and each is
// checked once.
const FREE = new Set(['text', 'value', 'initial_value', 'block_id', 'action_id', 'private_metadata']);
const different = (list) => [...new Set(list.map((one) => JSON.stringify(one)))];

function shapeOf(value, key) {
  if (Array.isArray(value)) return different(value.map((one) => shapeOf(one))).map((one) => JSON.parse(one));
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one, name)]));
  return typeof value === 'string' && FREE.has(key) ? 'x' : value;
}

// TypeScript's errors in [type, value]: "Message", "Reply" (to a command) or "View". Empty without any.
function faults(dir, typed) {
  const file = path.join(dir, 'typed.ts');
  const shapes = different(typed.map(([type, value]) => [type, shapeOf(value)])).map((one) => JSON.parse(one));
  fs.writeFileSync(file, HEAD + shapes.map(([type, value], i) => `export const v${i}: ${type} = ${JSON.stringify(value)};\n`).join(''));
  const program = ts.createProgram([file], { strict: true, noEmit: true, skipLibCheck: true, lib: ['lib.es5.d.ts'], types: [], moduleResolution: ts.ModuleResolutionKind.Node10, baseUrl: TESTS, paths: { '@slack/types': ['node_modules/@slack/types'] } });
  return ts.getPreEmitDiagnostics(program).map((one) => ts.flattenDiagnosticMessageText(one.messageText, ' ').slice(0, 300));
}

// The longest values that Slack's reference allows, by type of object and member: characters, or members of a list.
const LIMITS = {
  header: { 'text.text': 150 },
  section: { 'text.text': 3000, fields: 10 },
  context: { elements: 10 },
  actions: { elements: 25 },
  input: { 'label.text': 2000, 'hint.text': 2000 },
  button: { 'text.text': 75, value: 2000, action_id: 255, url: 3000 },
  plain_text_input: { max_length: 3000, initial_value: 3000, 'placeholder.text': 150 },
  static_select: { options: 100, option_groups: 100, 'placeholder.text': 150 },
  multi_static_select: { options: 100, option_groups: 100, 'placeholder.text': 150 },
  checkboxes: { options: 10 },
  mrkdwn: { text: 3000 },
  modal: { 'title.text': 24, 'submit.text': 24, 'close.text': 24, private_metadata: 3000, callback_id: 255, blocks: 100 },
};
const OPTION = { 'text.text': 75, value: 150 };
const CONFIRM = { 'title.text': 100, 'text.text': 300, 'confirm.text': 30, 'deny.text': 30 };

const sizeOf = (value) => (typeof value === 'number' ? value : typeof value === 'string' ? [...value].length : value.length);
const at = (object, name) => name.split('.').reduce((value, part) => value?.[part], object);

function tooLong(object, limits, where) {
  return Object.entries(limits).filter(([name, most]) => at(object, name) !== undefined && (sizeOf(at(object, name)) > most || sizeOf(at(object, name)) === 0 && !/private|initial/.test(name)))
    .map(([name, most]) => `${where}.${name}: ${sizeOf(at(object, name))}, of 1 to ${most}`);
}

// What is longer than Slack takes, or empty where it takes nothing empty, in a message or view.
function beyondLimits(value, where = '') {
  if (Array.isArray(value)) return value.flatMap((one, i) => beyondLimits(one, `${where}[${i}]`));
  if (!value || typeof value !== 'object') return [];
  const own = [
    ...(LIMITS[value.type] ? tooLong(value, LIMITS[value.type], `${where}(${value.type})`) : []),
    ...(value.options || value.initial_options || []).flatMap((one, i) => tooLong(one, OPTION, `${where}.options[${i}]`)),
    ...(value.option_groups || []).flatMap((one, i) => tooLong(one, { 'label.text': 75, options: 100 }, `${where}.option_groups[${i}]`)),
    ...(value.confirm?.title ? tooLong(value.confirm, CONFIRM, `${where}.confirm`) : []),
    ...(value.blocks && value.type !== 'modal' && value.blocks.length > 50 ? [`${where}: ${value.blocks.length} blocks`] : []),
  ];
  return [...own, ...Object.entries(value).flatMap(([name, one]) => beyondLimits(one, `${where}.${name}`))];
}

// The mrkdwn of a message or view, to look for mentions and links.
function mrkdwnIn(value) {
  if (Array.isArray(value)) return value.map(mrkdwnIn).join('\n');
  if (!value || typeof value !== 'object') return '';
  return (value.type === 'mrkdwn' ? value.text : '') + Object.values(value).map(mrkdwnIn).join('\n');
}

module.exports = { faults, beyondLimits, mrkdwnIn };
