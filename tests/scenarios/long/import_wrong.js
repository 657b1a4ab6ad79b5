#!/usr/bin/env node
'use strict';
// 100 MiB of `{}` lines: 35 million invalid ones are counted, the database grows by a few MiB, and the
// next import runs.
const fs = require('node:fs');
const path = require('node:path');
const { Amends, waitUntil } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { scenario, ok, is, note } = require('../../lib/tap.js');

const LINES = Math.floor(100 * 1024 * 1024 / 3);

scenario(async (after) => {
  const amends = await Amends.up();
  after(() => amends.destroy());
  const size = () => Number(sql(amends, 'select pg_database_size(current_database())')[0][0]);
  const before = size();
  const body = '{}\n'.repeat(LINES);
  const send = (text, type) => amends.call('POST', '/v1/subscribers/import?wait=false', text, { headers: { 'content-type': type } });
  const began = Date.now();
  const { id } = await send(body, 'application/x-ndjson');
  const one = await waitUntil('it is read', async () => {
    const shown = await amends.call('GET', `/v1/imports/${id}`);
    return shown.state === 'refused' && shown;
  }, 1800000);
  note(`${LINES} lines in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  is([one.invalid, one.unlisted], [LINES, LINES - 10000], 'every line is counted');
  const grown = (size() - before) / 1024 / 1024;
  ok(grown < 50, `the database grew by ${grown.toFixed(1)} MiB`);
  const log = fs.readdirSync(path.join(amends.dir, 'var/pg/pg_wal')).length;
  ok(log < 20, `${log} files of its log`);
  const next = await send('address\nafter@wrong.example\n', 'text/csv');
  ok(await waitUntil('the next import', async () => (await amends.call('GET', `/v1/imports/${next.id}`)).state === 'done', 60000), 'the next import runs');
});
