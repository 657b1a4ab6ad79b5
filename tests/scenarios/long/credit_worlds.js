#!/usr/bin/env node
'use strict';
// The same as tests/scenarios/credits/credit_worlds.js over 100,000 worlds that it does not play.
process.env.WORLDS ||= '100000';
process.env.SEED ||= '100000';
require('../credits/credit_worlds.js');
