#!/usr/bin/env node
'use strict';
// Every route of /openapi.json is called, and every reply, failures too, is as declared.
// Third-party code checks the mail, the webhook and the document.
const { simpleParser } = require('../../node_modules/mailparser');
const { Webhook } = require('../../node_modules/standardwebhooks');
const { Amends, freshDirectory } = require('../../lib/amends.js');
const { MailSink, HttpSink } = require('../../lib/sinks.js');
const { Declared } = require('../../lib/declared.js');
const lib = require('../../lib/cases.js');
const { measure } = require('../../lib/measurements.js');
const remote = require('../../lib/remote_write.js');
const { send, subscribe, enter, mailTo } = require('../../lib/readers.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const public_ = { key: null };

async function readers(amends, http) {
  const hook = await amends.call('POST', '/v1/subscribers', { channel: 'webhook', address: `${http.url}/hook/1`, confirmed: true });
  const made = await amends.call('POST', '/v1/subscribers', {
    channel: 'email', address: 'jörg@bücher.example'.replace('ö', 'oe'), locale: 'de-AT', timezone: 'Europe/Vienna',
    components: ['login'], groups: ['chat'], verbosity: 'every', account: 'acct-002', confirmed: true,
  });
  const imported = await amends.call('POST', '/v1/subscribers/import', 'channel,address,verbosity\nemail,one@readers.example,milestones\nemail,"two@readers.example",every\n', { headers: { 'content-type': 'text/csv' } });
  for (const part of ['', `/${imported.id}`, `/${imported.id}/lines`]) await amends.request('GET', `/v1/imports${part}`);
  await amends.call('POST', '/v1/subscribers/import?dry_run=true', 'address\nthree@readers.example\n', { headers: { 'content-type': 'text/csv' } });
  is((await amends.request('POST', '/subscribe/code', 'channel=email&address=one@readers.example&code=1', { key: null, headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status, 422, 'a code that is none');
  for (const what of ['undo', 'cancel']) is((await amends.request('POST', `/v1/imports/999/${what}`)).status, 404, 'no such import');
  const kept = await amends.call('POST', '/v1/subscribers/import?dry_run=true&keep=true', 'address\none@readers.example\n', { headers: { 'content-type': 'text/csv' } });
  is((await amends.call('POST', `/v1/imports/${kept.id}/apply?skip_invalid=true`)).unchanged, 1, 'what was looked at is imported');
  is((await amends.call('GET', `/v1/imports/${kept.id}`)).imported_as, kept.id + 1, 'and says as what');
  is((await amends.request('POST', `/v1/imports/${imported.id}/apply`)).status, 409, 'only what was kept');
  await amends.call('GET', `/v1/subscribers/${made.id}`);
  await amends.call('PATCH', `/v1/subscribers/${made.id}`, { verbosity: 'milestones', components: ['website'], groups: [] });
  for (const part of ['deliveries', 'consents']) await amends.call('GET', `/v1/subscribers/${made.id}/${part}`);
  await amends.call('POST', `/v1/subscribers/${made.id}/link`);
  const list = await amends.all('/v1/subscribers');
  is(list.length, 4, 'four subscribers');
  const csv = await amends.request('GET', '/v1/subscribers/export');
  is(csv.text.trim().split('\n').length, 5, 'exported as CSV with a header');
  const gone = list.find((subscriber) => /two@/.test(subscriber.address));
  is((await amends.request('DELETE', `/v1/subscribers/${gone.id}`)).status, 204, 'one is unsubscribed');
  return hook;
}

async function confirmation(amends, mails) {
  const pending = await amends.call('POST', '/v1/subscribers', { channel: 'email', address: 'new@readers.example' });
  is(pending.state, 'pending', 'without confirmed an address is pending');
  const { waitUntil } = require('../../lib/amends.js');
  const mail = await waitUntil('the confirmation mail', () => mails.mails().find((kept) => kept.to === 'new@readers.example'));
  const parsed = await simpleParser(Buffer.from(mail.data, 'latin1'));
  const target = new URL(parsed.text.match(/https?:\S+\/confirm\/[^\s>)]+/)[0]).pathname;
  const state = async () => (await amends.call('GET', `/v1/subscribers/${pending.id}`)).state;
  is((await amends.request('GET', target, undefined, public_)).status, 200, 'its link shows a page');
  is(await state(), 'pending', 'that changes nothing');
  is((await amends.request('POST', target, '', { ...public_, headers: FORM })).status, 200, 'the button confirms');
  is(await state(), 'active', 'the address is active');
  return pending.id;
}

async function incident(amends, mails, http, hook) {
  const posted = await amends.call('POST', '/v1/incidents', {
    ref: 'two-words', title: 'Äpfel & „Birnen“ fallen', kind: 'incident', state: 'investigating', notify: true,
    body: 'Siehe [hier](https://status.example/x).', components: [{ component: 'website', level: 'partial_outage' }], next_update_minutes: 60,
  });
  const broadcast = await amends.settled(posted.broadcast);
  const deliveries = await amends.all(`/v1/broadcasts/${broadcast.id}/deliveries?state=accepted`);
  is(deliveries.length, broadcast.counts.accepted, 'each delivery is listed');
  await amends.call('GET', `/v1/broadcasts/${broadcast.id}/reasons`);
  const mail = mails.mails().find((kept) => /^one@/.test(kept.to) && /List-Unsubscribe/.test(kept.data));
  const parsed = await simpleParser(Buffer.from(mail.data, 'latin1'));
  ok(parsed.subject.includes('Äpfel & „Birnen“ fallen'), `mailparser reads the subject: ${parsed.subject}`);
  ok(parsed.text.includes('Siehe hier'), 'and the text');
  ok(parsed.html.includes('<a href="https://status.example/x"'), 'and the HTML');
  ok(parsed.headers.get('list').unsubscribe.url, 'and the list headers');
  const [request] = http.at('/hook/1');
  const event = new Webhook(hook.secret).verify(request.body, request.headers);
  is(event.incident.ref, 'two-words', 'standardwebhooks verifies the webhook');
  await amends.call('POST', '/v1/incidents/two-words/updates', { state: 'resolved', body: 'Vorbei.', notify: false });
  await amends.call('GET', '/v1/incidents?limit=1');
  const shown = await amends.call('GET', '/v1/incidents/two-words');
  is(shown.updates.length, 2, 'an incident shows its updates');
  await amends.call('GET', '/v1/incidents/two-words/impacts');
  await amends.call('GET', '/v1/incidents/two-words/warnings');
  const draft = { title: 'Not yet', state: 'investigating', body: 'We *look*.' };
  const preview = await amends.call('POST', '/v1/incidents/preview', { ...draft, test_to: 'me@staff.example' });
  ok(preview.messages.find((one) => one.channel === 'webhook').payload.incident.title === 'Not yet', 'a preview shows the payload of a webhook');
  await amends.settled(preview.test);
  ok(mails.mails().some((one) => one.to === 'me@staff.example' && /\[Test\]/.test(one.data)), 'and sends a test to one address');
  is((await amends.call('GET', '/v1/incidents')).data.some((one) => one.title === 'Not yet'), false, 'nothing is written');
  await amends.call('POST', '/v1/incidents/two-words/updates/preview', { state: 'monitoring', body: 'Better.' });
  is((await amends.request('POST', '/v1/incidents/two-words/updates/preview', { state: 'monitoring', body: 'Better.', test_to: 'nobody' })).body.errors[0].field, 'test_to', 'an address that is none is named');
  await amends.call('POST', '/v1/postmortems/preview', { incidents: ['two-words'], body: 'Because.' });
  is((await amends.call('PATCH', '/v1/incidents/two-words', { title: 'Äpfel & „Birnen“ fielen' })).title, 'Äpfel & „Birnen“ fielen', 'it can be renamed');
  await amends.call('PATCH', `/v1/incidents/two-words/updates/${shown.updates[1].id}`, { body: 'Ganz vorbei.' });
  await amends.call('GET', '/v1/promises');
  is((await amends.call('GET', '/v1/outbox?channel=email')).data, [], 'a relay is set: the outbox is empty');
  is((await amends.request('GET', '/v1/outbox/1')).status, 404, 'and has no message');
  await amends.call('POST', '/v1/postmortems', { incidents: ['two-words'], body: 'Warum.', notify: false });
  for (const act of ['undo', 'publish']) {
    const held = await amends.call('POST', '/v1/incidents', { title: 'Held', state: 'investigating', body: 'Perhaps.', notify: false, hold_seconds: 600 });
    is((await amends.call('GET', `/v1/held-posts/${held.held_post}`)).state, 'held', 'a post is held');
    await amends.call('GET', '/v1/held-posts?state=held');
    await amends.call('POST', `/v1/held-posts/${held.held_post}/${act}`);
    if (act === 'publish') is((await amends.call('POST', `/v1/incidents/${held.ref}/retract`, { dry_run: true })).state, 'retracted', 'an incident can be retracted');
    if (act === 'publish') await amends.call('POST', `/v1/incidents/${held.ref}/retract`, { reason: 'a mistake' });
  }
  const template = await amends.call('POST', '/v1/incident-templates', { name: 'Down', title: 'It is down', state: 'investigating', body: 'We look.', components: [{ component: 'website', level: 'major_outage' }] });
  await amends.call('GET', '/v1/incident-templates');
  await amends.call('PATCH', `/v1/incident-templates/${template.id}`, { name: 'All down' });
  await amends.request('DELETE', `/v1/incident-templates/${template.id}`);
  const events = await amends.request('GET', `/v1/broadcasts/${broadcast.id}/events`);
  is(JSON.parse(events.text.match(/^event: done\ndata: (.*)$/m)[1]).counts, broadcast.counts, 'the events of one that is done are its end');
  is((await amends.call('GET', '/v1/broadcasts?incident=two-words')).data.map((line) => line.id), [broadcast.id], 'the broadcasts of an incident');
  const rotated = await amends.call('POST', `/v1/subscribers/${hook.id}/rotate-secret`);
  ok(rotated.secret && rotated.secret !== hook.secret, 'a rotated secret is another one');
  await amends.call('POST', `/v1/broadcasts/${broadcast.id}/deliveries/${hook.id}/replay`);
  is((await amends.request('POST', `/v1/broadcasts/${broadcast.id}/deliveries/999999/replay`)).status, 404, 'nobody else is replayed');
  await amends.call('POST', `/v1/broadcasts/${broadcast.id}/retry`);
  is((await amends.request('POST', `/v1/broadcasts/${broadcast.id}/resume`, {})).status, 409, 'one that is not held is not resumed');
  await amends.request('POST', `/v1/broadcasts/${broadcast.id}/cancel`);
  const link = parsed.headers.get('list').unsubscribe.url;
  return new URL(link).pathname;
}

async function alerts(amends) {
  const made = await amends.call('POST', '/v1/alert-sources', { name: 'play', format: 'generic' });
  await amends.call('GET', '/v1/alert-sources');
  const fields = { name: 'web', component: 'website', level: 'partial_outage', group_by: ['n'], match: [{ label: 'n', op: '!=', value: '' }] };
  const rule = await amends.call('POST', '/v1/alert-rules', { ...fields, level: 'major_outage' });
  is((await amends.call('PUT', `/v1/alert-rules/${rule.id}?dry_run=true`, { ...fields, name: 'tried' })).name, 'tried', 'a change of a rule is tried');
  await amends.call('PUT', `/v1/alert-rules/${rule.id}`, fields);
  await amends.call('GET', `/v1/alert-rules/${rule.id}`);
  await amends.call('GET', '/v1/alert-rules');
  const sent = (n, status) => JSON.stringify({ alerts: [{ fingerprint: n, status, labels: { n }, starts_at: '2026-03-03T10:00:00Z' }] });
  const headers = { 'content-type': 'application/json' };
  await amends.call('POST', '/v1/alert-rules/test?source=play', sent('one', 'firing'), { headers });
  await amends.call('POST', `/hooks/alerts/play/${made.secret}`, sent('one', 'firing'), { key: null, headers });
  await amends.call('POST', '/hooks/alerts/play', sent('two', 'firing'), { key: null, headers: { ...headers, authorization: `Bearer ${made.secret}` } });
  await amends.call('POST', `/hooks/alerts/play/${made.secret}`, sent('three', 'firing'), { key: null, headers });
  const [three, two, one] = (await amends.call('GET', '/v1/suggestions?state=pending')).data;
  await amends.call('POST', `/v1/suggestions/${one.id}/dismiss`);
  const { incident: ref } = await amends.call('POST', `/v1/suggestions/${two.id}/publish`, { notify: false });
  await amends.call('POST', `/v1/suggestions/${three.id}/merge`, { incident: ref });
  await amends.call('POST', `/hooks/alerts/play/${made.secret}`, sent('two', 'resolved'), { key: null, headers });
  await amends.call('POST', `/v1/suggestions/${two.id}/resolve`, { notify: false });
  is((await amends.call('GET', `/v1/suggestions/${two.id}`)).resolvable, false, 'a suggestion from its alert to its resolution');
  await amends.call('POST', `/v1/incidents/${ref}/retract`, { reason: 'a test' });
  await amends.call('DELETE', `/v1/alert-rules/${rule.id}`);
  await amends.call('PATCH', '/v1/alert-sources/play', { per_minute: 50 });
  await amends.call('POST', '/v1/alert-sources/play/rotate-secret', {});
  await amends.call('GET', '/v1/alert-sources/play');
  await amends.call('DELETE', '/v1/alert-sources/play');
}

// The claims of an account, and its page.
async function customer(amends, account, incident) {
  const octets = { headers: { 'content-type': 'application/octet-stream' } };
  const { id } = await amends.call('POST', '/v1/claims', { account, incidents: [incident] });
  await amends.call('GET', `/v1/claims?account=${account}`);
  await amends.call('GET', `/v1/claims/${id}`);
  await amends.request('PUT', `/v1/claims/${id}/evidence?name=log.txt`, 'It was down.', octets);
  await amends.request('GET', `/v1/claims/${id}/evidence`);
  await amends.call('GET', `/v1/claims/${id}/trial?policy=${lib.policies()[0].name}`);
  is((await amends.request('POST', '/v1/claims/run', { claims: [id], policy: lib.policies()[0].name, reason: 'x' })).status, 409, 'an open claim has no run');
  await amends.call('POST', `/v1/claims/${id}/decision`, { decision: 'declined', message: 'No.' });
  const claims = new URL((await amends.call('POST', `/v1/accounts/${account}/claim-link`, {})).url).pathname;
  const page = new URL((await amends.call('POST', `/v1/accounts/${account}/page-link`, {})).url).pathname;
  const entered = await amends.request('POST', page, '', { ...public_, headers: FORM });
  const cookie = entered.headers.get('set-cookie').split(';')[0];
  for (const target of [claims, page, `${page}/report`, `${page}/claims`, `${page}/credits`]) is((await amends.request('GET', target, undefined, { ...public_, headers: { cookie } })).status, 200, `GET ${target.slice(0, 9)}`);
  const parts = { 'content-type': 'multipart/form-data; boundary=EDGE' };
  for (const target of [claims, `${page}/claims`]) is((await amends.request('POST', target, '--EDGE\r\nContent-Disposition: form-data; name="text"\r\n\r\nx\r\n--EDGE--\r\n', { ...public_, headers: { ...parts, cookie } })).status, 422, 'a claim names an incident');
  for (const [verb, tail] of [['GET', `incidents/${incident}`], ['GET', 'credits/999999'], ['POST', 'credits/999999'], ['GET', 'contacts'], ['POST', 'contacts'], ['GET', 'channels/999999'], ['POST', 'channels/999999']]) await amends.request(verb, `${page}/${tail}`, verb === 'GET' ? undefined : 'message=x', { ...public_, headers: { ...FORM, cookie } });
  const oidc = `/v1/accounts/${account}/oidc`;
  is([(await amends.request('GET', oidc)).status, (await amends.request('PUT', oidc, { issuer: 'https://login.example', client_id: 'x', client_secret: 'y' })).status, (await amends.request('GET', oidc)).status], [404, 200, 200], 'the OpenID provider of an account');
  is((await amends.request('GET', `/a/login/${account}/callback?state=x&code=x`, undefined, public_)).status, 403, 'whose answer nobody asked for');
  is([(await amends.request('DELETE', oidc)).status, (await amends.request('GET', `/a/login/${account}`, undefined, public_)).status], [204, 404], 'is removed');
  await amends.request('DELETE', `/v1/accounts/${account}/page-links`);
  for (const [verb, target] of [['GET', '/account'], ['POST', '/account'], ['GET', '/join/x'], ['POST', '/join/x']]) await amends.request(verb, target, verb === 'GET' ? undefined : 'address=nobody@readers.example', { ...public_, headers: FORM });
  const { key } = await amends.call('POST', '/v1/keys', { name: 'its own', account });
  for (const tail of ['', '/incidents', '/uptime', '/uptime?format=csv', '/credits', '/claims', '/claims?format=csv']) is((await amends.request('GET', `/v1/account${tail}`, undefined, { key })).status, 200, `GET /v1/account${tail}`);
  is((await amends.request('GET', '/v1/account/credits/999999', undefined, { key })).status, 404, 'no such credit');
  is((await amends.request('POST', '/v1/account/claims', { incidents: ['none'], text: 'x' }, { key })).status, 422, 'no such incident');
}

async function credits(amends, mails) {
  const one = lib.cases().find((item) => item.name.startsWith('2019'));
  await lib.replayCase(amends, { ...one, incidents: one.incidents.map((item) => ({ ...item, posts: item.posts.slice(0, 1) })) });
  const key = approver(amends);
  const { draft } = await lib.runCredits(amends, one, key);
  await amends.call('GET', `/v1/credit-runs/${draft.id}`);
  for (const part of ['reconcile', 'report', 'left-out']) await amends.call('GET', `/v1/credit-runs/${draft.id}/${part}`);
  await amends.request('GET', `/v1/credit-runs/${draft.id}/export`);
  await amends.call('GET', '/v1/credits/ageing');
  await amends.call('GET', `/v1/incidents/${one.incidents[0].ref}/liability`);
  await amends.call('PUT', '/v1/liability-alerts/EUR', { amount_minor: 100 });
  await amends.call('GET', '/v1/liability-alerts');
  await amends.call('DELETE', '/v1/liability-alerts/EUR');
  await amends.call('PUT', `/v1/policies/${lib.policies()[0].name}/publication`, { title: 'Promise' });
  await amends.call('POST', '/v1/policies/example', { policy: lib.policies()[0] });
  const account = lib.accounts()[0].external_id;
  await customer(amends, account, one.incidents[0].ref);
  const { name, secret } = await amends.call('POST', '/v1/measurement-sources', { name: 'prom', match: [{ label: '__name__', value: 'requests_total' }], bad: [{ label: 'code', value: '500' }], component_label: 'service' });
  await amends.call('GET', '/v1/measurement-sources');
  await amends.call('POST', `/hooks/prometheus/write/${name}`, remote.body([]), { key: secret, headers: remote.HEADERS });
  await amends.call('PATCH', `/v1/measurement-sources/${name}`, { per_minute: 50 });
  await amends.call('POST', `/v1/measurement-sources/${name}/rotate-secret`, { overlap_minutes: 0 });
  await amends.call('GET', `/v1/measurement-sources/${name}`);
  await amends.call('DELETE', `/v1/measurement-sources/${name}`);
  await measure(amends, [{ component: one.incidents[0].impacts[0].component, from: '2018-05-02T20:50:00Z', to: '2018-05-02T20:55:00Z', good: 5, total: 9, labels: { zone: 'a' }, scope: { labels: { region: 'eu' } } }]);
  await amends.call('GET', `/v1/measurements?component=${one.incidents[0].impacts[0].component}&from=2018-05-02T00:00:00Z&to=2018-05-03T00:00:00Z`);
  await amends.call('POST', '/v1/policies/dry-run', { policy: lib.policies()[0], period: { from: '2019-01-01T00:00:00Z', to: '2019-02-01T00:00:00Z' } });
  const notices = await amends.call('POST', `/v1/credit-runs/${draft.id}/notices`, {
    subject: 'Sorry, {{account.name}}', body: 'Hello {{contact.name}}, {{credit.amount_text}} is yours.', expected_in_days: 5,
  });
  await amends.settled(notices.broadcast);
  const letter = { subject: 'Sorry', body: 'Hello', account: 'acct-002' };
  await amends.call('POST', `/v1/credit-runs/${draft.id}/notices/preview`, letter);
  await amends.settled((await amends.call('POST', `/v1/credit-runs/${draft.id}/notices/test`, { ...letter, to: 'me@staff.example' })).broadcast);
  await amends.request('GET', `/v1/credit-runs/${draft.id}/notices/proof`);
  const feed = await amends.call('GET', '/v1/credits?limit=2');
  for (const part of ['', '/workings']) await amends.call('GET', `/v1/credits/${feed.data[0].id}${part}`);
  is((await amends.call('GET', '/v1/credit-runs?state=issued')).data.map((run) => [run.id, run.drafted_by.name !== run.approved_by.name]), [[draft.id, true]], 'runs are listed');
  await amends.call('POST', '/v1/credits/acks', { acks: [{ credit: feed.data[0].id, reference: 'r' }] });
  await amends.call('POST', `/v1/credits/${feed.data[0].id}/reversal`, { reason: 'a test' });
  const second = await amends.call('POST', '/v1/credit-runs', { policy: 'two-days', period: { from: '2019-01-01T00:00:00Z', to: '2019-02-01T00:00:00Z' }, reason: 'by period' });
  await amends.call('POST', `/v1/credit-runs/${second.id}/void`);
  const mail = mails.mails().find((kept) => /nordsee/.test(kept.to));
  const parsed = await simpleParser(Buffer.from(mail.data, 'latin1'));
  is(parsed.subject, 'Sorry, Nordsee Fahrräder', 'a merge field in a subject arrives whole');
  ok(/Hello Jörg Ümlaut, \d+[.,]\d\d EUR is yours|Hello Jörg Ümlaut, .*EUR.* is yours/.test(parsed.text), 'the letter names the contact and the amount');
  const statement = parsed.text.match(/https?:\S+\/credit\/[^\s>)]+/);
  if (ok(statement, 'the letter links to the statement')) {
    const target = new URL(statement[0]).pathname;
    const shown = await amends.request('GET', target, undefined, public_);
    is(shown.status, 200, 'which is shown');
    const [how] = shown.text.match(/\/how-credits-work\/[\w.-]+/);
    const report = await amends.request('GET', shown.text.match(/\/credit\/[\w.-]+\/report\?credit=\d+/)[0], undefined, { key: null });
    const [byMail] = report.text.match(/\/reports\/[\w.-]+/);
    is((await amends.request('GET', byMail, undefined, public_)).status, 200, 'with a report that comes by mail');
    is((await amends.request('POST', byMail, 'choice=on', { ...public_, headers: FORM })).status, 200, 'if it is asked for');
    is((await amends.request('GET', how, undefined, public_)).status, 200, 'with a page that explains its policy');
    is((await amends.request('POST', target, 'message=More', { ...public_, headers: FORM })).status, 200, 'and asks for a review');
    const [review] = (await amends.call('GET', '/v1/reviews')).data;
    await amends.call('GET', `/v1/reviews/${review.id}`);
    await amends.call('POST', `/v1/reviews/${review.id}/answer`, { decision: 'declined', message: 'No.' });
  }
}

async function remaining(amends, unsubscribe) {
  await amends.call('PATCH', '/v1/components/website', { name: 'Web site' });
  await amends.call('GET', '/v1/components');
  const [group] = (await amends.call('GET', '/v1/component-groups')).data;
  await amends.call('PATCH', `/v1/component-groups/${group.slug}`, { name: 'Named' });
  await amends.call('GET', '/v1/policies');
  await amends.call('GET', '/v1/accounts/acct-003');
  await amends.call('POST', '/v1/account-lists/shard-7', '{"account": "acct-003"}', { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('GET', '/v1/account-lists');
  is((await amends.call('GET', '/v1/accounts?search=nordsee')).data.map((account) => account.name), ['Nordsee Fahrräder'], 'accounts are found by a part of their name');
  await amends.call('GET', '/v1/accounts/acct-003/sla-report?from=2018-01-01&to=2019-01-01&unit=quarter');
  await amends.call('GET', '/v1/sla-report?limit=3');
  const entries = (await amends.call('GET', '/v1/accounts/acct-001/ledger')).data;
  ok(entries.length > 0 && entries[0].balance_minor === entries.reduce((sum, entry) => sum + entry.amount_minor, 0), 'an account\'s ledger ends with its balance');
  await amends.call('POST', '/v1/notices/preview', { audience: 'all', subject: 'Hello', body: '**World**' });
  await amends.settled((await amends.call('POST', '/v1/notices/test', { subject: 'Hello', body: '**World**', to: 'me@staff.example' })).broadcast);
  const notice = await amends.call('POST', '/v1/notices', { audience: 'all', subject: 'Hello', body: '**World**' });
  await amends.settled(notice.broadcast);
  const v2 = ['summary', 'status', 'components', 'incidents', 'incidents/unresolved', 'scheduled-maintenances',
    'scheduled-maintenances/upcoming', 'scheduled-maintenances/active'].map((name) => `/api/v2/${name}.json`);
  const documents = ['/feed.atom', '/feed.rss', '/feed.json', '/history.atom', '/history.rss', '/history.json?page=2', '/maintenance.ics', '/badge.svg', '/embed', '/embed.json', '/sla.json', ...v2];
  await amends.request('GET', '/metrics');
  for (const target of ['/', '/sla', '/history', '/history/2019-01', '/incidents/two-words', ...documents, '/static/page.js', '/healthz', '/readyz', '/openapi.json', '/docs', '/static/page.css', unsubscribe]) {
    const seen = await amends.request('GET', target, undefined, public_);
    is(seen.status, 200, `GET ${target.slice(0, 30)}`);
    is(seen.headers.get('x-content-type-options'), 'nosniff', 'with nosniff');
  }
  await amends.call('DELETE', `/v1/policies/${lib.policies()[0].name}/publication`);
  is((await amends.request('POST', '/api/v2/subscribers.json', 'subscriber[email]=v2%40readers.example', { key: null, headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status, 200, 'POST /api/v2/subscribers.json');
  const multipart = new FormData();
  multipart.append('List-Unsubscribe', 'One-Click');
  const left = await fetch(amends.url + unsubscribe, { method: 'POST', body: multipart });
  is(left.status, 200, 'one click as form-data');
  amends.seen.push({ method: 'POST', target: unsubscribe, status: left.status, type: 'text/html' });
}

// Without a provider, callbacks are refused: each hook replies as declared.
async function hooks(amends) {
  is((await amends.request('POST', '/hooks/slack', '{}', { ...public_, headers: { 'content-type': 'application/json' } })).status, 404, 'POST hook of Slack');
  is((await amends.request('POST', '/hooks/slack/commands', 'text=status', { ...public_, headers: FORM })).status, 404, 'a command of Slack');
  is((await amends.request('POST', '/hooks/slack/interactions', 'payload={}', { ...public_, headers: FORM })).status, 404, 'a form of Slack');
  is((await amends.call('GET', '/v1/slack-links')).data, [], 'nobody is linked with Slack');
  is((await amends.request('DELETE', '/v1/slack-links/1')).status, 404, 'and no link ends');
  for (const target of ['', '/status', '/status/token', '/inbound/token']) {
    is((await amends.request('POST', `/hooks/sms/twilio${target}`, 'a=b', { ...public_, headers: FORM })).status, 404, `POST hook ${target}`);
    if (target.includes('token')) is((await amends.request('GET', `/hooks/sms/twilio${target}?x=y`, undefined, public_)).status, 404, `GET hook ${target}`);
  }
}

async function suppressions(amends) {
  const made = await amends.call('POST', '/v1/suppressions', { address: 'never@readers.example', note: 'asked' });
  await amends.call('GET', '/v1/suppressions?reason=manual');
  is((await amends.call('POST', '/v1/suppressions/undo', { reason: 'nothing', note: 'again' })).undone, 0, 'none of no reason');
  await amends.call('DELETE', `/v1/suppressions/${made.id}?note=again`);
  await amends.call('GET', '/v1/subscribers/languages');
  await amends.call('PUT', '/v1/bounce-rule', await amends.call('GET', '/v1/bounce-rule'));
  await amends.call('POST', '/hooks/mail', 'Subject: x\n\ny\n', { headers: { 'content-type': 'message/rfc822' } });
}

async function own(amends, mails) {
  await subscribe(amends, mails, 'own@readers.example');
  await amends.request('GET', '/subscribe?incident=two-words', undefined, public_);
  await amends.request('GET', '/manage?channel=slack', undefined, public_);
  is((await send(amends, '/subscribe/check', { channel: 'webhook', address: 'http://example.com' })).status, 200, 'an address is checked');
  for (const target of ['/push.js', '/push/icon', '/manifest.webmanifest', '/subscribe?channel=push']) await amends.request('GET', target, undefined, public_);
  const browser = { address: 'https://fcm.googleapis.com/fcm/send/nobody' };
  is((await send(amends, '/push/check', browser)).body, { subscribed: false }, 'a browser that is not subscribed');
  for (const target of ['/push/manage', '/push/end', '/push/change']) is((await send(amends, target, browser)).status, 404, target);
  is((await amends.request('GET', '/slack/callback?code=1&state=x', undefined, public_)).status, 403, 'nobody comes from Slack unasked');
  const { cookie, csrf } = await enter(amends, mails, 'own@readers.example', 1);
  await send(amends, '/manage', { address: 'own@readers.example' });
  is((await amends.request('GET', (await mailTo(mails, 'own@readers.example', 2)).link('manage'), undefined, public_)).status, 200, 'a manage link shows a page');
  for (const reply of [await amends.request('GET', '/p/x', undefined, public_), await send(amends, '/p/x', {})]) is(reply.status, 404, 'a forged link of a message opens nothing');
  is((await amends.request('GET', '/preferences/record', undefined, { ...public_, headers: { cookie } })).status, 200, 'what is held is told');
  is((await send(amends, '/preferences', { csrf, do: 'save' }, { cookie, origin: amends.url })).status, 200, 'preferences are saved');
}

async function access(amends) {
  const { id } = await amends.call('POST', '/v1/keys', { name: 'short', scopes: ['components:read'], expires_at: '2099-01-01T00:00:00Z' });
  is((await amends.request('DELETE', `/v1/keys/${id}`)).status, 204, 'a key is revoked');
  const person = await amends.call('POST', '/v1/staff', { login: 'pat', name: 'Pat', email: 'pat@staff.example', roles: ['viewer'] });
  await amends.call('PATCH', `/v1/staff/${person.id}`, { roles: ['viewer', 'responder'], name: 'Pat P.' });
  await amends.call('POST', `/v1/staff/${person.id}/invitation`);
  is((await amends.call('GET', '/v1/staff')).data.length, 2, 'people are listed');
  is((await amends.call('GET', '/v1/audit?limit=2')).data.length, 2, 'and what was done');
}

async function refusals(amends) {
  is((await amends.request('GET', '/v1/components', undefined, public_)).status, 401, 'no key');
  is((await amends.request('GET', '/v1/components', undefined, { key: 'amends_x_y' })).status, 401, 'a wrong key');
  const { id, key } = await amends.call('POST', '/v1/keys', { name: 'reader', scopes: ['components:read'] });
  ok((await amends.call('GET', '/v1/keys')).data.some((listed) => listed.id === id), 'keys are listed');
  is((await amends.request('GET', '/v1/policies', undefined, { key })).status, 403, 'a key without the scope');
  is((await amends.request('GET', '/v1/nothing')).status, 404, 'no such path');
  const wrong = await amends.request('DELETE', '/v1/components');
  is(wrong.status, 405, 'no such method');
  ok(/GET/.test(wrong.headers.get('allow')), 'Allow says which');
  is((await amends.request('POST', '/v1/components', '{"a"', { headers: { 'content-type': 'application/json' } })).status, 400, 'malformed JSON');
  is((await amends.request('POST', '/v1/components', `"${'x'.repeat(2 << 20)}"`, { headers: { 'content-type': 'application/json' } })).status, 413, 'too large');
  is((await amends.request('POST', '/v1/components', { slug: 'a', name: 'b\r\nc' })).status, 422, 'a line break in a name');
}

async function brand(amends) {
  const logo = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>';
  const put = (image, body) => amends.call('PUT', `/v1/brand/images/${image}`, body, { headers: { 'content-type': 'image/svg+xml' } });
  await amends.call('PUT', '/v1/brand', { accent: '#9b1c31', footer_links: [{ label: 'Help', url: 'https://acme.example' }] });
  const path = (await put('logo', logo)).logo;
  ok((await amends.call('POST', '/v1/brand/publish')).is_published, 'a brand is published');
  is((await amends.request('GET', path, undefined, { key: null })).text, logo, 'its image is served');
  is((await amends.request('GET', path.replace('svg', 'png'), undefined, { key: null })).status, 404, 'with its type');
  await amends.call('GET', '/brand.css', undefined, { key: null });
  await amends.call('DELETE', '/v1/brand/images/logo');
  is((await amends.call('DELETE', '/v1/brand')).logo, path, 'a draft is discarded');
  is((await amends.call('GET', '/v1/brand')).footer_links, [{ label: 'Help', url: 'https://acme.example' }], 'the draft is what is published');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const http = await HttpSink.start();
  cleanup(() => http.stop());
  const amends = await Amends.up({ dir, env: { AMENDS_SMTP_URL: mails.url, AMENDS_ALLOW_LOOPBACK: '1' } });
  cleanup(() => amends.destroy());
  await lib.createCatalogue(amends);
  const hook = await readers(amends, http);
  await confirmation(amends, mails);
  const unsubscribe = await incident(amends, mails, http, hook);
  await alerts(amends);
  await credits(amends, mails);
  await remaining(amends, unsubscribe);
  await hooks(amends);
  await suppressions(amends);
  await own(amends, mails);
  await access(amends);
  await brand(amends);
  await refusals(amends);
  const declared = new Declared(await amends.call('GET', '/openapi.json?pages=true'));
  const faults = amends.seen.map((reply) => [reply, declared.fault(reply)]).filter(([, fault]) => fault);
  is(faults.map(([reply, fault]) => `${reply.method} ${reply.target} ${reply.status}: ${fault}`), [], `${amends.seen.length} replies are as declared`);
  // staff_access.js walks the pages of the console.
  is(declared.neverHit().filter((route) => !/ \/staff(\/|$)/.test(route)), [], 'every route was called');
  note(`${declared.hit.size} routes`);
});
