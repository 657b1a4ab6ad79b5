'use strict';
// Plays random worlds against a running service, with real posts and a real notifier, and
// compares the recipients of each broadcast with the naive model.
const { isDeepStrictEqual } = require('node:util');
const { waitUntil } = require('./amends.js');
const { sql } = require('./notifiers.js');
const { randomWorld, naiveAudience } = require('./naive_audience.js');

const literal = (value) => `'${JSON.stringify(value).replaceAll("'", "''")}'::jsonb`;

// Readers by SQL, any number and in every state, which no interface creates.
function addReaders(amends, { groups, accounts, people }) {
  sql(amends, `
    create temp table customer as select c, c->>'name' as name from jsonb_array_elements(${literal(accounts)}) c;
    insert into account (external_id, name, currency, exponent, timezone, billing_interval, anchor, labels)
      select name, name, 'EUR', 2, 'UTC', 'month', '2019-01-01', c->'labels' from customer;
    insert into account_component (account_id, component_id)
      select a.id, t.id from customer q join account a on a.external_id = q.name join component t on c->'uses' ? t.slug;
    delete from mute; delete from subscription; delete from suppression; delete from subscriber;
    insert into component_group (slug) select jsonb_array_elements_text(${literal(groups)}) on conflict do nothing;
    create temp table person as select p, row_number() over () as n, p->>'address' as address from jsonb_array_elements(${literal(people)}) p;
    insert into subscriber (channel, address, address_hash, state, verbosity, paused_until, account_id)
      select case when address like '+%' then 'sms' else 'email' end::channel, address, sha256(address::bytea), (p->>'state')::subscriber_state,
        (p->>'verbosity')::verbosity, case p->>'state' when 'paused' then now() + interval '1 day' end,
        (select id from account where external_id = p->'account'->>'name') from person order by n;
    insert into suppression (address_hash, channel, reason) select sha256(address::bytea), 'email', 'bounce' from person where (p->>'blocked')::boolean;
    insert into subscription (subscriber_id, kind, target_id)
      select s.id, 'all', 0 from person join subscriber s using (address) where (p->>'all')::boolean
      union all select s.id, 'group', t.id from person join subscriber s using (address) join component_group t on p->'groups' ? t.slug
      union all select s.id, 'component', t.id from person join subscriber s using (address) join component t on p->'components' ? t.slug;
    insert into mute (subscriber_id, kind, target_id)
      select s.id, 'component', t.id from person join subscriber s using (address) join component t on p->'mutedComponents' ? t.slug;`);
}

// Subscribers of an incident are added between the posts, since it must exist first.
function addOfIncidents(amends, people) {
  sql(amends, `
    create temp table person as select p, p->>'address' as address from jsonb_array_elements(${literal(people)}) p;
    insert into subscription (subscriber_id, kind, target_id)
      select s.id, 'incident', t.id from person join subscriber s using (address) join incident t on p->'incidents' ? t.ref;
    insert into mute (subscriber_id, kind, target_id)
      select s.id, 'incident', t.id from person join subscriber s using (address) join incident t on p->'mutedIncidents' ? t.ref;`);
}

// The recipients of each broadcast: {broadcast: {address: outcome}}. One whose receiver was too slow to
// answer ("unknown") was meant all the same.
function reached(amends, broadcasts) {
  const rows = sql(amends, `select d.broadcast_id, s.address, case d.state when 'suppressed' then 'suppressed' when 'accepted' then 'sent' when 'unknown' then 'sent' else d.state::text end
    from delivery d join subscriber s on s.id = d.recipient_id where d.broadcast_id in (${broadcasts}) order by s.address`);
  const all = Object.fromEntries(broadcasts.map((broadcast) => [broadcast, {}]));
  for (const [broadcast, address, outcome] of rows) all[broadcast][address] = outcome;
  return all;
}

async function post(amends, world, item, nth) {
  const affected = (slugs) => slugs.map((component) => ({ component, level: 'partial_outage' }));
  if (nth === 0) {
    const body = { ref: item.ref, audience: item.audience, ...(item.scope ? { scope: item.scope } : {}), title: item.ref, kind: 'incident', state: 'investigating', body: 'x', components: affected(item.affected) };
    return (await amends.call('POST', '/v1/incidents', body)).broadcast;
  }
  if (item.changed) {
    const from = new Date(Date.now() - 3600000).toISOString();
    await amends.call('PUT', `/v1/incidents/${item.ref}/impacts`, { impacts: item.changed.map((component) => ({ component, level: 'partial_outage', from, ...(item.changedScope ? { scope: item.changedScope } : {}) })) });
  }
  return (await amends.call('POST', `/v1/incidents/${item.ref}/updates`, { state: item.state, body: 'y' })).broadcast;
}

// All incidents of a world at once. Returns {checked, wrong: [text]}.
async function playAudience(amends, seed, size) {
  const world = randomWorld(seed, { ...size, prefix: `w${seed}` });
  for (const { slug, first } of world.components) await amends.call('POST', '/v1/components', { slug, name: slug, ...(first ? { group: first } : {}) });
  addReaders(amends, world);
  for (const { slug, moves, second } of world.components) if (moves) await amends.call('PATCH', `/v1/components/${slug}`, { group: second });
  const wrong = [];
  let checked = 0;
  for (const nth of [0, 1]) {
    const posted = await Promise.all(world.posts.map(async (item) => [item, await post(amends, world, item, nth)]));
    const all = posted.map(([, broadcast]) => broadcast);
    await waitUntil(`broadcasts ${all} are done`, () => sql(amends, `select 1 from broadcast where id in (${all}) and state <> 'done'`).length === 0, 120000);
    const reachedBy = reached(amends, all);
    for (const [item, broadcast] of posted) {
      const want = nth === 0 ? naiveAudience({ ...world, people: world.people.map((one) => ({ ...one, incidents: [], mutedIncidents: [] })) }, item, nth) : naiveAudience(world, item, nth);
      const got = reachedBy[broadcast];
      checked += 1;
      if (!isDeepStrictEqual(got, want)) wrong.push(`seed ${seed} ${item.ref} post ${nth}: got ${JSON.stringify(got)} want ${JSON.stringify(want)} of ${JSON.stringify(item)}`);
    }
    if (nth === 0) addOfIncidents(amends, world.people);
  }
  return { checked, wrong, meant: world.people.length };
}

module.exports = { playAudience };
