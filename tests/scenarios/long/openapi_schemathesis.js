#!/usr/bin/env node
'use strict';
// redocly lints /openapi.json, and schemathesis sends the server what the document allows and what it
// does not. CASES=100 for more cases per operation, SEED=N to repeat a run.
const fs = require('node:fs');
const path = require('node:path');
const { Amends } = require('../../lib/amends.js');
const { is, note, scenario } = require('../../lib/tap.js');
const { HOME, run, pip, npm, npmProgram, documentOf } = require('../../lib/clients.js');

// Not called, each with the reason.
const LEFT_OUT = {
  streamBroadcast: 'never ends',
  revokeKey: 'revokes the key in use',
  receiveMail: 'schemathesis makes no message/rfc822',
};

// Texts must also name components that exist, be times in the right order and so on: 422 is right for them.
const EXCLUDED = 'positive_data_acceptance';

async function outcome(promise) {
  try {
    await promise;
    return '';
  } catch (error) {
    const [, failures] = (error.stdout || '').match(/=+ FAILURES =+([^]*?)=+ (WARNINGS|SUMMARY)/) || [];
    return failures || error.message;
  }
}

// A list above its limit can make a body above the limit of the server.
const REFUSALS = '[checks.negative_data_rejection]\nexpected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]\n';

async function schemathesis(amends, document, cases, seed) {
  const log = path.join(HOME, 'schemathesis.log');
  const config = path.join(HOME, 'schemathesis.toml');
  fs.writeFileSync(config, REFUSALS);
  const started = Date.now();
  const failure = await outcome(run('schemathesis', ['--config-file', config, 'run', document, '--url', amends.url,
    '-H', `Authorization: Bearer ${amends.key}`, '--phases', 'coverage,fuzzing', '-n', cases, '--seed', seed,
    '--generation-database', 'none', '--request-timeout', '60', '--exclude-checks', EXCLUDED, '--no-color',
    ...Object.keys(LEFT_OUT).flatMap((id) => ['--exclude-operation-id', id])]).then((text) => fs.writeFileSync(log, text)));
  is(failure, '', `schemathesis finds nothing (seed ${seed})`);
  if (!failure) note(`${fs.readFileSync(log, 'utf8').match(/^ *\d+ generated.*$/m)} in ${Math.round((Date.now() - started) / 1000)} s`);
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const document = await documentOf(amends);
  await pip();
  await npm();
  is(await outcome(run(npmProgram('redocly'), ['lint', '--format', 'stylish', '--max-problems', '50', document]).then((text) => {
    if (/warning/i.test(text)) throw new Error(text);
  })), '', 'redocly finds nothing');
  await schemathesis(amends, document, process.env.CASES || '40', process.env.SEED || '11');
  is((await amends.request('GET', '/readyz')).status, 200, 'the server is well');
});
