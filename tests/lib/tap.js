'use strict';
// TAP for scenarios: ok(cond, name), is(got, want, name), then done().
const { isDeepStrictEqual, inspect } = require('node:util');

let count = 0;
let failed = 0;

function ok(good, name) {
  count += 1;
  if (!good) failed += 1;
  console.log(`${good ? '' : 'not '}ok ${count} - ${String(name).replace(/[\n#]/g, ' ')}`);
  return Boolean(good);
}

function is(got, want, name) {
  const same = isDeepStrictEqual(got, want);
  ok(same, name);
  if (!same) {
    for (const line of `got: ${inspect(got, { depth: 8 })}\nexpected: ${inspect(want, { depth: 8 })}`.split('\n')) {
      console.log(`# ${line}`);
    }
  }
  return same;
}

function note(text) {
  for (const line of String(text).split('\n')) console.log(`# ${line}`);
}

function done() {
  console.log(`1..${count}`);
  process.exitCode = failed ? 1 : 0;
}

// Run a scenario: a thrown error is a failed test, and cleanups always run.
async function scenario(body) {
  const cleanups = [];
  try {
    await body((fn) => cleanups.push(fn));
  } catch (error) {
    ok(false, `the scenario runs to its end: ${error.message}`);
    note(error.stack);
  }
  for (const fn of cleanups.reverse()) {
    try {
      await fn();
    } catch (error) {
      ok(false, `clean-up: ${error.message}`);
    }
  }
  done();
}

module.exports = { ok, is, note, done, scenario };
