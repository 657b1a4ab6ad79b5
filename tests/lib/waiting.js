'use strict';
// How long callers wait while something long runs.
const { ok, is } = require('./tap.js');

const SOON_MS = 1000;
const REFUSED_MS = 3000;

// The reply with took, in ms.
async function measured(ask) {
  const began = Date.now();
  const reply = await ask();
  return Object.assign(reply, { took: Date.now() - began });
}

// Each is answered within a second, or soon by 503 with Retry-After.
function prompt(replies, name) {
  const isPrompt = ({ status, took, headers }) => (status === 503 ? took < REFUSED_MS && Number(headers.get('retry-after')) > 0 : took < SOON_MS);
  const late = replies.filter((reply) => !isPrompt(reply));
  is(late.map(({ status, took }) => [status, took]), [], `${name} are answered within ${SOON_MS} ms or by 503 with Retry-After`);
}

// Ask for the public page over and over; stop(n) ends that when it was asked n times, and judges.
function watchPage(amends) {
  const seen = [];
  let enough = Infinity;
  const asking = (async () => {
    while (seen.length < enough) {
      seen.push(await measured(() => fetch(amends.url).then(async (reply) => ({ status: reply.status, text: await reply.text() }), (error) => ({ status: error.message }))));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    async stop(n) {
      enough = Math.max(n, seen.length);
      await asking;
      is([...new Set(seen.map(({ status }) => status))], [200], `the public page was there ${seen.length} times`);
      const slowest = Math.max(...seen.map(({ took }) => took));
      ok(slowest < SOON_MS, `within ${slowest} ms`);
    },
  };
}

module.exports = { measured, prompt, watchPage };
