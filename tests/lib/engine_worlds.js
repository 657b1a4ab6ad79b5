'use strict';
// Random worlds through the engine of credits (tests/bench/rate) and the naive arithmetic, which
// also judges billing's runs (play_worlds.js). No database.
const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const { ROOT } = require('./amends.js');
const { credit } = require('./naive_credits.js');
const { dateText, midnight } = require('./naive_midnight.js');
const { worldOf } = require('./random_worlds.js');

const RATE = path.join(ROOT, process.env.BUILD || 'build', 'tests/bench/rate');

// Whole microseconds as RFC 3339.
const instant = (us) => {
  const seconds = Math.floor(us / 1e6);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(us - seconds * 1e6).padStart(6, '0')}Z`;
};

const incidentJson = (ref, impacts, until, more = {}) => ({
  ref, ...more, impacts: impacts.map((one) => ({ component: one.component, level: one.level, from: instant(one.from), to: instant(one.to === null ? until : one.to) })),
});

const accountJson = (account) => ({
  external_id: account.id, currency: account.currency, timezone: account.timezone, components: account.components,
  terms: (account.terms || [{ from: account.anchor, interval: account.interval, anchor: account.anchor }])
    .map((term) => ({ from: dateText(term.from), interval: term.interval, anchor: dateText(term.anchor) })),
  prices: account.prices.map((price) => ({ from: dateText(price.from), amount_minor: price.amount })),
});

function policyJson({ name, version, ...fields }) {
  const needed = { prorata: ['multiplier'], tiered: ['tiers'], days: ['days', 'per', 'audience'], fixed: ['amounts', 'audience'] }[fields.model];
  const drop = ['multiplier', 'tiers', 'days', 'per', 'amounts', 'audience'].filter((field) => !needed.includes(field));
  return { name, ...Object.fromEntries(Object.entries(fields).filter(([field]) => !drop.includes(field))) };
}

// What the engine is asked for a run: every account with the lines that stand.
function question(world, run, issued, runs) {
  const pins = (one) => Object.entries(one.pins).map(([ref, impacts]) => incidentJson(ref, impacts, one.until));
  const family = (line) => Boolean(run.root) && (line.run === run.root.id || runs.get(line.run).root === run.root);
  const held = Object.fromEntries(world.accounts.map((account) => [account.id, issued.filter((line) => line.account === account.id).map((line) => ({
    run: line.run, from: dateText(line.period), to: dateText(line.next), start: instant(midnight(line.period, account.timezone)), amount_minor: Number(line.amount), currency: account.currency,
    same: line.policy === run.policy.name, family: family(line), before: !run.root || line.run < run.root.id,
    days: line.days.map(dateText), reach: instant(line.reach),
  }))]));
  const earlier = [...new Set(issued.filter((line) => line.policy === run.policy.name).map((line) => line.run))].sort((a, b) => a - b)
    .map((id) => ({ id, incidents: pins(runs.get(id)) }));
  return {
    policy: policyJson(run.policy), accounts: world.accounts.map(accountJson), incidents: pins(run), earlier, held, reconciles: Boolean(run.root),
    maintenance: world.incidents.filter((one) => one.impacts.some((impact) => impact.level === 'under_maintenance'))
      .map((one) => incidentJson(one.ref, one.impacts, run.until, { announced_at: instant(one.announced === null ? one.started : one.announced) })),
  };
}

const gcd = (a, b) => (b ? gcd(b, a % b) : a);
function secondsText(weighted) {
  const den = 10000n * 1000000n;
  const common = gcd(weighted, den) || 1n;
  return `${weighted / common}/${den / common}`;
}

const byPeriod = (a, b) => (a.from < b.from ? -1 : 1);

const plainWanted = ({ lines, excess, weighted, reason }) => (reason ? { reason } : {
  lines: lines.map((line) => ({ from: dateText(line.period), to: dateText(line.next), amount: String(line.amount), cap: String(line.cap), taken: String(line.taken) })).sort(byPeriod),
  excess: excess.map((one) => ({ from: dateText(one.period), amount: String(one.amount) })).sort(byPeriod),
  seconds: secondsText(weighted),
});

const plainGot = ({ lines, excess, seconds, left_out }) => (left_out ? { reason: left_out } : {
  lines: lines.map((line) => ({ from: line.from, to: line.to, amount: String(line.amount_minor), cap: line.cap, taken: String(line.taken) })).sort(byPeriod),
  excess: excess.map((one) => ({ from: one.from, amount: String(one.amount_minor) })).sort(byPeriod),
  seconds,
});

function engine() {
  const child = spawn(RATE, { stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting = [];
  let said = '';
  child.stderr.on('data', (text) => { said += text; });
  readline.createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()(JSON.parse(line)));
  return {
    ask: (world) => new Promise((resolve) => { waiting.push(resolve); child.stdin.write(`${JSON.stringify(world)}\n`); }),
    end: () => new Promise((resolve) => { child.on('exit', (code) => resolve({ code, said: said.trim() })); child.stdin.end(); }),
  };
}

// The steps of a world, as play_worlds.js plays them in PostgreSQL. fault(words) for each difference.
async function follow({ world, steps }, ask, fault) {
  const runs = new Map();
  const order = [];
  let issued = [];
  for (const step of steps) {
    if (step.op === 'correct') world.incidents.find((one) => one.ref === step.ref).impacts = step.impacts;
    if (step.op === 'terms') world.accounts.find((one) => one.id === step.account).terms = step.terms;
    if (step.op === 'reverse') issued = issued.filter((line) => !(line.account === step.account && line.run === order[step.run]));
    if (step.op !== 'run' && step.op !== 'reconcile') continue;
    const corrected = step.op === 'reconcile' ? runs.get(order[step.run]) : null;
    const root = corrected ? corrected.root || corrected : null;
    const refs = root ? Object.keys(root.pins) : step.refs;
    const pins = Object.fromEntries(world.incidents.filter((one) => refs.includes(one.ref)).map((one) => [one.ref, one.impacts]));
    const run = { id: order.length + 1, root, policy: root ? root.policy : world.policies[step.policy], pins, until: world.until };
    runs.set(run.id, run);
    order.push(run.id);
    const answers = await ask(question(world, run, issued, runs));
    if (answers.error) fault(answers.error);
    const made = [];
    for (const account of world.accounts) {
      const wanted = credit(world, account, run, issued, runs);
      const [got, expected] = [answers[account.id] ? plainGot(answers[account.id]) : null, plainWanted(wanted)].map((one) => JSON.stringify(one));
      if (got !== expected) fault(`run ${run.id}, ${account.id} (${run.policy.model}): naive ${expected}, engine ${got}`);
      made.push(...wanted.lines.map((line) => ({ ...line, account: account.id, policy: run.policy.name, run: run.id })));
    }
    if (step.issue) issued = [...issued, ...made];
  }
}

async function compareWorlds({ count, seed, accounts = 50, stop = 5 }) {
  const faults = [];
  const { ask, end } = engine();
  let played = 0;
  for (let n = 0; n < count / accounts && faults.length < stop; n++, played += accounts) {
    await follow(worldOf(seed + n, accounts), ask, (words) => faults.push(`seed ${seed + n}: ${words}`));
  }
  return { played, faults, ...(await end()) };
}

module.exports = { compareWorlds, engine };
