#!/usr/bin/env node
'use strict';
// Random readers, components, groups and incidents: the notifier's recipients are those of a
// naive model. SEED (1) and WORLDS (2) of the environment; long/audience.js has more.
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { MailSink, HttpSink } = require('../../lib/sinks.js');
const { playAudience } = require('../../lib/play_audience.js');
const { is, note, scenario } = require('../../lib/tap.js');

const SEED = Number(process.env.SEED || 1);
const WORLDS = Number(process.env.WORLDS || 2);
const SIZE = { readers: Number(process.env.READERS || 60), incidents: 12 };

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const sink = await HttpSink.start();
  cleanup(() => sink.stop());
  sink.answer = () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"id": "1"}' });
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1', AMENDS_SMS_PROVIDER: 'generic', AMENDS_SMS_URL: `${sink.url}/text`, AMENDS_SMS_FROM: '+15005550006' } });
  cleanup(() => amends.destroy());
  let checked = 0;
  const wrong = [];
  const seeds = Array.from({ length: WORLDS }, (_, n) => SEED + n);
  if (!process.env.SEED) seeds.push(1001); // two texts of incidents without a component
  for (const seed of seeds) {
    if (wrong.length >= 3) break;
    const played = await playAudience(amends, seed, SIZE);
    checked += played.checked;
    wrong.push(...played.wrong);
  }
  is(wrong, [], `${checked} posts to ${SIZE.readers} readers in ${seeds.length} worlds reach whom the model names`);
  note(`seeds from ${SEED}`);
});
