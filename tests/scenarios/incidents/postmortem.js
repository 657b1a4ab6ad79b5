#!/usr/bin/env node
'use strict';
// A post-mortem of three incidents names all three, wherever it is read: on each incident's page, in mails,
// posts and feeds. Its Markdown may have tables, quotes, code and headings.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { MailSink, HttpSink, mailBodies } = require('../../lib/sinks.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const REFS = ['no-login', 'no-chat', 'no-mail'];
const TITLES = ['Logins <fail>', 'Chat is *down*', 'Mail is late'];
const BODY = `## Timeline

| Time | What happened |
|---|---|
| 10:00 | The **certificate** expired |
| 10:20 | \`renew\` was run |

> It was nobody's day.

\`\`\`
$ renew --all
\`\`\``;
const anybody = { key: null };

async function prepare(amends, http) {
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web' });
  for (const [n, ref] of REFS.entries()) {
    await amends.call('POST', '/v1/incidents', { ref, title: TITLES[n], kind: 'incident', state: 'investigating', body: 'x', notify: false, components: [{ component: 'web', level: 'major_outage' }] });
    await amends.call('POST', `/v1/incidents/${ref}/updates`, { state: 'resolved', body: 'x', notify: false, components: [{ component: 'web', level: 'operational' }] });
  }
  await amends.call('PATCH', '/v1/incidents/no-mail', { translations: { de: { title: 'Post kommt spät' } } });
  for (const locale of ['en', 'de']) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${locale}@readers.example`, locale, confirmed: true });
  for (const channel of ['slack', 'webhook']) await amends.call('POST', '/v1/subscribers', { channel, address: `${http.url}/${channel}`, confirmed: true });
}

function mailed(amends, mails) {
  const body = (locale) => mailBodies(mails.mails().find((one) => one.to === `${locale}@readers.example`).data);
  const [en, de] = [body('en'), body('de')];
  const link = (n) => `<a href="https://status.example/incidents/${REFS[n]}">`;
  ok(en['text/html'].includes(`<p>This post-mortem covers: ${link(0)}Logins &lt;fail&gt;</a>, ${link(1)}Chat is *down*</a>, ${link(2)}Mail is late</a></p>`), 'the mail names all three, with their links');
  ok(en['text/plain'].replaceAll('\r\n', ' ').includes('This post-mortem covers: Logins <fail> (https://status.example/incidents/no-login), Chat is *down* (https://status.example/incidents/no-chat), Mail is late'), 'so does its text');
  ok(/Diese Nachbetrachtung gilt für: .*Post kommt spät<\/a>/.test(de['text/html']), 'in the language of the reader');
  ok(/<h4>Timeline<\/h4>\n<table>\n<tr><th>Time<\/th><th>What happened<\/th><\/tr>\n<tr><td>10:00<\/td><td>The <strong>certificate<\/strong> expired<\/td><\/tr>/.test(en['text/html'].replaceAll('\r\n', '\n')), 'a table is a table');
  ok(/Time \| What happened\r?\n10:00 \| The certificate expired\r?\n10:20 \| renew was run/.test(en['text/plain']), 'and lines in text');
  ok(/<blockquote>[^]*nobody[^]*<\/blockquote>[^]*<pre><code>\$ renew --all/.test(en['text/html']), 'beside quotes and code');
}

async function posted(http) {
  const [slack, hook] = await Promise.all(['slack', 'webhook'].map((path) => waitUntil(`a post to ${path}`, () => http.requests.find((one) => one.path === `/${path}` && /covers/.test(one.body)))));
  ok(slack.body.includes('<https://status.example/incidents/no-chat|Chat is *down*>') && slack.body.includes('*Time* | *What happened*'), 'Slack, too');
  ok(/This post-mortem covers:/.test(JSON.parse(hook.body).update.body), 'and webhooks');
}

async function published(amends) {
  const text = async (target) => (await amends.request('GET', target, undefined, anybody)).text;
  for (const ref of REFS) {
    const page = await waitUntil(`the page of ${ref}`, async () => /This post-mortem covers/.test(await text(`/incidents/${ref}`)) && text(`/incidents/${ref}`));
    is([...page.matchAll(/covers: (.*)<\/p>/g)].flatMap((one) => [...one[1].matchAll(/incidents\/([\w-]+)">/g)].map((link) => link[1])), REFS, `the page of ${ref} links all three`);
    ok(/<table>\n<tr><th>Time/.test(page), 'and has the table');
  }
  for (const feed of ['/feed.atom', '/feed.rss', '/feed.json', '/history.atom', '/history.rss']) {
    ok(await waitUntil(feed, async () => /This post-mortem covers.*no-login.*no-chat.*no-mail/.test(await text(feed))), `${feed} names them`);
  }
  await amends.call('POST', '/v1/incidents/no-chat/retract', { reason: 'x', notify: false });
  ok(await waitUntil('without it', async () => !/no-chat/.test(await text('/incidents/no-mail'))), 'one that was retracted is not named any more');
  await amends.call('POST', '/v1/incidents', { ref: 'alone', title: 'Alone', kind: 'incident', state: 'investigating', body: 'x', notify: false });
  await amends.call('POST', '/v1/incidents/alone/updates', { state: 'resolved', body: 'x', notify: false });
  await amends.call('POST', '/v1/postmortems', { incidents: ['alone'], body: 'Why.', notify: false });
  ok(!/covers/.test(await waitUntil('its page', async () => /Why\./.test(await text('/incidents/alone')) && text('/incidents/alone'))), 'one of one incident names none');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const http = await HttpSink.start();
  cleanup(() => http.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1', AMENDS_PUBLIC_URL: 'https://status.example' } });
  cleanup(() => amends.destroy());
  await prepare(amends, http);
  const { broadcast } = await amends.call('POST', '/v1/postmortems', { incidents: REFS, body: BODY });
  await amends.settled(broadcast);
  mailed(amends, mails);
  await posted(http);
  await published(amends);
});
