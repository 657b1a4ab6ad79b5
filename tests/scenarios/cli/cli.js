#!/usr/bin/env node
'use strict';
// Commands beside a running `amends up`: import and export of subscribers, a credit run drafted,
// approved by another person and explained. Refusals give a reason and exit codes of sysexits.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { AMENDS, waitUntil } = require('../../lib/amends.js');
const { mailBodies } = require('../../lib/sinks.js');
const lib = require('../../lib/cases.js');
const { sentencesOf } = require('../../lib/read_statement.js');
const { sql } = require('../../lib/notifiers.js');
const { approver } = require('../../lib/staff.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

function type(amends, args, { input = '', key } = {}) {
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', ...(key ? { AMENDS_KEY: key } : {}) };
  const child = spawn(AMENDS, [...args, '--data', path.join(amends.dir, 'var')], { env });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => { out[name] += chunk; });
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...out, code })));
}

async function subscribers(amends) {
  const csv = path.join(amends.dir, 'readers.csv');
  fs.writeFileSync(csv, 'channel,address,locale\nemail,a@readers.example,de\nemail,b@readers.example,en\n');
  const first = await type(amends, ['subscriber', 'import', csv]);
  is([first.code, first.stdout.split('\n')[0].replace(/ +/, ' ')], [0, 'created 2'], 'a CSV file is imported');
  const exported = await type(amends, ['subscriber', 'export', '--format', 'ndjson']);
  is(exported.stdout.trim().split('\n').length, 2, 'two are exported');
  const again = await type(amends, ['subscriber', 'import', '-', '--format', 'ndjson', '--output', 'json'], {
    input: '{"channel":"email","address":"a@readers.example","locale":"ja"}\n{"channel":"email","address":"c@readers.example"}\n',
  });
  is([JSON.parse(again.stdout).created, JSON.parse(again.stdout).updated], [1, 1], 'NDJSON comes in by standard input');
  const bad = await type(amends, ['subscriber', 'import', '-'], { input: 'channel,address\nemail,nobody\n' });
  is(bad.code, 64, 'a bad line is refused');
  ok(/line 2: address: /.test(bad.stderr), `naming line and field: ${bad.stderr}`);
  const dry = await type(amends, ['subscriber', 'import', '-', '--dry-run'], { input: 'address\nd@readers.example\nnobody\n' });
  ok(/created +1\n[^]*invalid +1\n[^]*line 3/.test(dry.stdout), 'a dry run tells');
  is(JSON.parse((await type(amends, ['subscriber', 'imports', '--output', 'json'])).stdout).data.length, 4, 'imports are listed as JSON');
  const list = await type(amends, ['subscriber', 'imports']);
  is(list.stdout.split('\n').length, 5, 'imports are listed');
  const undone = await type(amends, ['subscriber', 'undo', JSON.parse(again.stdout).id.toString()]);
  is(undone.stdout.replace(/ +/g, ' '), 'removed 1\nrestored 1\nkept 0\n', 'and taken back');
}

async function claims(amends, incident) {
  const [{ external_id: account }] = await amends.all('/v1/accounts');
  const { id } = await amends.call('POST', '/v1/claims', { account, incidents: [incident], text: 'We were down.' });
  const listed = await type(amends, ['claim', 'list']);
  ok(new RegExp(`^${id} +${account} +open .*${incident}\\n$`).test(listed.stdout), `claims that wait are listed: ${listed.stdout}${listed.stderr}`);
  ok(/We were down\./.test((await type(amends, ['claim', 'show', String(id)])).stdout), 'one is shown');
  const decided = await type(amends, ['claim', 'decide', String(id), '--decision', 'declined', '--message', 'Not you.']);
  ok(/declined[^]*answer: Not you\./.test(decided.stdout), `and decided: ${decided.stderr}`);
  is((await type(amends, ['claim', 'decide', String(id), '--decision', 'maybe', '--message', 'x'])).code, 64, 'as the API knows it');
}

async function credits(amends) {
  const one = lib.cases()[0];
  const key = approver(amends);
  await lib.replayCase(amends, one);
  await amends.call('PUT', `/v1/incidents/${one.incidents[0].ref}/impacts`, { impacts: one.incidents[0].impacts.map((impact) => ({ ...impact, estimated: true })) });
  const draft = await type(amends, ['credit', 'run', '--policy', one.policy, '--incident', one.incidents[0].ref, '--reason', 'sorry']);
  ok(/run 1 is draft, policy two-days version 1/.test(draft.stdout), 'a run is drafted');
  ok(/1\.87 USD in 1 credits/.test(draft.stdout), 'with its totals');
  is((await type(amends, ['credit', 'approve', '1'], { key })).code, 1, 'a warning stands in the way');
  is((await type(amends, ['credit', 'acknowledge', '1', '--warning', 'nothing'])).code, 64, 'one that is not there is not acknowledged');
  const read = await type(amends, ['credit', 'acknowledge', '1', '--warning', 'estimate']);
  ok(/warning estimate: an impact window is an estimate\n/.test(read.stdout), `by its name it is: ${read.stderr}`);
  const own = await type(amends, ['credit', 'approve', '1']);
  is(own.code, 1, 'its author cannot approve it');
  const issued = await type(amends, ['credit', 'approve', '1'], { key });
  ok(/run 1 is issued/.test(issued.stdout), `another person can: ${issued.stderr}`);
  const explained = await type(amends, ['credit', 'explain', '1']);
  ok(/Total 1\.87 USD/.test(explained.stdout), 'a credit explains itself');
  const [credit] = (await amends.all('/v1/credits')).filter(({ id }) => id === 1);
  const said = (await sentencesOf(amends, credit)).flat();
  ok(said.length > 4 && said.every((sentence) => explained.stdout.includes(`\n  ${sentence}\n`)), `in the sentences of its statement: ${explained.stdout}`);
  ok(/\n  Gerundet \(/.test((await type(amends, ['credit', 'explain', '1', '--locale=de'])).stdout), 'in another language');
  const printed = async (...words) => JSON.parse((await type(amends, [...words, '--output=json'])).stdout);
  const { amount_minor, lines } = await printed('credit', 'explain', '1');
  is([amount_minor, lines.length], [187, 1], 'as JSON too');
  is((await printed('ledger', 'verify')).verified, true, 'so does the ledger');
  const made = await printed('key', 'create', '--name=made', '--scope=credits:read');
  is((await amends.request('GET', '/v1/credits', undefined, { key: made.key })).status, 200, 'a new key');
  const first = await printed('staff', 'add', 'ann', '--role=admin');
  ok(/^http.*\/staff\/welcome\//.test(first.url), 'and the link of the first admin');
  is((await printed('staff', 'add', 'bob', '--role=viewer', '--email=bob@staff.example')).sent_to, 'bob@staff.example', 'but of others only the address it went to');
  is((await type(amends, ['staff', 'add', 'eve', '--role=viewer'])).code, 64, 'without which there is no link');
  ok(/^amends_/.test((await printed('key', 'create', '--name=k', '--owner=bob', '--scope=incidents:read')).key), 'a key may belong to a person');
  is((await type(amends, ['credit', 'approve', '1', '--output', 'xml'])).code, 64, 'any other output is refused');
  const none = await type(amends, ['credit', 'explain', '99']);
  is([none.code, none.stderr], [1, 'amends credit: no credit 99\n'], 'a credit that is not there');
}

// The preview equals the messages sent.
async function rehearsal(amends, mails) {
  for (const [channel, address, more] of [['email', 'dry@readers.example', { locale: 'de-AT', verbosity: 'milestones' }], ['sms', '+15005550001', {}], ['email', 'day@readers.example', { verbosity: 'daily' }]]) {
    await amends.call('POST', '/v1/subscribers', { channel, address, confirmed: true, ...more });
  }
  const draft = ['send', '--dry-run', 'rehearsed', '--state', 'investigating', '--body', 'We **look**.', '--component', 'login=partial_outage'];
  const missing = await type(amends, draft);
  is([missing.code, missing.stderr], [1, 'amends send: no incident "rehearsed"\n'], 'an incident that is not there');
  const shown = await type(amends, [...draft, '--title', 'Login is slow', '--output', 'json']);
  is(shown.code, 0, `a draft of a new incident: ${shown.stderr}`);
  const { audience: readers, messages } = JSON.parse(shown.stdout);
  const audience = (channel) => readers.filter((one) => one.channel === channel).reduce((sum, one) => sum + one.count, 0);
  is(audience('sms'), 1, 'one SMS');
  ok(readers.some((one) => one.channel === 'email' && one.verbosity === 'milestones' && one.locale === 'de-AT'), 'readers are told by locale and verbosity');
  ok(!readers.some((one) => one.verbosity === 'daily'), 'who gets digests gets no update');
  const sms = messages.find((one) => one.channel === 'sms');
  ok(/Login is slow/.test(sms.text) && sms.segments >= 1, `an SMS of ${sms.segments} segments`);
  const german = messages.find((one) => one.channel === 'email' && one.locale === 'de-AT');
  ok(/Login is slow/.test(german.subject) && /Wird untersucht/.test(german.text) && /<strong>look<\/strong>/.test(german.html), 'the mail in German');
  ok(/email +de-AT +milestones +1\n[^]*== sms en/.test((await type(amends, [...draft, '--title', 'Login is slow'])).stdout), 'the same for reading');
  is((await amends.request('GET', '/v1/incidents/rehearsed')).status, 404, 'nothing was written');
  is((await type(amends, ['send', 'rehearsed', '--state', 'resolved', '--body', 'x'])).code, 64, 'without --dry-run nothing is sent either');
  const posted = await amends.call('POST', '/v1/incidents', {
    ref: 'rehearsed', title: 'Login is slow', kind: 'incident', state: 'investigating', body: 'We **look**.', notify: true, components: [{ component: 'login', level: 'partial_outage' }],
  });
  const live = await waitUntil('the mails are sent', async () => {
    const now = await amends.call('GET', `/v1/broadcasts/${posted.broadcast}`);
    return now.counts.accepted === audience('email') && now;
  });
  is(live.counts.accepted, audience('email'), 'and posted, as many mails go as was shown');
  const mail = mails.mails().find((one) => one.to === 'dry@readers.example');
  is(mailBodies(mail.data)['text/plain'].split('\n').slice(0, 3).map((line) => line.trim()), german.text.split('\n').slice(0, 3), 'in the words that were shown');
}

scenario(async (cleanup) => {
  const { amends, mails, dir } = await upWithMail(cleanup);
  await lib.createCatalogue(amends);
  await subscribers(amends);
  await rehearsal(amends, mails);
  await credits(amends);
  await claims(amends, lib.cases()[0].incidents[0].ref);
  const doctor = await type(amends, ['doctor', '--output', 'json']);
  is(doctor.code, 0, 'doctor finds nothing wrong');
  const nowhere = await type({ dir: '/nonexistent' }, ['subscriber', 'export']);
  is(nowhere.code, 64, 'without an API it says so');
});
