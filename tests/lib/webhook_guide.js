'use strict';
// The verifiers of docs/guides/webhooks.md, run on a webhook that the server sent.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, ROOT, freshDirectory, waitUntil } = require('./amends.js');
const { HttpSink } = require('./sinks.js');
const { is, note, scenario } = require('./tap.js');

const LANGUAGES = {
  js: { file: 'verify.js', program: (dir) => ['node', path.join(dir, 'verify.js')] },
  python: { file: 'verify.py', program: (dir, { python }) => [python, path.join(dir, 'verify.py')], probe: ({ python }) => [python, '-c', 'import cryptography'] },
  go: { file: 'verify.go', program: (dir, { go }) => [go, 'run', path.join(dir, 'verify.go')], probe: ({ go }) => [go, 'version'] },
};

function runs([program, ...args], input) {
  const done = spawnSync(program, args, { input, env: { ...process.env, GOTOOLCHAIN: 'local', GO111MODULE: 'off' } });
  return done.status === 0;
}

async function sent(amends, sink) {
  const address = `${sink.url}/v1a`;
  const { secret } = await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address, signing: 'v1a', confirmed: true });
  await amends.call('POST', '/v1/incidents', { title: 'Äpfel', state: 'investigating', body: 'Größer.', notify: true });
  const [request] = await waitUntil('the webhook', () => sink.at('/v1a').length && sink.at('/v1a'));
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = request.headers;
  return { args: [secret, id, time, signatures], body: request.body };
}

function check(language, text, dir, tools, { args, body }) {
  const { file, program } = LANGUAGES[language];
  fs.writeFileSync(path.join(dir, file), text.match(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``))[1]);
  const [key, id, time, signatures] = args;
  const run = program(dir, tools);
  is(runs([...run, ...args], body), true, `${language}: the webhook is verified`);
  is(runs([...run, key, id, time, `v1,xyz v1a,AAAA ${signatures}`], body), true, `${language}: also after other signatures`);
  is(runs([...run, ...args], `${body} `), false, `${language}: another body is not`);
  is(runs([...run, key, id, String(Number(time) - 301), signatures], body), false, `${language}: nor another time`);
}

// tools: {python, go}; all: a language that is not installed is a failure.
function guide(tools, all) {
  scenario(async (cleanup) => {
    const dir = freshDirectory();
    const sink = await HttpSink.start();
    cleanup(() => sink.stop());
    const amends = await Amends.up({ dir, env: { AMENDS_ALLOW_LOOPBACK: '1' } });
    cleanup(() => amends.destroy());
    const webhook = await sent(amends, sink);
    const text = fs.readFileSync(path.join(ROOT, 'docs/guides/webhooks.md'), 'utf8');
    for (const [language, { probe }] of Object.entries(LANGUAGES)) {
      if (all || !probe || runs(probe(tools))) check(language, text, dir, tools, webhook);
      else note(`${language} is left to check-long`);
    }
  });
}

module.exports = { guide };
