'use strict';
// The invariants of billing/CREDITS.md, on random contracts. Where a policy's words themselves break one,
// it is not asked; each exception says why.
const { play } = require('./play.js');
const { instant, instantText } = require('./calendar.js');

const PROPERTIES = {
  once: 'one line per account, run and window',
  again: 'a run over what was paid already pays nothing',
  split: 'an impact split in two changes no amount',
  repeat: 'an impact said twice changes no amount',
  shuffle: 'shuffled incidents and impacts change no amount',
  longer: 'a longer impact lowers no amount of prorata, tiered and steps',
  heavier: 'a heavier impact lowers no amount of prorata, tiered and steps',
  halves: 'a run split in two pays no more than one, but for rounding',
};

const remedies = ({ tiers = [], steps = [] }) => [...tiers, ...steps];
const capsOf = ({ caps = [] }) => caps;

// `any` widens by the weight at a block's end, which a longer outage of less weight replaces.
const widens = ({ measure = {} }) => measure.count === 'any';
// Days and hours are priced at the first instant with W > 0, which more evidence moves.
const moves = (policy) => remedies(policy).some((one) => one.days !== undefined || one.hours !== undefined)
  || capsOf(policy).some((cap) => cap.of === 'previous_30_days');
// A cap a year hands what one window leaves to the next, which may be below min_credit, or have another base.
const yearly = (policy) => capsOf(policy).some((cap) => cap.per === 'year');
const rising = ({ model }) => ['prorata', 'tiered', 'steps'].includes(model);
const perIncident = (policy) => policy.per === 'incident' || capsOf(policy).some((cap) => cap.per === 'incident');
const perRun = ({ model, per }) => model === 'fixed' || (model === 'days' && per === 'run');

const monotone = (policy) => rising(policy) && !widens(policy) && !moves(policy) && !yearly(policy);

const single = (one, incidents = one.incidents) => ({
  ...one, incidents, policies: [one.policies[0]], runs: [{ policy: one.policies[0].name, incidents: one.incidents.map(({ ref }) => ref) }],
});

const money = (rows) => JSON.stringify(rows.map(({ account, from, amount_minor, exact }) => [account, from, amount_minor, exact]).sort());

function totals(rows) {
  const found = new Map();
  for (const { account, amount_minor } of rows) found.set(account, (found.get(account) || 0) + amount_minor);
  return found;
}

const change = (one, fn) => single(one, one.incidents.map((incident) => ({ ...incident, impacts: fn(incident.impacts) })));

function cut(impact) {
  if (!impact.to) return [impact];
  const [from, to] = [instant(impact.from), instant(impact.to)];
  const middle = from + Math.floor((to - from) / 2);
  return middle > from ? [{ ...impact, to: instantText(middle) }, { ...impact, from: instantText(middle) }] : [impact];
}

// The first outage of each incident, an hour longer or as heavy as it can be.
const first = (fn) => (impacts) => {
  const n = impacts.findIndex(({ level }) => level !== 'under_maintenance');
  return impacts.map((impact, i) => (i === n ? fn(impact) : impact));
};
const longer = first((impact) => (!impact.to ? impact : { ...impact, to: instantText(instant(impact.to) + 3600e6) }));
const heavier = first(({ weight_bp, ...impact }) => ({ ...impact, level: 'major_outage', weight_bp: 10000 }));

// Calls fault(property, words) for each property that the case breaks.
function check(one, fault) {
  const policy = one.policies[0];
  const run = (variant) => play(variant)[0].rows;
  const base = run(single(one));
  const same = (property, variant) => { if (money(run(variant)) !== money(base)) fault(property, `${money(base)} became ${money(run(variant))}`); };
  same('split', change(one, (impacts) => impacts.flatMap(cut)));
  same('repeat', change(one, (impacts) => [...impacts, ...impacts]));
  same('shuffle', single(one, [...one.incidents].reverse().map((incident) => ({ ...incident, impacts: [...incident.impacts].reverse() }))));
  const noLess = (property, variant) => {
    const after = totals(run(variant));
    for (const [account, amount] of totals(base)) if ((after.get(account) || 0) < amount) fault(property, `${account}: ${amount} became ${after.get(account)}`);
  };
  if (monotone(policy)) noLess('longer', change(one, longer));
  if (monotone(policy) && !perIncident(policy)) noLess('heavier', change(one, heavier));
  sequences(one, base, fault);
}

function sequences(one, base, fault) {
  const policy = one.policies[0];
  const refs = one.incidents.map(({ ref }) => ref);
  const runsOf = (lists) => play({ ...single(one), runs: lists.map((incidents) => ({ policy: policy.name, incidents })) }).map(({ rows }) => rows);
  for (const rows of play(one).map(({ rows: all }) => all)) {
    const keys = rows.map(({ account, from }) => `${account} ${from}`);
    if (new Set(keys).size !== keys.length) fault('once', keys.join());
  }
  const [, again] = runsOf([refs, refs]);
  if (again.length) fault('again', money(again));
  if (perRun(policy) || widens(policy) || moves(policy) || yearly(policy)) return;
  const split = runsOf([0, 1].map((half) => refs.filter((_, n) => n % 2 === half))).flat();
  const once = totals(base);
  for (const [account, amount] of totals(split)) {
    const lines = split.filter((row) => row.account === account).length;
    if (amount > (once.get(account) || 0) + lines) fault('halves', `${account}: ${amount} for ${once.get(account)}`);
  }
}

module.exports = { PROPERTIES, check };
