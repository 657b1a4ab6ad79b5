'use strict';
// The lines of one account in one run.
const { fraction, parse, add, mul, div, sum, text, isZero, ZERO } = require('./rational.js');
const { payers, windows, windowAt, zoneOf, rateAt, priceOf } = require('./account.js');
const { maintenance } = require('./weight.js');
const { Case, amountOf, measuresRequests, down } = require('./amounts.js');
const { settle, ofIncidents, earliest } = require('./settle.js');
const { localDay, midnight, dates, exists } = require('./calendar.js');
const requests = require('./requests.js');

const RISING = ['prorata', 'tiered', 'steps'];

// The outage of an incident: from its first impact to its last instant, maintenance aside.
function outageOf(incident) {
  const parts = incident.impacts.filter((impact) => impact.level !== 'under_maintenance')
    .map(({ from, to }) => [from, to ?? incident.until]).filter(([from, to]) => from < to);
  return parts.length ? { from: Math.min(...parts.map(([from]) => from)), to: Math.max(...parts.map(([, to]) => to)) } : null;
}

// Whether an account claimed an incident in time, where the policy asks for that.
function counts(world, account, policy, incident) {
  const { claim } = policy;
  if (!claim || !claim.required || claim.from === 'window_end') return true;
  const outage = outageOf(incident);
  const zone = zoneOf(account, policy);
  return outage !== null && world.claims.some((one) => one.account === account.external_id && one.incidents.includes(incident.ref)
    && (claim.within_days === undefined || localDay(one.at, zone) <= localDay(outage.to - 1, zone) + claim.within_days));
}

// Whether an incident that hit the window was claimed in time after the window's end.
function claimed(world, cases, window) {
  const [{ account, policy, incidents }] = cases;
  const { claim } = policy;
  if (!claim || !claim.required || claim.from !== 'window_end') return true;
  const hit = incidents.filter((incident) => cases.some((one) => one.hits(incident, window))).map(({ ref }) => ref);
  return world.claims.some((one) => one.account === account.external_id && one.incidents.some((ref) => hit.includes(ref))
    && (claim.within_days === undefined || localDay(one.at, zoneOf(account, policy)) <= window.next - 1 + claim.within_days));
}

// Whether an issued line of the policy has a window that the account does not have any more.
function termsChanged(account, run, same) {
  return same.some((line) => {
    const there = windowAt(account, run.policy, midnight(line.first, zoneOf(account, run.policy)));
    if (!there || there.first !== line.first) return true;
    if (there.next === line.next) return false;
    if (!(there.next < line.next && there.next < there.whole[1] && line.next <= there.whole[1])) return true;
    return Object.keys(line.run.pins).some((ref) => ref in run.pins) && line.reach > there.to;
  });
}

// Instants that `days` and `fixed` pay for, for one payer: [{at, day}].
function instants(one, paid) {
  const { policy, incidents } = one;
  const first = (some) => {
    const of = some.length === incidents.length ? one : new Case(one.world, one.account, one.payer, policy, some, one.excuses);
    if (of.amount.length) return of.amount[0].from;
    return policy.audience === 'all' ? earliest(some.map((incident) => (outageOf(incident) || { from: null }).from)) : null;
  };
  if (policy.model === 'days' && policy.per === 'incident') return incidents.map((incident) => first([incident])).filter((at) => at !== null);
  if (policy.model === 'days' && policy.per === 'affected_day') {
    const zone = one.account.timezone;
    const days = new Set(one.amount.flatMap(({ from, to }) => dates(from, to, zone).map(({ day }) => day)));
    return [...days].filter((day) => exists(day, zone) && !paid.includes(day)).sort((a, b) => a - b).map((day) => midnight(day, zone));
  }
  const at = first(incidents);
  return at === null ? [] : [at];
}

// Exact amounts of `days` and `fixed` by window: [{window, exact, at}].
function byInstant(cases, paid) {
  const found = new Map();
  for (const one of cases) {
    const { policy, account, currency } = one;
    for (const at of instants(one, paid)) {
      const rate = rateAt(one.payer, at);
      const window = windowAt(account, policy, at);
      if (!rate || rate.price === 0n || !one.owed(window)) continue;
      const amount = policy.model === 'fixed' ? fraction((policy.amounts || {})[currency] || 0)
        : div(mul(parse(policy.days), fraction(rate.price)), fraction(rate.dates));
      const before = found.get(window.first) || { window, exact: ZERO, at: [] };
      found.set(window.first, { window, exact: add(before.exact, amount), at: [...before.at, at] });
    }
  }
  return [...found.values()].sort((a, b) => a.window.first - b.window.first);
}

// Evidence of a window: the run's incidents, and those of earlier runs that have a line there.
function joined(own, there, run) {
  const evidence = [...own];
  for (const earlier of [...new Set(there.map((line) => line.run))].sort((a, b) => b.id - a.id)) {
    for (const [ref, incident] of Object.entries(earlier.pins)) {
      if (!(ref in run.pins) && !evidence.some((one) => one.ref === ref)) evidence.push(incident);
    }
  }
  return evidence;
}

class Run {
  constructor(world, account, run, issued) {
    Object.assign(this, { world, account, run, policy: run.policy });
    this.excuses = maintenance(account, run.policy, world.incidents, world.until);
    this.currency = run.policy.remedy === 'days' ? 'DAY' : account.currency;
    this.mine = issued.filter((line) => line.account === account.external_id);
    this.same = this.mine.filter((line) => line.policy === run.policy.name);
    this.own = Object.values(run.pins).filter((incident) => counts(world, account, run.policy, incident));
    this.lines = [];
    this.excess = [];
  }

  cases(incidents) {
    return payers(this.account, this.policy).map((payer) => new Case(this.world, this.account, payer, this.policy, incidents, this.excuses));
  }

  settle(window, exact, cases, { earlier = 0n, days = [], at, paid = [] }) {
    if (isZero(sum(cases.map(({ payer }) => priceOf(payer, window))))) return;
    if (!claimed(this.world, cases, window)) exact = ZERO;
    const got = settle(cases, window, exact, earlier, [...this.mine, ...this.lines], at);
    if (got.excess) this.excess.push({ first: window.first, amount: got.excess });
    if (got.amount === null) return;
    const reach = Math.max(0, ...cases.flatMap((one) => one.inWindow(window).map(({ to }) => to)), ...paid.map((t) => t + 1));
    this.lines.push({
      account: this.account.external_id, policy: this.policy.name, run: this.run, first: window.first, next: window.next, start: window.from,
      amount: got.amount, currency: this.currency, exact: text(exact), days, reach,
    });
  }

  rising() {
    const hit = [...new Set(this.windowsInQuestion().map((window) => window.first))].sort((a, b) => a - b);
    const all = new Map(this.windowsInQuestion().map((window) => [window.first, window]));
    for (const window of hit.map((first) => all.get(first))) {
      const there = this.same.filter((line) => line.first === window.first);
      const evidence = joined(this.own, there, this.run).filter((incident) => counts(this.world, this.account, this.policy, incident));
      const cases = this.cases(evidence);
      let exact = sum(cases.map((one) => amountOf(one, window)));
      const most = ofIncidents(cases, window, (apart) => this.touched(apart));
      if (most !== null && most.num * exact.den < exact.num * most.den) exact = most;
      const earlier = there.filter((line) => line.currency === this.currency).reduce((total, line) => total + line.amount, 0n);
      this.settle(window, exact, cases, { earlier, at: earliest(cases.map((one) => one.first(window))) });
    }
  }

  // Windows in which some cases have W > 0, in order.
  touched(cases) {
    const found = new Map();
    for (const { from, to } of cases.flatMap((one) => one.amount)) {
      for (const window of windows(this.account, this.policy, from, to)) found.set(window.first, window);
    }
    return [...found.values()].sort((a, b) => a.first - b.first);
  }

  windowsInQuestion() {
    const { account, policy, run } = this;
    if (measuresRequests(policy)) {
      return this.cases(this.own).flatMap((one) => one.intervals.filter(({ bad }) => bad > 0n).map(({ from }) => windowAt(account, policy, from)));
    }
    const outages = Object.values(run.pins).map(outageOf).filter(Boolean);
    const shared = this.same.filter((line) => Object.keys(line.run.pins).some((ref) => ref in run.pins))
      .map((line) => windowAt(account, policy, midnight(line.first, zoneOf(account, policy))));
    if (!outages.length) return shared;
    const widened = policy.measure && policy.measure.count === 'any' ? policy.measure.quantum_seconds * 1e6 : 0;
    const low = Math.min(...outages.map(({ from }) => from)) - widened;
    const high = Math.max(...outages.map(({ to }) => to)) + widened;
    return [...windows(account, policy, low, high), ...shared];
  }

  byInstant() {
    const done = new Set(this.same.flatMap((line) => Object.keys(line.run.pins)));
    const paid = this.same.flatMap((line) => line.days);
    const cases = this.cases(this.own.filter((incident) => !done.has(incident.ref)));
    for (const { window, exact, at } of byInstant(cases, paid)) {
      const days = this.policy.per === 'affected_day' ? [...new Set(at.map((t) => localDay(t, this.account.timezone)))] : [];
      this.settle(window, exact, cases, { days, at: earliest(cases.map((one) => one.first(window))) ?? Math.min(...at), paid: at });
    }
  }

  weighted() { return sum(this.cases(this.own).map((one) => down(one.amount))); }
}

// {lines, excess, reason}. run: {id, policy, pins: {ref: incident}}; issued: lines that stand.
function credit(world, account, run, issued) {
  const one = new Run(world, account, run, issued);
  if (termsChanged(account, run, one.same)) return { lines: [], excess: [], reason: 'terms_changed' };
  if (RISING.includes(run.policy.model)) one.rising();
  else one.byInstant();
  return { lines: one.lines, excess: one.excess, reason: null, weighted: () => div(one.weighted(), fraction(1e6)) };
}

module.exports = { credit, outageOf };
