#!/usr/bin/env node
'use strict';
// Every verifier of the guide.
const fs = require('node:fs');
const path = require('node:path');
const { HOME, VENV, go, pip } = require('../../lib/clients.js');
const { guide } = require('../../lib/webhook_guide.js');

async function all() {
  fs.mkdirSync(HOME, { recursive: true });
  await pip();
  guide({ python: path.join(VENV, 'bin/python3'), go: await go() }, true);
}

all();
