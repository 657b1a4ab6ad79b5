'use strict';
// A naive second implementation of the credit arithmetic: one account at a time, time split at every
// bound, fractions of BigInt. It shares no code with billing, in order to reveal errors.
//
// A world: {accounts, incidents, policies}, as random_worlds.js makes it. An issued line:
// {account, policy (name), run, period (first day), next, amount, days, reach}: days that it paid for
// per affected day, reach the end of its evidence. A run: {id, policy, pins: {ref:
// impacts}, until, root}, until being the instant to which an open impact counts and root the
// run that this one corrects.
const { midnight, localDay, addMonths } = require('./naive_midnight.js');

const MICRO = 1000000n;

// "12.345" as [numerator, denominator].
function fraction(text) {
  const [whole, rest = ''] = text.split('.');
  return [BigInt(whole + rest), 10n ** BigInt(rest.length)];
}

function round(num, den, how) {
  const low = num / den;
  const rest = num % den;
  if (rest === 0n) return low;
  if (how === 'up') return low + 1n;
  if (rest * 2n !== den) return rest * 2n > den ? low + 1n : low;
  return how === 'half_up' || low % 2n === 1n ? low + 1n : low;
}

const endOf = (impact, until) => (impact.to === null ? until : impact.to);

// Windows of maintenance by component, announced long enough before.
function maintenance(world, policy, until) {
  const windows = [];
  for (const incident of world.incidents) {
    const own = incident.impacts.filter((impact) => impact.level === 'under_maintenance');
    for (const component of new Set(own.map((impact) => impact.component))) {
      const parts = own.filter((impact) => impact.component === component)
        .map((impact) => [impact.from, endOf(impact, until)])
        .filter(([from, to]) => from < to)
        .sort((a, b) => a[0] - b[0]);
      const whole = [];
      for (const [from, to] of parts) {
        const last = whole[whole.length - 1];
        if (last && from <= last[1]) last[1] = Math.max(last[1], to);
        else whole.push([from, to]);
      }
      const announced = incident.announced === null ? incident.started : incident.announced;
      for (const [from, to] of whole) {
        if (announced <= from - policy.maintenance_notice_hours * 3600e6) windows.push({ component, from, to });
      }
    }
  }
  return windows;
}

const termsOf = (account) => account.terms || [{ from: account.anchor, interval: account.interval, anchor: account.anchor }];

// The account's prices as instants: [{from, to, price}]. Before the first term there is none.
function pricesOf(account) {
  const sorted = [...account.prices].sort((a, b) => a.from - b.from);
  const start = termsOf(account)[0].from;
  return sorted.map((price, i) => ({
    price: BigInt(price.amount),
    from: midnight(Math.max(price.from, start), account.timezone),
    to: i + 1 < sorted.length ? midnight(Math.max(sorted[i + 1].from, start), account.timezone) : Infinity,
  }));
}

const priceAt = (prices, t) => {
  const found = prices.find((price) => price.from <= t && t < price.to);
  return found ? found.price : 0n;
};

// W(t) as stretches [{from, to, weight, price}] with weight > 0, short blocks dropped.
function weights(evidence, account, policy, windows, prices) {
  const counting = [];
  for (const { impacts, until } of evidence) {
    for (const impact of impacts) {
      const weight = policy.weights_bp[impact.level];
      if (impact.level === 'under_maintenance' || !weight) continue;
      if (account.components.length && !account.components.includes(impact.component)) continue;
      if (policy.components.length && !policy.components.includes(impact.component)) continue;
      counting.push({ component: impact.component, from: impact.from, to: endOf(impact, until), weight });
    }
  }
  const excuses = policy.exclude_maintenance ? windows : [];
  const cuts = new Set();
  for (const one of [...counting, ...excuses, ...prices]) {
    cuts.add(one.from);
    if (one.to !== Infinity) cuts.add(one.to);
  }
  const bounds = [...cuts].sort((a, b) => a - b);
  const blocks = [];
  for (let i = 0; i + 1 < bounds.length; i++) {
    const t = bounds[i];
    const price = priceAt(prices, t);
    let weight = 0;
    for (const impact of counting) {
      if (t < impact.from || t >= impact.to) continue;
      if (excuses.some((w) => w.component === impact.component && w.from <= t && t < w.to)) continue;
      weight = Math.max(weight, impact.weight);
    }
    if (!weight || price === 0n) continue;
    const last = blocks[blocks.length - 1];
    const stretch = { from: t, to: bounds[i + 1], weight: BigInt(weight), price };
    if (last && last[last.length - 1].to === t) last.push(stretch);
    else blocks.push([stretch]);
  }
  return blocks
    .filter((block) => block[block.length - 1].to - block[0].from >= policy.min_block_seconds * 1e6)
    .flat();
}

const seconds = (stretches) => stretches.reduce((sum, w) => sum + w.weight * BigInt(w.to - w.from), 0n);

function clip(stretches, period) {
  return stretches
    .map((one) => ({ ...one, from: Math.max(one.from, period.from), to: Math.min(one.to, period.to) }))
    .filter((one) => one.from < one.to);
}

// Every period from the first term to an instant. One that its term cuts keeps the length and the dates
// of the whole.
function periodsUntil(account, last) {
  const periods = [];
  termsOf(account).forEach((term, i, terms) => {
    const end = i + 1 < terms.length ? terms[i + 1].from : Infinity;
    const step = term.interval === 'month' ? 1 : 12;
    for (let k = 0; ; k++) {
      const whole = [addMonths(term.anchor, k * step), addMonths(term.anchor, (k + 1) * step)];
      const first = Math.max(whole[0], term.from);
      if (first >= end || midnight(first, account.timezone) >= last) break;
      if (whole[1] <= term.from) continue;
      const next = Math.min(whole[1], end);
      periods.push({
        first, next, whole, dates: BigInt(whole[1] - whole[0]), from: midnight(first, account.timezone), to: midnight(next, account.timezone),
        length: BigInt(midnight(whole[1], account.timezone) - midnight(whole[0], account.timezone)),
      });
    }
  });
  return periods;
}

// Whether a standing line of the policy has a window that is gone, or was cut before what it paid for.
function termsChanged(account, same, run, runs) {
  return same.some((line) => {
    const there = periodsUntil(account, midnight(line.period, account.timezone) + 1).find((one) => one.first === line.period);
    if (!there) return true;
    if (there.next === line.next) return false;
    if (!(there.next < line.next && there.next < there.whole[1] && line.next <= there.whole[1])) return true;
    return Object.keys(runs.get(line.run).pins).some((ref) => ref in run.pins) && line.reach > there.to;
  });
}

// {num, den} of a cumulative model in one period.
function cumulative(policy, stretches, period, prices) {
  const { length } = period;
  const inside = clip(stretches, period);
  if (policy.model === 'prorata') {
    const [m, d] = fraction(policy.multiplier);
    const lost = inside.reduce((sum, w) => sum + w.weight * BigInt(w.to - w.from) * w.price, 0n);
    return { num: m * lost, den: d * length * 10000n };
  }
  const paid = clip(prices, period).filter((price) => price.price > 0n);
  const entitled = paid.reduce((sum, price) => sum + BigInt(price.to - price.from), 0n);
  const worth = paid.reduce((sum, price) => sum + BigInt(price.to - price.from) * price.price, 0n);
  if (entitled === 0n) return { num: 0n, den: 1n };
  let best = [0n, 1n];
  for (const tier of policy.tiers) {
    const [below, bd] = fraction(tier.uptime_below);
    const [p, pd] = fraction(tier.percent);
    // uptime < below, both in percent: (1 - down/entitled) x 100 < below.
    const lower = (entitled * 10000n - seconds(inside)) * 100n * bd < below * entitled * 10000n;
    if (lower && p * best[1] > best[0] * pd) best = [p, pd];
  }
  return { num: best[0] * worth, den: best[1] * length * 100n };
}

// The instants that `days` and `fixed` pay for.
function instants(policy, account, evidence, windows, prices, paid) {
  const hitAndStart = (some) => {
    const stretches = weights(some, account, policy, windows, prices);
    const starts = some.flatMap(({ impacts, until }) => impacts
      .filter((impact) => impact.level !== 'under_maintenance' && impact.from < endOf(impact, until)).map((impact) => impact.from));
    const at = stretches.length ? stretches[0].from : policy.audience === 'all' && starts.length ? Math.min(...starts) : null;
    return { at, stretches };
  };
  if (policy.model === 'days' && policy.per === 'incident') {
    return evidence.map((one) => hitAndStart([one]).at).filter((at) => at !== null);
  }
  const { at, stretches } = hitAndStart(evidence);
  if (at === null) return [];
  if (policy.model === 'fixed' || policy.per === 'run') return [at];
  const days = new Set();
  if (!stretches.length) days.add(localDay(at, account.timezone));
  for (const one of stretches) {
    for (let day = localDay(one.from, account.timezone); day <= localDay(one.to - 1, account.timezone); day++) {
      if (midnight(day, account.timezone) < midnight(day + 1, account.timezone)) days.add(day);
    }
  }
  return [...days].filter((day) => !paid.includes(day)).map((day) => midnight(day, account.timezone));
}

function exactAmounts(policy, account, own, windows, prices, paid) {
  const amounts = new Map();
  for (const at of instants(policy, account, own, windows, prices, paid)) {
    const price = priceAt(prices, at);
    const period = periodsUntil(account, at + 1).find((one) => one.from <= at && at < one.to);
    if (price === 0n || !period) continue;
    const before = amounts.get(period.first) || { period, sum: 0n, at: [] };
    amounts.set(period.first, { period, sum: before.sum + price, at: [...before.at, at] });
  }
  const [days, dd] = fraction(policy.days || '0');
  return [...amounts.values()].map(({ period, sum, at }) => {
    if (policy.model === 'days') return { period, at, num: days * sum, den: dd * period.dates };
    return { period, at, num: BigInt(policy.amounts[account.currency] || 0), den: 1n };
  });
}

// The lines of one account in one run, given the existing lines ({...issued, pins by run}).
function credit(world, account, run, issued, runs) {
  const policy = run.policy;
  const prices = pricesOf(account);
  const own = Object.entries(run.pins).map(([ref, impacts]) => ({ ref, impacts, until: run.until }));
  const mine = issued.filter((line) => line.account === account.id);
  const same = mine.filter((line) => line.policy === policy.name);
  const rising = policy.model === 'prorata' || policy.model === 'tiered';
  const windows = maintenance(world, policy, run.until);
  const lines = [];
  const excess = [];
  if (termsChanged(account, same, run, runs)) return { lines, excess, weighted: 0n, reason: 'terms_changed' };
  const settle = (period, { num, den, at = [] }, earlier, stretches) => {
    const { length } = period;
    const worth = clip(prices, period).reduce((sum, price) => sum + BigInt(price.to - price.from) * price.price, 0n);
    if (worth === 0n) return;
    const [cp, cd] = fraction(policy.cap_percent);
    const cap = (worth * cp) / (length * cd * 100n);
    const taken = mine.filter((line) => line.period >= period.first && line.period < period.next).reduce((sum, line) => sum + line.amount, 0n);
    const difference = round(num, den, policy.rounding) - earlier;
    if (difference < 0n) excess.push({ period: period.first, amount: -difference });
    const amount = difference < cap - taken ? difference : cap - taken;
    if (amount >= 1n && amount >= BigInt(policy.min_credit_minor)) {
      const days = policy.model === 'days' && policy.per === 'affected_day' ? at.map((one) => localDay(one, account.timezone)) : [];
      const reach = Math.max(0, ...clip(stretches, period).map((one) => one.to), ...at.map((one) => one + 1));
      lines.push({ period: period.first, next: period.next, amount, cap, taken, days, reach });
    }
  };
  if (!rising) {
    const family = same.filter((line) => run.root && (line.run === run.root.id || runs.get(line.run).root === run.root));
    const before = same.filter((line) => !family.includes(line) && (!run.root || line.run < run.root.id));
    const done = new Set(before.flatMap((line) => Object.keys(runs.get(line.run).pins)));
    const left = own.filter((one) => !done.has(one.ref));
    const paid = same.filter((line) => !family.includes(line)).flatMap((line) => line.days);
    const amounts = exactAmounts(policy, account, left, windows, prices, paid);
    const stretches = weights(left, account, policy, windows, prices);
    const held = (first) => family.filter((line) => line.period === first).reduce((sum, line) => sum + line.amount, 0n);
    for (const { period, ...exact } of amounts) settle(period, exact, held(period.first), stretches);
    const gone = [...new Set(family.map((line) => line.period))].filter((first) => !amounts.some((one) => one.period.first === first));
    for (const first of gone) {
      const period = periodsUntil(account, midnight(first, account.timezone) + 1).find((one) => one.first === first);
      settle(period, { num: 0n, den: 1n }, held(first), stretches);
    }
    return { lines, excess, weighted: seconds(stretches) };
  }
  const outage = own.flatMap(({ impacts, until }) => impacts.filter((impact) => impact.level !== 'under_maintenance')
    .map((impact) => [impact.from, endOf(impact, until)])).filter(([from, to]) => from < to);
  const lo = Math.min(...outage.map(([from]) => from));
  const hi = Math.max(...outage.map(([, to]) => to));
  const shared = same.filter((line) => Object.keys(runs.get(line.run).pins).some((ref) => ref in run.pins)).map((line) => line.period);
  const last = Math.max(hi, ...shared.map((day) => midnight(day, account.timezone) + 1));
  for (const period of periodsUntil(account, last)) {
    if (!(period.from < hi && period.to > lo) && !shared.includes(period.first)) continue;
    const there = same.filter((line) => line.period === period.first);
    const evidence = [...own];
    for (const id of [...new Set(there.map((line) => line.run))].sort((a, b) => b - a)) {
      const other = runs.get(id);
      for (const [ref, impacts] of Object.entries(other.pins)) {
        if (!evidence.some((one) => one.ref === ref)) evidence.push({ ref, impacts, until: other.until });
      }
    }
    const stretches = weights(evidence, account, policy, windows, prices);
    settle(period, cumulative(policy, stretches, period, prices), there.reduce((sum, line) => sum + line.amount, 0n), stretches);
  }
  return { lines, excess, weighted: seconds(weights(own, account, policy, windows, prices)) };
}

module.exports = { credit, MICRO };
