#!/usr/bin/env node
'use strict';
// The owner of the database has billing issue what nobody approved: a draft whose amounts were changed,
// and one that an UPDATE approved. Billing compares with the signed entries and refuses both.
const { Amends, waitUntil } = require('../../lib/amends.js');
const lib = require('../../lib/cases.js');
const { psql, verify } = require('../../lib/books.js');
const { approver } = require('../../lib/staff.js');
const { ok, is, scenario } = require('../../lib/tap.js');

scenario(async (cleanup) => {
  const amends = await Amends.up();
  cleanup(() => amends.destroy());
  const one = lib.cases().find((each) => each.name.startsWith('2025'));
  await lib.createCatalogue(amends);
  await lib.replayCase(amends, one);
  const key = approver(amends);
  const draft = async () => {
    const run = await amends.call('POST', '/v1/credit-runs', { policy: one.policy, incidents: one.incidents.map((each) => each.ref), reason: 'test' });
    await lib.acknowledge(amends, run);
    return run;
  };
  const larger = await draft();
  const [credit] = await amends.all(`/v1/credit-runs/${larger.id}/credits`);
  psql(amends, `update credit set amount_minor = amount_minor + 1 where id = ${credit.id}; update credit_line set amount_minor = amount_minor + 1 where (credit_id, period_from) = (select credit_id, min(period_from) from credit_line where credit_id = ${credit.id} group by 1)`);
  const refused = await amends.request('POST', `/v1/credit-runs/${larger.id}/approve`, undefined, { key });
  is(refused.status, 409, 'a draft that was changed is not issued');
  ok(new RegExp(`credit ${credit.id}: amount_minor changed since entry \\d+ \\(draft ${larger.id}\\)`).test(refused.body.detail), refused.body.detail);
  const forged = await draft();
  psql(amends, `update credit_run set state = 'approved', approved_by = 2, approved_at = now() where id = ${forged.id}; select pg_notify('credit_run', '${forged.id}')`);
  const failed = await waitUntil('billing saw it', async () => {
    const run = await amends.call('GET', `/v1/credit-runs/${forged.id}`);
    return run.state !== 'approved' && run;
  });
  is([failed.state, /no entry "approve" .* has a signature of ours/.test(failed.failure)], ['failed', true], `one that nobody approved fails: ${failed.failure}`);
  is(await amends.all('/v1/credits'), [], 'and nothing reaches the feed');
  const books = verify(amends);
  ok(books.code === 1 && /no entry "approve"/.test(books.text), 'which verify names');
});
