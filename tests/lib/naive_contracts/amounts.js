'use strict';
// The exact amount that the policy's model gives a payer for a window.
const { fraction, parse, add, sub, mul, div, less, max, sum, floor, ceil, isZero, ZERO } = require('./rational.js');
const { rateAt, priceOf, entitled, windowAt, zoneOf } = require('./account.js');
const { weights, alone, clip, FULL } = require('./weight.js');
const { dates } = require('./calendar.js');
const requests = require('./requests.js');

const HUNDRED = fraction(100);

// Weighted microseconds.
const down = (stretches) => sum(stretches.map((one) => fraction(one.weight * BigInt(one.to - one.from), FULL)));

const uptime = (lost, all) => mul(HUNDRED, sub(fraction(1), div(lost, all)));

const measuresRequests = (policy) => Boolean(policy.measure && policy.measure.source === 'requests');

// Everything about a payer that a run looks at again and again. `incidents` are those that count.
class Case {
  constructor(world, account, payer, policy, incidents, excuses) {
    Object.assign(this, { world, account, payer, policy, incidents, excuses, currency: policy.remedy === 'days' ? 'DAY' : account.currency });
    this.amount = weights(account, payer, policy, incidents, excuses, 'amount');
    this.gate = weights(account, payer, policy, incidents, excuses, 'below');
    this.intervals = measuresRequests(policy) ? requests.intervals(world, account, payer, policy, excuses) : [];
  }

  only(incident) {
    return new Case(this.world, this.account, this.payer, this.policy, [incident], this.excuses);
  }

  // Whether an incident alone has W > 0 in the window, before blocks.
  hits(incident, window) {
    return clip(alone(this.account, this.payer, this.policy, incident, this.excuses), window.from, window.to).length > 0;
  }

  inWindow(window) { return clip(this.amount, window.from, window.to); }

  // The first instant in the window with W > 0, or null.
  first(window) {
    if (measuresRequests(this.policy)) return requests.first(this.intervals, window);
    const [stretch] = this.inWindow(window);
    return stretch ? stretch.from : null;
  }

  // Uptime in percent, or null where nothing is entitled.
  uptime(window, kind) {
    const all = entitled(this.payer, window.from, window.to);
    if (isZero(all)) return null;
    if (measuresRequests(this.policy)) return requests.uptime(this.intervals, this.payer, this.policy, window);
    return uptime(down(clip(kind === 'below' ? this.gate : this.amount, window.from, window.to)), all);
  }

  // Whether anything is owed for the window at all.
  owed(window) {
    const up = this.uptime(window, 'below');
    return up !== null && (this.policy.below === undefined || less(up, parse(this.policy.below)));
  }

  // What is beyond the allowance, of some downtime.
  beyond(window, lost) {
    if (!this.policy.beyond) return lost;
    const allowed = mul(sub(fraction(1), div(parse(this.policy.below), HUNDRED)), entitled(this.payer, window.from, window.to));
    return max(ZERO, sub(lost, allowed));
  }
}

// One remedy's price at an instant: percent of the window's price, days and hours at the instant's.
function remedies(one, remedy, window, at) {
  const { payer, currency } = one;
  const rate = at === null ? null : rateAt(payer, at);
  const worth = {
    percent: (n) => div(mul(n, priceOf(payer, window)), HUNDRED),
    days: (n) => (rate ? div(mul(n, fraction(rate.price)), fraction(rate.dates)) : ZERO),
    hours: (n) => (rate ? div(mul(n, fraction(rate.price)), div(fraction(rate.length), fraction(3600e6))) : ZERO),
  };
  const all = Object.keys(worth).filter((key) => remedy[key] !== undefined).map((key) => worth[key](parse(remedy[key])));
  if (remedy.amounts) all.push(fraction(remedy.amounts[currency] || 0));
  return remedy.pays === 'sum' ? sum(all) : all.reduce(max, ZERO);
}

function prorata(one, window) {
  const inside = one.inWindow(window);
  const lost = sum(inside.flatMap((stretch) => one.payer.pieces(stretch.from, stretch.to).map((piece) => (
    mul(fraction(stretch.weight, FULL), div(fraction(BigInt(piece.to - piece.from) * piece.price), fraction(piece.length)))))));
  const all = down(inside);
  const part = isZero(all) ? ZERO : div(one.beyond(window, all), all);
  return mul(parse(one.policy.multiplier || '1'), mul(lost, part));
}

function tiered(one, window) {
  const up = one.uptime(window, 'amount');
  const lost = div(down(one.inWindow(window)), fraction(1e6));
  const at = one.first(window);
  const met = one.policy.tiers.filter((tier) => (tier.uptime_below === undefined
    ? !less(lost, parse(tier.down_from_seconds)) : up !== null && less(up, parse(tier.uptime_below))));
  return met.map((tier) => remedies(one, tier, window, at)).reduce(max, ZERO);
}

// How many units of time, or local dates, some stretches are.
function units(one, stretches, lost) {
  const { unit, unit_seconds: seconds, partial = 'started' } = one.policy;
  if (unit !== 'local_date') {
    const many = div(lost, fraction(seconds * 1e6));
    return Number(partial === 'started' ? ceil(many) : floor(many));
  }
  return wholeDates(one, stretches, partial);
}

// Local dates on which W > 0: ever, or throughout.
function wholeDates({ account, policy }, stretches, partial) {
  const zone = zoneOf(account, policy);
  const touched = new Map();
  for (const stretch of stretches) {
    for (const { from, to, day } of dates(stretch.from, stretch.to, zone)) touched.set(day, (touched.get(day) || 0) + to - from);
  }
  const lasts = (day) => dates((day - 2) * 86400e6, (day + 3) * 86400e6, zone).filter((part) => part.day === day)
    .reduce((total, part) => total + part.to - part.from, 0);
  return [...touched].filter(([day, time]) => partial === 'started' || time === lasts(day)).length;
}

// What n units earn, one after another.
function earned(one, window, at, n) {
  const { steps } = one.policy;
  const worth = new Map(steps.map((step) => [step, remedies(one, step, window, at)]));
  let total = ZERO;
  for (let k = 1; k <= n; k++) {
    const reached = steps.filter((step) => (step.from_unit || 1) <= k);
    if (!reached.length) continue;
    const step = reached.reduce((a, b) => ((b.from_unit || 1) > (a.from_unit || 1) ? b : a));
    total = add(total, worth.get(step));
  }
  return total;
}

function steps(one, window) {
  if (one.policy.per !== 'incident') {
    const inside = one.inWindow(window);
    return earned(one, window, one.first(window), units(one, inside, one.beyond(window, down(inside))));
  }
  return sum(one.incidents.map((incident) => {
    const apart = one.only(incident);
    if (!apart.amount.length) return ZERO;
    const at = apart.amount[0].from;
    const own = windowAt(one.account, one.policy, at);
    if (!own || own.first !== window.first) return ZERO;
    return earned(one, window, at, units(one, apart.amount, down(apart.amount)));
  }));
}

const MODELS = { prorata, tiered, steps };

// The exact amount of a window; without the condition `below` where `gated` is false.
function amountOf(one, window, gated = true) {
  if (gated && !one.owed(window)) return ZERO;
  return MODELS[one.policy.model](one, window);
}

module.exports = { Case, amountOf, down, measuresRequests };
