#!/usr/bin/env node
'use strict';
// What the guides name exists: every command with its options, every merge field of a letter, every
// policy of the cookbook, every link.
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { ROOT, AMENDS } = require('../../lib/amends.js');
const { is, scenario } = require('../../lib/tap.js');

const guides = ['README.md', ...fs.readdirSync(path.join(ROOT, 'docs/guides')).map((name) => `docs/guides/${name}`)];
const text = new Map(guides.map((name) => [name, fs.readFileSync(path.join(ROOT, name), 'utf8')]));
const amends = (args, input) => spawnSync(AMENDS, args, { encoding: 'utf8', input });
const help = new Map();

function helpOf(command) {
  if (!help.has(command)) help.set(command, amends([command, '--help']).stdout);
  return help.get(command);
}

// "amends policy dry-run FILE --from=DATE" in code, to the end of the line or of the code.
function commands(body) {
  return [...body.matchAll(/(?:^|[`\s]|\w\/)amends ([a-z]+)((?: [^\s`|;&#)]+)*)/gm)].map((one) => [one[1], one[2]]);
}

function unknown(name, body) {
  const known = amends(['--help']).stdout;
  const code = [...body.matchAll(/```(?:sh|ini)?\n([^]*?)```|`([^`\n]+)`|^ {4}(.+)$/gm)].map((one) => one[1] || one[2] || one[3]).join('\n');
  return commands(code).flatMap(([command, rest]) => {
    if (!new RegExp(`^ {2}${command} `, 'm').test(known)) return [`${name}: amends ${command}`];
    return [...rest.matchAll(/ (--[a-z-]+)/g)].map((one) => one[1])
      .filter((option) => !helpOf(command).includes(option)).map((option) => `${name}: amends ${command} ${option}`);
  });
}

function badLinks(name, body) {
  return [...body.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map((one) => one[1])
    .filter((target) => !/^[a-z]+:/.test(target) && !fs.existsSync(path.resolve(ROOT, path.dirname(name), target)))
    .map((target) => `${name}: ${target}`);
}

scenario(async () => {
  is([...text].flatMap(([name, body]) => unknown(name, body)), [], 'every command and option exists');
  is([...text].flatMap(([name, body]) => badLinks(name, body)), [], 'every link leads somewhere');
  const channels = text.get('docs/guides/channels.md'); // its fields are those of a document, not of a letter
  const letters = [...text.values()].filter((body) => body !== channels);
  const fields = [...new Set(letters.flatMap((body) => [...body.matchAll(/\{\{([#^/]?[a-z_.]+)\}\}/g)].map((one) => one[1])))];
  const letter = fs.readFileSync(path.join(ROOT, 'api/console/credits/credit_letter.c'), 'utf8');
  is(fields.filter((field) => !letter.includes(`{{${field}}}`) && !['brand', 'public_url'].includes(field)), [], `every merge field is offered by the console: ${fields.join(' ')}`);
  const policies = [...text.get('docs/guides/policies.md').matchAll(/```json\n([^]*?)```/g)].map((one) => one[1]);
  is(policies.length > 5, true, 'the cookbook has policies');
  const dir = fs.mkdtempSync('/tmp/amends-guides-');
  for (const policy of policies) {
    const file = path.join(dir, 'policy.json');
    fs.writeFileSync(file, policy);
    const said = amends(['policy', 'lint', file]);
    is([said.status, said.stderr], [0, ''], `${JSON.parse(policy).name} is a policy`);
  }
  const [, document] = channels.match(/```json\n([^]*?)```/);
  const file = path.join(dir, `${JSON.parse(document).name}.json`);
  fs.writeFileSync(file, document);
  const said = amends(['channel', 'lint', file]);
  is([said.status, said.stderr], [0, ''], 'and the document of a channel is one');
  fs.rmSync(dir, { recursive: true });
});
