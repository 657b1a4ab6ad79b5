'use strict';
// Random policies of the whole language, each of which can be meant (lint.js).
const { lint } = require('./lint.js');

const ZONES = [
  'UTC', 'America/New_York', 'Europe/London', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'America/Havana', 'America/Santiago',
  'Asia/Beirut', 'Asia/Kathmandu', 'Asia/Tokyo', 'Africa/Cairo', 'Africa/Casablanca', 'Atlantic/Azores', 'America/St_Johns', 'Antarctica/Troll',
  'Pacific/Chatham', 'Pacific/Kiritimati', 'America/Los_Angeles', 'Pacific/Apia', 'Asia/Tehran', 'Asia/Gaza', 'America/Asuncion',
];
const COMPONENTS = ['one', 'two', 'three'];
const CURRENCIES = ['EUR', 'JPY', 'KWD'];
const PLANS = ['team', 'premium'];

const maybe = (random, chance, make) => (random.chance(chance) ? make() : {});

const amounts = (random, some = 0.8) => {
  const found = Object.fromEntries(random.some([...CURRENCIES, 'DAY'], some).map((currency) => [currency, 1 + random.below(2500)]));
  return Object.keys(found).length ? found : { EUR: 500 };
};

function remedy(random, size) {
  const kinds = random.chance(0.7) ? [random.one(['percent', 'percent', 'days', 'hours', 'amounts'])] : random.some(['percent', 'days', 'hours', 'amounts'], 0.5);
  if (!kinds.length) kinds.push('percent');
  const worth = {
    percent: () => `${size * random.one([1, 5])}`, days: () => `${size}${random.one(['', '.5'])}`, hours: () => `${size * 24}`, amounts: () => amounts(random),
  };
  const one = Object.fromEntries(kinds.map((kind) => [kind, worth[kind]()]));
  return { ...one, ...(kinds.length > 1 && random.chance(0.4) ? { pays: 'sum' } : {}) };
}

function tiers(random, requests) {
  const uptime = requests || random.chance(0.6);
  const edges = uptime ? ['100', random.one(['99.99', '99.95']), '99.9', random.one(['99', '99.5']), '95'] : [60, 600, 3600, 10800, 86400];
  const chosen = random.some(edges, 0.6);
  if (!chosen.length) chosen.push(edges[1]);
  return chosen.map((edge, n) => ({ ...(uptime ? { uptime_below: edge } : { down_from_seconds: edge }), ...remedy(random, n + 1) }));
}

function steps(random) {
  const starts = random.chance(0.5) ? [1] : [random.one([1, 2, 3]), random.one([4, 5, 9])];
  const all = starts.map((from, n) => ({ ...(from > 1 || random.chance(0.3) ? { from_unit: from } : {}), ...remedy(random, n + 1) }));
  return {
    steps: all, ...(random.chance(0.25) ? { unit: 'local_date' } : { unit_seconds: random.one([60, 1800, 3600, 86400, 7]) }),
    ...maybe(random, 0.7, () => ({ partial: random.one(['started', 'complete']) })), ...maybe(random, 0.4, () => ({ per: random.one(['window', 'incident']) })),
  };
}

const MODELS = {
  prorata: (random) => maybe(random, 0.8, () => ({ multiplier: random.one(['1', '10', '0.5', '100/3', '25', '300']) })),
  tiered: (random) => {
    const requests = random.chance(0.2);
    const measure = requests ? { measure: { source: 'requests', interval_seconds: random.one([300, 3600, 60, 420]) } } : {};
    return { tiers: tiers(random, requests), ...measure };
  },
  steps,
  days: (random) => ({ days: random.one(['1', '2', '0.5', '1/3', '30']), per: random.one(['run', 'incident', 'affected_day']), ...maybe(random, 0.4, () => ({ audience: random.one(['affected', 'all']) })) }),
  fixed: (random) => ({ amounts: amounts(random), ...maybe(random, 0.4, () => ({ audience: random.one(['affected', 'all']) })) }),
};

function caps(random) {
  const one = () => ({
    ...random.one([() => ({ percent: random.one(['100', '50', '12.5', '250', '100/3']) }), () => ({ days: random.one(['30', '1', '2.5']) }), () => ({ amounts: amounts(random) })])(),
    ...maybe(random, 0.6, () => ({ per: random.one(['window', 'incident', 'year']) })),
    ...maybe(random, 0.5, () => ({ of: random.one(['window', 'year', 'previous_30_days']) })),
  });
  return { caps: Array.from({ length: random.below(3) }, one) };
}

function grace(random, holidays) {
  const long = random.chance(0.4) ? { working_days: 1 + random.below(2), calendar: { ...maybe(random, 0.5, () => ({ weekend: random.one([[6, 7], [5, 6], [7]]) })), holidays } }
    : { seconds: random.one([0, 60, 1800, 43200]) };
  return { ...long, ...maybe(random, 0.5, () => ({ from: random.one(['start', 'report']) })) };
}

function attempt(random, name, holidays) {
  const model = random.one(['prorata', 'prorata', 'tiered', 'tiered', 'tiered', 'steps', 'steps', 'days', 'fixed']);
  const policy = { name, model, ...MODELS[model](random) };
  const requests = policy.measure !== undefined;
  const add = (chance, make) => Object.assign(policy, maybe(random, chance, make));
  add(0.2, () => ({ components: random.some(COMPONENTS, 0.6) }));
  add(0.6, () => ({ weights_bp: { degraded_performance: random.one([0, 2500, 1]), partial_outage: random.one([5000, 3333, 9999, 10000]), major_outage: 10000 } }));
  add(0.2, () => ({ exclude_maintenance: random.chance(0.5) }));
  add(0.2, () => ({ maintenance_notice_hours: random.one([0, 1, 24]) }));
  add(0.3, () => ({ min_block_seconds: random.one([60, 61, 600, 3600]) }));
  add(0.5, () => ({ rounding: random.one(['half_up', 'half_even', 'up']) }));
  add(0.55, () => ({ window: { unit: random.one(['month', 'month', 'quarter', 'year', 'billing']), ...maybe(random, 0.6, () => ({ timezone: random.one(ZONES) })) } }));
  add(0.35, () => ({ below: random.one(['99.99', '99.9', '99.5', '99', '100']) }));
  if (policy.below && ['prorata', 'steps'].includes(model)) add(0.5, () => ({ beyond: true }));
  if (!requests) add(0.35, () => ({ measure: { quantum_seconds: random.one([60, 300, 3600, 7]), count: random.one(['whole', 'any', 'exact']), ...maybe(random, 0.5, () => ({ for: random.one(['amount', 'below', 'both']) })) } }));
  add(0.4, () => (random.chance(0.3) ? { cap_percent: random.one(['100', '10', '0.5', '250', '33.33']) } : caps(random)));
  add(0.2, () => ({ min_credit_minor: random.one([1, 50]) }));
  add(0.2, () => ({ min_credit: amounts(random, 0.4) }));
  if (!['days', 'fixed'].includes(model)) add(0.2, () => ({ at_least: amounts(random, 0.4) }));
  add(0.2, () => ({ applies: random.one([{ plans: ['premium'] }, { labels: { region: ['eu', 'uk'] } }, { plans: PLANS, labels: { region: 'eu' } }]) }));
  add(0.25, () => ({ base: random.one(['lines', 'lines', 'account']) }));
  if (!requests) add(0.25, () => ({ grace: grace(random, holidays) }));
  if (!requests) add(0.2, () => ({ claim: { required: true, ...maybe(random, 0.8, () => ({ within_days: random.one([0, 3, 30]) })), ...maybe(random, 0.7, () => ({ from: random.one(['incident_end', 'window_end']) })) } }));
  add(0.2, () => ({ remedy: random.one(['days', 'days', 'money']) }));
  return policy;
}

// A policy that lint has nothing against.
function policyOf(random, name, holidays) {
  for (;;) {
    const policy = attempt(random, name, holidays);
    if (!lint(policy).length) return policy;
  }
}

module.exports = { policyOf, ZONES, COMPONENTS, CURRENCIES, PLANS };
