#!/usr/bin/env node
'use strict';
// The worked example of a policy is computed by the engine, for every model, and writes nothing; the list of policies has pages, and no policy of a review.
const { Amends } = require('../../lib/amends.js');
const { sql } = require('../../lib/notifiers.js');
const { is, ok, scenario } = require('../../lib/tap.js');

const TIERS = { name: 'tiers', model: 'tiered', tiers: [{ uptime_below: '99.9', percent: '10' }, { uptime_below: '99', percent: '25' }] };
const TABLES = ['account', 'component', 'incident', 'impact', 'policy', 'credit_run', 'credit', 'credit_working', 'cohort'];

scenario(async (cleanup) => {
  const amends = await Amends.up({});
  cleanup(() => amends.destroy());
  const example = (policy, more = {}) => amends.call('POST', '/v1/policies/example', { policy, ...more });
  const rows = () => sql(amends, TABLES.map((table) => `select count(*) from ${table}`).join(' union all '));
  const before = rows();
  const gets = async (policy, more) => (await example(policy, more)).amount_minor;

  const ten = await example({ name: 'ten', model: 'prorata', multiplier: '10' });
  is([ten.component, ten.currency, ten.price_minor, ten.amount_minor], ['API', 'USD', 9900, 498], '99.00 USD a month, 3 h 44 min 40 s: ten times 13480 s of 2678400 s');
  is([ten.text, ten.gets, (await example({ name: 'ten', model: 'prorata', multiplier: '10' }, { locale: 'de' })).gets], ['An account that pays 99.00 USD a month receives 4.98 USD if API is affected for 3 h 44 min 40 s, starting on 10 March (Major outage).', '4.98 USD', '4,98 USD'], 'in a sentence, in a language that is asked for');
  is([ten.from.slice(4), ten.to.slice(4), ten.lines.length], ['-03-10T10:07:30Z', '-03-10T13:52:10Z', 1], 'on 10 March, with its calculation');
  is(ten.lines[0].exact.decimal.slice(0, 8), '498.2526', 'exactly');
  is(await gets({ name: 'half', model: 'prorata', weights_bp: { partial_outage: 5000 } }, { level: 'partial_outage', seconds: 3600, price_minor: 74400 }), 50, 'half of an hour at 1.00 an hour');
  is([await gets(TIERS), await gets(TIERS, { seconds: 86400 }), await gets(TIERS, { seconds: 60 })], [990, 2475, 0], 'tiers');
  const days = await example({ name: 'days', model: 'tiered', tiers: [{ uptime_below: '90', days: '3' }], remedy: 'days', applies: { plans: ['gold'] }, claim: { required: true } });
  is([days.credit_currency, days.gets, Date.parse(days.to) - Date.parse(days.from)], ['DAY', '3 days', 10 * 864e5], 'days of the term, for its plan and its claim, from an outage that is long enough');
  is(await gets({ name: 'days', model: 'days', days: '2' }, { currency: 'EUR', price_minor: 3100 }), 200, 'two days of March');
  const fixed = await example({ name: 'fixed', model: 'fixed', amounts: { JPY: 1500 } });
  is([fixed.currency, fixed.price_minor, fixed.amount_minor], ['JPY', 9900, 1500], 'a fixed amount is shown in a currency that has one');
  await amends.call('POST', '/v1/components', { slug: 'mail', name: 'Mail <relay>' });
  is((await example({ ...TIERS, components: ['mail'] })).component, 'Mail <relay>', 'the component is one that the policy counts');
  const wrong = await amends.request('POST', '/v1/policies/example', { policy: TIERS, currency: 'XYZ' });
  is([wrong.status, wrong.body.errors[0].field], [422, 'currency'], 'a currency that is none is refused');
  is(rows(), before.map(([n], i) => [String(Number(n) + (TABLES[i] === 'component'))]), 'nothing is left behind');

  for (let i = 0; i < 3; i += 1) await amends.call('POST', '/v1/policies', { name: 'many', model: 'prorata', multiplier: String(i + 1) });
  await amends.call('POST', '/v1/policies', TIERS);
  sql(amends, `insert into policy (name, version, document, helper) values ('review-1', 1, '{}', true)`);
  const list = (query = '') => amends.call('GET', `/v1/policies${query}`);
  is((await list()).data.map((one) => `${one.name} ${one.version}`), ['tiers 1', 'many 3', 'many 2', 'many 1'], 'newest first, without the policy of a review');
  is((await list('?newest=true')).data.map((one) => [one.name, one.version, one.runs, one.all_runs]), [['tiers', 1, 0, 0], ['many', 3, 0, 0]], 'only the newest of each');
  is((await list('?name=many')).data.length, 3, 'by name');
  const page = await list('?limit=1&newest=true');
  ok(page.next_cursor && page.data.length === 1, 'in pages');
  is((await list(`?limit=1&newest=true&cursor=${page.next_cursor}`)).data[0].name, 'many', 'that go on');
});
