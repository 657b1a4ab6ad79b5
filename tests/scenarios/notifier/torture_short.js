#!/usr/bin/env node
'use strict';
// kill -9 at a few passes of each point in a message's life; make check-long has every one.
const { POINTS, start, killAtEach } = require('../../lib/torture.js');
const { scenario } = require('../../lib/tap.js');

scenario(async (cleanup) => {
  const world = await start(cleanup, { email: 120, webhook: 40, sms: 30 });
  for (const point of POINTS) await killAtEach(world, point, [1, 2, 5]);
});
