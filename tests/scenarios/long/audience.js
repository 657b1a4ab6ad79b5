#!/usr/bin/env node
'use strict';
// The audiences of ../broadcasts/audience.js in 60 other worlds: some two thousand posts.
process.env.SEED = process.env.SEED || '1000';
process.env.WORLDS = process.env.WORLDS || '60';
require('../broadcasts/audience.js');
