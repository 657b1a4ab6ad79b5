#!/usr/bin/env node
'use strict';
// What is removed judges no more, and what it has said stays: the windows, alerts and pictures of
// incidents survive their source and their rule, and a changed rule does not redraw the past.
const { Amends } = require('../../lib/amends.js');
const { at, fired, over } = require('../../lib/alerts.js');
const { measure, minute } = require('../../lib/measurements.js');
const { sql } = require('../../lib/notifiers.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const bearer = (secret) => ({ 'content-type': 'application/json', authorization: `Bearer ${secret}` });
const send = (amends, { secret }, ...alerts) => amends.request('POST', '/hooks/alerts/mon', { alerts }, { key: null, headers: bearer(secret) });
const pending = async (amends, rule) => (await amends.all('/v1/suggestions?state=pending')).filter((one) => one.rule === rule);
const settle = (amends, instant) => sql(amends, `update alert_group set check_at = '-infinity'; select amends.alerts_due('${instant}', 'http://x')`);
const source = (amends) => amends.call('POST', '/v1/alert-sources', { name: 'mon', format: 'generic' });
const rule = (amends, name, more) => amends.call('POST', '/v1/alert-rules', { name, component: 'api', level: 'major_outage', match: [{ label: 'rule', value: name }], ...more });

// A source is removed with its rules; its incidents keep what they show.
async function removedSource(amends) {
  const made = await source(amends), labels = { rule: 'own' };
  const own = await rule(amends, 'own', { source: 'mon' });
  await send(amends, made, fired('a', 0, labels), over('a', 0, 9, labels));
  const [one] = await pending(amends, 'own');
  const { incident } = await amends.call('POST', `/v1/suggestions/${one.id}/publish`, {});
  const shown = async () => [await amends.call('GET', `/v1/incidents/${incident}/impacts`), await amends.call('GET', `/v1/suggestions/${one.id}`)];
  const before = await shown();
  await amends.call('DELETE', '/v1/alert-sources/mon');
  is(await shown(), before, 'its incident keeps the measured windows, the suggestion and its alerts');
  is((await amends.request('GET', '/v1/alert-sources/mon')).status, 404, 'the source is gone');
  is((await amends.all('/v1/alert-sources')).length, 0, 'from the list, too');
  is((await amends.request('DELETE', '/v1/alert-sources/mon')).status, 404, 'and is removed once');
  is((await amends.request('GET', `/v1/alert-rules/${own.id}`)).status, 404, 'and the rule that took only its alerts');
  is((await send(amends, made, fired('a', 10, labels))).status, 404, 'its URL is not found');
  const next = await source(amends);
  is([(await send(amends, made, fired('a', 10, labels))).status, (await send(amends, next, fired('a', 10, labels))).body], [403, { received: 1, matched: 0 }], 'another may have the name, with a token of its own');
  return next;
}

// A rule is replaced: what began before stays with the first, and is not suggested again.
async function replacedRule(amends, made) {
  const labels = { rule: 'twice' }, first = await rule(amends, 'twice');
  await send(amends, made, fired('t', 0, labels), over('t', 0, 5, labels));
  const [one] = await pending(amends, 'twice');
  const { incident } = await amends.call('POST', `/v1/suggestions/${one.id}/publish`, {});
  await send(amends, made, fired('t', 20, labels));
  const [open] = await pending(amends, 'twice');
  await amends.call('DELETE', `/v1/alert-rules/${first.id}`);
  is((await pending(amends, 'twice')).map((row) => row.id), [open.id], 'a pending suggestion of a removed rule stays for staff');
  const ownerless = { ...fired('t', 0, labels), starts_at: new Date().toISOString() };
  is((await send(amends, made, ownerless)).body, { received: 1, matched: 0 }, 'what begins afterwards is matched by no rule');
  is((await pending(amends, 'twice')).length, 1, 'and suggested by none');
  await rule(amends, 'twice');
  await send(amends, made, fired('t', 0, labels), over('t', 0, 5, labels), over('t', 20, 25, labels), ownerless);
  const found = (await amends.all('/v1/suggestions')).filter((row) => row.rule === 'twice');
  is(found.map((row) => [row.started_at, row.ended_at, row.state]).reverse(), [[at(0), at(5), 'published'], [at(20), at(25), 'pending'], [ownerless.starts_at.replace('Z', '000Z'), undefined, 'pending']], 'the next rule suggests what began since, and nothing anew; the open one ends');
  is((await amends.call('GET', `/v1/suggestions/${one.id}`)).alerts.map((alert) => alert.title), ['t'], 'the old one keeps its alerts');
  is((await amends.call('GET', `/v1/incidents/${incident}/impacts`)).impacts.map((impact) => [impact.from, impact.to]), [[at(0), at(5)]], 'and its incident the window');
}

// Around the removal of a rule, too, the order in which events come changes nothing.
async function anyOrder(amends, made) {
  const [first, labels] = [await rule(amends, 'order', { group_by: ['n'] }), (n) => ({ rule: 'order', n })];
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  for (const n of orders) await send(amends, made, fired(`o${n}`, 0, labels(String(n))));
  await amends.call('DELETE', `/v1/alert-rules/${first.id}`);
  await rule(amends, 'order', { group_by: ['n'] });
  const begun = new Date().toISOString(), ended = new Date(Date.parse(begun) + 1).toISOString();
  for (const n of orders) {
    const own = labels(String(n)), events = [over(`o${n}`, 0, 5, own), { ...fired(`o${n}`, 0, own), starts_at: begun }, { fingerprint: `o${n}`, status: 'resolved', ends_at: ended, labels: own }];
    for (const k of n) await send(amends, made, events[k]);
  }
  const found = new Map(orders.map((n) => [String(n), []]));
  for (const row of await pending(amends, 'order')) found.get(row.alerts[0].labels.n).push([row.started_at, row.ended_at]);
  const whole = (time) => time.replace('Z', '000Z');
  const same = [[at(0), at(5)], [whole(begun), whole(ended)]];
  is([...found.values()].map((list) => list.sort()), orders.map(() => same), 'in every order the first rule has what began before, and the next the rest');
}

// Nothing publishes itself once its rule is removed.
async function byItself(amends, made) {
  const labels = { rule: 'self' }, own = await rule(amends, 'self', { publish_after_minutes: 5 });
  await send(amends, made, fired('s', 0, labels));
  ok((await pending(amends, 'self'))[0].publish_at, 'a suggestion that would publish itself');
  await amends.call('DELETE', `/v1/alert-rules/${own.id}`);
  settle(amends, new Date(Date.now() + 3600e3).toISOString());
  is((await pending(amends, 'self')).map((row) => row.publish_at), [undefined], 'does not, without its rule');
  await rule(amends, 'others', { publish_after_minutes: 5 });
  const other = await amends.call('POST', '/v1/alert-sources', { name: 'other', format: 'generic' });
  await amends.call('POST', '/hooks/alerts/other', { alerts: [fired('s', 0, { rule: 'others' })] }, { key: null, headers: bearer(other.secret) });
  await amends.call('DELETE', '/v1/alert-sources/other');
  is((await pending(amends, 'others')).map((row) => row.publish_at), [undefined], 'nor without its source, whose rule is for others, too');
}

// The picture of requests that failed: its minutes and the threshold are those of the suggestion.
async function pictures(amends) {
  const RULE = { name: 'errors', level: 'partial_outage', match: [{ label: 'component', value: 'web' }], error_bp: 500, bad_minutes: 2, of_minutes: 2 };
  const made = await amends.call('POST', '/v1/alert-rules', RULE);
  await measure(amends, [0, 0, 10, 20, 0, 0].map((bad, n) => minute('web', n, bad)));
  settle(amends, at(59));
  const [one] = await pending(amends, 'errors');
  const { incident } = await amends.call('POST', `/v1/suggestions/${one.id}/publish`, {});
  const desk = await Desk.enter(amends, 'pia', ['responder']);
  const drawn = async () => ((await desk.get(`/staff/incidents/${incident}/impacts`)).text.match(/<figure class="ratio">[^]*?<\/figure>/) || [''])[0];
  const before = await drawn();
  ok(before.includes('Rule errors: a minute is bad at 5 % or more.'), 'drawn with its threshold');
  await amends.call('PUT', `/v1/alert-rules/${made.id}`, { ...RULE, error_bp: 3000 });
  settle(amends, at(59));
  is([await drawn() === before, (await amends.call('GET', `/v1/suggestions/${one.id}`)).error_bp], [true, 500], 'another threshold is one of later incidents');
  await amends.call('PUT', `/v1/alert-rules/${made.id}`, { ...RULE, match: [{ label: 'component', value: 'api' }] });
  ok(await drawn() === before, 'and so are other conditions');
  await amends.call('DELETE', `/v1/alert-rules/${made.id}`);
  await measure(amends, [minute('web', 40, 90), minute('web', 41, 90)]);
  settle(amends, at(59));
  ok(await drawn() === before, 'without its rule, it is still drawn');
  is((await amends.call('GET', `/v1/incidents/${incident}/impacts`)).measured, [{ component: 'web', from: at(2), to: at(4) }], 'and the measured windows stay');
}

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/components', { slug: 'web', name: 'Web' });
  const made = await removedSource(amends);
  await replacedRule(amends, made);
  await anyOrder(amends, made);
  await byItself(amends, made);
  await pictures(amends);
});
