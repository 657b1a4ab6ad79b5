#!/usr/bin/env node
'use strict';
// 200 random contracts of the whole language: the engine gives every line, its exact fraction and every
// account left out as the naive program does. WORLDS and SEED choose others.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { ROOT } = require('../../lib/amends.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const PLAYER = path.join(ROOT, process.env.BUILD || 'build', 'tests/unit/billing/test_engine_cases');
const PRINT = path.join(ROOT, 'tests/lib/naive_contracts/print_worlds.js');

scenario((cleanup) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'amends-contracts-'));
  cleanup(() => fs.rmSync(dir, { recursive: true }));
  const [seed, worlds] = [process.env.SEED || '1', process.env.WORLDS || '200'];
  const file = path.join(dir, 'worlds.json');
  const run = (command, args, options) => spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  is(run(PLAYER, [path.join(ROOT, 'tests/cases/contract-edges.json')]).status, 0, 'edges about which the programs disagreed');
  const out = fs.openSync(file, 'w');
  is(run(process.execPath, [PRINT, seed, worlds], { stdio: ['ignore', out, 'inherit'] }).status, 0, 'the naive program has played');
  fs.closeSync(out);
  const { stdout } = run(PLAYER, [file]);
  const lines = stdout.split('\n');
  const bad = lines.flatMap((line, n) => (line.startsWith('not ok') ? lines.slice(Math.max(0, n - 2), n + 1) : []));
  for (const line of bad.slice(0, 9)) note(line.replace(/^# /, ''));
  note(lines.filter((line) => line.startsWith('# ')).pop().slice(2));
  is(lines.filter((line) => line.startsWith('ok ')).length, Number(worlds) + 1, `${worlds} contracts from seed ${seed} agree`);
  ok(!bad.length, 'none differs');
});
