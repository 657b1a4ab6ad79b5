#!/usr/bin/env node
'use strict';
// The relay's name does not resolve for a while, and then does again, without a restart: no address is
// suppressed, and every recipient has one outcome. Runs in a mount namespace with its own hosts file.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { Postfix, missing } = require('../../lib/postfix.js');
const { is, note, scenario } = require('../../lib/tap.js');

const NAME = 'relay.amends.test';
const READERS = 20;

function skip(why) {
  process.stdout.write(`1..0 # SKIP ${why}\n`);
  process.exit(0);
}

// Again, with our own /etc/hosts.
function enter() {
  if (process.getuid() !== 0) skip('mount namespaces need root');
  if (missing()) skip(missing());
  const dir = freshDirectory();
  const hosts = path.join(dir, 'hosts');
  fs.copyFileSync('/etc/hosts', hosts);
  const inside = `mount --make-rprivate / && mount --bind ${hosts} /etc/hosts && exec "$0" "$@"`;
  const run = spawnSync('unshare', ['-m', 'sh', '-c', inside, process.execPath, __filename], {
    stdio: 'inherit', env: { ...process.env, RELAY_DNS_HOSTS: hosts },
  });
  fs.rmSync(dir, { recursive: true, force: true });
  process.exit(run.status === null ? 1 : run.status);
}

async function away(cleanup) {
  const dir = freshDirectory();
  const postfix = await Postfix.start(dir);
  cleanup(() => postfix.stop());
  const url = postfix.url.replace('127.0.0.1', NAME);
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: url, AMENDS_SMTP_CA_FILE: postfix.ca } });
  cleanup(() => amends.destroy());
  for (let n = 0; n < READERS; n += 1) {
    await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `r${n}@readers.example`, confirmed: true });
  }
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const posted = await amends.call('POST', '/v1/incidents', {
    ref: 'x', title: 'Down', kind: 'incident', state: 'investigating', body: 'We look.', components: [{ component: 'api', level: 'major_outage' }],
  });
  const counts = async () => (await amends.call('GET', `/v1/broadcasts/${posted.broadcast}`)).counts;
  await waitUntil('they are put off', async () => (await counts()).retry === READERS, 90000);
  is((await counts()).failed, 0, 'nobody is blamed while the name is unknown');
  fs.appendFileSync(process.env.RELAY_DNS_HOSTS, `\n127.0.0.1 ${NAME}\n`);
  const began = Date.now();
  const broadcast = await amends.settled(posted.broadcast, 600000);
  note(`done ${Math.round((Date.now() - began) / 1000)} s after the name was back`);
  is([broadcast.counts.accepted, broadcast.counts.failed], [READERS, 0], 'every recipient has one outcome, without a restart');
  is(postfix.discarded().length, READERS, 'and one mail');
}

if (process.env.RELAY_DNS_HOSTS) scenario(away);
else enter();
