#!/usr/bin/env node
'use strict';
// TypeScript checks messages to Slack against @slack/types, Slack's own declarations: every template in
// every language, and maximum messages of the notifier, which must also be within Slack's limits.
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { Amends, BUILD, freshDirectory } = require('../../lib/amends.js');
const { HttpSink } = require('../../lib/sinks.js');
const { faults } = require('../../lib/slack_types.js');
const { ok, is, scenario } = require('../../lib/tap.js');

function templates() {
  const messages = [];
  for (const kind of ['update', 'digest', 'notice', 'staff']) {
    for (const locale of ['en', 'de-AT', 'ja']) {
      const { stdout, status } = spawnSync(path.join(BUILD, 'amends'), ['template', 'preview', kind, '--channel', 'slack', '--locale', locale]);
      is(status, 0, `${kind} in ${locale} renders`);
      messages.push(JSON.parse(stdout));
    }
  }
  return messages;
}

async function largest(cleanup) {
  const sink = await HttpSink.start();
  cleanup(() => sink.stop());
  const amends = await Amends.up({ env: { AMENDS_ALLOW_LOOPBACK: '1' } });
  cleanup(() => amends.destroy());
  const components = [];
  for (let i = 0; i < 60; i++) {
    await amends.call('POST', '/v1/components', { slug: `part-${i}`, name: `Part <${i}> & its ${'long '.repeat(20)}name` });
    components.push({ component: `part-${i}`, level: 'partial_outage' });
  }
  await amends.call('POST', '/v1/subscribers', { channel: 'slack', address: `${sink.url}/slack/1`, confirmed: true, locale: 'de' });
  const posted = await amends.call('POST', '/v1/incidents', {
    ref: 'large', title: '<!channel> & '.repeat(19), kind: 'incident', state: 'investigating', notify: true,
    body: '**Bold** & [a link](https://example.com/?a=1&b=2) <@U1>\n\n'.repeat(300), components,
  });
  await amends.settled(posted.broadcast);
  return JSON.parse(sink.at('/slack/1')[0].body);
}

function withinLimits(message) {
  const texts = message.blocks.flatMap((block) => [block.text, ...(block.elements || [])]).filter(Boolean).map(({ text }) => [...text].length);
  ok(message.blocks.length <= 50, `${message.blocks.length} blocks`);
  ok([...message.blocks[0].text.text].length <= 150, `a header of ${[...message.blocks[0].text.text].length}`);
  ok(Math.max(...texts) <= 3000, `texts of ${Math.max(...texts)} at most`);
  ok(JSON.stringify(message).length <= 12000, `${JSON.stringify(message).length} in all`);
  const mrkdwn = message.blocks.slice(1).map((block) => JSON.stringify(block)).join('');
  ok(!/<!channel>|<@U1>/.test(mrkdwn + message.text), 'nobody is mentioned');
  ok(mrkdwn.includes('Wird untersucht'), 'in the language of the reader');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const message = await largest(cleanup);
  withinLimits(message);
  is(faults(dir, [...templates(), message].map((one) => ['Message', one])), [], '@slack/types finds no fault');
  ok(faults(dir, [['Message', { ...message, blocks: [{ type: 'section', text: { type: 'plain', text: 'x' } }] }]]).length > 0, 'and would find one');
});
