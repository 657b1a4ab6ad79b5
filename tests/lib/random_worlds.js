'use strict';
// Random worlds for the arithmetic of credits: cases that break calendars, clocks and caps
// are likelier in them than in reality. The same seed gives the same world.
const { midnight, dayOf, addMonths } = require('./naive_midnight.js');

const ZONES = [
  'UTC', 'America/New_York', 'Europe/London', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'America/Havana',
  'America/Santiago', 'America/Asuncion', 'Asia/Beirut', 'Asia/Amman', 'Asia/Tehran', 'Asia/Kathmandu', 'Asia/Kolkata',
  'Asia/Tokyo', 'Africa/Cairo', 'Africa/Casablanca', 'Atlantic/Azores', 'America/St_Johns', 'Antarctica/Troll',
  'Pacific/Apia', 'Pacific/Chatham', 'Pacific/Kiritimati', 'Asia/Gaza', 'America/Campo_Grande', 'Asia/Damascus',
];
const LEVELS = ['degraded_performance', 'partial_outage', 'major_outage'];
const COMPONENTS = ['one', 'two', 'three', 'four'];
const CURRENCIES = ['EUR', 'JPY', 'KWD'];
const ERAS = [
  '2011-12-20', '2012-02-10', '2012-02-26', '2013-03-05', '2013-10-10', '2014-10-20', '2015-12-20', '2016-02-20', '2017-03-20',
  '2018-11-01', '2019-01-28', '2019-03-25', '2020-02-20', '2020-10-15', '2021-03-20', '2022-09-01', '2023-03-20', '2024-02-25',
];

// Mulberry32.
function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, chance: (p) => next() < p, one: (list) => list[below(list.length)], some: (list, p) => list.filter(() => next() < p) };
}

// Instants where bounds coincide: local midnights, whole minutes, odd microseconds.
function instant(random, era, zones) {
  const day = era + random.below(random.chance(0.8) ? 12 : 75);
  const base = midnight(day, random.one(zones));
  const kind = random.below(10);
  if (kind < 2) return base;
  if (kind < 7) return base + random.below(1440) * 60e6;
  if (kind < 9) return base + random.below(86400) * 1e6;
  return base + random.below(86400) * 1e6 + random.below(1e6);
}

function impact(random, era, zones) {
  const from = instant(random, era, zones);
  const lengths = [() => 60e6 * (1 + random.below(240)), () => 1e6 * (1 + random.below(4000)), () => 3600e6 * (1 + random.below(100)), () => 1 + random.below(5e6)];
  const to = random.chance(0.1) ? Math.max(from + 60e6, instant(random, era, zones)) : from + random.one(lengths)();
  return { component: random.one(COMPONENTS), level: random.one(LEVELS), from, to };
}

function impactsOf(random, era, zones) {
  const impacts = [impact(random, era, zones)];
  while (random.chance(0.55)) {
    const first = impacts[0];
    const nested = random.chance(0.4);
    const next = impact(random, era, zones);
    const from = first.from + random.below(first.to - first.from);
    impacts.push(nested ? { ...next, from, to: from + 1 + random.below(7200e6) } : next);
  }
  return impacts;
}

// Now and then the last impact has no end yet.
function opened(random, impacts) {
  if (random.chance(0.08)) impacts[impacts.length - 1].to = null;
  return impacts;
}

function incidentOf(random, ref, era, zones) {
  const maintenance = random.chance(0.25);
  const impacts = opened(random, impactsOf(random, era, zones));
  if (maintenance) for (const one of impacts) one.level = 'under_maintenance';
  const started = impacts[0].from + (random.below(7200) - 3600) * 1e6;
  const announced = maintenance && random.chance(0.7) ? impacts[0].from - random.below(72) * 3600e6 : null;
  return { ref, announced, started, impacts };
}

function pricesOf(random, anchor, era) {
  const prices = [{ from: anchor + (random.chance(0.2) ? random.below(60) - 20 : 0), amount: random.chance(0.05) ? 0 : 1 + random.below(random.one([50, 5000, 1000000])) }];
  while (random.chance(0.35)) {
    const from = era + random.below(40) - 10;
    if (!prices.some((price) => price.from === from)) prices.push({ from, amount: random.chance(0.15) ? 0 : random.below(9000) });
  }
  return prices;
}

// Terms as days: the first begins at the anchor or in its period, others before or within the era.
function termsOf(random, anchor, era) {
  const terms = [{ from: anchor + random.one([0, 0, 10]), interval: random.one(['month', 'month', 'year']), anchor }];
  while (random.chance(0.6)) {
    const from = random.chance(0.7) ? era + random.below(50) - 15 : anchor + 20 + random.below(200);
    if (terms.every((term) => term.from !== from) && from > terms[0].from) {
      terms.push({ from, interval: random.one(['month', 'year']), anchor: from - random.one([0, 0, 0, 1, 12, 40]) });
    }
  }
  return terms.sort((a, b) => a.from - b.from);
}

// What billing does to the terms of an account: an anchor moved, another interval from the start, a
// later term.
function changedTerms(random, account, era) {
  const terms = account.terms || [{ from: account.anchor, interval: account.interval, anchor: account.anchor }];
  const last = terms[terms.length - 1];
  const kind = random.below(4);
  if (kind === 0) return terms.map((term) => ({ ...term, from: term.from + 1, anchor: term.anchor + 1 }));
  if (kind === 1) return terms.map((term) => ({ ...term, interval: term.interval === 'month' ? 'year' : 'month' }));
  const from = Math.max(last.from + 1, era + random.below(50) - 10);
  return [...terms, { from, interval: random.one(['month', 'year']), anchor: from }];
}

function accountOf(random, id, era, zones) {
  const interval = random.chance(0.8) ? 'month' : 'year';
  const recent = random.chance(0.15);
  const odd = dayOf(random.one(['2008-01-31', '2008-02-29', '2009-12-31', '2010-08-30', '2010-11-29', '2011-05-01', '2008-02-28']));
  const anchor = recent ? era + random.below(15) : random.chance(0.4) ? odd : addMonths(era, -random.below(30)) + random.below(31);
  return {
    id, currency: random.one(CURRENCIES), timezone: random.one(zones), interval, anchor,
    terms: random.chance(0.25) ? termsOf(random, anchor, era) : null,
    prices: pricesOf(random, anchor, era), components: random.chance(0.3) ? [] : random.some(COMPONENTS, 0.5),
  };
}

function policyOf(random, name, version) {
  const model = random.one(['prorata', 'prorata', 'tiered', 'tiered', 'days', 'days', 'days', 'fixed']);
  return {
    name, version, model,
    components: random.chance(0.8) ? [] : random.some(COMPONENTS, 0.6),
    weights_bp: { degraded_performance: random.one([0, 0, 2500, 1]), partial_outage: random.one([5000, 3333, 9999, 10000]), major_outage: 10000 },
    exclude_maintenance: random.chance(0.8), maintenance_notice_hours: random.one([0, 0, 24, 1]),
    min_block_seconds: random.one([0, 0, 60, 61, 3600]), multiplier: random.one(['1', '10', '0.5', '33.333', '300']),
    tiers: [{ uptime_below: '100', percent: random.one(['1', '0.5']) }, { uptime_below: random.one(['99.9', '99.95']), percent: '10' }, { uptime_below: '99', percent: random.one(['25', '33.3']) }, { uptime_below: '95', percent: '100' }],
    days: random.one(['1', '2', '0.5', '1.75', '30']), per: random.one(['run', 'incident', 'affected_day']),
    amounts: Object.fromEntries(random.some(CURRENCIES, 0.8).map((currency) => [currency, 1 + random.below(3000)])),
    audience: random.one(['affected', 'affected', 'all']), cap_percent: random.one(['100', '100', '10', '0.5', '250', '0', '33.33']),
    rounding: random.one(['half_up', 'half_even', 'up']), min_credit_minor: random.one([0, 1, 1, 1, 50]),
  };
}

// A world and what happens in it: {op: run|reconcile|correct|reverse, ...}. Open impacts count
// to the world's `until`, as if all its runs had been drafted then.
// tag: suffix of its names, if several worlds share a database.
function worldOf(seed, accounts, tag = '') {
  const random = generator(seed);
  const era = dayOf(random.one(ERAS));
  const zones = Array.from({ length: 6 }, () => random.one(ZONES));
  const incidents = Array.from({ length: 3 + random.below(4) }, (_, n) => incidentOf(random, `i${n}${tag}`, era, zones));
  if (!incidents.some((one) => one.impacts[0].level !== 'under_maintenance')) incidents[0].impacts[0].level = 'major_outage';
  const policies = [policyOf(random, `p${tag}`, 1), policyOf(random, `${random.chance(0.3) ? 'p' : 'q'}${tag}`, 2)];
  const world = {
    seed, components: COMPONENTS, policies, incidents, until: midnight(era + 20 + random.below(60), random.one(zones)),
    accounts: Array.from({ length: accounts }, (_, n) => accountOf(random, `a${n}${tag}`, era, zones)),
  };
  const steps = [];
  const rounds = 2 + random.below(3);
  const issued = [];
  let runs = 0;
  for (let n = 0; n < rounds; n++) {
    const outages = incidents.filter((one) => one.impacts.some((i) => i.level !== 'under_maintenance'));
    const chosen = random.some(incidents, 0.6);
    if (!chosen.some((one) => outages.includes(one))) chosen.push(random.one(outages));
    const issue = random.chance(0.85);
    if (issue) issued.push(runs);
    runs += 1;
    steps.push({ op: 'run', policy: random.chance(0.65) ? 0 : 1, refs: [...new Set(chosen.map((one) => one.ref))], issue });
    if (random.chance(0.4)) {
      const target = random.one(outages);
      steps.push({ op: 'correct', ref: target.ref, impacts: opened(random, impactsOf(random, era, zones)) });
    }
    if (random.chance(0.4)) {
      for (let i = 0; i < accounts / 5; i++) {
        const account = random.one(world.accounts);
        steps.push({ op: 'terms', account: account.id, terms: changedTerms(random, account, era) });
      }
    }
    if (random.chance(0.3)) steps.push({ op: 'reverse', account: `a${random.below(accounts)}${tag}`, run: random.below(runs) });
    if (issued.length && random.chance(0.4)) {
      steps.push({ op: 'reconcile', run: random.one(issued), issue: true });
      runs += 1;
    }
  }
  return { world, steps, random };
}

module.exports = { worldOf, generator };
