'use strict';
// From the exact amount of a window to its line: rounding, floors, earlier lines, caps.
const { fraction, parse, add, mul, div, sum, min, floor, round, ZERO } = require('./rational.js');
const { priceOf, moneyOf, yearOf, windowAt } = require('./account.js');
const { amountOf } = require('./amounts.js');

const THIRTY_DAYS = 2592000e6;

const capsOf = (policy) => (policy.caps || [{ percent: policy.cap_percent ?? '100' }])
  .map((cap) => ({ per: 'window', of: 'window', ...cap }));

// The bound that a cap is, or null where it does not bound the currency. at: the first instant with W > 0
// of the incident, or in the window.
function bound(cap, cases, window, at) {
  const [{ account, policy, currency }] = cases;
  if (cap.amounts) return cap.amounts[currency] === undefined ? null : fraction(cap.amounts[currency]);
  const before = cap.of === 'previous_30_days';
  const base = cap.of === 'year' ? yearOf(account, policy, window) : window;
  const worth = sum(cases.map(({ payer }) => (before ? moneyOf(payer, at - THIRTY_DAYS, at) : priceOf(payer, base))));
  if (cap.percent !== undefined) return div(mul(parse(cap.percent), worth), fraction(100));
  return div(mul(parse(cap.days), worth), fraction(before ? 30 : base.next - base.first));
}

const earliest = (instants) => instants.filter((at) => at !== null).reduce((a, b) => (a === null || b < a ? b : a), null);

// What the window may get of its incidents, each capped over its windows in time order; null: no cap per
// incident.
function ofIncidents(cases, window, windowsOf) {
  const caps = capsOf(cases[0].policy).filter((cap) => cap.per === 'incident');
  if (!caps.length) return null;
  return sum(cases[0].incidents.map((incident) => {
    const apart = cases.map((one) => one.only(incident));
    const at = earliest(apart.map((one) => (one.amount.length ? one.amount[0].from : null)));
    if (at === null) return ZERO;
    const own = windowAt(cases[0].account, cases[0].policy, at);
    const bounds = caps.map((cap) => bound(cap, cases, own, at)).filter((one) => one !== null);
    const exact = (some) => sum(apart.map((one) => amountOf(one, some, false)));
    if (!bounds.length) return exact(window);
    let left = bounds.reduce(min);
    for (const each of windowsOf(apart)) {
      const gets = min(exact(each), left);
      if (each.first === window.first) return gets;
      left = add(left, fraction(-gets.num, gets.den));
    }
    return ZERO;
  }));
}

// The least that the caps of the window and its year leave, and what they leave of what was taken; null:
// no bound.
function room(cases, window, lines, at) {
  const [{ account, policy, currency }] = cases;
  const left = capsOf(policy).filter((cap) => cap.per !== 'incident').map((cap) => {
    const most = bound(cap, cases, window, at);
    if (most === null) return null;
    const within = cap.per === 'year' ? yearOf(account, policy, window) : window;
    const taken = lines.filter((line) => line.currency === currency && within.from <= line.start && line.start < within.to)
      .reduce((total, line) => total + line.amount, 0n);
    return floor(most) - taken;
  });
  return left.filter((one) => one !== null).reduce((a, b) => (a === null || b < a ? b : a), null);
}

// {amount, excess}: amount null where no line is made.
function settle(cases, window, exact, earlier, lines, at) {
  const [{ policy, currency }] = cases;
  let owed = round(exact, policy.rounding || 'half_up');
  const floorOf = policy.at_least && BigInt(policy.at_least[currency] || 0);
  if (owed > 0n && floorOf && owed < floorOf) owed = floorOf;
  const difference = owed - earlier;
  const left = difference > 0n ? room(cases, window, lines, at) : null;
  const amount = left !== null && left < difference ? left : difference;
  const least = [1n, BigInt(policy.min_credit_minor ?? 1), BigInt((policy.min_credit || {})[currency] || 0)];
  return { amount: least.some((one) => amount < one) ? null : amount, excess: difference < 0n ? -difference : 0n };
}

module.exports = { settle, ofIncidents, earliest, capsOf };
