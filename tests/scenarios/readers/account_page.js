#!/usr/bin/env node
'use strict';
// The page of an account behind a signed link: a button begins a session, and neither link nor session of an account
// opens anything of another.
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { freePort } = require('../../lib/patroni.js');
const { sql, startRole } = require('../../lib/notifiers.js');
const lib = require('../../lib/cases.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const at = (hours) => new Date(Date.now() + hours * 3600000).toISOString();
const account = (name, components) => ({ external_id: name, name: `Company ${name}`, currency: 'EUR', timezone: 'Europe/Berlin', interval: 'month', anchor: '2020-01-01',
  prices: [{ from: '2020-01-01', amount_minor: 100000 }], components, labels: { region: name }, contacts: [{ email: `${name}@customers.example`, name, locale: 'en' }] });

async function world(amends) {
  for (const slug of ['api', 'web']) await amends.call('POST', '/v1/components', { slug, name: `Component ${slug}` });
  const lines = [account('alpha', ['api']), account('beta', ['web']), account('gamma', ['api'])].map((one) => JSON.stringify(one)).join('\n');
  await amends.call('POST', '/v1/accounts/import', lines, { headers: { 'content-type': 'application/x-ndjson' } });
  await lib.replayIncident(amends, { ref: 'past-api', title: 'Past outage of api', kind: 'incident', posts: [], impacts: [{ component: 'api', level: 'major_outage', from: at(-50), to: at(-49) }] });
  await amends.call('POST', '/v1/incidents/past-api/updates', { state: 'resolved', body: 'x', notify: false, posted_at: at(-49) });
  await lib.replayIncident(amends, { ref: 'past-web', title: 'Past outage of web', kind: 'incident', posts: [], impacts: [{ component: 'web', level: 'major_outage', from: at(-50), to: at(-49) }] });
  await lib.replayIncident(amends, { ref: 'scoped', title: 'Outage of one region', kind: 'incident', posts: [], impacts: [{ component: 'api', level: 'major_outage', from: at(-30), to: at(-29), scope: { labels: { region: 'gamma' } } }] });
  await amends.call('POST', '/v1/incidents', { ref: 'now-api', title: 'The api is slow', kind: 'incident', state: 'investigating', body: 'x', notify: false, components: [{ component: 'api', level: 'degraded_performance' }] });
  const work = (ref, component) => amends.call('POST', '/v1/incidents', { ref, title: `Work on ${component}`, kind: 'maintenance', state: 'scheduled', body: 'x', notify: false, scheduled_from: at(24), scheduled_until: at(25), components: [{ component, level: 'under_maintenance' }] });
  await work('plan-api', 'api');
  await work('plan-web', 'web');
  await amends.call('POST', '/v1/incidents', { ref: 'nothing', title: 'Nothing is down', kind: 'incident', state: 'investigating', body: 'x', notify: false });
}

const link = async (amends, name, contact) => new URL((await amends.call('POST', `/v1/accounts/${name}/page-link`, contact ? { contact } : {})).url).pathname;
const cookieOf = (reply) => (reply.headers.get('set-cookie') || '').split(';')[0];

function visitor(amends) {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const get = (path, cookie) => amends.request('GET', path, undefined, { key: null, headers: cookie ? { cookie } : {} });
  const post = (path, body, cookie, headers = {}) => amends.request('POST', path, body, { key: null, headers: { ...form, ...(cookie ? { cookie } : {}), ...headers } });
  return { get, post };
}

async function enters(amends, { get, post }) {
  is((await amends.request('POST', '/v1/accounts/alpha/page-link', { contact: 'beta@customers.example' })).status, 422, 'a link is for a contact of the account');
  const page = await link(amends, 'alpha', 'alpha@customers.example');
  for (let i = 0; i < 5; i++) await get(page);
  const seen = await get(page);
  is([seen.status, seen.headers.get('set-cookie'), seen.headers.get('cache-control'), seen.headers.get('referrer-policy')], [200, null, 'no-store', 'no-referrer'], 'the link opens a button');
  ok(!/alpha|Component api|outage of|api is slow/.test(seen.text.replaceAll(page, '')) && sql(amends, 'select count(*) from account_session')[0][0] === '0', 'which tells nothing of the account, and reading it begins no session');
  is([(await get(`${page}/report`)).status, (await get(`${page}/claims`)).status], [303, 303], 'the other pages lead to it');
  is((await post(page, '', '', { 'sec-fetch-site': 'cross-site' })).status, 403, 'another site cannot begin a session');
  const entered = await post(page, '');
  is([entered.status, entered.headers.get('location')], [303, page], 'the button begins a session');
  ok(/HttpOnly; SameSite=Lax; Max-Age=86400/.test(entered.headers.get('set-cookie')), `of a day: ${entered.headers.get('set-cookie')}`);
  return { page, cookie: cookieOf(entered) };
}

async function shows({ get }, { page, cookie }) {
  const { status, text } = await get(page, cookie);
  is(status, 200, 'then the page opens');
  ok(/Company alpha/.test(text) && /Component api/.test(text) && /level degraded_performance/.test(text), 'with the components of the account and their level');
  const [open, past] = text.split('Last 90 days');
  ok(/The api is slow/.test(open) && !/Past outage/.test(open) && /Past outage of api/.test(past), 'and its incidents, open and past');
  ok(/Work on api/.test(text), 'and planned maintenance');
  ok(!/Component web|outage of web|Work on web|one region|Nothing is down|beta|gamma/.test(text), 'but none of others, nor of a scope without it');
  const none = (await get(`${page}/credits/99`, cookie)).text, wrong = (await get(`${page}x`)).text;
  is([none, wrong].map((one) => [one.includes(`href="${page}"`), /href="\/account"/.test(one)]), [[true, false], [false, true]], 'what is not there leads back to the page, a wrong link to the form for another');
  const tabs = [];
  for (const tab of ['', '/credits', '/claims', '/report', '/contacts', '/incidents/past-api']) tabs.push((await get(`${page}${tab}`, cookie)).text);
  is(tabs.map((one) => [/name="do" value="leave"/.test(one), /data-timezone="Europe\/Berlin"/.test(one), /Times are in Europe\/Berlin/.test(one)]), tabs.map(() => [true, true, true]), 'each tab has the sign-out, and names the zone of the account as that of its times');
  ok(/<time [^>]*>\w+ \d+, \d{4}, [^<]* GMT\+[12]</.test(tabs[5]), 'in which it prints them');
  for (const lang of ['de', 'ja', 'fr', 'es', 'pt-BR']) is((await get(`${page}?lang=${lang}`, cookie)).status, 200, `in ${lang}`);
  const report = (await get(`${page}/report?unit=quarter`, cookie)).text;
  ok(/Company alpha/.test(report), 'its SLA report');
  ok(/Times are in Europe\/Berlin/.test(report) && !/data-zone/.test(report), 'which names the zone of its windows, at the end, too');
  const claims = (await get(`${page}/claims`, cookie)).text;
  ok(/Past outage of api/.test(claims) && /aria-current="page">Claims/.test(claims), 'and its claims, within the page');
}

// The link and the session of another account; account_walls.js walks every route.
async function apart(amends, { get, post }, alpha) {
  const beta = await link(amends, 'beta', 'beta@customers.example');
  const cookie = cookieOf(await post(beta, ''));
  const token = alpha.page.split('/')[2];
  ok(/Company beta/.test((await get(beta, cookie)).text), 'another account has its own page');
  const form = ['incident', 'past-api', 'text', 'We were down.'].reduce((all, part, n) => all + (n % 2 ? `${part}\r\n` : `--EDGE\r\nContent-Disposition: form-data; name="${part}"\r\n\r\n`), '');
  const claim = (from) => post(`${alpha.page}/claims`, `${form}--EDGE--\r\n`, from, { 'content-type': 'multipart/form-data; boundary=EDGE' });
  const claims = () => sql(amends, 'select count(*) from claim')[0][0];
  is([(await claim(cookie)).status, claims(), (await claim(alpha.cookie)).status, claims()], [303, '0', 200, '1'], 'and claims nothing for another');
  is((await get(`${alpha.page}/claims`, cookie)).status, 303, 'a session of another account leads to the button');
  const whole = await link(amends, 'alpha');
  is([(await get(`${whole}/report`, alpha.cookie)).status, (await get(`${whole}x`)).status], [303, 404], 'so does that of another contact; a changed link opens nothing');
  for (const kind of ['claims', 'credit', 'u', 'p', 'manage', 'confirm']) is((await get(`/${kind}/${token}`)).status, 404, `the token opens no /${kind}`);
  const claimed = new URL((await amends.call('POST', '/v1/accounts/alpha/claim-link', {})).url).pathname;
  is((await get(claimed.replace('/claims/', '/a/'))).status, 404, 'and that of a claim not the page');
}

// A browser holds the sessions of several accounts under one cookie, which each entrance replaces.
async function several(amends, { get, post }) {
  const pages = [await link(amends, 'alpha'), await link(amends, 'beta')];
  const opens = async (cookie) => { const got = []; for (const page of pages) got.push((await get(`${page}/report`, cookie)).status); return got; };
  const first = cookieOf(await post(pages[0], ''));
  const both = cookieOf(await post(pages[1], '', first));
  is([await opens(both), await opens(first)], [[200, 200], [303, 303]], 'entering a second account keeps the session of the first, under a new cookie');
  const again = cookieOf(await post(pages[1], '', both));
  is(await opens(again), [200, 200], 'so does entering it twice');
  const left = await post(pages[1], 'do=leave', again);
  is([left.status, left.headers.get('set-cookie'), await opens(again)], [303, null, [200, 303]], 'signing out of an account ends its session alone');
  await post(pages[1], 'do=leave', again);
  is(await opens(again), [200, 303], 'also when it is done twice');
  const last = await post(pages[0], 'do=leave', again);
  is([/Max-Age=0/.test(last.headers.get('set-cookie')), await opens(again)], [true, [303, 303]], 'with the last one the cookie goes');
}

// The links of an api that was told no public_url name the address on which it listens.
async function withoutUrl(amends, cleanup) {
  const port = await freePort();
  const child = await startRole(amends, 'api', { AMENDS_LISTEN: `127.0.0.1:${port}`, AMENDS_LISTEN_FD: undefined, AMENDS_PUBLIC_URL: undefined });
  cleanup(() => child.kill('SIGKILL'));
  const other = Object.assign(Object.create(amends), { url: `http://127.0.0.1:${port}` });
  await waitUntil('the other api', async () => (await fetch(`${other.url}/readyz`).catch(() => ({}))).ok);
  for (const path of ['page-link', 'claim-link']) {
    const { url } = await other.call('POST', `/v1/accounts/beta/${path}`, {});
    is([url.startsWith(`${other.url}/`), (await fetch(url)).status], [true, 200], `${path}: a link that opens`);
  }
}

async function ends(amends, { get, post }, { page, cookie }) {
  is((await amends.request('DELETE', '/v1/accounts/none/page-links')).status, 404, 'links of no account cannot be revoked');
  is([(await post(page, 'do=leave', cookie)).status, (await get(`${page}/report`, cookie)).status], [303, 303], 'signing out ends the session');
  const again = cookieOf(await post(page, ''));
  is((await get(`${page}/report`, again)).status, 200, 'the link begins another');
  is((await amends.request('DELETE', '/v1/accounts/alpha/page-links')).status, 204, 'staff revoke the links of an account');
  is([(await get(page)).status, (await get(`${page}/report`, again)).status, sql(amends, "select count(*) from account_session s join account a on a.id = s.account_id where external_id = 'alpha'")[0][0]], [404, 404, '0'], 'so neither link nor session works');
  const next = await link(amends, 'alpha', 'alpha@customers.example');
  is((await get(next)).status, 200, 'a new link does');
  is((await post(next, '')).status, 303, 'and begins a session');
}

scenario(async (cleanup) => {
  const amends = await Amends.up({ dir: freshDirectory() });
  cleanup(() => amends.destroy());
  await world(amends);
  const browser = visitor(amends);
  const alpha = await enters(amends, browser);
  await shows(browser, alpha);
  await apart(amends, browser, alpha);
  await several(amends, browser);
  await ends(amends, browser, alpha);
  await withoutUrl(amends, cleanup);
});
