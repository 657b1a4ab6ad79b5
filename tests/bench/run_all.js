#!/usr/bin/env node
'use strict';
// Runs every row program (README.md) and writes BUILD/bench/result.json and its table, again
// after each program. A row with a goal that was not measured is in the table, too, and fails the
// run.
//   BENCH=fanout: only those whose name holds the word.
const { spawn, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT, BUILD } = require('../lib/amends.js');

const NOT_RUN = 77;
const LIMIT_MS = 6 * 60 * 1000; // for one program

// The required rows.
const WANTED = [
  /post to last accepted, 100000 .*beside smtp-source/, /post to last accepted, 100000 .*beside pg-boss/,
  /post to last accepted, 100000 .*beside the bare engine/, /final reply 20 ms late, PIPELINING/,
  /every reply 50 ms late, PIPELINING/, /every reply 50 ms late, CHUNKING/, /adaptive .*final reply 20 ms/,
  /adaptive .*every reply 50 ms/, /real Postfix/, /first outcome, 1000000/, /notifier CPU/, /PostgreSQL CPU/, /WAL a delivery/,
  /RSS .*1000000/, /growth: .*1000000/, /webhooks/, /hanging/, /two notifiers/, /public page/, /GET \/v1\/credits\/\{id\}/,
  /GET \/v1\/credits\?limit/, /credit run/, /import/,
  /scope of .* post to last mail/, /scope of .* preview/, /scope of .* draft/, /liability meter, database time/, /measurements/,
];
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
    const timer = setTimeout(() => { said += `\nstill running after ${LIMIT_MS / 60000} minutes`; child.kill('SIGTERM'); }, LIMIT_MS);
    child.stdout.on('data', (chunk) => { out += chunk; });
    child.stderr.on('data', (chunk) => { said += chunk; process.stderr.write(chunk); });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
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

// A goal concerns the ratio, or without one, our own figure.
function verdict(row, ratio) {
  const goal = row.goal && row.goal.match(/^([<>])=\s*([\d.]+)/);
  if (!goal) return '';
  const value = ratio === null ? row.ours : ratio;
  return (goal[1] === '>' ? value >= Number(goal[2]) : value <= Number(goal[2])) ? 'yes' : 'no';
}

function table(rows) {
  const lines = ['| row | unit | ours | ceiling | peer | ratio | goal | reached |', '|---|---|---:|---:|---:|---:|---|---|'];
  for (const row of rows) {
    if (row.failed) {
      lines.push(`| ${row.row} | | **not measured** | | | | | no: ${row.failed} |`);
      continue;
    }
    const ratio = ratioOf(row);
    lines.push(`| ${row.row}${row.note ? ` (${row.note})` : ''} | ${row.unit} | ${number(row.ours)} | ${number(row.ceiling)} | ${number(row.peer)} | ${number(ratio)} | ${row.goal || ''} | ${verdict(row, ratio)} |`);
  }
  return lines;
}

function machine() {
  const cpus = os.cpus();
  return `${cpus.length} processors (${cpus[0].model}), ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}`;
}

function commitOf() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
  } catch {
    return 'unknown (no git here)';
  }
}

const missing = (rows) => (process.env.BENCH ? [] : WANTED.filter((name) => !rows.some((row) => !row.failed && name.test(row.row))));

function write(result) {
  const absent = missing(result.rows).map((name) => ({ row: name.source.replace(/\\/g, ''), failed: 'no program measured it' }));
  const text = [...table([...result.rows, ...absent]), '', `Commit ${result.commit}, ${result.machine}, ${result.minutes} minutes.`,
    ...result.failed.map((one) => `\n${one.program}: ${one.why}`)].join('\n');
  fs.writeFileSync(path.join(OUT, 'result.json'), `${JSON.stringify({ ...result, absent }, null, 2)}\n`);
  fs.writeFileSync(path.join(OUT, 'result.md'), `${text}\n`);
  return { text, absent };
}

async function main() {
  fs.mkdirSync(OUT, { recursive: true });
  const start = Date.now();
  const result = { commit: commitOf(), machine: machine(), at: new Date().toISOString(), load: os.loadavg(), minutes: 0, rows: [], failed: [] };
  let written;
  for (const name of programs()) {
    process.stderr.write(`bench: ${name}\n`);
    const done = await run(name);
    result.rows.push(...done.rows.map((row) => ({ program: name, ...row })));
    if (done.failed) result.failed.push({ program: name, why: done.failed });
    result.minutes = Number(((Date.now() - start) / 60000).toFixed(1));
    written = write(result);
  }
  console.log(written.text);
  const bad = written.absent.length || result.failed.length;
  if (bad) process.stderr.write(`bench: ${written.absent.length} rows were not measured, ${result.failed.length} programs failed or did not run\n`);
  process.exitCode = bad ? 1 : 0;
}

main();
