'use strict';
// One notifier is killed at the nth pass of a point (core/crash_point.h) while it alone has a
// broadcast; another one then completes it. Nothing is lost, and only unsettled messages are repeated.
const { Amends, freshDirectory, waitUntil } = require('./amends.js');
const { MailSink, HttpSink } = require('./sinks.js');
const { sql, startNotifier, importMailReaders, postIncident, repeats } = require('./notifiers.js');
const { ok, note } = require('./tap.js');

const POINTS = ['claimed', 'sending', 'sent', 'settling', 'settled'];
const REPEATS_ALLOWED = 256;

async function start(cleanup, readers) {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const endpoints = await HttpSink.start();
  cleanup(() => endpoints.stop());
  const amends = await Amends.up({
    dir,
    env: {
      AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1', AMENDS_SMS_PROVIDER: 'twilio', AMENDS_SMS_URL: endpoints.url,
      AMENDS_SMS_ACCOUNT: 'AC1', AMENDS_SMS_TOKEN: 'secret', AMENDS_SMS_FROM: '+15005550006',
    },
  });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await importMailReaders(amends, readers.email);
  const others = [
    ...Array.from({ length: readers.webhook }, (_, i) => ({ channel: 'webhook', address: `${endpoints.url}/hook/${i}` })),
    ...Array.from({ length: readers.sms }, (_, i) => ({ channel: 'sms', address: `+1500555${String(1000 + i)}` })),
  ];
  await amends.call('POST', '/v1/subscribers/import', others.map((one) => JSON.stringify({ ...one, confirmed: true })).join('\n'), {
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const all = readers.email + readers.webhook + readers.sms;
  return { amends, mails, endpoints, readers, all };
}

// Stop a role of `amends up` where it holds no lock.
async function pause(amends, role = 'notifier') {
  const pid = await waitUntil(`the ${role}`, () => amends.rolePid(role));
  await waitUntil('it is idle', () => {
    process.kill(pid, 'SIGSTOP');
    const [[busy]] = sql(amends, `select count(*) from pg_stat_activity where application_name = '${role}' and state <> 'idle'`);
    if (busy !== '0') process.kill(pid, 'SIGCONT');
    return busy === '0';
  });
  return pid;
}

function fault(world, broadcast, before) {
  const rows = sql(world.amends, `select channel, state, coalesce(reason, ''), count(*) from delivery where broadcast_id = ${broadcast} group by 1, 2, 3`);
  const wrong = rows.filter(([channel, state, reason]) =>
    state !== 'accepted' && !(channel === 'sms' && state === 'unknown' && reason === 'sending'));
  if (wrong.length) return `outcomes: ${JSON.stringify(wrong)}`;
  const n = rows.reduce((sum, row) => sum + Number(row[3]), 0);
  if (n !== world.all) return `${n} outcomes of ${world.all}`;
  const mails = repeats(world.mails.mails().slice(before.mails));
  if (mails.readers !== world.readers.email) return `${mails.readers} of ${world.readers.email} mails`;
  const requests = world.endpoints.requests.slice(before.requests);
  const ids = new Map();
  for (const one of requests.filter(({ path }) => path.startsWith('/hook/'))) ids.set(one.path, [...(ids.get(one.path) || []), one.headers['webhook-id']]);
  if (ids.size !== world.readers.webhook) return `${ids.size} of ${world.readers.webhook} webhooks`;
  const hooksAgain = [...ids.values()].reduce((sum, list) => sum + list.length - 1, 0);
  if (!mails.same || [...ids.values()].some((list) => new Set(list).size > 1)) return 'a repeat has another id';
  if (mails.n + hooksAgain > REPEATS_ALLOWED) return `${mails.n} mails and ${hooksAgain} webhooks repeated`;
  const numbers = requests.filter(({ path }) => path.startsWith('/2010-04-01/')).map(({ body }) => new URLSearchParams(body).get('To'));
  if (new Set(numbers).size !== numbers.length) return 'an SMS was repeated';
  return null;
}

// True when the victim died; false when the broadcast ended before the nth pass.
async function killAt(world, point, n) {
  const { amends } = world;
  const before = { mails: world.mails.mails().length, requests: world.endpoints.requests.length };
  const healthy = await pause(amends);
  const victim = await startNotifier(amends, { CRASH_AT: `${point}:${n}` });
  const broadcast = await postIncident(amends, `${point} ${n}`);
  const isDone = async () => (await amends.call('GET', `/v1/broadcasts/${broadcast}`)).state === 'done';
  await waitUntil(`${point} ${n}: killed or done`, async () => victim.signalCode || (await isDone()));
  const killed = victim.signalCode === 'SIGKILL';
  process.kill(healthy, 'SIGCONT');
  if (!victim.signalCode) victim.kill('SIGKILL');
  await amends.settled(broadcast);
  const wrong = fault(world, broadcast, before);
  ok(!wrong, `${killed ? 'killed at' : 'not killed at'} ${point} ${n}: ${wrong || 'one outcome each'}`);
  return killed;
}

async function killAtEach(world, point, which) {
  let n = 0;
  for (n of which) if (!(await killAt(world, point, n))) break;
  note(`${point}: up to ${n}`);
}

module.exports = { POINTS, start, pause, killAt, killAtEach };
