'use strict';
// Random contracts in the form of tests/cases/contracts.json: accounts, evidence, policies and several
// runs one after another. The same seed gives the same case.
const { generator } = require('../random_worlds.js');
const { policyOf, ZONES, COMPONENTS, CURRENCIES, PLANS } = require('./random_policy.js');
const { midnight, dayOf, dateText, addMonths, instantText, instant: instantOf } = require('./calendar.js');

// Month ends, leap years, and the days on which clocks change. A case reaches up to 75 days on, and the service takes no
// incident of the future.
const ERAS = ['2011-12-20', '2012-02-20', '2013-03-25', '2015-12-20', '2016-02-20', '2018-10-25', '2019-01-25', '2020-02-22', '2020-10-20', '2022-09-01', '2023-03-20', '2024-02-23', '2026-03-05', '2025-10-27'];
const LEVELS = ['degraded_performance', 'partial_outage', 'major_outage', 'major_outage'];
const REGIONS = ['eu', 'uk', 'us'];

// Instants where bounds coincide: local midnights, whole minutes, odd microseconds.
function instant(random, era, zones) {
  const day = era + random.below(random.chance(0.85) ? 12 : 60);
  const base = midnight(day, random.one(zones));
  const kind = random.below(10);
  if (kind < 2) return base;
  if (kind < 7) return base + random.below(1440) * 60e6;
  return base + random.below(86400) * 1e6 + (kind === 9 ? random.below(1e6) : 0);
}

const length = (random) => random.one([() => 60e6 * (1 + random.below(240)), () => 1e6 * (1 + random.below(4000)), () => 3600e6 * (1 + random.below(90)), () => 86400e6])();

// Now and then an outage has not ended yet: it counts until the case's `until`.
function opened(random, incidents) {
  const last = incidents[incidents.length - 1];
  if (last.kind || !random.chance(0.3)) return {};
  const impact = last.impacts[last.impacts.length - 1];
  const until = instantText(Math.max(...incidents.flatMap(({ impacts }) => impacts.map(({ to }) => instantOf(to)))) + random.below(86400) * 1e6);
  delete impact.to;
  return { until };
}

// The service takes no empty list, which means nobody.
function regions(random) {
  const some = random.some(REGIONS, 0.6);
  return some.length ? some : ['eu'];
}

function scope(random, share) {
  const accounts = random.some(['a0', 'a1', 'a2'], 0.4).map((account) => ({ account, ...(share && random.chance(0.7) ? { share_bp: random.below(10001) } : {}) }));
  return {
    ...(random.chance(0.5) ? { labels: { region: random.chance(0.5) ? random.one(REGIONS) : regions(random) } } : {}),
    ...(accounts.length && random.chance(0.6) ? { accounts } : {}), ...(share && random.chance(0.4) ? { share_bp: 1 + random.below(10000) } : {}),
  };
}

function impactOf(random, era, zones, near) {
  const from = near && random.chance(0.5) ? near.from + random.below(near.to - near.from) : instant(random, era, zones);
  const level = random.one(LEVELS);
  return {
    component: random.one(COMPONENTS), level, from, to: from + length(random),
    ...(random.chance(0.1) ? { weight_bp: random.below(10001) } : {}), ...(random.chance(0.2) ? { scope: scope(random, true) } : {}),
  };
}

const written = (impact) => ({ ...impact, from: instantText(impact.from), to: instantText(impact.to) });

function incidentOf(random, ref, era, zones) {
  const impacts = [impactOf(random, era, zones)];
  while (random.chance(0.5)) impacts.push(impactOf(random, era, zones, impacts[0]));
  const start = Math.min(...impacts.map(({ from }) => from));
  if (random.chance(0.2)) {
    const windows = impacts.map(({ weight_bp, ...impact }) => ({ ...impact, level: 'under_maintenance', ...(impact.scope ? { scope: scope(random, false) } : {}) }));
    return { ref, kind: 'maintenance', announced_at: instantText(start - random.below(72) * 3600e6), impacts: windows.map(written) };
  }
  const report = () => instantText(start + Math.floor((random.below(48 * 60) - 60)) * 60e6);
  return {
    ref, impacts: impacts.map(written), ...(random.chance(0.3) ? { reported_at: report() } : {}),
    ...(random.chance(0.2) ? { reports: { [random.one(['a0', 'a1', 'a2'])]: report() } } : {}),
  };
}

function prices(random, anchor, era) {
  const amount = () => (random.chance(0.1) ? 0 : 1 + random.below(random.one([50, 5000, 200000])));
  const plan = () => (random.chance(0.3) ? { plan: random.one(PLANS) } : {});
  const all = [{ from: anchor + (random.chance(0.15) ? random.below(60) - 20 : 0), amount_minor: amount() || 9900, ...plan() }];
  while (random.chance(0.35)) {
    const from = era + random.below(30) - 10;
    if (all.every((price) => price.from !== from)) all.push({ from, amount_minor: amount(), ...plan() });
  }
  return all.sort((a, b) => a.from - b.from).map((price) => ({ ...price, from: dateText(price.from) }));
}

function terms(random, anchor, era) {
  const all = [{ from: anchor, interval: random.one(['month', 'month', 'year']), anchor: anchor - random.one([0, 0, 10]) }];
  while (random.chance(0.5)) {
    const from = era + random.below(40) - 10;
    if (from > all[all.length - 1].from) all.push({ from, interval: random.one(['month', 'year']), anchor: from - random.one([0, 0, 1, 12]) });
  }
  return all.map((term) => ({ ...term, from: dateText(term.from), anchor: dateText(term.anchor) }));
}

function accountOf(random, id, era, zones) {
  const odd = dayOf(random.one(['2008-01-31', '2008-02-29', '2009-12-31', '2010-11-29']));
  const anchor = random.chance(0.15) ? era + random.below(15) : random.chance(0.3) ? odd : addMonths(era, -random.below(30)) + random.below(31);
  const components = random.chance(0.4) ? [] : random.some(COMPONENTS, 0.6);
  const line = (n) => ({ product: `line ${n}`, components: random.chance(0.3) ? [] : random.some(COMPONENTS, 0.5), prices: prices(random, anchor, era) });
  return {
    external_id: id, name: id, currency: random.one(CURRENCIES), timezone: random.one(zones), interval: random.chance(0.8) ? 'month' : 'year',
    anchor: dateText(anchor), prices: prices(random, anchor, era), components, plan: random.one(PLANS),
    ...(random.chance(0.7) ? { labels: { region: random.one(REGIONS) } } : {}),
    ...(random.chance(0.25) ? { terms: terms(random, anchor, era) } : {}),
    ...(random.chance(0.35) ? { lines: Array.from({ length: 1 + random.below(3) }, (_, n) => line(n)) } : {}),
  };
}

// What billing does to an account between runs: a term more, or another interval.
function changed(random, account, era) {
  const all = account.terms || [{ from: account.anchor, interval: account.interval, anchor: account.anchor }];
  if (random.chance(0.3)) return { ...account, terms: all.map((term) => ({ ...term, interval: term.interval === 'month' ? 'year' : 'month' })) };
  const from = Math.max(dayOf(all[all.length - 1].from) + 1, era + random.below(40) - 5);
  return { ...account, terms: [...all, { from: dateText(from), interval: random.one(['month', 'year']), anchor: dateText(from) }] };
}

function measurements(random, era, zones) {
  const start = Math.floor(instant(random, era, zones) / 60e6) * 60e6;
  return Array.from({ length: 5 + random.below(40) }, (_, n) => {
    const total = random.chance(0.1) ? 0 : random.below(2000);
    const from = start + n * random.one([300e6, 300e6, 60e6]);
    return {
      component: random.one(COMPONENTS), from: instantText(from), to: instantText(from + 60e6), good: random.chance(0.5) ? total : random.below(total + 1), total,
      ...(random.chance(0.1) ? { scope: scope(random, false) } : {}),
    };
  });
}

function claims(random, incidents) {
  return random.some(['a0', 'a1', 'a2'], 0.8).flatMap((account) => Array.from({ length: 1 + random.below(2) }, () => {
    const incident = random.one(incidents);
    const end = Date.parse(incident.impacts[0].to) + random.below(40 * 24) * 3600e3;
    return { account, at: `${new Date(end).toISOString().slice(0, 19)}Z`, incidents: [incident.ref, ...random.some(incidents.map(({ ref }) => ref), 0.3)] };
  }));
}

function runs(random, policies, incidents, accounts, era) {
  const refs = incidents.map(({ ref }) => ref);
  return Array.from({ length: 1 + random.below(3) }, (_, n) => {
    const chosen = random.some(refs, 0.6);
    return {
      policy: (random.chance(0.7) ? policies[0] : random.one(policies)).name, incidents: chosen.length ? chosen : [random.one(refs)],
      ...(n && random.chance(0.2) ? { reverse: [random.below(n)] } : {}), ...(n && random.chance(0.2) ? { accounts: [changed(random, random.one(accounts), era)] } : {}),
    };
  });
}

// Claims and odd microseconds do not go together: the last second of an outage must be a whole one.
function whole(incidents) {
  for (const { impacts } of incidents) for (const impact of impacts) Object.assign(impact, { from: impact.from.replace(/\.\d+/, ''), to: impact.to.replace(/\.\d+/, '') });
  return incidents.map((one) => ({ ...one, impacts: one.impacts.filter(({ from, to }) => from < to) })).filter(({ impacts }) => impacts.length);
}

function caseOf(seed) {
  const random = generator(seed);
  const era = dayOf(random.one(ERAS));
  const zones = Array.from({ length: 3 }, () => random.one(ZONES));
  let incidents = Array.from({ length: 2 + random.below(3) }, (_, n) => incidentOf(random, `i${n}`, era, zones));
  if (incidents.every((one) => one.kind)) incidents[0] = { ref: 'i0', impacts: [written({ ...impactOf(random, era, zones), level: 'major_outage' })] };
  const holidays = Array.from({ length: 2 }, () => dateText(era + random.below(12)));
  const policies = ['p', ...(random.chance(0.5) ? ['q'] : [])].map((name) => policyOf(random, name, holidays));
  const accounts = ['a0', 'a1', 'a2'].map((id) => accountOf(random, id, era, zones));
  if (policies.some(({ claim }) => claim)) incidents = whole(incidents);
  const claimed = policies.some(({ claim }) => claim) ? { claims: claims(random, incidents) } : {};
  const asked = policies.some(({ measure }) => measure && measure.source);
  return {
    name: `random-${seed}`, scheme: '', accounts, incidents, policies, runs: runs(random, policies, incidents, accounts, era),
    ...claimed, ...opened(random, incidents),
    ...(asked ? { measurements: measurements(random, era, zones) } : {}), note: `seed ${seed}`,
  };
}

module.exports = { caseOf };
