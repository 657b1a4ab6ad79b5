'use strict';
// The five cases of tests/cases: read them, replay them through the API, run their credits.
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./amends.js');

const DIR = path.join(ROOT, 'tests/cases');
const readJson = (name) => JSON.parse(fs.readFileSync(path.join(DIR, name), 'utf8'));

function accountsText() {
  return fs.readFileSync(path.join(DIR, 'accounts.ndjson'), 'utf8');
}

function accounts() {
  return accountsText().trim().split('\n').map((line) => JSON.parse(line));
}

const policies = () => readJson('policies.json');

// {name, title, policy, incidents: [{ref, title, kind, posts, impacts, announced_at?}], expected_warnings}
function cases() {
  const names = fs.readdirSync(DIR).filter((name) => /^20.*\.json$/.test(name)).sort();
  return names.map((file) => {
    const name = file.replace(/\.json$/, '');
    const source = readJson(file);
    const own = source.incidents || [{ ref: name, title: source.title, posts: source.posts, impacts: source.impacts }];
    return {
      name,
      title: source.title,
      policy: source.notice ? source.notice.policy : 'pro-rata-10x',
      incidents: own.map((incident) => ({ kind: 'incident', ...incident })),
      maintenance: source.maintenance ? { kind: 'maintenance', posts: [], ...source.maintenance } : null,
      expected_warnings: source.expected_warnings,
    };
  });
}

const expectedRows = () => readJson('expected-credits.json');

function expectedCredits(caseName, policy) {
  return expectedRows()
    .filter((row) => row.case === caseName && row.policy === policy)
    .map(({ account, currency, amount_minor }) => ({ account, currency, amount_minor }))
    .sort((a, b) => a.account.localeCompare(b.account));
}

// Every component that a case or an account names.
function componentSlugs() {
  const slugs = new Set(accounts().flatMap((account) => account.components));
  for (const one of cases()) {
    for (const incident of [...one.incidents, ...(one.maintenance ? [one.maintenance] : [])]) {
      for (const impact of incident.impacts) slugs.add(impact.component);
    }
  }
  return [...slugs].sort();
}

const incidentComponents = (incident) => [...new Set(incident.impacts.map((impact) => impact.component))];

const nameOf = (slug) => slug.split('-').map((word) => word[0].toUpperCase() + word.slice(1)).join(' ');

const groupOf = (slug) => (/slack/.test(slug) ? 'integrations' : /console|message|transcripts/.test(slug) ? 'chat' : 'platform');

async function createCatalogue(amends) {
  for (const slug of componentSlugs()) {
    await amends.call('POST', '/v1/components', { slug, name: nameOf(slug), group: groupOf(slug) });
  }
  await amends.call('POST', '/v1/accounts/import', accountsText(), { headers: { 'content-type': 'application/x-ndjson' } });
  for (const policy of policies()) await amends.call('POST', '/v1/policies', policy);
}

function firstPost(incident) {
  if (incident.posts.length) return { ...incident.posts[0], notify: true };
  const state = incident.kind === 'maintenance' ? 'scheduled' : 'investigating';
  return { at: incident.announced_at || incident.impacts[0].from, state, body: `${incident.title}.`, notify: false };
}

function levelsAtStart(incident) {
  return incidentComponents(incident).map((component) => ({
    component,
    level: incident.impacts.find((impact) => impact.component === component).level,
  }));
}

// Post an incident as it was posted, one update after the other; onPost(reply, post) waits
// for its broadcast or not. Then correct the impacts to the real ones.
async function replayIncident(amends, incident, onPost = async () => {}) {
  const first = firstPost(incident);
  const created = await amends.call('POST', '/v1/incidents', {
    ref: incident.ref, title: incident.title, kind: incident.kind, state: first.state, body: first.body,
    components: levelsAtStart(incident), posted_at: first.at, notify: first.notify,
    ...(incident.announced_at ? { announced_at: incident.announced_at } : {}),
    ...(first.next_update_minutes ? { next_update_minutes: first.next_update_minutes } : {}),
  });
  if (first.notify) await onPost(created, first);
  for (const post of incident.posts.slice(1)) {
    const reply = await amends.call('POST', `/v1/incidents/${incident.ref}/updates`, {
      state: post.state, body: post.body, posted_at: post.at, notify: true,
      ...(post.next_update_minutes ? { next_update_minutes: post.next_update_minutes } : {}),
    });
    await onPost(reply, post);
  }
  const { impacts, reported_at, reports } = incident;
  await amends.call('PUT', `/v1/incidents/${incident.ref}/impacts`, { impacts, ...(reported_at ? { reported_at } : {}), ...(reports ? { reports } : {}) });
}

async function replayCase(amends, one, onPost) {
  for (const incident of one.incidents) await replayIncident(amends, incident, onPost);
  if (one.maintenance) await replayIncident(amends, one.maintenance, onPost);
}

// Acknowledge each warning of a draft.
async function acknowledge(amends, draft) {
  const warnings = [...new Set(draft.warnings.map((warning) => warning.code))];
  if (warnings.length) await amends.call('POST', `/v1/credit-runs/${draft.id}/acknowledge-warnings`, { warnings });
}

// Draft, acknowledge, approve with the other key; returns {draft, issued, credits}.
async function runCredits(amends, one, approverKey, policy = one.policy) {
  const draft = await amends.call('POST', '/v1/credit-runs', {
    policy, incidents: one.incidents.map((incident) => incident.ref), reason: one.title,
  });
  await acknowledge(amends, draft);
  const issued = await amends.call('POST', `/v1/credit-runs/${draft.id}/approve`, undefined, { key: approverKey });
  const credits = await amends.all(`/v1/credit-runs/${draft.id}/credits`);
  return { draft, issued, credits };
}

module.exports = {
  accounts, cases, policies, expectedCredits, expectedRows, componentSlugs, incidentComponents, groupOf, createCatalogue,
  replayIncident, replayCase, acknowledge, runCredits,
};
