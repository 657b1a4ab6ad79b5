'use strict';
// Random readers and incidents, and the recipients by the rules of the manual: shares no code
// and no SQL with the service. The same seed gives the same world.
const { generator } = require('./random_worlds.js');

const STATES = ['active', 'active', 'active', 'active', 'pending', 'paused', 'unsubscribed', 'suppressed'];
const VERBOSITIES = ['every', 'every', 'milestones', 'daily'];
const LATER = ['identified', 'monitoring', 'resolved'];

const LABELS = { tier: ['gold', 'silver'], region: ['eu', 'us', 'ap'] };

// A scope of labels with one value or several, of accounts, of both, or null: everybody.
function randomScope(random, accounts) {
  if (random.chance(0.15)) return null;
  const scope = {};
  if (random.chance(0.7)) {
    scope.labels = {};
    for (const [key, values] of Object.entries(LABELS)) {
      const some = random.some(values, 0.6);
      if (random.chance(0.6)) scope.labels[key] = some.length && random.chance(0.5) ? some : random.one(values);
    }
  }
  if (random.chance(0.5)) scope.accounts = random.some(accounts, 0.2).map(({ name }) => ({ account: name }));
  return scope;
}

const randomAccounts = (random, prefix, slugs) => Array.from({ length: 8 }, (_, n) => ({
  name: `${prefix}a${n}`,
  labels: Object.fromEntries(Object.entries(LABELS).filter(() => random.chance(0.8)).map(([key, values]) => [key, random.one(values)])),
  uses: random.chance(0.6) ? [] : random.some(slugs, 0.5), // none: every component
}));

// components: [{slug, group}]; readers name them by slug, groups by name, incidents by ref.
function randomWorld(seed, { readers, incidents, prefix }) {
  const random = generator(seed);
  const groups = ['g1', 'g2', 'g3'].map((name) => `${prefix}${name}`);
  const components = Array.from({ length: 2 + random.below(6) }, (_, n) => ({
    slug: `${prefix}c${n}`, first: random.chance(0.7) ? random.one(groups) : null, moves: random.chance(0.3), second: random.one(groups),
  }));
  const slugs = components.map((component) => component.slug);
  const accounts = randomAccounts(random, prefix, slugs);
  const posts = Array.from({ length: incidents }, (_, n) => ({
    ref: `${prefix}i${n}`,
    affected: random.some(slugs, 0.35),
    changed: random.chance(0.5) ? random.some(slugs, 0.35) : null, // the impacts after a correction before the second post
    state: random.one(LATER),
    audience: random.one(['public', 'affected', 'affected', 'both']),
    scope: randomScope(random, accounts),
    changedScope: randomScope(random, accounts), // of the impacts after the correction
  }));
  const refs = posts.map((post) => post.ref);
  const people = Array.from({ length: readers }, (_, n) => {
    const all = random.chance(0.25);
    return {
      address: random.chance(0.95) ? `${prefix}${n}@readers.example` : `+49${1000000 + seed * 1000 + n}`,
      state: random.one(STATES),
      account: random.chance(0.7) ? random.one(accounts) : null,
      blocked: random.chance(0.08),
      verbosity: random.one(VERBOSITIES),
      all,
      groups: all ? [] : random.some(groups, 0.25),
      components: all ? [] : random.some(slugs, 0.2),
      incidents: all ? [] : random.some(refs, 0.1),
      mutedComponents: random.some(slugs, 0.15),
      mutedIncidents: random.some(refs, 0.05),
    };
  });
  return { groups, components, accounts, posts, people };
}

const groupNow = (world, slug) => {
  const component = world.components.find((one) => one.slug === slug);
  return component.moves ? component.second : component.first;
};

function inScope(scope, account) {
  const labels = Object.entries((scope && scope.labels) || {});
  const listed = (scope && scope.accounts) || [];
  if (listed.some((one) => one.account === account.name)) return true;
  if (!labels.length) return !listed.length;
  return labels.every(([key, want]) => key in account.labels && [].concat(want).includes(account.labels[key]));
}

// Whether an incident hits an account: one of its impacts, or without impacts the incident itself.
function hit(account, post, nth) {
  const corrected = nth === 1 && post.changed;
  const impacts = corrected ? post.changed : post.affected;
  if (!impacts.length) return inScope(post.scope, account);
  const uses = account.uses.length === 0 || impacts.some((slug) => account.uses.includes(slug));
  return uses && inScope(corrected ? post.changedScope : post.scope, account);
}

// null: not a recipient. Otherwise the fate of the message: 'sent' or 'suppressed'.
// nth: 0 the first post of the incident, 1 the second.
function fate(world, person, post, nth) {
  const ever = new Set([...post.affected, ...(nth === 1 && post.changed ? post.changed : [])]);
  const milestone = nth === 0 || post.state === 'resolved';
  if (person.state !== 'active') return null;
  if (post.audience === 'affected' && !(person.account && hit(person.account, post, nth))) return null;
  if (post.audience === 'both' && person.account && !hit(person.account, post, nth)) return null;
  if (person.verbosity === 'daily' || (person.verbosity === 'milestones' && !milestone)) return null;
  const subscribed = person.all || person.incidents.includes(post.ref)
    || [...ever].some((slug) => person.components.includes(slug) || person.groups.includes(groupNow(world, slug)));
  if (!subscribed) return null;
  // By all components it ever had: recipients of the start receive the end.
  const leftOut = ever.size > 0 && [...ever].every((slug) => person.mutedComponents.includes(slug));
  if (leftOut || person.mutedIncidents.includes(post.ref)) return null;
  return person.blocked ? 'suppressed' : 'sent';
}

// address -> fate per recipient.
function naiveAudience(world, post, nth) {
  const meant = world.people.map((person) => [person.address, fate(world, person, post, nth)]).filter(([, what]) => what);
  return Object.fromEntries(meant.sort());
}

module.exports = { randomWorld, naiveAudience };
