'use strict';
// Plays random worlds through billing and PostgreSQL, many accounts per world, and compares every run
// with the naive arithmetic; then checks the named invariants of the rules in each world.
const { spawn, spawnSync } = require('node:child_process');
const path = require('node:path');
const { AMENDS, BUILD } = require('./amends.js');
const { credit } = require('./naive_credits.js');
const { worldOf } = require('./random_worlds.js');

const PROPERTIES = {
  agrees: 'two programs agree on every minor unit',
  draft: 'the same draft twice changes nothing',
  once: 'one credit per account and run, one line per period',
  split: 'an impact split in two changes no amount',
  repeat: 'an impact said twice changes no amount',
  shuffle: 'shuffled incidents and impacts change no amount',
  longer: 'a longer impact lowers no amount of prorata and tiered',
  heavier: 'a heavier impact lowers no amount of prorata and tiered',
  cap: 'no account is credited above its cap',
  books: 'lines add up to credits, the ledger to zero, a reversal mirrors its issue',
  halves: 'a run split in two pays no more than one, but for rounding',
  append: 'nothing in the ledger is updated or deleted',
  cohorts: 'cost grows with cohorts, not with accounts',
};

const literal = (value) => `'${JSON.stringify(value).replace(/'/g, "''")}'`;

function variants(world, steps, random) {
  const base = { ...world.policies[0], name: 'm', version: 1 };
  const rising = ['prorata', 'tiered'].includes(base.model);
  const change = (fn) => world.incidents.map((incident) => ({ ...incident, impacts: fn(incident.impacts) }));
  const outage = (impacts) => impacts.findIndex((impact) => impact.level !== 'under_maintenance');
  const cut = (impact) => {
    const end = impact.to ?? world.until;
    const at = impact.from + Math.max(1, random.below(Math.min(Math.max(end - impact.from, 1), 2 ** 31)));
    return at < end ? [{ ...impact, to: at }, { ...impact, from: at }] : [impact];
  };
  const chosen = (changes) => changes.filter(() => random.chance(0.6));
  const edit = (fn) => (impacts) => impacts.map((impact, n) => (n === outage(impacts) ? fn(impact) : impact));
  return {
    base, refs: steps.filter((step) => step.op === 'run').flatMap((step) => step.refs),
    changes: chosen([
      ['split', change((impacts) => impacts.flatMap(cut))],
      ['repeat', change((impacts) => [...impacts, ...impacts.filter(() => random.chance(0.5))])],
      ['shuffle', change((impacts) => [...impacts].reverse()).reverse()],
      ...(rising ? [
        ['longer', change(edit((impact) => ({ ...impact, to: impact.to && impact.to + 1 + random.below(7200e6) })))],
        ['heavier', change(edit((impact) => ({ ...impact, level: 'major_outage' })))],
      ] : []),
    ]),
  };
}

const drafted = (name, policy, refs, until) => [
  `select play.draft('${policy.name}', ${policy.version}, ${literal(refs)}, ${until}) as ${name} \\gset`, `select 'o ' || play.outcome(:${name})::text;`,
];

// The world and its steps as SQL for tests/bench/steps. Answers come as lines: o outcome, v reversal.
function stepsScript({ world, steps }, policies = world.policies) {
  const lines = [`select play.load(${literal({ ...world, policies })});`];
  let runs = 0;
  for (const step of steps) {
    if (step.op === 'run') {
      lines.push(...drafted(`r${runs}`, world.policies[step.policy], step.refs, world.until));
      if (step.issue) lines.push(`select play.issue(:r${runs});`);
      runs += 1;
    } else if (step.op === 'reconcile') {
      lines.push(`select play.reconcile(:r${step.run}) as r${runs} \\gset`, `select 'o ' || play.outcome(:r${runs})::text;`, `select play.issue(:r${runs});`);
      runs += 1;
    } else if (step.op === 'correct') lines.push(`select play.impacts('${step.ref}', ${literal(step.impacts)});`);
    else if (step.op === 'terms') lines.push(`select play.terms('${step.account}', ${literal(step.terms)});`);
    else lines.push(`select 'v ' || play.reverse('${step.account}', :r${step.run})::text;`);
  }
  return lines;
}

// The same, then the books (b), refusals (f), and the variants, all rolled back at the end.
function script({ world, steps }, more) {
  const lines = ['begin;', ...stepsScript({ world, steps }, [...world.policies, more.base])];
  const draft = (name, policy, refs) => lines.push(...drafted(name, policy, refs, world.until));
  lines.push("select 'b ' || play.books();");
  lines.push("select 'f ' || play.refuses('update ledger_entry set amount_minor = 1')::text || play.refuses('delete from ledger_entry')::text;");
  for (const incident of world.incidents) {
    const fixed = [...steps].reverse().find((step) => step.op === 'correct' && step.ref === incident.ref);
    if (fixed) lines.push(`select play.impacts('${incident.ref}', ${literal(incident.impacts)});`);
  }
  draft('base', more.base, more.refs);
  lines.push('select play.again(:base);', "select 'o ' || play.outcome(:base)::text;");
  for (const [name, incidents] of more.changes) {
    for (const incident of incidents) lines.push(`select play.impacts('${incident.ref}', ${literal(incident.impacts)});`);
    draft(name, more.base, more.refs);
  }
  // The first ones have no earlier lines, so they are groups of their own; the others are in theirs.
  for (const [name, numbers] of [['clones', '1'], ['more', '2, 3']]) {
    lines.push(`select play.clone('{${numbers}}');`);
    draft(name, more.base, more.refs);
  }
  for (const [n, refs] of halvesOf(more.refs).entries()) {
    draft(`half${n}`, more.base, refs);
    lines.push(`select play.issue(:half${n});`);
  }
  lines.push('rollback;', "select 'end';");
  return `${lines.join('\n')}\n`;
}

// Every second incident, and the others.
function halvesOf(refs) {
  const own = [...new Set(refs)];
  return [0, 1].map((half) => own.filter((_, n) => n % 2 === half)).filter((some) => some.length);
}

const plain = ({ lines, excess, weighted, reason = null }) => ({
  reason,
  amount: lines.reduce((sum, line) => sum + line.amount, 0n).toString(),
  weighted: lines.length ? weighted.toString() : '0',
  lines: lines.map((line) => ({ period: line.period, next: line.next, amount: String(line.amount), cap: String(line.cap), taken: String(line.taken) }))
    .sort((a, b) => a.period - b.period),
  excess: excess.map((one) => ({ period: one.period, amount: String(one.amount) })).sort((a, b) => a.period - b.period),
});

function answered(outcome, account) {
  const got = outcome.credits[account];
  const lines = got ? got.lines.map(({ period, next, amount, cap, taken }) => ({ period, next, amount, cap, taken })) : [];
  return { reason: outcome.left_out[account] || null, amount: got ? got.amount : '0', weighted: got ? got.weighted : '0', lines, excess: (outcome.excess[account] || []).map(({ period, amount }) => ({ period, amount })) };
}

// Go through the world's steps again, naively; calls fault(property, words) for each difference.
function follow({ world, steps }, answers, fault) {
  const runs = new Map();
  let issued = [];
  const order = [];
  for (const step of steps) {
    if (step.op === 'correct') {
      world.incidents.find((one) => one.ref === step.ref).impacts = step.impacts;
      continue;
    }
    if (step.op === 'terms') {
      world.accounts.find((one) => one.id === step.account).terms = step.terms;
      continue;
    }
    if (step.op === 'reverse') {
      answers.shift();
      issued = issued.filter((line) => !(line.account === step.account && line.run === order[step.run]));
      continue;
    }
    const outcome = answers.shift();
    const corrected = step.op === 'reconcile' ? runs.get(order[step.run]) : null;
    const root = corrected ? corrected.root || corrected : null;
    const refs = root ? Object.keys(root.pins) : step.refs;
    const pins = Object.fromEntries(world.incidents.filter((one) => refs.includes(one.ref)).map((one) => [one.ref, one.impacts]));
    const run = { id: outcome.run, root, policy: root ? root.policy : world.policies[step.policy], pins, until: Number(outcome.until) };
    runs.set(run.id, run);
    order.push(run.id);
    if (outcome.state !== 'draft') fault('agrees', `the run failed: ${outcome.failure}`);
    const made = [];
    for (const account of world.accounts) {
      const wanted = credit(world, account, run, issued, runs);
      const got = JSON.stringify(answered(outcome, account.id));
      const expected = JSON.stringify(plain(wanted));
      if (got !== expected) fault('agrees', `run ${order.length - 1}, ${account.id}: naive ${expected}, billing ${got}`);
      made.push(...wanted.lines.map((line) => ({ ...line, account: account.id, policy: run.policy.name, run: run.id })));
    }
    if (step.issue) issued = [...issued, ...made];
  }
}

const totals = (outcome) => new Map(Object.entries(outcome.credits).map(([account, one]) => [account, one.lines]));
const cents = (lines) => (lines || []).reduce((sum, line) => sum + BigInt(line.amount), 0n);

function invariants(more, outcomes, fault) {
  const base = totals(outcomes[0]);
  const same = (property, outcome) => {
    const other = totals(outcome);
    for (const account of new Set([...base.keys(), ...other.keys()])) {
      const [was, is] = [base.get(account), other.get(account)].map((lines) => JSON.stringify((lines || []).map((line) => [line.period, line.amount])));
      if (was !== is) fault(property, `${account}: ${was} became ${is}`);
    }
  };
  same('draft', outcomes[1]);
  if (outcomes[1].workings !== outcomes[0].workings) fault('draft', 'other workings');
  more.changes.forEach(([property], n) => {
    const outcome = outcomes[n + 2];
    if (!['longer', 'heavier'].includes(property)) return same(property, outcome);
    for (const [account, lines] of base) {
      if (cents(totals(outcome).get(account)) < cents(lines)) fault(property, `${account} gets less`);
    }
  });
}

// Per run is what it says: two runs pay twice. The API refuses all accounts per affected day.
function halves(more, whole, parts, fault) {
  const { model, per, audience } = more.base;
  if (model === 'fixed' || (model === 'days' && (per === 'run' || (per === 'affected_day' && audience === 'all')))) return;
  const paid = parts.map(totals);
  for (const account of new Set(paid.flatMap((one) => [...one.keys()]))) {
    const lines = paid.flatMap((one) => one.get(account) || []);
    const once = cents(totals(whole).get(account));
    if (cents(lines) > once + BigInt(lines.length)) fault('halves', `${account}: ${cents(lines)} for ${once}: ${JSON.stringify([totals(whole).get(account), ...paid.map((one) => one.get(account))])}`);
  }
}

// Accounts equal to others make no group more.
function clones([before, after], fault) {
  if (after.workings !== before.workings) fault('cohorts', `${before.workings} workings became ${after.workings}`);
}

function shapes(outcomes, fault) {
  for (const outcome of outcomes) {
    for (const [account, one] of Object.entries(outcome.credits)) {
      if (new Set(one.lines.map((line) => line.period)).size !== one.lines.length) fault('once', `${account} has two lines in a period`);
      for (const line of one.lines) {
        if (BigInt(line.amount) + BigInt(line.taken) > BigInt(line.cap)) fault('cap', `${account}: ${JSON.stringify(line)}`);
      }
    }
  }
}

function judge(play, more, lines, fault) {
  const of = (tag) => lines.filter((line) => line.startsWith(`${tag} `)).map((line) => line.slice(2));
  const answers = lines.filter((line) => /^[ov] /.test(line)).map((line) => (line[0] === 'o' ? JSON.parse(line.slice(2)) : line));
  const outcomes = answers.filter((one) => typeof one === 'object');
  follow(play, answers, fault);
  invariants(more, outcomes.slice(play.steps.filter((step) => ['run', 'reconcile'].includes(step.op)).length), fault);
  shapes(outcomes, fault);
  for (const wrong of of('b')) fault('books', wrong);
  if (of('f')[0] !== 'truetrue') fault('append', `refused: ${of('f')[0]}`);
  const parts = halvesOf(more.refs).length;
  const [before, after, ...split] = outcomes.slice(-2 - parts);
  clones([before, after], fault);
  halves(more, after, split, fault);
}

// A separate database in the cluster, migrated by our executable.
function freshDatabase(name) {
  const base = process.env.AMENDS_TEST_DATABASE_URL;
  const run = (command, args, env = {}) => {
    const done = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
    if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}`);
  };
  const target = base.replace('dbname=postgres', `dbname=${name}`);
  run('psql', ['-qX', base, '-c', `drop database if exists ${name}`, '-c', `create database ${name}`]);
  run(AMENDS, ['migrate'], { AMENDS_DATABASE_URL: target, ASAN_OPTIONS: 'detect_leaks=0' });
  run('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', target, '-f', path.join(__dirname, 'random_worlds.sql')]);
  return { target, drop: () => run('psql', ['-qX', base, '-c', `drop database ${name} with (force)`]) };
}

const STEPS = path.join(BUILD, 'tests/bench/steps');

// tests/bench/steps, fed one script at a time.
function session(target) {
  const child = spawn(STEPS, [target], { env: { ...process.env, PGTZ: 'UTC', PGOPTIONS: '-c client_min_messages=error -c jit=off' } });
  let pending = null;
  let text = '';
  let errors = '';
  child.stderr.on('data', (chunk) => { errors += chunk; });
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk) => {
    text += chunk;
    if (!text.endsWith('end\n')) return;
    const lines = text.split('\n');
    text = '';
    pending.resolve(lines);
  });
  child.on('exit', () => pending && pending.reject(new Error(`steps ended: ${errors}`)));
  return {
    play: (sql) => new Promise((resolve, reject) => { pending = { resolve, reject }; child.stdin.write(sql); }),
    end: () => new Promise((resolve) => { pending = null; child.on('exit', resolve); child.stdin.end(); }),
  };
}

// Play `count` worlds from a seed on; returns failures by property. Each session has its own database,
// since two runs issuing in the same one would wait for each other until the world's end. told()
// receives the number played, now and then.
async function playWorlds({ count, seed, accounts = 100, sessions = 2, stop = 5, told = () => {} }) {
  const faults = Object.fromEntries(Object.keys(PROPERTIES).map((name) => [name, []]));
  const batches = Math.ceil(count / accounts);
  let next = 0;
  const broken = () => Object.values(faults).flat().length >= stop;
  const worker = async (_, n) => {
    const { target, drop } = freshDatabase(`worlds_${process.pid}_${n}`);
    try {
      const psql = session(target);
      while (next < batches && !broken()) {
        const mine = seed + next++;
        const play = worldOf(mine, accounts);
        const more = variants(play.world, play.steps, play.random);
        const lines = await psql.play(script(play, more));
        judge(play, more, lines, (property, words) => faults[property].push(`seed ${mine}: ${words}`));
        if (next % 50 === 0) told(next * accounts);
      }
      await psql.end();
    } finally {
      drop();
    }
  };
  await Promise.all(Array.from({ length: sessions }, worker));
  return { worlds: next * accounts, faults };
}

module.exports = { PROPERTIES, STEPS, playWorlds, freshDatabase, session, worldOf, stepsScript };
