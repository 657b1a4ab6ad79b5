'use strict';
// The 2,000 readers of the demo, and a naive model of the recipients of each post.
const { groupOf } = require('../lib/cases.js');

const EMAIL = 1500;
const SMS = 200;
const SLACK = 100;
const WEBHOOK = 200;

const pad = (n, width) => String(n).padStart(width, '0');

function email(i) {
  const reader = { channel: 'email', address: `reader-${pad(i, 4)}@readers.example`, locale: 'en', timezone: 'Europe/Berlin' };
  if (i % 10 === 7) reader.verbosity = 'milestones';
  if (i % 5 === 3) reader.components = ['classic-console'];
  if (i % 5 === 4) reader.groups = ['platform'];
  return reader;
}

function readers(httpUrl) {
  const all = [];
  for (let i = 0; i < EMAIL; i++) all.push(email(i));
  for (let i = 0; i < SMS; i++) all.push({ channel: 'sms', address: `+4915${pad(i, 8)}`, verbosity: 'milestones' });
  for (let i = 0; i < SLACK; i++) all.push({ channel: 'slack', address: `${httpUrl}/slack/T${pad(i, 3)}` });
  for (let i = 0; i < WEBHOOK; i++) all.push({ channel: 'webhook', address: `${httpUrl}/hook/${pad(i, 3)}` });
  return all;
}

// Start, resolved (or completed) and post-mortem.
function isMilestone(post, isFirst) {
  return isFirst || ['resolved', 'completed', 'postmortem'].includes(post.state);
}

function wants(reader, components, milestone) {
  if (reader.verbosity === 'milestones' && !milestone) return false;
  if (!reader.components && !reader.groups) return true;
  return components.some((slug) =>
    (reader.components || []).includes(slug) || (reader.groups || []).includes(groupOf(slug)));
}

// Messages by channel for one post.
function expectedDeliveries(all, components, milestone) {
  const counts = { email: 0, sms: 0, slack: 0, webhook: 0 };
  for (const reader of all) if (wants(reader, components, milestone)) counts[reader.channel] += 1;
  return counts;
}

module.exports = { readers, isMilestone, expectedDeliveries };
