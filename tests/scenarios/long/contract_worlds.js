#!/usr/bin/env node
'use strict';
// 5,000 random contracts, as tests/scenarios/credits/contract_worlds.js plays 200.
process.env.WORLDS ||= '5000';
process.env.SEED ||= '1000';
require('../credits/contract_worlds.js');
