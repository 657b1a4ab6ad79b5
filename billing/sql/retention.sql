-- Retention: partitions of outcomes are created, counted and dropped (decision 90). Functions that
-- need the privileges of the tables' owner run as the owner.

-- The size of a new partition: the number of broadcasts in the last month.
create function amends.delivery_width() returns bigint language sql stable as
  $$ select greatest(count(*), 100) from broadcast where created_at > now() - interval '30 days' $$;

create function amends.broadcast_next_id() returns bigint language sql volatile as
  $$ select coalesce(pg_sequence_last_value('broadcast_id_seq'), 0) + 1 $$;

-- Create the next partition while the last one is empty, because attaching that one again scans its
-- rows. True if one was created. It waits for the table at most lock_timeout.
create function amends.delivery_roll()
  returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_width bigint := amends.delivery_width();
  v_lo bigint;
  v_hi bigint;
begin
  select lo into v_lo from delivery_range where hi is null;
  if (select coalesce(max(id), 0) from broadcast) + v_width / 2 < v_lo then
    return false;
  end if;
  lock table delivery in access exclusive mode;
  v_hi := greatest(v_lo, amends.broadcast_next_id()) + v_width;
  execute format('alter table delivery detach partition delivery_%s', v_lo);
  execute format('alter table delivery attach partition delivery_%s for values from (%s) to (%s)',
    v_lo, v_lo, v_hi);
  execute format(
    'create table delivery_%s partition of delivery for values from (%s) to (maxvalue)',
    v_hi, v_hi);
  update delivery_range set hi = v_hi where lo = v_lo;
  insert into delivery_range values (v_hi, null);
  return true;
end $$;

-- Count the outcomes that are about to be dropped, except those of messages to one reader.
create function amends.delivery_count(in_lo bigint, in_hi bigint) returns void language sql as $$
  insert into delivery_tally as t (broadcast_id, channel, state, n, first_at, last_at)
    select d.broadcast_id, d.channel, d.state, count(*), min(settled_at), max(settled_at)
    from delivery d join broadcast b on b.id = d.broadcast_id
    where d.broadcast_id >= in_lo and d.broadcast_id < in_hi and b.subscriber_id is null
    group by 1, 2, 3
  on conflict (broadcast_id, channel, state) do update set n = t.n + excluded.n,
    first_at = least(t.first_at, excluded.first_at),
    last_at = greatest(t.last_at, excluded.last_at);
$$;

-- Drop the oldest partition if every broadcast of it ended before in_before. True if dropped.
create function amends.delivery_drop(in_before timestamptz)
  returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  r delivery_range;
begin
  select * into r from delivery_range order by lo limit 1;
  if r.hi is null or r.hi > (select coalesce(max(id), 0) from broadcast)
    or exists (select from broadcast where id >= r.lo and id < r.hi
      and (done_at is null or done_at >= in_before)) then
    return false;
  end if;
  perform amends.delivery_count(r.lo, r.hi);
  execute format('drop table delivery_%s', r.lo);
  delete from delivery_range where lo = r.lo;
  return true;
end $$;

-- If few broadcasts are sent, a partition spans years: outcomes a month overdue are deleted by row,
-- one broadcast at a time. Returns the number of rows.
create function amends.delivery_delete(in_before timestamptz)
  returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
  v_id bigint;
  n bigint;
begin
  select b.id into v_id from broadcast b where b.done_at < in_before - interval '30 days'
    and exists (select from delivery d where d.broadcast_id = b.id) order by b.id limit 1;
  if not found then
    return 0;
  end if;
  perform amends.delivery_count(v_id, v_id + 1);
  delete from delivery where broadcast_id = v_id;
  get diagnostics n = row_count;
  return n;
end $$;

-- Erase unsubscribed readers that nothing refers to: only the keyed hash stays, so that no import
-- subscribes them again.
create function amends.reader_forget(in_subscriber bigint) returns void language plpgsql as $$
declare
  s subscriber;
begin
  delete from subscriber where id = in_subscriber and state = 'unsubscribed' returning * into s;
  if found then
    insert into consent (subscriber_id, address_hash, action, wording, source, actor)
      values (null, s.address_hash, 'forgotten', 'retention-1', 'retention', 'role:billing');
    insert into suppression (address_hash, channel, reason)
      values (s.address_hash, s.channel, 'erased') on conflict do nothing;
  end if;
end $$;

-- Delete unsubscribed readers, messages to one reader, and reports of mail servers; a thousand
-- each. Returns the number of rows.
create function amends.forget_readers(in_before timestamptz)
  returns bigint language sql security definer set search_path = public, pg_temp as $$
  with gone as materialized (select amends.reader_forget(id) from (select id from subscriber
      where state = 'unsubscribed' and changed_at < in_before order by id limit 1000) x),
    letter as materialized (select b.id from broadcast b where b.subscriber_id is not null
      and b.done_at < in_before and not exists (select from delivery d where d.broadcast_id = b.id)
      order by b.id limit 1000),
    cursors as (delete from broadcast_cursor where broadcast_id in (select id from letter)),
    letters as (delete from broadcast where id in (select id from letter) returning 1),
    bounces as (delete from bounce where (broadcast_id, recipient_id, class) in (
      select broadcast_id, recipient_id, class from bounce where at < in_before limit 1000)
      returning 1)
  select (select count(*) from gone) + (select count(*) from letters)
    + (select count(*) from bounces);
$$;

-- Delete rows with a fixed lifetime, regardless of the retention. Returns the number of rows.
create function amends.forget_expired()
  returns bigint language sql security definer set search_path = public, pg_temp as $$
  with replies as (delete from idempotency
      where created_at < now() - interval '2 days' returning 1),
    sessions as (delete from staff_session where expires_at < now() returning 1),
    invitations as (delete from staff_invitation where expires_at < now() returning 1),
    files as (delete from import_file where kept_at < now() - interval '1 day' returning 1),
    tries as (delete from code_try where since < now() - interval '1 hour' returning 1),
    attempts as (delete from staff_attempt where at < now() - interval '1 hour' returning 1)
  select (select count(*) from replies) + (select count(*) from sessions)
    + (select count(*) from invitations) + (select count(*) from files)
    + (select count(*) from attempts) + (select count(*) from tries);
$$;

-- Delete old messages of the outbox, a thousand at a time; the notifier bounds their number.
create function amends.outbox_forget(in_before timestamptz)
  returns bigint language sql security definer set search_path = public, pg_temp as $$
  with gone as (delete from outbox_message where id in (
      select id from outbox_message where at < in_before order by id limit 1000) returning 1)
  select count(*) from gone;
$$;
