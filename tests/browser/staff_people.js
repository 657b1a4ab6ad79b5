#!/usr/bin/env node
'use strict';
// The console's pages about people, in a real browser: subscribers, one of them, suppressions,
// components, notices, alerts, sign-in by OpenID Connect and the second factor's picture; on a phone
// and a desk, light and dark, in three languages. axe-core finds nothing, nothing is too wide,
// nothing is written to the browser's console; screenshots stay in BUILD/screenshots.
const { Amends, freshDirectory } = require('../lib/amends.js');
const { measure, minute } = require('../lib/measurements.js');
const { sql } = require('../lib/notifiers.js');
const { OidcProvider } = require('../lib/oidc_provider.js');
const { MailSink } = require('../lib/sinks.js');
const { PASSWORD, person } = require('../lib/staff.js');
const { code } = require('../lib/totp.js');
const { launch, open, nameOf, chosen, PHONE, DESK } = require('../lib/walk.js');
const { is, note, scenario } = require('../lib/tap.js');

const WALKS = [
  { language: 'en', scheme: 'light', device: 'phone', size: PHONE },
  { language: 'de', scheme: 'dark', device: 'phone', size: PHONE },
  { language: 'ja', scheme: 'light', device: 'desk', size: DESK },
  { language: 'en', scheme: 'dark', device: 'desk', size: DESK },
];
const CHOSEN = chosen(WALKS, [1]);

async function prepare(amends) {
  for (const [slug, name, group] of [['api', 'API', 'platform'], ['web-login', 'Web login', 'platform'], ['messages', 'Message delivery', 'chat']]) {
    await amends.call('POST', '/v1/components', { slug, name, group });
  }
  await amends.call('PATCH', '/v1/components/messages', { description: 'Chat messages and their push notifications.' });
  await amends.call('PATCH', '/v1/component-groups/chat', { name: 'Chat & calls', description: 'All that people say to each other.' });
  await amends.call('POST', '/v1/components', { slug: 'pager', name: 'Pager' });
  await amends.call('PATCH', '/v1/components/pager', { archived: true });
  for (let n = 0; n < 8; n += 1) await amends.call('POST', '/v1/subscribers', { channel: 'email', address: `reader${n}@a-rather-long-company-name.example`, confirmed: true, components: n % 2 ? ['api'] : [] });
  const posted = await amends.call('POST', '/v1/incidents', { ref: 'late', title: 'Messages arrive late', kind: 'incident', state: 'investigating', body: 'We look into it.', components: [{ component: 'api', level: 'partial_outage' }] });
  await amends.settled(posted.broadcast);
  await amends.call('POST', '/v1/suppressions', { address: 'angry@five.example', note: 'wrote a letter' });
  await amends.call('POST', '/v1/alert-sources', { name: 'prometheus', format: 'alertmanager' });
  await amends.call('POST', '/v1/measurement-sources', { name: 'prometheus', component_label: 'service', match: [{ label: '__name__', value: 'http_requests_total' }], bad: [{ label: 'code', op: '=~', value: '5..' }] });
  await amends.call('POST', '/v1/alert-rules', { name: 'Errors', component_label: 'service', level: 'partial_outage', match: [{ label: 'severity', op: 'in', values: ['critical', 'page'] }], group_by: ['region'], scope_labels: ['region'], for_seconds: 60, publish_after_minutes: 15 });
  await amends.call('POST', '/v1/alert-rules', { name: 'Ratio', level: 'partial_outage', match: [{ label: 'component', value: 'web-login' }], error_bp: 500, bad_minutes: 2 });
  await measure(amends, Array.from({ length: 60 }, (_, n) => minute('web-login', n, n > 20 && n < 35 ? n - 18 : n % 3)));
  sql(amends, "update alert_group set check_at = '-infinity'; select amends.alerts_due('2026-03-03T11:30:00Z', 'http://x')");
  for (const n of WALKS.keys()) person(amends, `walker${n}`, ['admin'], { name: `Walker ${n}`, email: `walker${n}@staff.example` });
}

async function walk(amends, provider, browser, how, n) {
  const name = nameOf(how);
  const steps = await open(browser, amends.url, { ...how, name: `staff-people-${name}`, asks: [provider.issuer] });
  const { page } = steps;
  const go = (target) => steps.go(`${target}${target.includes('?') ? '&' : '?'}lang=${how.language}`);
  provider.claims = { sub: `walker-${n}`, email: `walker${n}@staff.example`, email_verified: true };

  await go('/staff/login');
  await steps.look('login');
  await go('/staff/login/forgot');
  await steps.look('forgot');
  await go('/staff/login');
  await steps.press('main a.button');
  is(new URL(page.url()).pathname, '/staff', `${name}: signed in by OpenID Connect`);
  await go('/staff/subscribers');
  await steps.look('subscribers');
  await page.focus('#q');
  await page.keyboard.type('reader3@');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  is(await page.locator('ul.past li').count(), 1, 'the keyboard finds one');
  await steps.press('ul.past a');
  await steps.look('subscriber');
  await page.fill('#save-note', 'asked by telephone');
  await steps.press('button[value=save]');
  await page.waitForSelector('[role=status]');
  await go('/staff/subscribers?q=z');
  await steps.look('subscribers-wrong');
  await go('/staff/subscribers/suppressed');
  await page.click('details summary');
  await steps.look('suppressed');
  await go('/staff/subscribers/imports');
  await page.setInputFiles('#file', { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from('address,locale\nfresh@six.example,de\nnothing,de\n') });
  await steps.look('imports');
  await steps.press('main form button');
  await steps.look('import-looked-at');
  await page.check('input[name=skip]');
  await steps.press('button[value=import]');
  await steps.look('import');
  await steps.pressSure('button[value=undo]', 'import-undo-asked');
  await go('/staff/components');
  await page.click('form.card details summary');
  await steps.look('components');
  await go('/staff/notices');
  await page.fill('#subject', 'Our prices');
  await page.fill('#body', 'They **stay** as they are.');
  await steps.press('button[value=look]');
  await steps.look('notice');
  await go('/staff/account');
  await page.fill('#offer-old', PASSWORD);
  await steps.press('button[value=offer]');
  await page.waitForSelector('svg.qr');
  await steps.look('second-factor');
  await page.fill('#code', code((await page.textContent('main p > code')).trim(), Math.floor(Date.now() / 30000)));
  await steps.press('button[value=totp]');
  is(await page.locator('ul.codes li').count(), 10, `${name}: ten recovery codes, shown once`);
  await steps.look('recovery-codes');
  sql(amends, `update staff_recovery_code set used_at = now() where ctid in (select ctid from staff_recovery_code where staff_id = (select id from staff where login = 'walker${n}') limit 8)`);
  await go('/staff/account');
  await steps.look('few-codes');
  await go('/staff/access');
  await steps.look('people');
  await page.click('article button[value=invite]');
  await page.waitForSelector('p.told');
  await steps.look('link-sent');
  await go('/staff/access/keys');
  await steps.look('keys');
  await page.fill('#name', 'Billing');
  await page.click('.chip >> nth=0');
  await steps.press('button[value=add]');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.click('button.copy');
  await steps.look('key');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  is(copied, await page.textContent('main .told code'), `${name}: the new key is copied by a button`);
  await go('/staff/access/audit?action=staff');
  await page.click('li details summary >> nth=0');
  await steps.look('audit');
  await go('/staff/incidents?q=late&level=partial_outage');
  await steps.look('incidents-found');
  for (const target of ['alerts', 'alerts/rules/1', 'alerts/sources', 'alerts/sources/prometheus', 'alerts/measurements', 'alerts/measurements/prometheus', 'alerts/test']) {
    await go(`/staff/${target}`);
    await steps.look(target.replaceAll('/', '-'));
  }
  await go('/staff/suggestions/1');
  await page.click('.ratio ~ details summary');
  await steps.look('suggestion-ratio');
  is(steps.faults, [], `axe-core finds nothing on ${steps.n} pages, none is too wide, the browser complains of nothing`);
  await page.context().close();
}

scenario(async (cleanup) => {
  const dir = freshDirectory();
  const mails = await MailSink.start(dir);
  cleanup(() => mails.stop());
  const provider = await OidcProvider.start();
  cleanup(() => provider.stop());
  const amends = await Amends.up({ dir, env: { ...provider.env(), AMENDS_SMTP_URL: mails.url, AMENDS_BRAND: 'Example Chat' } });
  cleanup(() => amends.destroy());
  const browser = await launch();
  cleanup(() => browser.close());
  note(`Chromium ${browser.version()}`);
  await prepare(amends);
  for (const [n, how] of CHOSEN) await walk(amends, provider, browser, how, n);
});
