#!/usr/bin/env node
'use strict';
// Runs every row program (README.md) and writes BUILD/bench/result.json and result.md.
//   BENCH=fanout: only those whose name holds the word.
const { spawn, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT, BUILD } = require('../lib/amends.js');

const NOT_RUN = 77;
const OUT = path.join(BUILD, 'bench');

function programs() {
  const word = process.env.BENCH || '';
  return fs.readdirSync(__dirname)
    .filter((name) => /\.(js|sh)$/.test(name) && !/^run(_all)?\./.test(name) && name.includes(word)).sort();
}

// {rows, failed}: its JSON lines, and why it has none.
function run(name) {
  const file = path.join(__dirname, name);
  return new Promise((resolve) => {
    const child = spawn(name.endsWith('.js') ? process.execPath : 'sh', [file], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let said = '';
    child.stdout.on('data', (chunk) => { out += chunk; });
    child.stderr.on('data', (chunk) => { said += chunk; process.stderr.write(chunk); });
    child.on('exit', (code, signal) => {
      const rows = out.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)).filter((row) => row.row);
      const last = said.trim().split('\n').at(-1);
      resolve({ name, rows, failed: code === 0 ? null : `${code === NOT_RUN ? 'not run' : `ended with ${signal || code}`}: ${last}` });
    });
  });
}

const number = (value) => (value === null || value === undefined ? '' : value.toLocaleString('en'));

function ratioOf(row) {
  if (row.ratio !== undefined) return row.ratio;
  const other = row.ceiling || row.peer;
  return other ? Number((row.ours / other).toFixed(2)) : null;
}

// A goal speaks of the ratio, or without one of our own figure.
function verdict(row, ratio) {
  const goal = row.goal && row.goal.match(/^([<>])=\s*([\d.]+)/);
  if (!goal) return '';
  const value = ratio === null ? row.ours : ratio;
  return (goal[1] === '>' ? value >= Number(goal[2]) : value <= Number(goal[2])) ? 'yes' : 'no';
}

function table(rows) {
  const lines = ['| row | unit | ours | ceiling | peer | ratio | goal | reached |', '|---|---|---:|---:|---:|---:|---|---|'];
  for (const row of rows) {
    const ratio = ratioOf(row);
    lines.push(`| ${row.row}${row.note ? ` (${row.note})` : ''} | ${row.unit} | ${number(row.ours)} | ${number(row.ceiling)} | ${number(row.peer)} | ${number(ratio)} | ${row.goal || ''} | ${verdict(row, ratio)} |`);
  }
  return lines;
}

function machine() {
  const cpus = os.cpus();
  return `${cpus.length} processors (${cpus[0].model}), ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}`;
}

async function main() {
  fs.mkdirSync(OUT, { recursive: true });
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).toString().trim();
  const result = { commit, machine: machine(), at: new Date().toISOString(), load: os.loadavg(), rows: [], failed: [] };
  for (const name of programs()) {
    process.stderr.write(`bench: ${name}\n`);
    const done = await run(name);
    result.rows.push(...done.rows.map((row) => ({ program: name, ...row })));
    if (done.failed) result.failed.push({ program: name, why: done.failed });
  }
  const text = [...table(result.rows), '', `Commit ${commit}, ${result.machine}.`,
    ...result.failed.map((one) => `\n${one.program}: ${one.why}`)].join('\n');
  fs.writeFileSync(path.join(OUT, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  fs.writeFileSync(path.join(OUT, 'result.md'), `${text}\n`);
  console.log(text);
  process.exitCode = result.failed.some((one) => !one.why.startsWith('not run')) ? 1 : 0;
}

main();
