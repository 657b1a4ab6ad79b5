#!/usr/bin/env node
'use strict';
// A link to manage a subscription opens it once; forms of readers are refused from another site, and the one
// click of a mail program never is.
const { sql } = require('../../lib/notifiers.js');
const { send, mailTo, subscribe, enter } = require('../../lib/readers.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const EVIL = [{ origin: 'https://evil.example' }, { origin: 'null', 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }];

async function once(amends, mails) {
  const address = 'once@readers.example';
  await subscribe(amends, mails, address);
  const { mail, cookie, page } = await enter(amends, mails, address, 1);
  const link = mail.link('manage');
  is(page.status, 200, 'the link opens the preferences');
  const again = await send(amends, link, {});
  ok(again.status === 404 && /already used/.test(again.text) && !again.headers.get('set-cookie'), 'once: whoever finds it later gets no session');
  const look = await amends.request('GET', link, undefined, { key: null });
  ok(look.status === 404 && /already used/.test(look.text), 'and is told to ask for a new one');
  is((await send(amends, link, {}, { cookie })).headers.get('location'), '/preferences', 'a second click in the same browser leads to the preferences');
  await send(amends, '/manage', { address });
  const next = (await mailTo(mails, address, 2)).link('manage');
  for (let i = 0; i < 3; i += 1) await amends.request('GET', next, undefined, { key: null });
  const replies = await Promise.all(Array.from({ length: 6 }, () => send(amends, next, {})));
  is(replies.filter((reply) => reply.status === 303).length, 1, 'of six at once, after a scanner fetched it, one opens');
  is(sql(amends, 'select count(*) from reader_link_used'), [['2']], 'used links are kept');
  sql(amends, "update reader_link_used set expires_at = now()");
  sql(amends, 'select amends.reader_housekeeping()');
  is(sql(amends, 'select count(*) from reader_link_used'), [['0']], 'until they expire anyway');
}

// Every form for readers in the table of routes, which OpenAPI and /docs come from.
const FORMS = ['/subscribe', '/subscribe/check', '/subscribe/code', '/manage', '/manage/x', '/confirm/x', '/credit/x', '/preferences', '/p/x'];

async function otherSites(amends, mails) {
  for (const target of FORMS) {
    for (const headers of EVIL) is((await send(amends, target, { address: 'x@readers.example' }, headers)).status, 403, `${target} from ${JSON.stringify(headers)}`);
  }
  for (const headers of [{}, { origin: amends.url }, { origin: 'null' }, { origin: 'null', 'sec-fetch-site': 'same-origin' }]) {
    ok((await send(amends, '/subscribe/check', { address: 'x@readers.example' }, headers)).status === 200, `our own: ${JSON.stringify(headers)}`);
  }
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  const address = 'click@readers.example';
  await subscribe(amends, mails, address);
  const { id } = await amends.call('POST', '/v1/incidents', { title: 'Late', kind: 'incident', state: 'investigating', body: 'We look into it.', notify: true, components: [{ component: 'api', level: 'major_outage' }] });
  ok(id !== 0, 'a post');
  const { oneClick } = await mailTo(mails, address, 1);
  const state = () => sql(amends, `select state from subscriber where address = '${address}'`)[0][0];
  is([(await send(amends, oneClick, { choice: 'all' }, EVIL[0])).status, state()], [403, 'active'], 'the form to unsubscribe is our own page\'s');
  is([(await send(amends, oneClick, { 'List-Unsubscribe': 'One-Click' }, EVIL[0])).status, state()], [200, 'unsubscribed'], 'the one click comes from anywhere (RFC 8058)');
  is((await send(amends, oneClick, { 'List-Unsubscribe': 'One-Click' })).status, 200, 'any number of times');
}

scenario(async (defer) => {
  const { amends, mails } = await upWithMail(defer);
  await once(amends, mails);
  await otherSites(amends, mails);
});
