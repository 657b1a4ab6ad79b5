#!/usr/bin/env node
'use strict';
// The SLA report as a page: for a customer by the link of the statement, and in the console.
const { waitUntil } = require('../../lib/amends.js');
const { mailBodies } = require('../../lib/sinks.js');
const { sql } = require('../../lib/notifiers.js');
const { mailTo } = require('../../lib/readers.js');
const { approver, Desk } = require('../../lib/staff.js');
const { acknowledge } = require('../../lib/cases.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const at = (hours) => new Date(Date.now() + hours * 3600000).toISOString();

async function letter(amends, mails) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'Interface' });
  const account = (external_id, email) => JSON.stringify({ external_id, name: `Acme ${external_id}`, currency: 'EUR', timezone: 'UTC', interval: 'month', anchor: '2024-01-01', components: ['api'], prices: [{ from: '2024-01-01', amount_minor: 100000 }], contacts: [{ email, name: 'x', locale: 'en' }] });
  await amends.request('POST', '/v1/accounts/import', [account('a', 'a@acme.example'), account('b', 'b@acme.example')].join('\n'), { headers: { 'content-type': 'application/x-ndjson' } });
  await amends.call('POST', '/v1/policies', { name: 'p', model: 'prorata', multiplier: '10', cap_percent: '100', weights_bp: { major_outage: 10000 } });
  await amends.call('POST', '/v1/incidents', { ref: 'one', title: 'Down', kind: 'incident', state: 'investigating', body: 'x', notify: false, posted_at: at(-3), components: [{ component: 'api', level: 'major_outage' }] });
  await amends.call('POST', '/v1/incidents/one/updates', { state: 'resolved', body: 'x', notify: false, posted_at: at(-1) });
  const run = await amends.call('POST', '/v1/credit-runs', { policy: 'p', incidents: ['one'], reason: 'sorry' });
  await acknowledge(amends, run);
  await amends.call('POST', `/v1/credit-runs/${run.id}/approve`, undefined, { key: approver(amends) });
  await waitUntil('it is issued', async () => (await amends.call('GET', `/v1/credit-runs/${run.id}`)).state === 'issued');
  await amends.settled((await amends.call('POST', `/v1/credit-runs/${run.id}/notices`, { subject: 'Credit', body: 'Sorry' })).broadcast);
  return (await mailTo(mails, 'a@acme.example')).link('credit');
}

// A contact asks for the report of each month by mail, gets the one of the last month, and ends it
// by one click.
async function monthly(amends, mails, get, report) {
  const page = report.match(/href="(\/reports\/[^"]+)"/)[1];
  const post = (body) => amends.request('POST', page, body, { key: null, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  const asked = () => sql(amends, "select count(*) from account_contact where report_since is not null")[0][0];
  const seen = await get(page);
  ok(/Acme a/.test(seen.text) && /Send it every month/.test(seen.text) && asked() === '0', 'the report by mail is offered, not chosen');
  is([(await post('choice=on')).status, asked()], [200, '1'], 'it is asked for');
  sql(amends, "update account_contact set report_since = now() - interval '40 days' where report_since is not null");
  const mail = await waitUntil('the report arrives', () => mails.mails().find((one) => one.to === 'a@acme.example' && /^List-Unsubscribe: <\S+\/reports\//m.test(one.data)));
  const { 'text/plain': text, 'text/html': html } = mailBodies(mail.data);
  ok(/Acme a/.test(text) && /Uptime: \d/.test(text) && /Interface/.test(text) && html.includes('Interface'), `with figures and a link: ${text}`);
  is(sql(amends, "select amends.sla_reports_send(now()), (select count(*) from broadcast where kind = 'sla_report')")[0], ['0', '1'], 'once a month');
  is(mails.mails().filter((one) => one.to === 'b@acme.example' && /\/reports\//.test(one.data)).length, 0, 'and nobody else gets it');
  is([(await post('List-Unsubscribe=One-Click')).status, asked()], [200, '0'], 'one click ends it');
  is((await get('/reports/x.y')).status, 404, 'another token opens nothing');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  const statement = await letter(amends, mails);
  const get = (path) => amends.request('GET', path, undefined, { key: null });
  const credits = await amends.all('/v1/credits');
  const [mine, other] = ['a', 'b'].map((id) => credits.find((one) => one.account === id));
  const link = (await get(statement)).text.match(/href="(\/credit\/[^"]+\/report\?credit=(\d+))"/);
  is(Number(link[2]), mine.id, 'the statement links to the report of the account');
  const { windows } = await amends.call('GET', '/v1/accounts/a/sla-report');
  const worst = windows.find((one) => one.down_seconds !== '0');
  const { text } = await get(link[1]);
  ok(text.includes('Acme a') && text.includes(`<strong>${worst.uptime_percent} %</strong>`) && /Interface/.test(text), 'it has the uptime of each month, and of the components');
  ok(text.includes((mine.amount_minor / 100).toLocaleString('en', { minimumFractionDigits: 2 })), 'and what was credited');
  ok(/<th scope="row">\d{4} Q[1-4]</.test((await get(`${link[1]}&unit=quarter`)).text), 'by quarter, too');
  ok(/SLA-Bericht/.test((await get(`${link[1]}&lang=de`)).text), 'in the reader\'s language');
  is([(await get(`${statement}/report?credit=${other.id}`)).status, (await get('/credit/x.y/report')).status], [404, 404], 'a link shows no other account');
  await monthly(amends, mails, get, (await get(link[1])).text);
  const desk = await Desk.enter(amends, 'ann', ['admin']);
  ok((await desk.get('/staff/credits/accounts/a')).text.includes('/staff/credits/accounts/a/report'), 'the account links to its report in the console');
  const page = await desk.get('/staff/credits/accounts/a/report?unit=month');
  ok(page.status === 200 && page.text.includes(`<strong>${worst.uptime_percent} %</strong>`), `which has the same figures: ${page.status}`);
});
