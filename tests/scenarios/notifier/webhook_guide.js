#!/usr/bin/env node
'use strict';
// The verifiers of the guide whose languages are installed here; check-long tries all.
const { guide } = require('../../lib/webhook_guide.js');

guide({ python: 'python3', go: 'go' }, false);
