#!/usr/bin/env node
'use strict';
// Rules for alerts at the console: every field of the API in a form, in words, and back; sources, whose token is shown once;
// a dry run of a request.
const fs = require('node:fs');
const path = require('node:path');
const { Amends, ROOT, freshDirectory } = require('../../lib/amends.js');
const { Desk } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const unescaped = (text) => text.replace(/&#(\d+);/g, (all, code) => String.fromCharCode(code)).replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
const wrong = (text) => [...text.matchAll(/<span class="wrong"[^>]*>([^<]*)/g)].map((one) => unescaped(one[1]));

// The fields of the page's draft as a browser would send them.
function shown(text) {
  const form = text.slice(text.indexOf('class="draft"')), sent = {};
  for (const [, tag, name] of form.matchAll(/(<input[^>]* name="([^"]+)"[^>]*>)/g)) if (!/csrf|once/.test(name)) sent[name] = unescaped((tag.match(/ value="([^"]*)"/) || [])[1] || '');
  for (const [, name, value] of form.matchAll(/<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)/g)) sent[name] = unescaped(value);
  for (const [, name, options] of form.matchAll(/<select[^>]* name="([^"]+)"[^>]*>(.*?)<\/select>/gs)) sent[name] = unescaped((options.match(/value="([^"]*)" selected/) || [, ''])[1]);
  return sent;
}
const rules = async (amends) => (await amends.all('/v1/alert-rules')).sort((a, b) => a.position - b.position);

async function refused(amends, desk) {
  const fields = { name: '', level: 'partial_outage', match: 'severity critical\nteam =~ ([\nregion in', group_by: 'cluster', alert_labels: 'region', error_percent: 'many' };
  const form = await desk.send('/staff/alerts/rules/new', fields);
  is([form.status, wrong(form.text)], [422, ['Required.', 'Write LABEL OPERATOR VALUE on each line, such as severity = critical.', 'Enter a percentage such as 5 or 2.5.']], 'what the API refuses stands beside the fields');
  ok(form.text.includes('>severity critical\n') && form.text.includes('value="many"'), 'and nothing typed is lost');
  const one = async (more) => wrong((await desk.send('/staff/alerts/rules/new', { ...fields, name: 'x', match: '', error_percent: '', alert_labels: '', ...more })).text);
  is(await one({ component: 'api', match: 'team =~ ([' }), ['Not a valid regular expression.'], 'a regular expression that is none');
  is(await one({ component: 'api', match: 'region in' }), ['Write values after “in”, with commas between them.'], 'a list without values');
  is(await one({ component: 'api', component_label: 'service' }), ['Choose a component or name the label that has it, not both.'], 'two components');
  is(await one({ component: 'api', alert_labels: 'region' }), ['“region” must also be among the labels that make one incident.'], 'labels that do not group');
  is(await one({ component: 'api', source: 'nobody' }), ['“nobody” does not exist.'], 'a source that does not exist');
  is(await one({ component: 'api', scope_labels: 'eu' }), ['Write KEY=VALUE on each line.'], 'accounts without a value');
  is(await one({ component: 'api', error_percent: '2.5' }), ['Leave this empty: requests name their component. Match the label “component” instead.'], 'measured requests of a component');
  is(await rules(amends), [], 'nothing was written');
}

async function written(amends, desk) {
  const fields = {
    name: 'errors', position: '2', source: 'prom', component_label: 'service', level: 'major_outage', severity: 'SEV1', group_by: 'cluster, region', template: 'Trouble',
    match: 'severity=~"critical|page"\r\nenv != test\r\nregion in eu, "us, east"\r\n', scope_labels: 'tier=gold\ntier=silver', scope_accounts: 'acct-1', alert_labels: 'region',
    audience: 'both', affected_body: 'You are hit.', delay_seconds: '30', for_seconds: '60', keep_firing_seconds: '300', publish_after_minutes: '15',
  };
  is((await desk.send('/staff/alerts/rules/new', fields)).headers.get('location'), '/staff/alerts', 'a rule is added');
  const whole = {
    name: 'errors', position: 2, source: 'prom', component_label: 'service', level: 'major_outage', severity: 'SEV1', group_by: ['cluster', 'region'], template: 'Trouble',
    match: [{ label: 'severity', op: '=~', value: 'critical|page' }, { label: 'env', op: '!=', value: 'test' }, { label: 'region', op: 'in', values: ['eu', 'us, east'] }],
    scope: { labels: { tier: ['gold', 'silver'] }, accounts: [{ account: 'acct-1' }] }, scope_labels: ['region'], audience: 'both', affected_body: 'You are hit.',
    delay_seconds: 30, for_seconds: 60, keep_firing_seconds: 300, publish_after_minutes: 15,
  };
  const [{ id, ...rule }] = await rules(amends);
  is(rule, whole, 'with every field');
  const list = unescaped((await desk.get('/staff/alerts')).text);
  ok(['severity matches critical|page', 'env is not test', 'region is one of eu, "us, east"', 'from prom', 'the component in the label service', 'Major outage', 'SEV1',
    'tier = gold, silver', '1 account listed', "the alert's own region", 'Affected accounts, and a public text', 'Published automatically after 15 min'].every((one) => list.includes(one)), 'the list says it in words');
  const odd = { ...whole, match: [{ label: 'a=b', op: '=', value: ' "x' }, { label: 'team', op: '!=', value: '' }, { label: 'in', op: 'in', values: ['a', '"b'] }], scope: { labels: { 'a=b': ['c', ' "d" '], '"e"': ['f=g'] }, accounts: [{ account: 'acct-1', share_bp: 2500 }], share_bp: 5000 }, group_by: ['x,y', 'p=q', '"r"', ' s '], scope_labels: ['x,y', '"r"'] };
  await amends.call('PUT', `/v1/alert-rules/${id}`, odd);
  const at = `/staff/alerts/rules/${id}`;
  is((await desk.send(at, { ...shown((await desk.get(at)).text), name: 'renamed' })).status, 303, 'it is edited');
  is(await rules(amends), [{ ...odd, id, name: 'renamed' }], 'which changes what was typed, and nothing else');
  await desk.send(at, { ...shown((await desk.get(at)).text), group_by: '"u,v", w, "x=\\"y"', alert_labels: '"u,v"', scope_labels: '"k=1"="v=2"\nplain=a=b' });
  is((({ group_by: by, scope_labels: own, scope }) => [by, own, scope.labels])((await rules(amends))[0]), [['u,v', 'w', 'x="y'], ['u,v'], { 'k=1': ['v=2'], plain: ['a=b'] }], 'names of labels with commas or = are typed in quotes');
  return id;
}

async function measured(amends, desk) {
  const fields = { name: 'ratio', level: 'partial_outage', match: 'component = api', error_percent: '2.5', bad_minutes: '3', of_minutes: '5' };
  is((await desk.send('/staff/alerts/rules/new', fields)).status, 303, 'a rule of measured requests');
  const [rule] = await rules(amends);
  is([rule.error_bp, rule.bad_minutes, rule.of_minutes, rule.least_requests, rule.position], [250, 3, 5, 1, 1], 'by its percentage');
  const { text } = await desk.get('/staff/alerts');
  ok(text.includes('2.50 % of requests fail in 3 of 5 minutes') && text.indexOf('ratio') < text.indexOf('renamed'), 'stands first, by its position');
  const { id, ...whole } = rule, at = `/staff/alerts/rules/${id}`;
  Object.assign(rule, await amends.call('PUT', `/v1/alert-rules/${id}`, { ...whole, scope: { share_bp: 5000 } }));
  is((await desk.send(at, shown((await desk.get(at)).text))).status, 303, 'saved as it is');
  is((await rules(amends))[0], rule, 'it stays the same');
}

async function removed(amends, desk, id) {
  const asked = await desk.send('/staff/alerts', { do: 'delete', id });
  ok(asked.text.includes('Remove the rule renamed?') && (await rules(amends)).length === 2, 'a removal is asked first');
  is((await desk.send('/staff/alerts', { do: 'delete', id, sure: '1' })).status, 303, 'and done');
  is((await rules(amends)).map((one) => one.name), ['ratio'], 'for that rule');
  is((await desk.get(`/staff/alerts/rules/${id}`)).status, 404, 'whose form is a missing page');
  const viewer = await Desk.enter(amends, 'vic', ['viewer']);
  const list = (await viewer.get('/staff/alerts')).text;
  ok(list.includes('ratio') && !/name="do"|rules\/new/.test(list), 'a viewer reads the rules, and changes none');
}

async function dryRun(amends, desk) {
  const { id } = await amends.call('POST', '/v1/alert-rules', { name: 'dry', component: 'api', level: 'major_outage', source: 'prom', group_by: ['service'], publish_after_minutes: 5, match: [{ label: 'severity', value: 'critical' }] });
  const payload = fs.readFileSync(path.join(ROOT, 'tests/fixtures/alerts/alertmanager.json'), 'utf8');
  const test = async (text, source = 'prom') => desk.send('/staff/alerts/test', { source, payload: text });
  const { text } = await test(payload), found = text.slice(text.indexOf('id="result"'), text.indexOf('<form method="post" action="/staff/alerts/test"'));
  ok(['5 % of requests fail', 'Major outage', 'API', `/staff/alerts/rules/${id}"`, 'service = api', 'Published automatically after 5 min', '2026-03-03T10:00:00.739266Z', 'severity = critical'].every((one) => unescaped(found).includes(one)), 'a dry run says what would be suggested, by which rule');
  ok(unescaped(text).includes('"groupKey": "{}:{alertname='), 'and keeps what was pasted');
  ok((await test(payload.replace('"critical"', '"low"'))).text.includes('No rule matches'), 'an alert that no rule takes suggests nothing');
  is([wrong((await test('{"alerts": ')).text), wrong((await test(payload.replace('"fingerprint"', '"finger"'))).text)], [['This is not valid JSON.'], ['In "alerts/0/fingerprint": is missing.']], 'a wrong request is refused beside the field');
  ok((await test(payload, 'nobody')).text.includes('There is no alert source “nobody”.'), 'so is a source that does not exist');
  is((await amends.all('/v1/suggestions')).length, 0, 'nothing was written');
  const viewer = await Desk.enter(amends, 'vera', ['viewer']);
  ok((await viewer.send('/staff/alerts/test', { source: 'prom', payload })).text.includes('Major outage'), 'a viewer can test the rules, too');
}

// A source is changed on its own page; its secret is rotated there, and shown once.
async function changedSource(amends, desk, codes) {
  const at = '/staff/alerts/sources/prom', { document: none, ...before } = await amends.call('GET', '/v1/alert-sources/prom');
  ok((await desk.get('/staff/alerts/sources')).text.includes(`href="${at}"`), 'the list leads to the page of a source');
  is((await desk.send(at, shown((await desk.get(at)).text))).status, 303, 'saved as it is');
  is(await amends.call('GET', '/v1/alert-sources/prom'), { ...before, ...none }, 'it stays the same');
  is(wrong((await desk.send(at, { format: 'generic', per_minute: '0' })).text), ['Enter a number from 1 to 100000.'], 'a wrong number stands beside its field');
  is(wrong((await desk.send(at, { format: '', document: '{"name": "x"' })).text), ['This is not valid JSON.'], 'and a format that is none');
  is(wrong((await desk.send(at, { format: 'mail' })).text), ['An e-mail source has an address instead of a URL. Add another source.'], 'a URL cannot become an address');
  const document = { name: 'own', auth: { type: 'token' }, fingerprint: ['/id'], status: ['/up'], firing: ['false'], resolved: ['true'] };
  is((await desk.send(at, { format: '', document: JSON.stringify(document), per_minute: '77' })).headers.get('location'), '/staff/alerts/sources', 'a format of its own is saved');
  is((({ document: stored, per_minute: rate }) => [stored, rate])(await amends.call('GET', '/v1/alert-sources/prom')), [document, 77], 'with its limit');
  const fields = shown((await desk.get(at)).text);
  is([JSON.parse(fields.document), fields.format, (await desk.send(at, fields)).status], [document, '', 303], 'and shown in the form');
  await desk.send(at, { format: 'alertmanager', document: '' });
  const page = await desk.send(at, { do: 'rotate', overlap_minutes: '60' });
  const [url, secret] = codes(page.text), after = await amends.call('GET', '/v1/alert-sources/prom');
  is([url, secret.length, after.format, page.text.includes('<time datetime="' + after.previous_until)], [`${amends.url}/hooks/alerts/prom`, 32, 'alertmanager', true], 'a new secret is shown, and until when the old one works');
  is(Math.round((new Date(after.previous_until) - Date.now()) / 60e3), 60, 'as was chosen');
  is(wrong((await desk.send(at, { do: 'rotate', secret: 'short', overlap_minutes: '0' })).text).length, 1, 'a secret that is too short stands beside its field');
  const form = shown((await desk.get(at)).text), moved = '/staff/alerts/sources/next';
  is(wrong((await desk.send(at, { ...form, name: 'pager' })).text), ['A source with this name exists already.'], 'a name of another source');
  await desk.send(at, { ...form, name: 'next' });
  const next = shown((await desk.get(moved)).text);
  is([next.name, next.former_names, (await amends.call('GET', '/v1/alert-sources/next')).url], ['next', 'prom', `${amends.url}/hooks/alerts/next`], 'it is renamed, and the page has the former name, whose URL still works');
  is(wrong((await desk.send(moved, { ...next, former_names: 'prom, old' })).text), ['“old” is not a former name of this source.'], 'one that it never had');
  await desk.send(moved, { ...next, name: 'prom', former_names: '' });
  is((await amends.call('GET', '/v1/alert-sources/prom')).former_names, ['next'], 'renamed back');
  is((await desk.get('/staff/alerts/sources/none')).status, 404, 'a source that does not exist is a missing page');
}

async function sources(amends) {
  const desk = await Desk.enter(amends, 'otto', ['admin']), at = '/staff/alerts/sources';
  const codes = (text) => [...text.slice(text.indexOf('role="status"')).matchAll(/<code>([^<]*)/g)].map((one) => unescaped(one[1]));
  is(wrong((await desk.send(at, { name: 'No good', format: 'generic', per_minute: 'x' })).text), ['Enter a whole number.'], 'a number that is none');
  is(wrong((await desk.send(at, { name: 'No good', format: 'generic' })).text), ['Lower-case letters, digits, - and _, with a letter or digit at both ends.'], 'a name that is none');
  is(wrong((await desk.send(at, { name: 'own', format: '', document: '{' })).text), ['This is not valid JSON.'], 'a format that is none');
  is(wrong((await desk.send(at, { name: 'own', format: 'generic', document: '{}' })).text), ['Choose a format or write your own, not both.'], 'two formats');
  const [url, secret, long] = codes((await desk.send(at, { name: 'ping', format: 'generic', per_minute: '9' })).text);
  is([url, long], [`${amends.url}/hooks/alerts/ping`, `${url}/${secret}`], 'a source is added');
  const alert = { fingerprint: 'a', status: 'firing', starts_at: '2026-03-03T10:00:00Z', labels: {} };
  is((await amends.request('POST', new URL(long).pathname, { alerts: [alert] }, { key: null })).body, { received: 1, matched: 0 }, 'which takes alerts by the URL that the page shows');
  const list = (await desk.get(at)).text;
  ok(list.includes('Generic JSON') && list.includes('9 requests per minute at most') && /last request <time/.test(list) && list.includes(`<code>${url}</code>`) && !list.includes(secret), 'the list has its last request and URL, and not its token');
  ok((await desk.send(at, { source: 'ping', do: 'delete' })).text.includes('Remove the source ping?'), 'a removal is asked first');
  await desk.send(at, { source: 'ping', do: 'delete', sure: '1' });
  is((await amends.all('/v1/alert-sources')).map((one) => one.name), ['prom'], 'and done');
  const pager = codes((await desk.send(at, { name: 'pager', format: 'pagerduty', secret: 'key-of-pagerduty' })).text);
  is(pager.slice(0, 3), [`${amends.url}/hooks/alerts/pager`, 'key-of-pagerduty', `${amends.url}/hooks/alerts/prom`], 'one that signs has no URL with a token');
  const mail = codes((await desk.send(at, { name: 'post', format: 'mail' })).text);
  await changedSource(amends, desk, codes);
  ok(/^alerts\+post\.[0-9a-f]{32}@/.test(mail[0]) && /Its address has the token/.test((await desk.get(at)).text), 'a source of mail has an address, which is shown once');
}

async function counters(amends) {
  const desk = await Desk.enter(amends, 'olga', ['admin']), at = '/staff/alerts/measurements';
  is(wrong((await desk.send(at, { name: 'prom', match: '', bad: '', component_label: 'service' })).text), ['Write at least one condition.', 'Write at least one condition.'], 'counters need conditions');
  const fields = { name: 'prom', match: '__name__ = http_requests_total', bad: 'code =~ 5..', component_label: 'service', labels: 'region, zone', scope_labels: 'customer' };
  const made = (await desk.send(at, fields)).text, [source] = await amends.all('/v1/measurement-sources');
  ok(/token is not shown again/.test(made) && made.includes(`${amends.url}/hooks/prometheus/write/prom`), 'a source of counters is added');
  is([source.match, source.bad, source.component_label, source.labels, source.scope_labels], [[{ label: '__name__', op: '=', value: 'http_requests_total' }], [{ label: 'code', op: '=~', value: '5..' }], 'service', ['region', 'zone'], ['customer']], 'with every field');
  ok(['__name__ is http_requests_total', 'code matches 5..', 'no request yet'].every((one) => made.includes(one)), 'and listed in words');
  const own = `${at}/prom`, odd = { labels: ['region', 'a,b', ' "c" '], scope_labels: ['tier=old'] };
  ok((await desk.get(at)).text.includes(`href="${own}"`), 'the list leads to its page');
  Object.assign(source, await amends.call('PATCH', '/v1/measurement-sources/prom', odd));
  is((await desk.send(own, shown((await desk.get(own)).text))).status, 303, 'saved as it is');
  is(await amends.call('GET', '/v1/measurement-sources/prom'), source, 'it stays the same, with every name of a label');
  is(wrong((await desk.send(own, { match: '', bad: 'code =~ (', component_label: 'service' })).text).length, 1, 'wrong conditions stand beside their field');
  await desk.send(own, { match: 'a = b', bad: 'code = 1', component: 'api', labels: '', scope_labels: '', per_minute: '9' });
  const changed = await amends.call('GET', '/v1/measurement-sources/prom');
  is([changed.match[0].label, changed.component, changed.component_label, changed.labels, changed.scope_labels, changed.per_minute], ['a', 'api', undefined, [], [], 9], 'every field is changed');
  const rotated = (await desk.send(own, { do: 'rotate', overlap_minutes: '0' })).text;
  ok(/token is not shown again/.test(rotated) && (await amends.call('GET', '/v1/measurement-sources/prom')).previous_until === undefined, 'its token is rotated, and the old one ends at once');
  await desk.send(at, { source: 'prom', do: 'delete', sure: '1' });
  is(await amends.all('/v1/measurement-sources'), [], 'and removed');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await amends.call('POST', '/v1/incident-templates', { name: 'Trouble', kind: 'incident', title: 'Trouble', body: 'x', state: 'investigating' });
  await amends.call('POST', '/v1/alert-sources', { name: 'prom', format: 'alertmanager' });
  const desk = await Desk.enter(amends, 'ann', ['responder']);
  await refused(amends, desk);
  const id = await written(amends, desk);
  await measured(amends, desk);
  await removed(amends, desk, id);
  await dryRun(amends, desk);
  await sources(amends);
  await counters(amends);
});
