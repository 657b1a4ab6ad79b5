#!/usr/bin/env node
'use strict';
// A dry run says why a rule that matches an alert does not take it, in the API, the console and the command.
const fs = require('node:fs');
const path = require('node:path');
const { Amends } = require('../../lib/amends.js');
const { Desk, command } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const alert = (labels) => ({ alerts: [{ fingerprint: 'a', status: 'firing', starts_at: '2026-03-03T10:00:00Z', labels }] });

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/components', { slug: 'old', name: 'Old' });
  for (const name of ['here', 'there']) await amends.call('POST', '/v1/alert-sources', { name, format: 'generic' });
  const rule = (name, team, more) => amends.call('POST', '/v1/alert-rules', { name, level: 'major_outage', match: [{ label: 'team', value: team }], ...more });
  await rule('labelled', 'a', { component_label: 'service' });
  await rule('scoped', 'b', { component: 'api', group_by: ['region'], scope_labels: ['region'] });
  await rule('elsewhere', 'c', { component: 'api', source: 'there' });
  await rule('gone', 'd', { component: 'old' });
  await amends.call('PATCH', '/v1/components/old', { archived: true });
  const missed = async (labels) => (({ rule: by, missed: why }) => [by, why])((await amends.call('POST', '/v1/alert-rules/test?source=here', alert(labels))).data[0]);
  is(await missed({ team: 'a', service: 'api' }), ['labelled', undefined], 'a rule takes it');
  is(await missed({ team: 'a', service: 'apii' }), [undefined, { rule: 'labelled', because: 'component', label: 'service', value: 'apii' }], 'no component has the slug');
  is(await missed({ team: 'a' }), [undefined, { rule: 'labelled', because: 'component_label', label: 'service' }], 'the label of the component is missing');
  is(await missed({ team: 'b' }), [undefined, { rule: 'scoped', because: 'scope_label', label: 'region' }], 'a label of its scope is missing');
  is(await missed({ team: 'c' }), [undefined, { rule: 'elsewhere', because: 'source', value: 'there' }], 'it is of another source');
  is(await missed({ team: 'd' }), [undefined, { rule: 'gone', because: 'component', value: 'old' }], 'its component is archived');
  is(await missed({ team: 'e' }), [undefined, undefined], 'no rule matches');
  const file = path.join(amends.dir, 'alert.json');
  fs.writeFileSync(file, JSON.stringify(alert({ team: 'a', service: 'apii' })));
  is(command(amends, 'rule', 'test', file, '--source=here').split('\n')[1], '  no rule takes it: rule labelled matches, but no component is "apii", as label "service" says', 'the command says it');
  const desk = await Desk.enter(amends, 'dora', ['responder']);
  const shown = async (labels) => (await desk.send('/staff/alerts/test', { source: 'here', payload: JSON.stringify(alert(labels)) })).text;
  for (const [labels, words] of [[{ team: 'a', service: 'apii' }, 'The rule labelled matches, but no component has the slug apii'], [{ team: 'b' }, 'The rule scoped matches, but the alert has no label region'],
    [{ team: 'c' }, 'The rule elsewhere matches, but takes only alerts of the source there'], [{ team: 'e' }, 'No rule matches']]) ok((await shown(labels)).includes(words), `the console: ${words}`);
});
