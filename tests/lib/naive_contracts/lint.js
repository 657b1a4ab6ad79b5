'use strict';
// What a policy must not say: a list of sentences, empty for one that can be meant. `amends policy lint`
// says the same in its own words.
const { parse, less, isZero } = require('./rational.js');

const NUMBER = /^\d+(\.\d+)?(\/[1-9]\d*)?$/;
const COMMON = ['name', 'version', 'model', 'components', 'weights_bp', 'exclude_maintenance', 'maintenance_notice_hours', 'min_block_seconds',
  'rounding', 'cap_percent', 'caps', 'min_credit_minor', 'min_credit', 'applies', 'base', 'window', 'below', 'measure', 'grace', 'claim', 'remedy',
  'schedule'];
const OWN = {
  prorata: ['multiplier', 'beyond', 'at_least'], tiered: ['tiers', 'at_least'],
  steps: ['steps', 'unit', 'unit_seconds', 'partial', 'per', 'beyond', 'at_least'],
  days: ['days', 'per', 'audience'], fixed: ['amounts', 'audience'],
};
const PER = { steps: ['window', 'incident'], days: ['run', 'incident', 'affected_day'] };
const REMEDIES = ['percent', 'days', 'hours', 'amounts'];

const positive = (value) => NUMBER.test(String(value)) && !isZero(parse(value));
const among = (value, list) => value === undefined || list.includes(value);
const remedy = (one) => REMEDIES.some((key) => one[key] !== undefined);
const paysNothing = (one) => ['percent', 'days', 'hours'].some((key) => one[key] !== undefined && !positive(one[key]));

function* shape(policy) {
  if (!OWN[policy.model]) return yield `no model ${policy.model}`;
  for (const key of Object.keys(policy)) {
    if (!COMMON.includes(key) && !OWN[policy.model].includes(key)) yield `${key} is not read by ${policy.model}`;
  }
  if (PER[policy.model] && !among(policy.per, PER[policy.model])) yield `per ${policy.per}`;
  if (!among(policy.base, ['account', 'lines'])) yield 'base';
  if (!among(policy.remedy, ['money', 'days'])) yield 'remedy';
  if (!among(policy.rounding, ['half_up', 'half_even', 'up'])) yield 'rounding';
  const { window } = policy;
  if (window && !among(window.unit, ['billing', 'month', 'quarter', 'year'])) yield 'window';
  if (window && window.timezone && (!window.unit || window.unit === 'billing')) yield 'a billing window has no time zone';
  if (policy.below !== undefined && (!positive(policy.below) || less(parse('100'), parse(policy.below)))) yield 'below is a percentage';
}

function* weights({ weights_bp: given }) {
  const all = { degraded_performance: 0, partial_outage: 5000, major_outage: 10000, ...given };
  if (Object.values(all).every((weight) => weight === 0)) yield 'all weights are 0';
  if (all.partial_outage > all.major_outage) yield 'a partial outage is heavier than a major one';
}

// Whether a pays something that b does not match.
const paysMore = (a, b) => (a.pays === 'sum' && b.pays !== 'sum')
  || ['percent', 'days', 'hours'].some((key) => a[key] !== undefined && (b[key] === undefined || less(parse(b[key]), parse(a[key]))))
  || Object.entries(a.amounts || {}).some(([currency, minor]) => !((b.amounts || {})[currency] >= minor));

function* tiers({ tiers: all = [] }) {
  if (!all.length) yield 'no tiers';
  for (const tier of all) {
    if ((tier.uptime_below === undefined) === (tier.down_from_seconds === undefined)) yield 'a tier has one condition';
    if (tier.uptime_below !== undefined && (!positive(tier.uptime_below) || less(parse('100'), parse(tier.uptime_below)))) yield 'uptime_below';
    if (tier.down_from_seconds !== undefined && !(tier.down_from_seconds > 0)) yield 'down_from_seconds';
    if (!remedy(tier) || paysNothing(tier)) yield 'a tier pays nothing';
  }
  for (const a of all) {
    for (const b of all) {
      const worse = a.uptime_below !== undefined && b.uptime_below !== undefined ? less(parse(b.uptime_below), parse(a.uptime_below))
        : a.down_from_seconds !== undefined && b.down_from_seconds > a.down_from_seconds;
      if (worse && paysMore(a, b) && !paysMore(b, a)) yield 'worse uptime pays less';
      for (const key of ['percent', 'days', 'hours']) {
        if (worse && a[key] !== undefined && b[key] !== undefined && less(parse(b[key]), parse(a[key]))) yield 'worse uptime pays less';
      }
    }
  }
}

function* steps(policy) {
  const all = policy.steps || [];
  if (!all.length) yield 'no steps';
  if ((policy.unit === undefined) === (policy.unit_seconds === undefined)) yield 'one of unit and unit_seconds';
  if (!among(policy.unit, ['local_date']) || !among(policy.partial, ['started', 'complete'])) yield 'unit or partial';
  if (policy.unit_seconds !== undefined && !(policy.unit_seconds > 0)) yield 'unit_seconds';
  if (new Set(all.map((step) => step.from_unit || 1)).size !== all.length) yield 'two steps from one unit';
  if (all.some((step) => !remedy(step) || paysNothing(step))) yield 'a step pays nothing';
}

function* caps(policy) {
  if (policy.caps && policy.cap_percent !== undefined) yield 'caps beside cap_percent';
  if (policy.cap_percent !== undefined && !positive(policy.cap_percent)) yield 'a cap of 0';
  for (const cap of policy.caps || []) {
    const bounds = ['percent', 'days', 'amounts'].filter((key) => cap[key] !== undefined);
    if (bounds.length !== 1) yield 'a cap has one bound';
    else if (bounds[0] === 'amounts' ? Object.values(cap.amounts).some((amount) => !(amount > 0)) : !positive(cap[bounds[0]])) yield 'a cap of 0';
    if (!among(cap.per, ['window', 'incident', 'year']) || !among(cap.of, ['window', 'year', 'previous_30_days'])) yield 'cap';
    if (cap.per === 'incident' && !['prorata', 'steps'].includes(policy.model)) yield 'a cap per incident';
  }
}

function* measure({ model, measure: given = {}, tiers: all = [] }) {
  if (given.source === 'requests') {
    if (model !== 'tiered' || all.some((tier) => tier.uptime_below === undefined)) yield 'requests are for tiers of uptime';
    if (!(given.interval_seconds > 0)) yield 'interval_seconds';
    if (given.quantum_seconds !== undefined || given.count !== undefined || given.for !== undefined) yield 'requests have no grid';
  } else {
    if (!among(given.count, ['whole', 'any', 'exact']) || !among(given.for, ['amount', 'below', 'both'])) yield 'measure';
    if (given.count && given.count !== 'exact' && !(given.quantum_seconds > 0)) yield 'quantum_seconds';
  }
}

function* together(policy) {
  const { grace, claim } = policy;
  if (policy.audience === 'all' && policy.per === 'affected_day') yield 'affected_day is for affected accounts';
  if (policy.remedy === 'days' && policy.base === 'lines') yield 'days of lines';
  if (policy.beyond && (policy.below === undefined || policy.unit === 'local_date' || policy.per === 'incident'
    || (policy.caps || []).some((cap) => cap.per === 'incident'))) yield 'beyond';
  if (grace && (grace.seconds === undefined) === (grace.working_days === undefined)) yield 'grace is of seconds or working_days';
  if (grace && (!among(grace.from, ['start', 'report']) || (grace.calendar && grace.working_days === undefined))) yield 'grace';
  if (grace && grace.calendar && (grace.calendar.weekend || []).length > 6) yield 'no working day';
  if (claim && !among(claim.from, ['incident_end', 'window_end'])) yield 'claim';
  if (policy.model === 'days' && !positive(policy.days)) yield 'days';
  if (policy.model === 'fixed' && !Object.keys(policy.amounts || {}).length) yield 'no amounts';
  if (policy.multiplier !== undefined && !positive(policy.multiplier)) yield 'multiplier';
}

function lint(policy) {
  const faults = [...shape(policy)];
  if (!OWN[policy.model]) return faults;
  faults.push(...weights(policy), ...caps(policy), ...measure(policy), ...together(policy));
  if (policy.model === 'tiered') faults.push(...tiers(policy));
  if (policy.model === 'steps') faults.push(...steps(policy));
  return [...new Set(faults)];
}

module.exports = { lint };
