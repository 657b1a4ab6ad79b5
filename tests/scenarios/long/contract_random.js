#!/usr/bin/env node
'use strict';
// As tests/scenarios/credits/contract_random.js, with 150 random contracts.
process.env.WORLDS ||= '150';
require('../credits/contract_random.js');
