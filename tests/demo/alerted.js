'use strict';
// A case that begins with an alert, not with a person who types: monitoring reports the windows, the
// incident is suggested, published and merged, and nobody types an impact. Otherwise as
// replayIncident of tests/lib/cases.js.
const CASE = '2019-01-15-availability';
const SOURCE = 'demo-prometheus';
const CAUSES = { partial_outage: 'AvailabilityErrors', degraded_performance: 'SlowTranscripts' };

const begins = (one) => one.name === CASE;

// A source of alerts, and a rule for each level: {call: one request of Alertmanager}.
async function monitoring(amends) {
  const { secret } = await amends.call('POST', '/v1/alert-sources', { name: SOURCE, format: 'alertmanager' });
  for (const [level, alertname] of Object.entries(CAUSES)) {
    await amends.call('POST', '/v1/alert-rules', { name: alertname, component_label: 'service', level, match: [{ label: 'alertname', value: alertname }] });
  }
  const headers = { authorization: `Bearer ${secret}` };
  return (status, impacts) => amends.call('POST', `/hooks/alerts/${SOURCE}`, {
    version: '4', status, receiver: 'amends', groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: 'http://alertmanager.example',
    alerts: impacts.map(({ component, level, from, to }) => ({
      status, labels: { alertname: CAUSES[level], service: component }, annotations: { summary: `${CAUSES[level]} of ${component}` },
      startsAt: from, endsAt: status === 'resolved' ? to : '0001-01-01T00:00:00Z', generatorURL: '', fingerprint: `${component}/${level}`,
    })),
  }, { key: null, headers });
}

const pending = (amends) => amends.all('/v1/suggestions?state=pending');

// The first post publishes the suggestion that fires then; the others are merged into its incident,
// which has a ref of its own afterwards. Returns {send, suggested, impacts}.
async function replayAlerted(amends, incident, onPost) {
  const send = await monitoring(amends);
  const [first, ...posts] = incident.posts;
  const [over, open] = [(one) => one.to < first.at, (one) => one.to >= first.at].map((which) => incident.impacts.filter(which));
  for (const status of ['firing', 'resolved']) await send(status, over);
  await send('firing', open);
  const rows = await pending(amends);
  const one = rows.find((row) => row.firing && row.windows.some((window) => window.component === open[0].component));
  const { title, posts: [{ body, at, next_update_minutes }] } = incident;
  incident.ref = (await amends.call('POST', `/v1/suggestions/${one.id}/publish`, { title, body, posted_at: at, next_update_minutes })).incident;
  for (const row of rows) if (row.id !== one.id) await amends.call('POST', `/v1/suggestions/${row.id}/merge`, { incident: incident.ref });
  const [broadcast] = await amends.all(`/v1/broadcasts?incident=${incident.ref}`);
  await onPost({ broadcast: broadcast.id }, first);
  let fires = true;
  for (const post of posts) {
    if (fires && open.every((window) => window.to <= post.at)) await send('resolved', open);
    fires = fires && open.some((window) => window.to > post.at);
    await onPost(await amends.call('POST', `/v1/incidents/${incident.ref}/updates`, { state: post.state, body: post.body, posted_at: post.at, next_update_minutes: post.next_update_minutes }), post);
  }
  return { send, suggested: rows.length, impacts: (await amends.call('GET', `/v1/incidents/${incident.ref}/impacts`)).impacts };
}

module.exports = { begins, replayAlerted };
