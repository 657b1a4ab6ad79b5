#!/usr/bin/env node
'use strict';
// `amends incident`, `component` and `undo` beside a running instance: a post waits for its undo
// window and an undone one leaves no trace; the shells complete what the API knows; work that takes
// longer than a second shows it on a terminal.
const { spawn } = require('node:child_process');
const path = require('node:path');
const { Amends, AMENDS, waitUntil } = require('../../lib/amends.js');
const { ok, is, scenario } = require('../../lib/tap.js');

function type(amends, ...args) {
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
  const child = spawn(AMENDS, [...args, '--data', path.join(amends.dir, 'var')], { env });
  return collect(child);
}

function collect(child) {
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => { out[name] += chunk; });
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...out, code })));
}

const page = async (amends) => (await amends.request('GET', '/', undefined, { key: null })).text;

async function components(amends) {
  const made = await type(amends, 'component', 'create', 'api', '--name', 'Public API', '--group', 'core', '--translation', 'de.name=Schnittstelle');
  is([made.code, made.stdout], [0, 'api                  operational           core / Public API\n'], 'a component is made');
  is((await amends.call('GET', '/v1/components')).data[0].translations, { de: { name: 'Schnittstelle' } }, 'with its name in German');
  is((await type(amends, 'component', 'create', 'api', '--name', 'x')).code, 1, 'once');
  await type(amends, 'component', 'create', 'old', '--name', 'Old');
  is((await type(amends, 'component', 'archive', 'old')).stdout, 'old                  archived              Old\n', 'one is archived');
  is((await type(amends, 'component', 'list')).stdout.split('\n').length, 2, 'and not listed');
  is((await type(amends, 'component', 'list', '--all')).stdout.split('\n').length, 3, 'but with --all');
  is((await type(amends, 'component', 'restore', 'old')).stdout, 'old                  operational           Old\n', 'it comes back');
  is(JSON.parse((await type(amends, 'component', 'change', 'old', '--name', 'New', '--output=json')).stdout).name, 'New', 'it is renamed');
  is((await type(amends, 'component', 'state', 'none')).stderr, 'amends component: no component "none"\n', 'one that is not there');
}

async function undo(amends) {
  const before = await waitUntil('the page has the components', async () => { const text = await page(amends); return text.includes('>New<') && text; });
  const held = await type(amends, 'incident', 'start', 'slow', '--title', 'API is slow', '--body', 'We look.', '--component', 'api=partial_outage');
  const id = /^slow is posted at \d{4}-\S+Z unless undone:\n {2}amends undo (\d+) --data /.exec(held.stdout)?.[1];
  ok(held.code === 0 && id, `a post says how to undo it: ${held.stdout}${held.stderr}`);
  const left = Number(/(\d+) s left +incident +slow: API is slow/.exec((await type(amends, 'undo')).stdout)?.[1]);
  ok(left > 20 && left <= 30, `it waits as long as the console's first choice: ${left} s`);
  is(await page(amends), before, 'nothing of it is public');
  is((await type(amends, 'undo', id)).stdout, 'slow is undone: nothing of the post was public or sent\n', 'it is undone');
  is((await type(amends, 'undo', id)).code, 1, 'once');
  is((await type(amends, 'undo')).stdout, 'no post can be undone: its time to undo has ended\n', 'nothing else waits');
  is(await page(amends), before, 'and nothing was ever public');
  is((await type(amends, 'undo', 'x')).code, 64, 'an id is a number');
}

async function course(amends) {
  const begun = await type(amends, 'incident', 'start', 'slow', '--title', 'API is slow', '--body', 'We look.', '--component=api=partial_outage', '--translation=de.title=API ist langsam', '--translation', 'de.body=Wir suchen: a=b.c', '--hold', '0');
  is([begun.code, begun.stdout], [0, 'slow is posted\n'], `without a hold it is public at once: ${begun.stderr}`);
  const translated = await amends.call('GET', '/v1/incidents/slow');
  is([translated.translations, translated.updates[0].translations], [{ de: { title: 'API ist langsam' } }, { de: { body: 'Wir suchen: a=b.c' } }], 'in two languages');
  is([(await type(amends, 'incident', 'post', 'slow', '--state=identified', '--body=x', '--translation=de=x')).code, (await type(amends, 'incident', 'post', 'slow', '--state=identified', '--body=x', '--translation=jp.body=x')).code], [64, 64], 'a field and a known language are needed');
  is((await type(amends, 'component', 'state', 'api')).stdout, 'partial_outage\n', 'the state of the component');
  const posted = await type(amends, 'incident', 'post', 'slow', '--state', 'identified', '--body', 'A **bad** release.', '--hold=0', '--next-update=30');
  is([posted.code, posted.stdout], [0, 'slow is posted\n'], 'an update');
  ok(/^slow +identified +\S+ {2}API is slow\n$/.test((await type(amends, 'incident', 'list')).stdout), 'it is listed');
  await type(amends, 'incident', 'resolve', 'slow', '--body', 'Rolled back.', '--hold', '0');
  is((await type(amends, 'component', 'state', 'api')).stdout, 'operational\n', 'resolve ends its impacts');
  is((await type(amends, 'incident', 'list')).stdout, 'no open incidents\n', 'and it is listed no more');
  ok(/slow/.test((await type(amends, 'incident', 'list', '--all')).stdout), 'but with --all');
  const shown = (await type(amends, 'incident', 'show', 'slow')).stdout;
  ok(/^API is slow\nState +resolved\n[^]*identified\nA \*\*bad\*\* release\.\n[^]*Rolled back\./.test(shown), 'it shows its updates');
  const planned = await type(amends, 'incident', 'schedule', 'upgrade', '--title', 'Upgrade', '--body', 'Planned.', '--from', '2099-01-01T00:00:00Z', '--until', '2099-01-01T02:00:00Z', '-C', 'api=under_maintenance', '--hold', '0', '--output=json');
  is(JSON.parse(planned.stdout).kind, 'maintenance', 'a maintenance is scheduled');
  is((await type(amends, 'incident', 'resolve', 'upgrade', '--body', 'x', '--hold', '0')).code, 0, 'and resolve completes it');
}

async function refusals(amends) {
  for (const [args, words] of [
    [['start', '--title', 'x'], '--body is missing'],
    [['post', '--body', 'x', '--state', 'identified'], 'REF is missing'],
    [['post', 'x', '--body', 'x', '--state', 'solved'], 'unknown state solved'],
    [['start', '--title', 'x', '--body', 'x', '--component', 'api=down'], 'api=down is not SLUG=LEVEL: operational, degraded_performance'],
    [['start', '--title', 'x', '--body', 'x', '--label', 'eu'], 'eu is not KEY=VALUE'],
    [['start', '--title', 'x', '--body', 'x', '--hold', '2h'], '2h is not a number of seconds from 0 to 3600'],
  ]) {
    const said = await type(amends, 'incident', ...args);
    ok(said.code === 64 && said.stderr.includes(words), said.stderr.split('\n')[0]);
  }
  is((await type(amends, 'incident', 'show', 'none')).code, 1, 'an incident that is not there');
}

async function completion(amends) {
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', AMENDS_URL: amends.url, AMENDS_KEY: amends.key };
  const words = async (...args) => (await collect(spawn(AMENDS, ['complete', '--', ...args], { env }))).stdout.split('\n').map((line) => line.split('\t')[0]).filter(Boolean);
  is(await words('incident', 'start', '--component', 'a'), ['api'], 'components complete');
  is(await words('incident', 'start', '--component=api=ma'), ['--component=api=major_outage'], 'with their levels');
  is(await words('component', 'archive', ''), ['old', 'api'], 'as arguments, in the order of the page');
  is(await words('incident', 'show', 's'), ['slow'], 'incidents');
  await amends.call('POST', '/v1/policies', { name: 'flat-fee', model: 'prorata', multiplier: '1', weights_bp: { major_outage: 10000 } });
  is(await words('credit', 'run', '--policy', ''), ['flat-fee'], 'policies');
  is(await words('staff', 'add', 'ann', '--role', 'b'), ['billing'], 'roles');
  is(await words('account', 'import', ''), [], 'files are left to the shell');
}

// util-linux's script(1) gives the command a terminal.
async function progress(amends) {
  const run = path.join(amends.dir, 'var/run');
  const url = `host='${run}' user=amends dbname=amends`;
  const holder = spawn('psql', ['-h', run, '-U', 'amends', '-d', 'amends', '-XAtq'], { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdin.write('begin; lock table schema_migration in access exclusive mode; select 1;\n');
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', AMENDS_DATABASE_URL: url, TERM: 'xterm' };
  const shown = collect(spawn('script', ['-qfec', `${AMENDS} migrate`, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'pipe'] }));
  const silent = collect(spawn(AMENDS, ['migrate'], { env, stdio: ['ignore', 'pipe', 'pipe'] }));
  await new Promise((resolve) => setTimeout(resolve, 2500));
  holder.stdin.end('commit;\n');
  const { stdout } = await shown;
  ok(/\r\x1b\[K. Migrating the database, 1 s/.test(stdout), `on a terminal a second later: ${JSON.stringify(stdout.slice(0, 80))}`);
  ok(/\r\x1b\[K0 applied, schema at/.test(stdout), 'removed before the result');
  is((await silent).stderr, '', 'elsewhere nothing');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await components(amends);
  await undo(amends);
  await course(amends);
  await refusals(amends);
  await completion(amends);
  await progress(amends);
});
