#!/usr/bin/env node
'use strict';
// Third-party programs read the feeds and the calendar; languages fall back de-AT, de, en; times are in
// the reader's zone with its offset.
const Parser = require('../../node_modules/rss-parser');
const ICAL = require('../../node_modules/ical.js/dist/ical.es5.cjs');
const { waitUntil } = require('../../lib/amends.js');
const { mailBodies } = require('../../lib/sinks.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const NASTY = 'Äpfel & <Birnen> "fallen"';
const get = (amends, target, headers = {}) => amends.request('GET', target, undefined, { key: null, headers });

async function prepare(amends) {
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  for (const [address, locale, timezone] of [['at', 'de-AT', 'Europe/Vienna'], ['nl', 'nl-CA', 'America/St_Johns'], ['fr', 'fr-CA', 'Europe/Paris'], ['ja', 'ja-JP', 'Asia/Tokyo']]) {
    await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `${address}@readers.example`, locale, timezone, confirmed: true });
  }
  const made = await amends.call('POST', '/v1/incidents', { ref: 'one', title: NASTY, kind: 'incident', state: 'investigating', body: 'See [here](https://example.com/?a=1&b=2).',
    components: [{ component: 'api', level: 'partial_outage' }], posted_at: '2026-01-15T12:00:00Z' });
  await amends.settled(made.broadcast);
  await amends.call('POST', '/v1/incidents/one/updates', { state: 'resolved', body: 'Over.', notify: false });
  const from = new Date(Date.now() + 86400000).toISOString();
  const to = new Date(Date.now() + 90000000).toISOString();
  await amends.call('POST', '/v1/incidents', { ref: 'planned', title: `Upgrade, ${'long '.repeat(30)}; ${NASTY}`, kind: 'maintenance', state: 'scheduled', body: 'Two lines.\n\nReally.', notify: false });
  await amends.call('PUT', '/v1/incidents/planned/impacts', { impacts: [{ component: 'api', level: 'under_maintenance', from, to }] });
  // Each document is rendered by itself: one may show a change before another does.
  const starts = from.replace(/[-:]/g, '').replace(/\.\d+/, '');
  await waitUntil('the calendar has it', async () => (await get(amends, '/maintenance.ics')).text.includes(`DTSTART:${starts}`));
  for (const [name, entry] of [['atom', '<entry>'], ['rss', '<item>']]) {
    await waitUntil(`${name} has every update`, async () => (await get(amends, `/feed.${name}`)).text.split(entry).length === 4);
  }
  return { from, to };
}

async function feeds(amends) {
  const parser = new Parser();
  for (const name of ['atom', 'rss']) {
    const reply = await get(amends, `/feed.${name}`);
    const feed = await parser.parseString(reply.text);
    is(feed.items.length, 3, `${name}: a parser finds every update`);
    const first = feed.items.find((item) => /Investigating/.test(item.title));
    is(first.title, `${NASTY}: Investigating`, 'with its title as it is');
    ok(/<a href="https:\/\/example\.com\/\?a=1&amp;b=2"/.test(first.content), 'and its text as HTML');
    ok(first.link.startsWith(`${amends.url}/incidents/one`), 'and where it stands');
    is(new Date(first.isoDate).toISOString(), '2026-01-15T12:00:00.000Z', 'and when it was posted');
    is(new Set(feed.items.map((item) => item.id || item.guid)).size, 3, 'each with an id of its own');
  }
}

// Incidents imported with their own times are history, however late they were written: no feed has
// them, and today's updates stay.
async function history(amends) {
  for (let n = 0; n < 70; n++) {
    await amends.call('POST', '/v1/incidents', { ref: `old-${n}`, title: `Old ${n}`, kind: 'incident', state: 'resolved', body: 'Long ago.', posted_at: '2019-05-01T12:00:00Z', notify: false });
  }
  const backfilled = await amends.call('POST', '/v1/incidents', { ref: 'last-week', title: 'Old, last week', kind: 'incident', state: 'resolved', body: 'A week ago.', posted_at: new Date(Date.now() - 7 * 86400000).toISOString(), notify: false });
  ok(backfilled.ref === 'last-week', '71 incidents are imported');
  await amends.call('POST', '/v1/incidents', { ref: 'new', title: 'New', kind: 'incident', state: 'investigating', body: 'Today.', notify: false });
  const parser = new Parser();
  for (const target of ['/feed.atom', '/feed.rss', '/history.atom', '/history.rss']) {
    const items = await waitUntil(`${target} shows what is new`, async () => {
      const feed = await parser.parseString((await get(amends, target)).text);
      return feed.items.some((item) => /^New/.test(item.title)) && feed.items;
    });
    is(items.filter((item) => /^Old/.test(item.title)), [], `${target}: imported history is not news`);
    is(items.length, target.startsWith('/feed') ? 4 : 3, 'and what was there before stays');
    const times = items.map((item) => item.isoDate);
    is(times, [...times].sort().reverse(), 'the latest comes first');
  }
  const listed = await waitUntil('the list has it', async () => {
    const { incidents } = (await get(amends, '/api/v2/incidents.json')).body;
    return incidents[0].id === 'new' && incidents;
  });
  is(listed[1].id, 'last-week', 'in Statuspage\'s list it has its place by time');
}

async function jsonFeed(amends) {
  const reply = await get(amends, '/feed.json');
  is([reply.headers.get('content-type'), reply.body.version], ['application/feed+json; charset=utf-8', 'https://jsonfeed.org/version/1.1'], 'the JSON feed has its type');
  const atom = await new Parser().parseString((await get(amends, '/feed.atom')).text);
  is(reply.body.items.map((item) => [item.id, item.title, item.url, Date.parse(item.date_published)]),
    atom.items.map((item) => [item.id, item.title, item.link, Date.parse(item.pubDate)]), 'and the entries of the Atom feed');
  ok(reply.body.items.some((item) => item.content_html.includes('<a href="https://example.com/?a=1&amp;b=2"')), 'with their text as HTML');
}

async function incidentsFeed(amends) {
  const feed = await new Parser().parseString((await get(amends, '/history.atom')).text);
  const one = feed.items.find((item) => item.title === NASTY);
  ok(/Resolved<\/strong>.*Over\..*Investigating<\/strong>/s.test(one.content), 'history.atom has an entry per incident with its updates, latest first');
  is(one.link, `${amends.url}/incidents/one`, 'and its page');
}

async function calendar(amends, planned) {
  const { text } = await get(amends, '/maintenance.ics');
  ok(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75), 'ics: no line is longer than 75 octets');
  const [event] = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map((one) => new ICAL.Event(one));
  ok(event.summary.endsWith(NASTY) && /^Upgrade, long/.test(event.summary), 'ical.js reads the title');
  const seconds = (time) => Math.floor(Date.parse(time) / 1000);
  is([event.startDate.toUnixTime(), event.endDate.toUnixTime()], [seconds(planned.from), seconds(planned.to)], 'and when it is');
}

async function languages(amends, mails) {
  const lang = async (accept, query = '') => (await get(amends, `/subscribe${query}`, { 'accept-language': accept })).text.match(/<html lang="([^"]+)"/)[1];
  is([await lang('de-AT,en;q=0.8'), await lang('nl, ja;q=0.5'), await lang('nl'), await lang('de', '?lang=ja'), await lang('fr-CA'), await lang('pt')], ['de', 'ja', 'en', 'ja', 'fr', 'pt-BR'], 'pages: de-AT gets German, an unknown language English');
  const body = (address) => mailBodies(mails.mails().find((mail) => mail.to === `${address}@readers.example`).data)['text/plain'];
  ok(/Wird untersucht|Untersuchung/i.test(body('at')), 'mails: de-AT gets German');
  ok(/Investigating/.test(body('nl')), 'nl-CA English');
  ok(/investigation/.test(body('fr')), 'fr-CA French');
  ok(/調査/.test(body('ja')), 'ja-JP Japanese');
  const times = { at: '15. Jän. 2026, 13:00 GMT+1', nl: 'Jan 15, 2026, 8:30 AM GMT-3:30', fr: '15 janv. 2026, 13 h 00 UTC+1', ja: '2026年1月15日 21:00 GMT+9' };
  for (const [address, time] of Object.entries(times)) ok(body(address).includes(time), `${address}: ${time}`);
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  const planned = await prepare(amends);
  await feeds(amends);
  await calendar(amends, planned);
  await languages(amends, mails);
  await history(amends);
  await jsonFeed(amends);
  await incidentsFeed(amends);
});
