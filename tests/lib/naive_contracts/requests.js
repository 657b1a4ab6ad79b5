'use strict';
// Uptime as the mean of error rates over the intervals of a window.
const { fraction, sub, div, mul, sum } = require('./rational.js');
const { rateAt } = require('./account.js');
const { uses, shareOf } = require('./weight.js');

// The intervals in which a request was measured, by their beginning: [{from, bad, total}].
function intervals(world, account, payer, policy, excuses) {
  const q = policy.measure.interval_seconds * 1e6;
  const found = new Map();
  for (const one of world.measurements) {
    if (!uses(payer, policy, one.component) || shareOf(account, one.scope) === null) continue;
    if (excuses.some((window) => window.component === one.component && window.from <= one.from && one.from < window.to)) continue;
    const from = Math.floor(one.from / q) * q;
    const before = found.get(from) || { from, bad: 0n, total: 0n };
    found.set(from, { from, bad: before.bad + BigInt(one.total - one.good), total: before.total + BigInt(one.total) });
  }
  const paid = ({ from }) => { const rate = rateAt(payer, from); return rate && rate.price > 0n; };
  return [...found.values()].filter(paid).sort((a, b) => a.from - b.from);
}

const inside = (all, window) => all.filter((one) => window.from <= one.from && one.from < window.to);

// How many intervals begin in the window while something is paid.
function count(payer, policy, window) {
  const q = policy.measure.interval_seconds * 1e6;
  const begun = (from, to) => Math.ceil(to / q) - Math.ceil(from / q);
  return payer.pieces(window.from, window.to).filter((piece) => piece.price > 0n)
    .reduce((total, piece) => total + begun(piece.from, piece.to), 0);
}

function uptime(all, payer, policy, window) {
  const number = count(payer, policy, window);
  if (!number) return null;
  const rates = inside(all, window).filter((one) => one.total > 0n).map((one) => fraction(one.bad, one.total));
  return mul(fraction(100), sub(fraction(1), div(sum(rates), fraction(number))));
}

const bad = (all, window) => inside(all, window).filter((one) => one.bad > 0n);

const first = (all, window) => { const [one] = bad(all, window); return one ? one.from : null; };

module.exports = { intervals, uptime, first, bad };
