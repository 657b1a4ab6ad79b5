#!/usr/bin/env node
'use strict';
// What the command line says of itself: help, the nearest word for a wrong one, letters that mean
// one thing in every command.
const { spawnSync } = require('node:child_process');
const { AMENDS } = require('../../lib/amends.js');
const { ok, is, done } = require('../../lib/tap.js');

const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', COLUMNS: '200' };
const amends = (...args) => spawnSync(AMENDS, args, { encoding: 'utf8', env });
const listed = () => [...amends('help').stdout.split('Commands:\n')[1].matchAll(/^ {2}(\S+)/gm)].map((m) => m[1]);

is(amends('help').stdout, amends('--help').stdout, 'amends help is amends --help');
is(amends('help').status, 0, 'and no error');
const commands = listed();
ok(['incident', 'component', 'undo', 'doctor'].every((name) => commands.includes(name)), `it lists the commands: ${commands.join(' ')}`);
ok(!commands.includes('complete'), 'but not the one of the shells');
for (const name of ['incident', 'credit', 'up']) is(amends('help', name).stdout, amends(name, '--help').stdout, `amends help ${name}`);

for (const [args, near] of [
  [['incidnet'], "unknown command 'incidnet'; did you mean 'incident'?"],
  [['hlep'], "unknown command 'hlep'; did you mean 'help'?"],
  [['help', 'docter'], "unknown command 'docter'; did you mean 'doctor'?"],
  [['zzzzzz'], "unknown command 'zzzzzz'\n"],
  [['incident', 'strat'], "amends incident: unknown action 'strat'; did you mean 'start'?"],
  [['ledger', 'verfiy'], "amends ledger: unknown action 'verfiy'; did you mean 'verify'?"],
  [['incident', 'post', 'x', '--boddy', 'y'], "amends incident: unknown option '--boddy'; did you mean '--body'?"],
  [['credit', 'run', '--polcy=x'], "amends credit: unknown option '--polcy'; did you mean '--policy'?"],
  [['up', '--port'], "amends up: unknown option '--port'\n"],
]) {
  const said = amends(...args);
  ok(said.status === 64 && said.stderr.includes(near), `${args.join(' ')}: ${said.stderr.split('\n')[0]}`);
}
ok(!/unknown option/.test(amends('incident', 'post', 'x', '--body', '--boddy', '--state', 'never').stderr), 'a value may look like an option');

const meanings = {};
for (const command of commands) {
  for (const [, letter, name] of amends(command, '--help').stdout.matchAll(/^ {2}-(\S), --([a-z-]+)/gm)) {
    (meanings[letter] ??= new Set()).add(name);
  }
}
is([...meanings.c], ['config'], '-c is --config in every command');
is(Object.entries(meanings).filter(([, names]) => names.size > 1).map(([letter, names]) => `-${letter}: ${[...names]}`), [], 'and every letter means one thing');
done();
