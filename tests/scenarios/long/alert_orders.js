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
  await shuffles(amends, 100, Number(process.env.SEED || 1));
});
