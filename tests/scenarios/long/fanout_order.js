#!/usr/bin/env node
'use strict';
// The same as in make check, for a minute.
process.env.SECONDS = process.env.SECONDS || '60';
require('../notifier/fanout_order.js');
