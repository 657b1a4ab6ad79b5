'use strict';
// What an account pays: its terms, its billing periods, its prices, and the windows of a policy.
const { fraction, div, mul, add, sum, ZERO } = require('./rational.js');
const { midnight, localDay, dayOf, addMonths, startOf, DAY } = require('./calendar.js');

function termsOf(account) {
  const terms = account.terms || [{ from: account.anchor, interval: account.interval, anchor: account.anchor }];
  return terms
    .map((term) => ({ interval: term.interval, from: dayOf(term.from), anchor: dayOf(term.anchor || term.from) }))
    .sort((a, b) => a.from - b.from);
}

// The billing periods that touch [from, to), in order. The last of a term ends where the next term
// begins, the first begins with its term; both keep the length and the dates of the whole period.
function periods(account, from, to) {
  const zone = account.timezone;
  const found = [];
  termsOf(account).forEach((term, i, terms) => {
    const end = i + 1 < terms.length ? terms[i + 1].from : Infinity;
    const step = term.interval === 'month' ? 1 : 12;
    for (let k = 0; ; k++) {
      const [start, stop] = [addMonths(term.anchor, k * step), addMonths(term.anchor, (k + 1) * step)];
      const [first, next] = [Math.max(start, term.from), Math.min(stop, end)];
      if (first >= end) break;
      if ((next + 2) * DAY < from) continue; // far before: do not ask for its midnights
      if (midnight(first, zone) >= to) break;
      if (first >= next || midnight(next, zone) <= from) continue;
      found.push({
        first, next, from: midnight(first, zone), to: midnight(next, zone), interval: term.interval,
        whole: [start, stop], dates: stop - start, length: midnight(stop, zone) - midnight(start, zone),
      });
    }
  });
  return found;
}

const matches = (labels, wanted) => Object.entries(wanted || {})
  .every(([key, values]) => [].concat(values).includes((labels || {})[key]));

// One price line as [{from, to, amount}]; amount is 0 where the policy does not apply.
function priceSteps(account, prices, { applies = {} }) {
  const sorted = prices.map((price) => ({ ...price, day: dayOf(price.from) })).sort((a, b) => a.day - b.day);
  const named = (price) => !applies.plans || !applies.plans.length || applies.plans.includes(price.plan || account.plan);
  return sorted.map((price, i) => ({
    from: midnight(price.day, account.timezone),
    to: i + 1 < sorted.length ? midnight(sorted[i + 1].day, account.timezone) : Infinity,
    amount: matches(account.labels, applies.labels) && named(price) ? BigInt(price.amount_minor) : 0n,
  }));
}

// Who is computed alone: the account or, with `base: lines`, each of its price lines.
// {components (empty: all), zone, pieces(from, to)}: the pieces of [from, to) in which price and
// billing period stay the same: [{from, to, price, length, dates, interval}].
function payers(account, policy) {
  const lines = account.lines || [{ prices: account.prices }];
  const uses = (line) => (line.components && line.components.length ? line.components : account.components);
  const payer = (components, some) => {
    const steps = some.map((line) => priceSteps(account, line.prices, policy));
    const known = new Map();
    const look = (from, to) => {
      const key = `${from} ${to}`;
      if (!known.has(key)) known.set(key, pieces(account, policy, steps, from, to));
      return known.get(key);
    };
    return { components, zone: account.timezone, pieces: look };
  };
  if (policy.base === 'lines') return lines.map((line) => payer(uses(line), [line]));
  const every = lines.map(uses);
  return [payer(every.some((list) => !list.length) ? [] : [...new Set(every.flat())], lines)];
}

function pieces(account, policy, lines, from, to) {
  const found = [];
  for (const period of periods(account, from, to)) {
    const [low, high] = [Math.max(from, period.from), Math.min(to, period.to)];
    const inside = (t) => low < t && t < high;
    const cuts = [...new Set([low, ...lines.flat().map((step) => step.from).filter(inside), high])].sort((a, b) => a - b);
    for (let i = 0; i + 1 < cuts.length; i++) {
      const at = lines.map((steps) => steps.find((step) => step.from <= cuts[i] && cuts[i] < step.to));
      const money = at.reduce((total, step) => total + (step ? step.amount : 0n), 0n);
      const price = policy.remedy === 'days' && money > 0n ? 100n * BigInt(period.dates) : money;
      found.push({ from: cuts[i], to: cuts[i + 1], price, length: period.length, dates: period.dates, interval: period.interval });
    }
  }
  return found;
}

// Price and billing period at an instant; null before the first term.
const rateAt = (payer, t) => payer.pieces(t, t + 1)[0] || null;

const MONTHS = { month: 1, quarter: 3, year: 12 };

const zoneOf = (account, policy) => (policy.window && policy.window.timezone) || account.timezone;

// The windows of the policy that touch [from, to): {first, next (days), from, to (instants), months
// (null: a billing period), length (of the whole period), whole}.
function windows(account, policy, from, to) {
  const unit = policy.window && policy.window.unit;
  if (!unit || unit === 'billing') return periods(account, from, to).map((period) => ({ ...period, months: null }));
  return calendarWindows(zoneOf(account, policy), MONTHS[unit], from, to);
}

function calendarWindows(zone, months, from, to) {
  const found = [];
  for (let first = startOf(localDay(from, zone) - 1, months); midnight(first, zone) < to; first = addMonths(first, months)) {
    const next = addMonths(first, months);
    const window = { first, next, from: midnight(first, zone), to: midnight(next, zone), months, whole: [first, next] };
    if (window.to > from) found.push(window);
  }
  return found;
}

const windowAt = (account, policy, t) => windows(account, policy, t, t + 1)[0] || null;

// The calendar year in which a window begins.
function yearOf(account, policy, window) {
  const zone = zoneOf(account, policy);
  const first = startOf(window.first, 12);
  const next = addMonths(first, 12);
  return { first, next, from: midnight(first, zone), to: midnight(next, zone), months: 12, whole: [first, next] };
}

const over = (piece) => fraction(piece.to - piece.from);

// price(M): of a billing period the integral of the price over its whole length; of a calendar window
// its months times the mean of the monthly price.
function priceOf(payer, window) {
  const parts = payer.pieces(window.from, window.to);
  if (window.months === null) return div(sum(parts.map((one) => mul(over(one), fraction(one.price)))), fraction(window.length));
  const monthly = (one) => fraction(one.price, one.interval === 'year' ? 12n : 1n);
  const mean = div(sum(parts.map((one) => mul(over(one), monthly(one)))), fraction(window.to - window.from));
  return mul(fraction(window.months), mean);
}

// The money of [from, to) at the billing rate.
const moneyOf = (payer, from, to) => sum(payer.pieces(from, to)
  .map((one) => div(mul(over(one), fraction(one.price)), fraction(one.length))));

// The time of [from, to) for which something was paid, in microseconds.
const entitled = (payer, from, to) => payer.pieces(from, to)
  .filter((one) => one.price > 0n).reduce((total, one) => add(total, over(one)), ZERO);

module.exports = { payers, periods, windows, windowAt, yearOf, zoneOf, rateAt, priceOf, moneyOf, entitled, matches };
