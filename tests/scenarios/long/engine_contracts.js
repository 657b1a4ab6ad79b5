#!/usr/bin/env node
'use strict';
// As tests/scenarios/credits/engine_contracts.js, with 5,000 random contracts.
process.env.WORLDS ||= '5000';
require('../credits/engine_contracts.js');
