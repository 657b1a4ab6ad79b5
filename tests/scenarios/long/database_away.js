#!/usr/bin/env node
'use strict';
// The same as in make check, out of reach for 30 seconds.
process.env.AWAY_SECONDS = '30';
require('../database/database_away.js');
