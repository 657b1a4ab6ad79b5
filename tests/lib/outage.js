'use strict';
// The database goes away in the middle of a broadcast.
const fs = require('node:fs');
const path = require('node:path');
const { waitUntil } = require('./amends.js');
const { sql } = require('./notifiers.js');

const serverPid = (amends) => Number(fs.readFileSync(path.join(amends.dir, 'var/pg/postmaster.pid'), 'utf8').split('\n')[0]);

function answers(amends) {
  try {
    return sql(amends, 'select 1').length === 1;
  } catch {
    return false;
  }
}

// signal: SIGINT ends it orderly, SIGQUIT like a crash; `amends up` starts another.
async function restartServer(amends, signal) {
  const pid = serverPid(amends);
  process.kill(pid, signal);
  await waitUntil('another PostgreSQL', () => {
    try {
      return serverPid(amends) !== pid && answers(amends);
    } catch {
      return false;
    }
  });
}

// Cuts every connection and hides the socket for this time.
async function cutOff(amends, milliseconds) {
  const run = path.join(amends.dir, 'var/run');
  const socket = path.join(run, '.s.PGSQL.5432');
  const list = `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
  const backends = sql(amends, list);
  fs.renameSync(socket, `${socket}.away`);
  for (const [pid] of backends) process.kill(Number(pid), 'SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  fs.renameSync(`${socket}.away`, socket);
}

module.exports = { restartServer, cutOff };
