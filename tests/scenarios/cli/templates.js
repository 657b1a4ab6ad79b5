#!/usr/bin/env node
'use strict';
// Templates of the installation: found by name, printed to start from, checked before they are used, and
// then in messages and on pages. A mistake is refused with its file and line when a role starts.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Amends, AMENDS, freshDirectory } = require('../../lib/amends.js');
const { MailSink, mailBodies } = require('../../lib/sinks.js');
const { ok, is, scenario } = require('../../lib/tap.js');

function run(...args) {
  const { status, stdout, stderr } = spawnSync(AMENDS, args, { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
  return { code: status, stdout, stderr };
}
const show = (name) => run('template', 'show', name).stdout;

function folder(dir, files) {
  fs.rmSync(dir, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  }
  return dir;
}

function builtIn(dir) {
  const names = run('template', 'list').stdout.trim().split('\n');
  ok(['email/update.en.html', 'sms/update.en.txt', 'slack/notice.en.slack.json', 'labels/de.json', 'page/footer.en.html'].every((one) => names.includes(one)), 'list names what can be replaced');
  ok(!names.some((one) => /^(page\/home|samples|providers)/.test(one)), 'and nothing else');
  const all = folder(dir, Object.fromEntries(names.map((one) => [one, show(one)])));
  is(run('template', 'lint', all), { code: 0, stdout: '', stderr: '' }, 'the built-in templates pass their own check');
  is(run('template', 'show', 'page/home.en.html').code, 1, 'show prints only those');
}

const edited = (name, from, to) => {
  const text = show(name);
  if (!text.includes(from)) throw new Error(`${name} lacks ${from}`);
  return { [name]: text.replace(from, to) };
};

const MISTAKES = [
  ['an unknown field', edited('email/update.en.html', '{{incident.title}}', '{{incident.titel}}'), /email\/update\.en\.html:\d+:\d+: unknown variable incident\.titel$/m],
  ['one where the sample has nothing', { 'sms/update.en.txt': '{{incident.title}}\n{{^incident.kind}}{{nope}}{{/incident.kind}}' }, /sms\/update\.en\.txt:2:\d+: unknown variable nope$/m],
  ['one in a partial', edited('email/foot.en.html', '{{postal_address}}', '{{postal}}{{postal_address}}'), /email\/foot\.en\.html:\d+:\d+: unknown variable postal$/m],
  ['a section that stays open', { 'email/notice.en.txt': 'Hello\n{{#account}}\n' }, /email\/notice\.en\.txt:2:1: section account is not closed$/m],
  ['no link to unsubscribe', { 'email/links.en.txt': '{{#manage_url}}{{manage_url}}{{/manage_url}} {{#postal_address}}{{postal_address}}{{/postal_address}}' }, /must contain \{\{unsubscribe_url\}\}/],
  ['no postal address', edited('email/foot.en.html', ', {{postal_address}}', ''), /must contain \{\{postal_address\}\}/],
  ['no amount', { 'email/credit_notice.en.txt': 'Sorry. {{credit.statement_url}} {{manage_url}}{{postal_address}}' }, /credit_notice\.en\.txt: must contain \{\{credit\.amount_text\}\}/],
  ['a phrase without its link', { 'labels/fr.json': '{"mail": {"unsubscribe_url": "Se désabonner"}}' }, /must contain \{\{unsubscribe_url\}\} \(language fr\)/],
  ['JSON that is none', edited('slack/update.en.slack.json', '"blocks"', '"blocks'), /slack\/update\.en\.slack\.json: renders to JSON with a mistake/],
  ['a name that replaces nothing', { 'email/updat.en.html': 'x' }, /email\/updat\.en\.html: replaces no template/],
  ['a page of ours', { 'page/home.en.html': 'x' }, /page\/home\.en\.html: replaces no template/],
  ['an unknown label', { 'labels/de.json': '{\n"mail": {\n"unsubscibe": "x"}}' }, /labels\/de\.json:3: no label mail\.unsubscibe$/m],
  ['a label with another place', { 'labels/de.json': '{"page": {"updated": "vor {tagen}"}}' }, /labels\/de\.json:1: page\.updated cannot contain \{tagen\}$/m],
  ['a label with an unknown field', { 'labels/de.json': '{"mail": {"unsubscribe": "Ab {{nix}}"}}' }, /label mail\.unsubscribe \(de\):1:\d+: unknown variable nix$/m],
  ['labels that are no JSON', { 'labels/de.json': '{\n"mail": {"a" "b"}}' }, /labels\/de\.json:2:\d+: /],
  ['the document of a channel with an unknown field', edited('channels/mattermost.json', '"markup"', '"markupp"'), /channels\/mattermost\.json: channel\.markupp: /],
  ['with an unknown value', edited('channels/mattermost.json', '{{#body}}{{body}}', '{{#body}}{{bodi}}'), /channels\/mattermost\.json: fields\.text:\d+:\d+: unknown variable bodi$/m],
  ['with one in its path', edited('channels/matrix.json', '{{to.room}}', '{{to.rom}}'), /channels\/matrix\.json: path:1:\d+: unknown variable to\.rom$/m],
  ['with an example of another form', edited('channels/telegram.json', '"example": "https://api.telegram.org/bot', '"example": "https://api.telegram.org/'), /telegram\.json: channel\.example: does not match/],
  ['whose actions may fit nothing', edited('channels/opsgenie.json', '{"name": "note",', '{"name": "note", "when": ["identified"],'), /opsgenie\.json: channel\.actions\[3\]: the last one must fit all messages/],
  ['with a name that is taken', { 'channels/email.json': show('channels/mattermost.json').replace('"mattermost"', '"email"') }, /email\.json: name: "email" is built in/],
  ['that is no JSON', { 'channels/x.json': '{' }, /channels\/x\.json: /],
  ['text that is no UTF-8', { 'sms/update.en.txt': Buffer.from([0xff, 0xfe]) }, /sms\/update\.en\.txt: is not UTF-8$/m],
];

function mistakes(dir) {
  for (const [what, files, reason] of MISTAKES) {
    const { code, stderr } = run('template', 'lint', folder(dir, files));
    ok(code === 64 && reason.test(stderr), `${what} is refused: ${stderr.trim()}`);
  }
  const { code, stderr } = run('template', 'lint', path.join(dir, 'none'));
  ok(code === 1 && /none/.test(stderr), 'so is a directory that does not exist');
  const own = path.join(folder(dir, { 'zulip.json': show('channels/mattermost.json').replace('"mattermost"', '"zulip"').replace('"disable"', '"forget"') }), 'zulip.json');
  const lint = run('channel', 'lint', own);
  ok(lint.code === 64 && /zulip\.json: errors\[0\]\.verdict: must be /.test(lint.stderr), `channel lint names file, field and reason: ${lint.stderr.trim()}`);
  fs.writeFileSync(own, fs.readFileSync(own, 'utf8').replace('"forget"', '"disable"'));
  is(run('channel', 'lint', own), { code: 0, stdout: '', stderr: '' }, 'and takes a good one');
  ok(/^telegram +https:\/\/api\.telegram\.org\/bot/m.test(run('channel', 'list').stdout) && run('channel', 'show', 'ntfy').stdout === show('channels/ntfy.json'), 'list and show print what there is');
  // The roles by themselves: settings.js.
  const up = spawnSync(AMENDS, ['up', '--data', path.join(dir, 'var')], { encoding: 'utf8', env: { ...process.env, AMENDS_TEMPLATES_DIR: folder(dir, { 'sms/update.en.txt': '\n{{nope}}' }) } });
  ok(up.status === 64 && /sms\/update\.en\.txt:2:1: unknown variable nope/.test(up.stderr), `amends up does not start: ${up.stderr}`);
}

async function used(dir, cleanup) {
  const templates = folder(path.join(dir, 'mine'), {
    ...edited('email/update.en.html', '{{>head}}', '{{>head}}\n{{>logo}}'),
    'email/logo.en.html': '<p>ACME {{brand}}</p>\n',
    'email/update.de.subject.txt': 'Störung: {{incident.title}}',
    'labels/de.json': '{"mail": {"unsubscribe": "Nie wieder"}, "page": {"subscribe": "Bescheid bekommen"}}',
    'page/footer.en.html': '<p>A service of {{brand}}, <a href="{{public_url}}">status</a></p>\n',
    'README.md': 'ours',
  });
  is(run('template', 'lint', templates), { code: 0, stdout: '', stderr: '' }, 'good ones pass');
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url, AMENDS_TEMPLATES_DIR: templates, AMENDS_BRAND: 'Acme' } });
  cleanup(() => amends.destroy());
  for (const locale of ['en', 'de']) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${locale}@readers.example`, locale, confirmed: true });
  const { broadcast } = await amends.call('POST', '/v1/incidents', { ref: 'x', title: 'Chat', kind: 'incident', state: 'investigating', body: 'x', notify: true });
  await amends.settled(broadcast);
  const mail = (to) => mails.mails().find((one) => one.to === `${to}@readers.example`).data;
  ok(/<p>ACME Acme<\/p>/.test(mailBodies(mail('en'))['text/html']), 'the mail has the template with its own partial');
  ok(/^Subject: =\?utf-8\?/im.test(mail('de')) && /^Subject: \[Investigating\] Acme: Chat/m.test(mail('en')), 'a template of a language is for that language');
  ok(/Nie wieder/.test(mailBodies(mail('de'))['text/html']), 'so is a phrase');
  const page = (lang) => amends.request('GET', `/?lang=${lang}`, undefined, { key: null }).then((reply) => reply.text);
  ok((await page('en')).includes(`<footer>\n<p>A service of Acme, <a href="${amends.url}">status</a></p>`), 'the page has its own foot');
  ok(/Bescheid bekommen/.test(await page('de')), 'and its own words');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  builtIn(path.join(dir, 'all'));
  mistakes(path.join(dir, 'bad'));
  await used(dir, cleanup);
});
