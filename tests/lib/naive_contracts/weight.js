'use strict';
// W(t) as stretches [{from, to, weight}] with weight > 0, in order and apart. Weights are BigInt in
// units of 1/10^8: basis points of the impact times basis points of the account's share.
const { rateAt, zoneOf, matches } = require('./account.js');
const { midnight, localDay, dayOf, weekday, exists } = require('./calendar.js');

const FULL = 100000000n;

// The share of an account in a scope in basis points; null: it is not in scope.
function shareOf(account, scope = {}) {
  const listed = (scope.accounts || []).find((one) => one.account === account.external_id);
  const byLabel = Object.keys(scope.labels || {}).length > 0;
  const everybody = !byLabel && !(scope.accounts || []).length;
  if (!listed && !everybody && !(byLabel && matches(account.labels, scope.labels))) return null;
  return (listed && listed.share_bp) ?? scope.share_bp ?? 10000;
}

// The windows of maintenance that excuse the account: those of one incident and component that touch
// are one, and were announced long enough before they began.
function maintenance(account, policy, incidents, until) {
  if (policy.exclude_maintenance === false) return [];
  const found = [];
  for (const incident of incidents) {
    const own = incident.impacts.filter((impact) => impact.level === 'under_maintenance' && shareOf(account, impact.scope) !== null);
    for (const component of new Set(own.map((impact) => impact.component))) {
      const parts = own.filter((impact) => impact.component === component)
        .map(({ from, to }) => ({ component, from, to: to ?? until }))
        .filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from);
      const joined = [];
      for (const part of parts) {
        const last = joined[joined.length - 1];
        if (last && part.from <= last.to) last.to = Math.max(last.to, part.to);
        else joined.push({ ...part });
      }
      const notice = (policy.maintenance_notice_hours || 0) * 3600e6;
      found.push(...joined.filter((one) => incident.announced <= one.from - notice));
    }
  }
  return found;
}

const uses = (payer, policy, component) => (!payer.components.length || payer.components.includes(component))
  && (!(policy.components || []).length || policy.components.includes(component));

const WEIGHTS = { degraded_performance: 0, partial_outage: 5000, major_outage: 10000 };

function weightOf(account, payer, policy, impact) {
  if (impact.level === 'under_maintenance' || !uses(payer, policy, impact.component)) return 0n;
  const share = shareOf(account, impact.scope);
  const level = { ...WEIGHTS, ...policy.weights_bp }[impact.level];
  return share === null ? 0n : BigInt(impact.weight_bp ?? level) * BigInt(share);
}

// The greatest of several lists of stretches, at every instant; equal neighbours become one.
function greatest(lists) {
  const all = lists.flat();
  const cuts = [...new Set(all.flatMap((one) => [one.from, one.to]))].sort((a, b) => a - b);
  const found = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const weight = all.filter((one) => one.from <= cuts[i] && cuts[i] < one.to).reduce((most, one) => (one.weight > most ? one.weight : most), 0n);
    const last = found[found.length - 1];
    if (weight === 0n) continue;
    if (last && last.to === cuts[i] && last.weight === weight) last.to = cuts[i + 1];
    else found.push({ from: cuts[i], to: cuts[i + 1], weight });
  }
  return found;
}

const clip = (stretches, from, to) => stretches
  .map((one) => ({ ...one, from: Math.max(one.from, from), to: Math.min(one.to, to) }))
  .filter((one) => one.from < one.to);

// What is left of a stretch outside [from, to).
const outside = (one, { from, to }) => [...clip([one], one.from, Math.max(one.from, Math.min(from, one.to))), ...clip([one], Math.max(to, one.from), one.to)];

// W is 0 where the price is 0.
const priced = (payer, stretches) => stretches.flatMap((one) => payer.pieces(one.from, one.to)
  .filter((piece) => piece.price > 0n).map((piece) => ({ ...one, from: piece.from, to: piece.to })));

// The instant from which an incident counts.
function graceEnd(account, policy, incident, start) {
  const { grace } = policy;
  if (!grace) return start;
  const from = grace.from === 'report' ? incident.reports[account.external_id] ?? incident.reported ?? start : start;
  if (grace.seconds !== undefined) return from + grace.seconds * 1e6;
  const zone = zoneOf(account, policy);
  const { weekend = [6, 7], holidays = [] } = grace.calendar || {};
  let day = localDay(from, zone);
  for (let left = grace.working_days; left > 0;) {
    day += 1;
    if (exists(day, zone) && !weekend.includes(weekday(day)) && !holidays.map(dayOf).includes(day)) left -= 1;
  }
  return midnight(day + 1, zone);
}

// One incident alone, before blocks.
function alone(account, payer, policy, incident, excuses) {
  const parts = incident.impacts.map((impact) => {
    const whole = { from: impact.from, to: impact.to ?? incident.until, weight: weightOf(account, payer, policy, impact) };
    if (whole.weight === 0n || whole.from >= whole.to) return [];
    const excused = excuses.filter((one) => one.component === impact.component);
    return excused.reduce((left, one) => left.flatMap((part) => outside(part, one)), [whole]);
  });
  const stretches = greatest(parts.map((part) => priced(payer, part)));
  if (!stretches.length) return [];
  return clip(stretches, graceEnd(account, policy, incident, stretches[0].from), Infinity);
}

// Maximal contiguous stretches, each a list.
function blocksOf(stretches) {
  const blocks = [];
  for (const one of stretches) {
    const last = blocks[blocks.length - 1];
    if (last && last[last.length - 1].to === one.from) last.push(one);
    else blocks.push([one]);
  }
  return blocks;
}

function onGrid(payer, blocks, { quantum_seconds: seconds, count }) {
  const q = seconds * 1e6;
  const before = (t) => Math.floor(t / q) * q;
  const after = (t) => Math.ceil(t / q) * q;
  const grown = blocks.map((block) => {
    const [first, last] = [block[0], block[block.length - 1]];
    if (count === 'whole') return clip(block, after(first.from), before(last.to));
    return [{ ...first, from: before(first.from), to: first.from }, ...block, { ...last, from: last.to, to: after(last.to) }]
      .filter((one) => one.from < one.to);
  });
  return priced(payer, greatest(grown));
}

// W of some incidents together. kind: 'amount' or 'below', which the grid may treat differently.
function weights(account, payer, policy, incidents, excuses, kind = 'amount') {
  const together = greatest(incidents.map((incident) => alone(account, payer, policy, incident, excuses)));
  const blocks = blocksOf(together)
    .filter((block) => block[block.length - 1].to - block[0].from >= (policy.min_block_seconds || 0) * 1e6);
  const measure = policy.measure || {};
  const gridded = measure.quantum_seconds && measure.count && measure.count !== 'exact' && [undefined, 'both', kind].includes(measure.for);
  return gridded ? onGrid(payer, blocks, measure) : blocks.flat();
}

module.exports = { weights, alone, maintenance, uses, shareOf, clip, greatest, blocksOf, FULL, rateAt };
