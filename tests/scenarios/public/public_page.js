#!/usr/bin/env node
'use strict';
// The public page: rendered once per change, served from memory in three languages, and
// available with a notice while PostgreSQL is down. Its feeds and Statuspage's documents.
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const zlib = require('node:zlib');
const { Amends, freshDirectory, waitUntil } = require('../../lib/amends.js');
const { ok, is, note, scenario } = require('../../lib/tap.js');

const anybody = { key: null };
const get = (amends, target, headers = {}) => amends.request('GET', target, undefined, { ...anybody, headers });
const until = (amends, target, pattern, headers) => waitUntil(`${target} shows ${pattern}`, async () => {
  const seen = await get(amends, target, headers);
  return seen.status === 200 && pattern.test(seen.text) && seen;
});

async function catalogue(amends) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API <1>', group: 'platform' });
  await amends.call('POST', '/v1/components', { slug: 'website', name: 'Website' });
  await amends.call('POST', '/v1/incidents', {
    ref: 'broken', title: 'It <broke> & fell', kind: 'incident', state: 'investigating', body: 'Looking **hard**.', notify: false,
    components: [{ component: 'api', level: 'major_outage' }], next_update_minutes: 30,
  });
  await amends.call('POST', '/v1/incidents', {
    ref: 'works', title: 'Database, upgrade', kind: 'maintenance', state: 'scheduled', notify: false,
    body: `Long: ${'äöü '.repeat(40)}`,
  });
  await amends.call('PUT', '/v1/incidents/works/impacts', {
    impacts: [{ component: 'website', level: 'under_maintenance', from: '2030-01-02T03:04:05Z', to: '2030-01-02T05:00:00Z' }],
  });
}

const STANDING = ['/history', '/incidents/broken', '/feed.atom', '/api/v2/summary.json', '/maintenance.ics', '/?lang=ja'];

async function pages(amends) {
  const home = await until(amends, '/', /Database, upgrade[^]*Jan 2, 2030, 3:04 AM UTC/);
  ok(home.text.includes('It &lt;broke&gt; &amp; fell'), 'an incident is shown, escaped');
  const days = (page) => [...page.text.matchAll(/<h3 class="day row"><time datetime="([^"]*)">([^<]*)/g)];
  const [[, today, shown]] = days(home), [[, , tag]] = days(await get(amends, '/?lang=de'));
  is([shown, tag], ['en', 'de'].map((lang) => new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(today))), 'the heading of a day is in words, in the language of the page');
  ok(/Next update by <time datetime="20/.test(home.text), 'with its promise');
  ok(/<svg class="bars"[^>]*aria-label="API &#60;1&#62;: \d+\.\d\d\s% uptime over 90 days"/.test(home.text), 'bars have a text alternative');
  ok(/<a class="major_outage" href="\/incidents\/broken" data-day="20..-..-.."><rect[^>]*><title>[A-Z][a-z]+ [0-9]+, 20..\nMajor outage, [^<:]+: [^<]+<\/title>/.test(home.text), 'and a bad day names its incidents');
  ok(/<path class="no_data" d="M0 0h3/.test(home.text), 'the days before a component have no data');
  ok(/<h3>Platform<\/h3>/.test(home.text), 'components stand in their group');
  ok(home.text.includes('>Jan 2, 2030, 3:04 AM UTC<'), 'and planned maintenance when it is');
  ok(!/<script(?! src="\/static)|style=|https?:\/\/(?!127)/.test(home.text), 'nothing inline, nothing of others');
  const policy = home.headers.get('content-security-policy');
  ok(/^default-src 'none'/.test(policy) && !/unsafe/.test(policy), 'the policy is strict');
  const german = await until(amends, '/', /Database, upgrade/, { 'accept-language': 'nl, de-AT;q=0.8, ja;q=0.2' });
  ok(/<html lang="de">/.test(german.text) && /Nächste Meldung bis/.test(german.text), 'German by Accept-Language');
  const japanese = await until(amends, '/?lang=ja', /Database, upgrade/, { 'accept-language': 'de' });
  ok(/<html lang="ja">/.test(japanese.text) && /調査中/.test(japanese.text), 'Japanese by choice');
  ok(/href="\/history\?lang=ja"/.test(japanese.text), 'and links carry it on');
  ok(/Looking <strong>hard/.test((await get(amends, '/incidents/broken')).text), 'an incident has its timeline');
  is((await get(amends, '/incidents/nothing')).status, 404, 'another one is not there');
  ok(await until(amends, '/history', /<h2>[A-Z][a-z]+ 20\d\d<\/h2>/), 'the history goes by month'); // rendered after the home page
}

async function caching(amends) {
  const first = await get(amends, '/', { 'accept-encoding': 'identity' });
  const tag = first.headers.get('etag');
  is((await get(amends, '/', { 'if-none-match': tag, 'accept-encoding': 'identity' })).status, 304, 'the same is not sent twice');
  const packed = await new Promise((resolve) => http.get(`${amends.url}/`, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
  }));
  is(packed.headers['content-encoding'], 'gzip', 'it is compressed for who takes it');
  is(zlib.gunzipSync(packed.body).toString(), first.text, 'to the same bytes');
  ok(packed.headers.etag !== tag, 'under another tag');
  await amends.call('POST', '/v1/incidents/broken/updates', { state: 'identified', body: 'Found it.', notify: false });
  const began = Date.now();
  await until(amends, '/', /Found it/);
  note(`a post shows after ${Date.now() - began} ms`);
  ok(Date.now() - began < 5000, 'a post shows at once');
}

async function documents(amends) {
  await until(amends, '/feed.rss', /Found it/);
  await until(amends, '/maintenance.ics', /END:VCALENDAR/);
  await until(amends, '/api/v2/scheduled-maintenances/active.json', /page/);
  const summary = (await until(amends, '/api/v2/summary.json', /Found it/)).body;
  is(Object.keys(summary).sort(), ['components', 'incidents', 'page', 'scheduled_maintenances', 'status'], 'summary.json');
  is(summary.status, { indicator: 'major', description: 'Partial System Outage' }, 'its indicator');
  const api = summary.components.find((one) => one.id === 'api');
  is([api.status, api.group_id, api.group], ['major_outage', 'platform', false], 'its components');
  is(summary.components.find((one) => one.group).components, ['api'], 'its groups');
  const [incident] = summary.incidents;
  is([incident.status, incident.impact, incident.incident_updates.length, incident.components[0].id], ['identified', 'critical', 2, 'api'], 'its incidents');
  const [planned] = (await get(amends, '/api/v2/scheduled-maintenances/upcoming.json')).body.scheduled_maintenances;
  is([planned.status, planned.impact, new Date(planned.scheduled_for).toISOString()], ['scheduled', 'maintenance', '2030-01-02T03:04:05.000Z'], 'what is planned');
  const count = async (target, list) => (await get(amends, `/api/v2/${target}.json`)).body[list].length;
  is(await count('incidents', 'incidents'), 1, 'incidents.json');
  is(await count('incidents/unresolved', 'incidents'), 1, 'incidents/unresolved.json');
  is(await count('scheduled-maintenances', 'scheduled_maintenances'), 1, 'scheduled-maintenances.json');
  is(await count('scheduled-maintenances/active', 'scheduled_maintenances'), 0, 'scheduled-maintenances/active.json');
  is(await count('components', 'components'), 3, 'components.json');
  is((await get(amends, '/api/v2/status.json')).body.page.time_zone, 'Etc/UTC', 'status.json');
  is((await get(amends, '/embed.json')).body.incidents.length, 1, 'embed.json');
  const embed = await get(amends, '/embed');
  ok(/frame-ancestors \*$/.test(embed.headers.get('content-security-policy')) && !/<script/.test(embed.text), 'the summary may stand in a frame, and needs no script');
  ok(/frame-ancestors 'none'$/.test((await get(amends, '/')).headers.get('content-security-policy')), 'nothing else may');
  const atom = (await get(amends, '/feed.atom')).text;
  is((atom.match(/<entry>/g) || []).length, 3, 'the Atom feed has each update');
  ok(atom.includes('It &lt;broke&gt; &amp; fell') && /<updated>20[^<]*Z<\/updated>/.test(atom), 'escaped, with its time');
  is(((await get(amends, '/feed.rss')).text.match(/<item>/g) || []).length, 3, 'and the RSS feed');
  const calendar = await get(amends, '/maintenance.ics');
  const lines = calendar.text.split('\r\n');
  ok(lines.every((line) => Buffer.byteLength(line) <= 75 && !line.includes('\n') && !line.includes('\ufffd')), 'the calendar folds at 75 octets');
  const unfolded = calendar.text.replace(/\r\n /g, '');
  ok(/SUMMARY:Database\\, upgrade\r\n/.test(unfolded) && /DTSTART:20300102T030405Z\r\n/.test(unfolded), 'and has the event');
  ok(unfolded.includes('äöü '.repeat(40).trim()), 'whole');
  ok(/^<svg[^>]*>.*Partial outage/.test((await get(amends, '/badge.svg')).text), 'the badge');
}

const serverPid = (amends) => Number(fs.readFileSync(path.join(amends.dir, 'var/pg/postmaster.pid'), 'utf8').split('\n')[0]);

async function outage(amends) {
  const pid = serverPid(amends);
  const socket = path.join(amends.dir, 'var/run/.s.PGSQL.5432');
  fs.renameSync(socket, `${socket}.away`);
  process.kill(pid, 'SIGSTOP');
  const children = fs.readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && fs.readFileSync(`/proc/${entry}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1] === String(pid);
    } catch {
      return false;
    }
  }).map(Number);
  // Cached pages are served first; read each once more to get the latest version.
  for (const target of STANDING) await waitUntil(target, async () => (await get(amends, target)).status === 200);
  for (const child of children) process.kill(child, 'SIGSTOP');
  try {
    const slowest = { ms: 0 };
    const stale = await waitUntil('the page says that it is stale', async () => {
      const began = Date.now();
      const seen = await get(amends, '/');
      slowest.ms = Math.max(slowest.ms, Date.now() - began);
      if (seen.status !== 200) throw new Error(`/ answers ${seen.status}`);
      return /class="stale"/.test(seen.text) && seen;
    });
    ok(/as of <time datetime="20/.test(stale.text), 'with PostgreSQL stopped / answers 200 and says as of when');
    ok(/Found it/.test(stale.text), 'with what it knew');
    for (const target of STANDING) {
      const began = Date.now();
      is((await get(amends, target)).status, 200, `${target} too`);
      slowest.ms = Math.max(slowest.ms, Date.now() - began);
    }
    ok(slowest.ms < 3000, `quickly: the slowest took ${slowest.ms} ms`);
  } finally {
    for (const child of [...children, pid]) process.kill(child, 'SIGCONT');
    fs.renameSync(`${socket}.away`, socket);
  }
  await waitUntil('the page is fresh again', async () => !/class="stale"/.test((await get(amends, '/')).text));
  ok(true, 'when it is back the line goes');
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const amends = await Amends.up({ dir });
  cleanup(() => amends.destroy());
  await catalogue(amends);
  await pages(amends);
  await caching(amends);
  await documents(amends);
  await outage(amends);
});
