#!/usr/bin/env node
'use strict';
// As tests/scenarios/credits/contracts.js, with every case that is one run.
process.env.EVERY ||= '1';
require('../credits/contracts.js');
