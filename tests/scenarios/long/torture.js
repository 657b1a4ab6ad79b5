#!/usr/bin/env node
'use strict';
// kill -9 at every pass of each point in a message's life, until the broadcast ends first.
const { POINTS, start, killAtEach } = require('../../lib/torture.js');
const { scenario } = require('../../lib/tap.js');

function* every() {
  for (let n = 1; ; n++) yield n;
}

scenario(async (cleanup) => {
  const world = await start(cleanup, { email: 200, webhook: 60, sms: 40 });
  for (const point of POINTS) await killAtEach(world, point, every());
});
