#!/usr/bin/env node
'use strict';
// Eight generators each make a client of /openapi.json, which is compiled and makes a round trip
// against the server (tests/clients/README.md). GENERATORS=ogen,java runs only those.
const fs = require('node:fs');
const path = require('node:path');
const { Amends } = require('../../lib/amends.js');
const { is, note, scenario } = require('../../lib/tap.js');
const { HOME, SOURCES, run, pip, npm, npmProgram, go, documentOf } = require('../../lib/clients.js');

// A fresh folder of build/clients with files of tests/clients.
function folder(name, files) {
  const dir = path.join(HOME, name);
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  for (const [from, to] of Object.entries(files)) fs.cpSync(path.join(SOURCES, from), path.join(dir, to), { recursive: true });
  return dir;
}

function openapiGenerator(document, generator, dir, properties, more = []) {
  return run('openapi-generator-cli', ['generate', '-i', document, '-g', generator, '-o', dir, `--additional-properties=${properties}`, ...more]);
}

async function python(document) {
  const dir = folder('python', { 'python_generator.py': 'round_trip.py' });
  await openapiGenerator(document, 'python', dir, 'packageName=amends_generated');
  await run('python3', ['-m', 'compileall', '-q', dir]);
  return (env) => run('python3', ['round_trip.py'], { cwd: dir, env });
}

async function pythonClient(document) {
  const dir = folder('python-client', { 'python_client.py': 'round_trip.py' });
  await run('openapi-python-client', ['generate', '--path', document, '--output-path', dir, '--meta', 'setup', '--overwrite']);
  await run('python3', ['-m', 'compileall', '-q', dir]);
  return (env) => run('python3', ['round_trip.py'], { cwd: dir, env });
}

async function compiled(dir) {
  const compilerOptions = { strict: true, skipLibCheck: true, target: 'es2022', module: 'node16', lib: ['es2022', 'dom'], types: [], outDir: 'out' };
  fs.writeFileSync(path.join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['node.d.ts', 'round_trip.ts'] }));
  fs.writeFileSync(path.join(dir, 'node.d.ts'), 'declare const process: { env: Record<string, string | undefined> };\n');
  await run(npmProgram('tsc'), ['-p', '.'], { cwd: dir });
  return (env) => run('node', [path.join(dir, 'out/round_trip.js')], { env });
}

async function typescript(document) {
  const dir = folder('typescript', { 'typescript_generator.ts': 'round_trip.ts' });
  await openapiGenerator(document, 'typescript-fetch', dir, 'npmName=amends');
  fs.rmSync(path.join(dir, 'package.json'));
  return compiled(dir);
}

async function openapiTypescript(document) {
  const dir = folder('openapi-typescript', { 'typescript_fetch.ts': 'round_trip.ts' });
  await run(npmProgram('openapi-typescript'), [document, '-o', path.join(dir, 'amends.d.ts')]);
  return compiled(dir);
}

async function java(document) {
  const dir = folder('java', { 'java/RoundTrip.java': 'src/main/java/RoundTrip.java' });
  await openapiGenerator(document, 'java', dir, 'hideGenerationTimestamp=true', ['--library', 'native']);
  await run('mvn', ['-q', '-B', 'compile', 'dependency:build-classpath', '-Dmdep.outputFile=classpath'], { cwd: dir });
  const libraries = fs.readFileSync(path.join(dir, 'classpath'), 'utf8').trim();
  return (env) => run('java', ['-cp', `target/classes:${libraries}`, 'RoundTrip'], { cwd: dir, env });
}

// One module with the three Go clients and the two generators that are themselves in Go.
function goClient(name, generate) {
  return async (document) => {
    const dir = folder(`go-${name}`, { 'go/go.mod': 'go.mod', 'go/go.sum': 'go.sum', [`go/${name}`]: name });
    const amends = path.join(dir, name, 'amends');
    fs.mkdirSync(amends);
    await generate(document, dir, amends);
    await run(await go(), ['build', '-o', 'round_trip', `./${name}`], { cwd: dir });
    return (env) => run(path.join(dir, 'round_trip'), [], { env });
  };
}

const GENERATORS = {
  'openapi-generator python': python,
  'openapi-generator typescript': typescript,
  'openapi-generator go': goClient('generator', (document, dir, amends) => openapiGenerator(document, 'go', amends, 'packageName=amends,withGoMod=false', ['--global-property', 'apis,models,supportingFiles,apiTests=false,modelTests=false'])),
  'openapi-generator java': java,
  'oapi-codegen': goClient('oapi', async (document, dir, amends) => run(await go(), ['tool', 'oapi-codegen', '-generate', 'types,client', '-package', 'amends', '-o', path.join(amends, 'amends.go'), document], { cwd: dir })),
  ogen: goClient('ogen', async (document, dir, amends) => run(await go(), ['tool', 'ogen', '--target', amends, '--package', 'amends', document], { cwd: dir })),
  'openapi-python-client': pythonClient,
  'openapi-typescript': openapiTypescript,
};

async function roundTrip(amends, name, generate, document) {
  const ref = name.replace(/\W+/g, '-');
  const start = Date.now();
  try {
    const client = await generate(document);
    const compiledAt = Date.now();
    const [first, again, ...title] = (await client({ AMENDS_URL: amends.url, AMENDS_KEY: amends.key, REF: ref })).trim().split(' ');
    const all = await amends.all('/v1/incidents');
    const { updates } = await amends.call('GET', `/v1/incidents/${ref}`);
    is([first, again, title.join(' ')], [`${updates[0].id}`, `${updates[0].id}`, `By ${ref} ${all.length}`], `${name}: created once, read, listed page by page`);
    note(`${name}: generated and compiled in ${Math.round((compiledAt - start) / 1000)} s`);
  } catch (error) {
    is(error.message, '', name);
  }
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const document = await documentOf(amends);
  await pip();
  await npm();
  const chosen = process.env.GENERATORS ? process.env.GENERATORS.split(',') : [''];
  for (const [name, generate] of Object.entries(GENERATORS)) {
    if (chosen.some((part) => name.includes(part))) await roundTrip(amends, name, generate, document);
  }
});
