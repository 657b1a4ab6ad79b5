-- Claims: batches of recipients for a notifier. claim_range and claim_batch return the recipients
-- that get a message.

-- Whether an earlier message of the same card (cards.sql) is not settled in the same place: this
-- one would not find the card, or the earlier one would take its place.
create function amends.card_under_way(in_broadcast broadcast, in_recipient bigint)
  returns boolean language sql stable as $$
  select exists (select from broadcast o join delivery_retry h on h.broadcast_id = o.id
    where o.kind = 'staff' and o.extra->>'card' = in_broadcast.extra->>'card'
      and o.id < in_broadcast.id and h.recipient_id = in_recipient and h.channel = 'slack')
$$;

-- The retries that are due on a channel. A first attempt waits while an older update is in flight
-- to the same recipient, and a message of a card for those before it.
create function amends.retry_due(in_channel channel) returns setof delivery_retry
  language sql stable as $$
  select r.* from delivery_retry r join broadcast b on b.id = r.broadcast_id
  where r.channel = in_channel and r.batch_id is null and r.due_at <= now()
    and not (r.attempts = 0 and exists (
      select from amends.older_in_flight(b.id, coalesce(b.incident_ids, array[b.incident_id])) h
      where h.recipient_id = r.recipient_id))
    and not (r.channel = 'slack' and b.kind = 'staff'
      and amends.card_under_way(b, r.recipient_id))
$$;

-- The update of a broadcast if its mails say how to claim credit, otherwise null.
create function amends.broadcast_asks_claims(in_broadcast broadcast, in_channel channel)
  returns bigint language plpgsql stable as $$
begin
  return case when in_broadcast.kind = 'update' and in_channel = 'email'
    and amends.update_asks_claims(in_broadcast.update_id) then in_broadcast.update_id end;
end $$;

-- Whether the mails of a broadcast lead contacts to the page of their account.
create function amends.broadcast_opens_accounts(in_broadcast broadcast, in_channel channel)
  returns boolean language sql immutable as $$
  select in_channel = 'email' and in_broadcast.kind in ('update', 'reminder', 'digest')
$$;

-- The subscribers by e-mail that are a contact of their account: the same address, to which letters
-- about credits bring the same link. PL/pgSQL as in letters_to.
create function amends.page_contacts(in_subscribers bigint[])
  returns table (subscriber bigint, contact bigint) language plpgsql stable strict as $$
begin
  return query
    select s.id, min(k.id) from subscriber s join account_contact k
      on k.account_id = s.account_id and k.address_hash = s.address_hash
    where s.id = any (in_subscribers) and s.channel = 'email'
    group by s.id;
end $$;

-- Claim the next range of a broadcast on a channel: from its cursor to in_stop at most, reading at
-- most in_scan rows and taking at most in_limit recipients. Moves the cursor, settles recipients
-- without a message (suppressed, superseded), postpones those with an older update in flight, and
-- makes a batch of the rest.
create function amends.claim_range(in_broadcast bigint, in_channel channel, in_owner integer,
  in_stop bigint, in_limit bigint, in_scan bigint)
returns table (batch_id bigint, lease bigint, id bigint, address text, sealed text, secret text,
  locale text, timezone text, format text, selection text, contact_name text, account_name text,
  account_ref text, credit_id bigint, amounts text, currency text, why text, days text,
  claim_account bigint, claim_contact bigint, claim_until timestamptz, claim text,
  page_contact bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  b broadcast;
  c broadcast_cursor;
  v_audience text;
  v_incidents bigint[];
  v_run bigint;
  v_asks bigint;
  v_opens boolean;
  v_last bigint;
begin
  -- A separate statement, so that the next ones see the changes of the previous holder of the lock.
  -- A transaction locks cursors in the order of channels, as broadcast_release does.
  perform 1 from broadcast_cursor where broadcast_id = in_broadcast and channel = in_channel
    for update;
  select * into c from broadcast_cursor
    where broadcast_id = in_broadcast and channel = in_channel and not exhausted
      and trouble is null;
  select * into b from broadcast where id = in_broadcast and state = 'sending'
    and (c.pos < in_stop or c.pos >= upper_id);
  if not found then
    return;
  end if;
  select amends.audience_of(b, audience) into v_audience from broadcast_kind where kind = b.kind;
  v_incidents := coalesce(b.incident_ids, array[b.incident_id]);
  v_run := case v_audience when 'contacts' then b.credit_run_id end;
  v_asks := amends.broadcast_asks_claims(b, in_channel);
  v_opens := amends.broadcast_opens_accounts(b, in_channel);
  v_last := least(b.upper_id, in_stop);
  return query
  with win as materialized (
    select coalesce(max(hi), v_last) as hi
    from amends.audience_window(b.id, v_audience, in_channel, c.pos, v_last, in_scan)),
  a as materialized (
    select x.* from win cross join lateral
      amends.audience(b, v_audience, v_incidents, c, c.pos, win.hi, in_scan) x
    order by channel, id limit in_limit),
  reach as materialized (
    select count(*) as n, bool_or(settled is null) as sends, count(settled) > 0 as others,
      greatest(c.pos, case when count(*) = in_limit then max(id)
        else (select hi from win) end) as pos from a),
  moved as (
    update broadcast_cursor set pos = reach.pos, exhausted = reach.pos >= b.upper_id,
      claimed = claimed + reach.n
    from reach where broadcast_id = in_broadcast and channel = in_channel),
  -- An SMS about to be sent is recorded as unknown.
  settled as (
    insert into delivery (broadcast_id, recipient_id, channel, state, reason, attempts)
    select in_broadcast, id, in_channel, coalesce(settled, 'unknown')::delivery_state,
      case when settled is null then 'sending' end, (settled is null)::integer
    from a where ((select others from reach) or in_channel = 'sms')
      and (settled is not null or in_channel = 'sms') and settled is distinct from 'held'
    on conflict do nothing),
  held as (
    insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at,
      reason)
    select in_broadcast, id, in_channel, 0, now(), now(), 'older_in_flight'
    from a where (select others from reach) and settled = 'held'
    on conflict do nothing),
  made as (
    insert into batch (broadcast_id, channel, lo, hi, lease, owner, leased_until)
    select in_broadcast, in_channel, c.pos, pos, nextval('batch_lease'), in_owner,
      now() + interval '1 minute' from reach where sends
    returning id, lease)
  select made.id, made.lease, a.id, a.address, a.sealed, a.secret,
    a.locale, a.timezone, a.format, coalesce(a.selection, l.selection), l.contact_name,
    l.account_name, l.account_ref, l.credit_id, l.amounts, l.currency, l.why, l.days,
    k.account, k.contact, k.until, k.claim, p.contact
  from made cross join a left join amends.letters_to(v_run, case when v_run is not null
      then array(select id from a where settled is null) end) l on l.contact = a.id
    left join amends.claims_to(v_asks, case when v_asks is not null
      then array(select id from a where settled is null) end) k on k.subscriber = a.id
    left join amends.page_contacts(case when v_opens
      then array(select id from a where settled is null) end) p on p.subscriber = a.id
  where a.settled is null;
end $$;

-- The unsettled rest of a batch of this notifier, a range or a group of retries: settle recipients
-- without a message, and drop the batch if none are left. in_staff: the addresses of staff.
create function amends.claim_batch(in_batch bigint, in_staff text[])
returns table (broadcast_id bigint, batch_id bigint, lease bigint, again boolean, id bigint,
  address text, sealed text, secret text, locale text, timezone text, format text, selection text,
  attempts smallint, first_at timestamptz, possible_duplicate boolean, contact_name text,
  account_name text, account_ref text, credit_id bigint, amounts text, currency text, why text,
  days text, claim_account bigint, claim_contact bigint, claim_until timestamptz, claim text,
  page_contact bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  t batch;
  b broadcast;
  c broadcast_cursor;
  k broadcast_kind;
  v_incidents bigint[];
  v_run bigint;
  v_asks bigint;
  v_opens boolean;
  v_contact bigint;
begin
  select * into t from batch where id = in_batch;
  select * into b from broadcast where id = t.broadcast_id;
  select * into c from broadcast_cursor where broadcast_id = b.id and channel = t.channel;
  select * into k from broadcast_kind where kind = b.kind;
  v_incidents := coalesce(b.incident_ids, array[b.incident_id]);
  v_contact := (b.extra->>'contact')::bigint;
  v_asks := amends.broadcast_asks_claims(b, t.channel);
  v_opens := amends.broadcast_opens_accounts(b, t.channel);
  v_run := case when k.audience = 'contacts' or v_contact is not null then b.credit_run_id end;
  return query
  with a as materialized (
    -- A range of an orphan: some recipients may have an outcome or a retry. None are held any more.
    select id, address, sealed, secret, locale, timezone, format, selection,
      nullif(settled, 'held') as settled, null as reason, 0::smallint as attempts,
      null::timestamptz as first_at, null::boolean as possible_duplicate
    from amends.audience(b, amends.audience_of(b, k.audience), v_incidents, c, t.lo, t.hi,
      null) x
    where t.hi > 0 and not exists (
        select from delivery d where d.broadcast_id = b.id and d.recipient_id = x.id)
      and not exists (
        select from delivery_retry r where r.broadcast_id = b.id and r.recipient_id = x.id)
    union all
    select r.recipient_id, n.address, n.sealed, n.secret, n.locale, n.timezone, n.format,
      n.selection,
      case when b.state = 'cancelled' then 'failed' when n.address is null then 'suppressed'
        else n.settled end,
      case when b.state = 'cancelled' then 'cancelled' end, r.attempts, r.first_at,
      r.possible_duplicate
    from delivery_retry r left join lateral amends.recipient_now(b, k.recipient, k.audience,
      t.channel, r.recipient_id, c.newer_every and not r.replay,
      c.newer_milestone and not r.replay, in_staff) n on true
    where t.hi = 0 and r.batch_id = in_batch),
  -- An SMS about to be sent is recorded as unknown.
  gone as materialized (
    select id, coalesce(settled, 'unknown')::delivery_state as state,
      case when settled is null then 'sending' else reason end as reason,
      attempts + (settled is null)::integer as attempts
    from a where settled is not null or t.channel = 'sms'),
  settled as (
    insert into delivery (broadcast_id, recipient_id, channel, state, reason, attempts)
    select b.id, id, t.channel, state, reason, attempts from gone on conflict do nothing),
  tried as (
    delete from delivery_retry r using gone
    where r.broadcast_id = b.id and r.recipient_id = gone.id),
  dropped as (
    delete from batch where id = in_batch and not exists (select from a where settled is null))
  select b.id, in_batch, t.lease, t.hi = 0, a.id, a.address, a.sealed, a.secret, a.locale,
    a.timezone, a.format, coalesce(a.selection, l.selection), a.attempts, a.first_at,
    a.possible_duplicate,
    l.contact_name, l.account_name, l.account_ref,
    coalesce(l.credit_id, case k.recipient when 'contact' then (b.extra->>'credit')::bigint end),
    l.amounts, l.currency, l.why, l.days, m.account, m.contact, m.until, m.claim,
    p.contact
  from a left join amends.letters_to(v_run, case when v_run is not null
      then array(select coalesce(v_contact, id) from a where settled is null) end) l
    on l.contact = coalesce(v_contact, a.id)
    left join amends.claims_to(v_asks, case when v_asks is not null
      then array(select id from a where settled is null) end) m on m.subscriber = a.id
    left join amends.page_contacts(case when v_opens
      then array(select id from a where settled is null) end) p on p.subscriber = a.id
  where a.settled is null
  order by a.id;
end $$;

-- A batch of the retries that are due on a channel, of the first broadcast in order; null: none.
create function amends.batch_of_due(in_channel channel, in_owner integer, in_limit bigint)
returns bigint language plpgsql as $$
declare
  v_broadcast bigint;
  v_batch bigint;
begin
  select c.broadcast_id into v_broadcast
    from broadcast_cursor c join broadcast b on b.id = c.broadcast_id
    where c.channel = in_channel and c.broadcast_id in (
      select broadcast_id from amends.retry_due(in_channel) limit 1000)
    order by b.priority, b.id limit 1 for update of c skip locked;
  if not found then
    return null;
  end if;
  insert into batch (broadcast_id, channel, lo, hi, lease, owner, leased_until)
    values (v_broadcast, in_channel, 0, 0, nextval('batch_lease'), in_owner,
      now() + interval '1 minute') returning id into v_batch;
  with due as materialized (
    select r.recipient_id from amends.retry_due(in_channel) d
      join delivery_retry r using (broadcast_id, recipient_id)
    where d.broadcast_id = v_broadcast and r.batch_id is null
    order by r.recipient_id limit in_limit for update of r skip locked)
  update delivery_retry r set batch_id = v_batch from due
    where r.broadcast_id = v_broadcast and r.recipient_id = due.recipient_id;
  return v_batch;
end $$;

-- A batch on a channel whose owner has died or has hung for longer than its lease; null: none.
create function amends.batch_of_orphan(in_channel channel, in_owner integer)
returns bigint language sql as $$
  update batch set owner = in_owner, lease = nextval('batch_lease'), orphan = true,
    leased_until = now() + interval '1 minute'
  where id = (
    select id from batch b
    where channel = in_channel and owner <> in_owner and (leased_until < now()
      or not exists (select from amends.notifier_alive a where a.id = b.owner))
    order by id limit 1 for update skip locked)
  returning id
$$;
