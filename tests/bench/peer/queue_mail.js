'use strict';
// What a Node shop would build: a queue in PostgreSQL (pg-boss), a pool of connections
// (nodemailer). Sends N messages and prints {"per_second"}: from the first job inserted to
// the last message accepted.
//   node queue_mail.js SOCKET_DIRECTORY SMTP_PORT N
const PgBoss = require('pg-boss');
const nodemailer = require('nodemailer');

const [host, port, n] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const CONNECTIONS = 20;
const text = `${'We are looking into it, and will write again within the hour. '.repeat(60)}\n`;

async function main() {
  const boss = new PgBoss({ host, user: 'amends', database: 'amends', schema: 'peer_queue', max: 10, supervise: false });
  boss.on('error', (error) => console.error(error.message));
  await boss.start();
  const mail = nodemailer.createTransport({ host: '127.0.0.1', port, pool: true, maxConnections: CONNECTIONS, maxMessages: Infinity, ignoreTLS: true });
  let left = n;
  let finish;
  const finished = new Promise((resolve) => { finish = resolve; });
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i += 1000) {
    await boss.insert(Array.from({ length: Math.min(1000, n - i) }, (_, j) => ({ name: 'mail', data: { to: `reader${i + j}@bench.example` } })));
  }
  const send = async (job) => {
    await mail.sendMail({ from: 'status@bench.example', to: job.data.to, subject: 'An update', text, headers: { 'List-Unsubscribe': '<https://status.example/u/x>' } });
  };
  // Four workers that fetch 100 at a time, each as fast as it can.
  const worker = async () => {
    while (left > 0) {
      const jobs = await boss.fetch('mail', 100);
      if (!jobs) break;
      await Promise.all(jobs.map(send));
      await boss.complete(jobs.map((job) => job.id));
      left -= jobs.length;
    }
    if (left <= 0) finish();
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  if (left <= 0) finish();
  await finished;
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  console.log(`ready ${JSON.stringify({ per_second: n / seconds })}`);
  mail.close();
  await boss.deleteAllQueues();
  await boss.stop({ graceful: false });
  process.exit(0);
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
