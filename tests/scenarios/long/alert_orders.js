#!/usr/bin/env node
'use strict';
// Many histories of alerts, each in order and shuffled with repetitions, suggest the same incidents.
const { Amends } = require('../../lib/amends.js');
const { shuffles } = require('../../lib/alert_orders.js');
const { scenario } = require('../../lib/tap.js');

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const seed = Number(process.env.SEED || 1);
  const worlds = Number(process.env.WORLDS || 100);
  await shuffles(amends, worlds, seed);
  await shuffles(amends, worlds, seed + 1, { base: Date.now() - 70 * 3600000, scale: 60, names: ['told-lately', 'mixed-lately'] });
});
