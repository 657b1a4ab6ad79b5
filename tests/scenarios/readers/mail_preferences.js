#!/usr/bin/env node
'use strict';
// "Manage subscription" in a mail: the link opens the preferences at once, and saving them is the
// second step. Whoever else has the mail can do no more than unsubscribe and choose.
const { sql } = require('../../lib/notifiers.js');
const { send, mailTo, subscribe } = require('../../lib/readers.js');
const { upWithMail } = require('../../lib/mailed.js');
const { ok, is, scenario } = require('../../lib/tap.js');

const ADDRESS = 'ann@readers.example';
const row = (amends, columns) => sql(amends, `select ${columns} from subscriber where address = '${ADDRESS}'`)[0];
const look = (amends, target) => amends.request('GET', target, undefined, { key: null });

async function twoSteps(amends, link) {
  const before = row(amends, 'verbosity, state, changed_at');
  for (let i = 0; i < 3; i += 1) await look(amends, link);
  is(row(amends, 'verbosity, state, changed_at'), before, 'a scanner that fetches the link changes nothing');
  const page = await look(amends, link); // step 1
  ok(page.status === 200 && /name="verbosity" value="milestones"/.test(page.text), 'step 1: the link opens the preferences');
  is(page.headers.get('referrer-policy'), 'no-referrer', 'which tell no other site their address');
  ok(/a\.\.\.@readers\.example/.test(page.text) && !page.text.includes(ADDRESS), 'and show only a hint of the address');
  ok(page.text.includes(`action="${link}"`) && page.text.includes(`href="${link.replace('/p/', '/u/')}"`), 'the form and the link to unsubscribe need no more');
  const saved = await send(amends, link, { do: 'save', what: 'some', component: 'api', verbosity: 'milestones', locale: 'de', timezone: 'Europe/Berlin' }); // step 2
  ok(saved.status === 200 && /role="status"/.test(saved.text), 'step 2: saved');
  is(row(amends, 'verbosity, locale, timezone'), ['milestones', 'de', 'Europe/Berlin'], 'as chosen');
  is(sql(amends, "select action, source from consent order by id desc limit 1"), [['changed', 'page']], 'and recorded');
  const wrong = await send(amends, link, { do: 'save', what: 'all', verbosity: 'every', locale: 'de', timezone: 'Nowhere' });
  ok(wrong.status === 422 && /name="timezone"[^>]*aria-invalid="true"/.test(wrong.text) && /class="wrong"/.test(wrong.text), 'a mistake is shown beside its field');
  await send(amends, link, { do: 'pause', until: '2099-01-01' });
  is((await send(amends, link, { do: 'pause', until: new Date(Date.now() + 5 * 864e5).toISOString().slice(0, 10) })).status, 200, 'a pause');
  is(row(amends, 'state'), ['paused'], 'is taken');
  is([(await send(amends, link, { do: 'resume' })).status, row(amends, 'state')[0]], [200, 'active'], 'and ended');
}

async function noMore(amends, link) {
  for (const act of ['erase', 'move', 'rotate', 'unsubscribe', 'leave']) {
    is((await send(amends, link, { do: act, address: 'eve@readers.example' })).status, 403, `${act} needs a link of an hour`);
  }
  is(row(amends, 'state'), ['active'], 'nothing happened');
  is((await send(amends, link, { do: 'save', what: 'all' }, { origin: 'https://evil.example' })).status, 403, 'nor from another site');
  is((await look(amends, `${link}x`)).status, 404, 'a forged link opens nothing');
  const confirm = link.replace('/p/', '/confirm/');
  is((await look(amends, confirm)).status, 404, 'and this one confirms nothing');
  const page = await look(amends, link);
  ok(!/value="(erase|move)"|preferences\/record/.test(page.text), 'the page does not offer it');
}

scenario(async (cleanup) => {
  const { amends, mails } = await upWithMail(cleanup);
  await amends.call('POST', '/v1/components', { slug: 'api', name: 'API' });
  await subscribe(amends, mails, ADDRESS);
  await amends.call('POST', '/v1/incidents', { title: 'Late', kind: 'incident', state: 'investigating', body: 'We look into it.', notify: true, components: [{ component: 'api', level: 'major_outage' }] });
  const link = (await mailTo(mails, ADDRESS, 1)).link('p');
  if (!ok(link, 'a mail has a signed link to manage the subscription')) return;
  await twoSteps(amends, link);
  await noMore(amends, link);
  await send(amends, link.replace('/p/', '/u/'), {});
  is((await look(amends, link)).headers.get('location'), link.replace('/p/', '/u/'), 'after unsubscribing it leads to the page that undoes that');
});
