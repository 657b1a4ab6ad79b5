-- How long things are kept. Outcomes are by far the most rows there are, so they stand in
-- partitions by ranges of broadcasts, which are in order of time, and old ones leave by dropping
-- a table (decision 90). Settling and reading name the broadcast and touch one partition.

-- Partition delivery_<lo> holds the outcomes of broadcasts from lo on and before hi.
create table delivery_range (
  lo bigint primary key,
  hi bigint unique check (hi > lo)    -- null: the last one, which takes whatever comes
);

-- What is left of outcomes that were dropped: their number.
create table delivery_tally (
  broadcast_id bigint not null references broadcast,
  channel channel not null,
  state delivery_state not null,
  n bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (broadcast_id, channel, state)
);

-- As many broadcasts as there were in the last month: so much does a new partition hold.
create function delivery_width() returns bigint language sql stable as
  $$ select greatest(count(*), 100) from broadcast where created_at > now() - interval '30 days' $$;

create function broadcast_next_id() returns bigint language sql volatile as
  $$ select coalesce(pg_sequence_last_value('broadcast_id_seq'), 0) + 1 $$;

alter table delivery rename to delivery_0;
alter table delivery_0 rename constraint delivery_pkey to delivery_0_pkey;
alter index delivery_sms_reference_idx rename to delivery_0_reference_idx;
alter index delivery_other_idx rename to delivery_0_other_idx;

create table delivery (like delivery_0 including defaults, primary key (broadcast_id, recipient_id)
) partition by range (broadcast_id);

-- The one scan of what there is, under the lock of this migration.
do $$
declare
  hi bigint := broadcast_next_id() + delivery_width();
begin
  execute format('alter table delivery attach partition delivery_0 for values from (minvalue) to (%s)', hi);
  execute format('create table delivery_%s partition of delivery for values from (%s) to (maxvalue)', hi, hi);
  insert into delivery_range values (0, hi), (hi, null);
end $$;

create index delivery_sms_reference_idx on delivery (reference) where reference is not null;
create index delivery_other_idx on delivery (broadcast_id, channel, state)
  where channel <> 'email' or state <> 'accepted';

-- Make the next partition while the last one is empty: attaching it anew reads what it holds.
-- True when one was made. Waits for the table at most as long as lock_timeout says.
create function delivery_roll() returns boolean language plpgsql as $$
declare
  v_width bigint := delivery_width();
  v_lo bigint;
  v_hi bigint;
begin
  select lo into v_lo from delivery_range where hi is null;
  if (select coalesce(max(id), 0) from broadcast) + v_width / 2 < v_lo then
    return false;
  end if;
  lock table delivery in access exclusive mode;
  v_hi := greatest(v_lo, broadcast_next_id()) + v_width;
  execute format('alter table delivery detach partition delivery_%s', v_lo);
  execute format('alter table delivery attach partition delivery_%s for values from (%s) to (%s)',
    v_lo, v_lo, v_hi);
  execute format('create table delivery_%s partition of delivery for values from (%s) to (maxvalue)',
    v_hi, v_hi);
  update delivery_range set hi = v_hi where lo = v_lo;
  insert into delivery_range values (v_hi, null);
  return true;
end $$;

-- Count what is about to go. Of letters to one reader nothing stays.
create function delivery_count(p_lo bigint, p_hi bigint) returns void language sql as $$
  insert into delivery_tally as t (broadcast_id, channel, state, n, first_at, last_at)
    select d.broadcast_id, d.channel, d.state, count(*), min(settled_at), max(settled_at)
    from delivery d join broadcast b on b.id = d.broadcast_id
    where d.broadcast_id >= p_lo and d.broadcast_id < p_hi and b.subscriber_id is null
    group by 1, 2, 3
  on conflict (broadcast_id, channel, state) do update set n = t.n + excluded.n,
    first_at = least(t.first_at, excluded.first_at), last_at = greatest(t.last_at, excluded.last_at);
$$;

-- Drop the oldest partition when every broadcast of it ended before p_before. True when it did.
create function delivery_drop(p_before timestamptz) returns boolean language plpgsql as $$
declare
  r delivery_range;
begin
  select * into r from delivery_range order by lo limit 1;
  if r.hi is null or r.hi > (select coalesce(max(id), 0) from broadcast)
    or exists (select from broadcast where id >= r.lo and id < r.hi
      and (done_at is null or done_at >= p_before)) then
    return false;
  end if;
  perform delivery_count(r.lo, r.hi);
  execute format('drop table delivery_%s', r.lo);
  delete from delivery_range where lo = r.lo;
  return true;
end $$;

-- Where few broadcasts are sent a partition spans years: what should have gone a month ago goes
-- by rows, one broadcast at a time. The number of rows.
create function delivery_delete(p_before timestamptz) returns bigint language plpgsql as $$
declare
  v_id bigint;
  n bigint;
begin
  select b.id into v_id from broadcast b where b.done_at < p_before - interval '30 days'
    and exists (select from delivery d where d.broadcast_id = b.id) order by b.id limit 1;
  if not found then
    return 0;
  end if;
  perform delivery_count(v_id, v_id + 1);
  delete from delivery where broadcast_id = v_id;
  get diagnostics n = row_count;
  return n;
end $$;

-- Who left and is not needed any more: only the keyed hash stays, so that no import brings them
-- back.
create function reader_forget(p_subscriber bigint) returns void language plpgsql as $$
declare
  s subscriber;
begin
  delete from subscriber where id = p_subscriber and state = 'unsubscribed' returning * into s;
  if found then
    insert into consent (subscriber_id, address_hash, action, wording, source, actor)
      values (null, s.address_hash, 'forgotten', 'retention-1', 'retention', 'role:billing');
    insert into suppression (address_hash, channel, reason)
      values (s.address_hash, s.channel, 'erased') on conflict do nothing;
  end if;
end $$;

-- Those who left, letters to one reader, and what mail servers said; a thousand of each. The
-- number of rows.
create function forget_readers(p_before timestamptz) returns bigint language sql as $$
  with gone as materialized (select reader_forget(id) from (select id from subscriber
      where state = 'unsubscribed' and changed_at < p_before order by id limit 1000) x),
    letter as materialized (select b.id from broadcast b where b.subscriber_id is not null
      and b.done_at < p_before and not exists (select from delivery d where d.broadcast_id = b.id)
      order by b.id limit 1000),
    cursors as (delete from broadcast_channel where broadcast_id in (select id from letter)),
    letters as (delete from broadcast where id in (select id from letter) returning 1),
    bounces as (delete from bounce where (broadcast_id, recipient_id, class) in (
      select broadcast_id, recipient_id, class from bounce where at < p_before limit 1000)
      returning 1)
  select (select count(*) from gone) + (select count(*) from letters)
    + (select count(*) from bounces);
$$;

-- What was only good for a while, whatever the retention is. The number of rows.
create function forget_expired() returns bigint language sql as $$
  with replies as (delete from idempotency where created_at < now() - interval '2 days' returning 1),
    sessions as (delete from staff_session where expires_at < now() returning 1),
    invitations as (delete from staff_invitation where expires_at < now() returning 1),
    files as (delete from import_file where kept_at < now() - interval '1 day' returning 1),
    tries as (delete from code_try where since < now() - interval '1 hour' returning 1),
    attempts as (delete from staff_attempt where at < now() - interval '1 hour' returning 1)
  select (select count(*) from replies) + (select count(*) from sessions)
    + (select count(*) from invitations) + (select count(*) from files)
    + (select count(*) from attempts) + (select count(*) from tries);
$$;
