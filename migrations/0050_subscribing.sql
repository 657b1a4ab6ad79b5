-- Readers on every channel: the form, moving to another address, forgetting who never confirmed.

alter table signup drop constraint signup_kind_check;
alter table signup add constraint signup_kind_check
  check (kind in ('subscribe', 'manage', 'move', 'slack'));
alter table signup add column channel channel not null default 'email';

create index subscriber_pending_idx on subscriber (changed_at) where state = 'pending';

-- A move to another address of the same channel. pending_id is a subscriber of its own until
-- the new address is confirmed, and gone afterwards; the row stays for a week, so that the
-- link in that message still shows what became of it. The old address is kept as long, to be
-- told.
create table move (
  pending_id bigint primary key,
  subscriber_id bigint not null references subscriber on delete cascade,
  sealed bytea,                       -- the new URL (AAD "subscriber:address:" || subscriber_id)
  at timestamptz not null default now(),
  done_at timestamptz,
  broadcast_id bigint,                -- what tells the old address
  old_address text,
  old_sealed bytea
);
create index move_subscriber_idx on move (subscriber_id);
create index move_broadcast_idx on move (broadcast_id);

-- 'moved': to the old address; its recipient_id is the subscriber.
alter table broadcast drop constraint broadcast_kind_check;
alter table broadcast add constraint broadcast_kind_check
  check (kind in ('update', 'confirmation', 'manage', 'notice', 'credit_notice', 'digest',
    'endpoint', 'moved'));

-- Whom rows of a chosen set name. chosen: {"groups": [slug], "components": [slug],
-- "incidents": [ref]}; what is not known is left out.
create function reader_targets(chosen jsonb) returns table (kind text, target_id bigint)
  language sql stable as $$
  select 'incident', i.id from incident i where chosen->'incidents' ? i.ref
  union all
  select 'group', g.id from component_group g where chosen->'groups' ? g.slug
  union all
  select 'component', c.id from component c where chosen->'components' ? c.slug
$$;

-- Replace what somebody is subscribed to; nothing known in chosen means everything.
create or replace function reader_choose(p_subscriber bigint, chosen jsonb) returns void
  language sql as $$
  delete from subscription where subscriber_id = p_subscriber;
  insert into subscription (subscriber_id, kind, target_id)
    select p_subscriber, kind, target_id from reader_targets(chosen);
  insert into subscription (subscriber_id, kind)
    select p_subscriber, 'all'
    where not exists (select from subscription where subscriber_id = p_subscriber);
$$;

-- form: id, of which a subscriber that is new gets its number, because what it seals is bound
-- to it; address, sealed, secret (hex), locale, timezone, verbosity, format.
create or replace function signup_pending(r signup) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  delete from suppression where address_hash = r.address_hash and reason = 'erased';
  insert into subscriber as s (id, channel, address, address_hash, sealed, secret_sealed, state,
      locale, timezone, verbosity, format) overriding system value
    values ((r.form->>'id')::bigint, r.channel, r.form->>'address', r.address_hash,
      decode(r.form->>'sealed', 'hex'), decode(r.form->>'secret', 'hex'), 'pending',
      r.form->>'locale', r.form->>'timezone', (r.form->>'verbosity')::verbosity,
      coalesce(r.form->>'format', 'amends'))
    on conflict (channel, address_hash) do update set state = 'pending', state_reason = null,
      locale = excluded.locale, timezone = excluded.timezone, verbosity = excluded.verbosity,
      format = excluded.format, changed_at = now()
    returning id into v_id;
  delete from move where pending_id = v_id;
  perform reader_choose(v_id, r.form);
  insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    values (v_id, r.address_hash, 'subscribed', 'page-2', 'page', 'reader');
  return v_id;
end $$;

-- form also: subscriber, who moves, and moved, the new URL sealed for it.
create function signup_moving(r signup) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  insert into subscriber as s (id, channel, address, address_hash, sealed, state, locale,
      timezone, verbosity) overriding system value
    select (r.form->>'id')::bigint, r.channel, r.form->>'address', r.address_hash,
      decode(r.form->>'sealed', 'hex'), 'pending', o.locale, o.timezone, o.verbosity
    from subscriber o where o.id = (r.form->>'subscriber')::bigint and o.channel = r.channel
      and o.state in ('active', 'paused')
    on conflict (channel, address_hash) do update set state = 'pending', state_reason = null,
      changed_at = now()
    returning id into v_id;
  if v_id is null then
    return null;
  end if;
  insert into move (pending_id, subscriber_id, sealed)
    values (v_id, (r.form->>'subscriber')::bigint, decode(r.form->>'moved', 'hex'))
    on conflict (pending_id) do update set subscriber_id = excluded.subscriber_id,
      sealed = excluded.sealed, at = now();
  return v_id;
end $$;

-- Who is subscribed already gets the link to change it; who must not be written to, nothing.
create or replace function signup_settle() returns bigint language plpgsql as $$
declare
  r signup;
  s subscriber;
  n bigint := 0;
begin
  for r in select * from signup where done_at is null and kind <> 'slack' order by id limit 100
      for update skip locked loop
    select * into s from subscriber where channel = r.channel and address_hash = r.address_hash
      for update;
    if exists (select from suppression where address_hash = r.address_hash and reason <> 'erased')
      or s.state = 'suppressed' then
      null;
    elsif s.state in ('active', 'paused') then
      perform letter_send('manage', s.id);
    elsif r.kind = 'subscribe' then
      perform letter_send('confirmation', signup_pending(r));
    elsif r.kind = 'move' then
      perform letter_send('confirmation', signup_moving(r));
    end if;
    update signup set done_at = now(), form = null where id = r.id;
    n := n + 1;
  end loop;
  return n;
end $$;

-- Enough of an address for its owner to know it; a URL stands redacted anyway.
create function address_hint(p_channel channel, p_address text) returns text
  language sql immutable as $$
  select case p_channel
    when 'email' then left(p_address, 1) || '...' || substring(p_address from '@[^@]*$')
    when 'sms' then left(p_address, 3) || '...' || right(p_address, 2)
    else p_address end
$$;

-- However the new address was confirmed: by link, by reply, by challenge. Sessions end, because
-- whoever reads the old address may have them.
create function move_finish() returns trigger language plpgsql as $$
declare
  m move;
  o subscriber;
  v_id bigint;
begin
  select * into m from move where pending_id = new.id and done_at is null for update;
  select * into o from subscriber where id = m.subscriber_id for update;
  if m.pending_id is null or o.id is null
    or exists (select from suppression where address_hash = new.address_hash
      and reason <> 'erased') then
    return new;
  end if;
  delete from subscriber where id = new.id;
  update subscriber set address = new.address, address_hash = new.address_hash,
    sealed = m.sealed, changed_at = now() where id = o.id;
  insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    values (o.id, o.address_hash, 'left', 'page-2', 'page', 'reader'),
      (o.id, new.address_hash, 'moved', 'page-2', 'page', 'reader');
  delete from reader_session where subscriber_id = o.id;
  delete from endpoint_failure where subscriber_id = o.id;
  insert into broadcast (kind, lane, state, subscriber_id, extra, upper_id)
    values ('moved', 0, 'sending', o.id, jsonb_build_object('address',
      address_hint(new.channel, new.address)), 0)
    returning id into v_id;
  insert into broadcast_channel (broadcast_id, channel, exhausted, claimed)
    values (v_id, o.channel, true, 1);
  insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at)
    values (v_id, o.id, o.channel, 0, now(), now());
  update move set done_at = now(), broadcast_id = v_id, old_address = o.address,
    old_sealed = o.sealed where pending_id = new.id;
  perform pg_notify('broadcast', v_id::text);
  return new;
end $$;
create trigger move_finish after update of state on subscriber for each row
  when (old.state = 'pending' and new.state = 'active')
  execute function move_finish();

-- What time does: who paused goes on; what is over is forgotten. Who did not confirm within 7
-- days is: a link to confirm works for 2. Who had left before has left still.
create or replace function reader_chores() returns void language sql as $$
  update subscriber set state = 'active', state_reason = null, paused_until = null,
    changed_at = now() where state = 'paused' and paused_until <= now();
  delete from reader_session where expires_at < now();
  delete from signup where (done_at is not null or kind = 'slack')
    and at < now() - interval '1 day';
  delete from move where at < now() - interval '7 days';
  with late as (select id, exists (select from consent c where c.subscriber_id = s.id
        and c.action = 'unsubscribed') as left_before
      from subscriber s where state = 'pending' and changed_at < now() - interval '7 days'),
    kept as (update subscriber s set state = 'unsubscribed', state_reason = 'not_confirmed',
        changed_at = now() from late where late.id = s.id and left_before)
  delete from subscriber s using late where late.id = s.id and not left_before;
$$;

-- Nothing stays but the keyed hash: among the suppressed, and in the consent log.
create or replace function reader_erase(p_subscriber bigint, p_wording text) returns void
  language plpgsql as $$
declare
  s subscriber;
begin
  delete from subscriber p using move m
    where m.subscriber_id = p_subscriber and p.id = m.pending_id and p.state = 'pending';
  delete from subscriber where id = p_subscriber returning * into s;
  if found then
    insert into consent (subscriber_id, address_hash, action, wording, source, actor)
      values (null, s.address_hash, 'erased', p_wording, 'page', 'reader');
    insert into suppression (address_hash, channel, reason)
      values (s.address_hash, s.channel, 'erased') on conflict do nothing;
  end if;
end $$;

-- Everything held about a subscriber (GDPR 15, 20). Of deliveries the last 1,000.
create or replace function reader_record(p_subscriber bigint) returns json
  language sql stable as $$
  select json_build_object(
    'subscriber', (select json_build_object('id', s.id, 'channel', s.channel,
        'address', s.address, 'state', s.state, 'state_reason', s.state_reason,
        'paused_until', s.paused_until, 'locale', s.locale, 'timezone', s.timezone,
        'verbosity', s.verbosity, 'format', case when s.channel = 'webhook' then s.format end,
        'owner', s.owner, 'created_at', s.created_at, 'changed_at', s.changed_at,
        'account', (select a.external_id from account a where a.id = s.account_id))
      from subscriber s where s.id = p_subscriber),
    'subscriptions', (select coalesce(json_agg(json_build_object('kind', x.kind,
        'target', coalesce((select i.ref from incident i where x.kind = 'incident'
            and i.id = x.target_id),
          (select g.slug from component_group g where x.kind = 'group' and g.id = x.target_id),
          (select c.slug from component c where x.kind = 'component' and c.id = x.target_id)))),
        '[]') from subscription x where x.subscriber_id = p_subscriber),
    'muted', (select coalesce(json_agg(json_build_object('kind', m.kind, 'at', m.at, 'target',
        coalesce((select i.ref from incident i where m.kind = 'incident' and i.id = m.target_id),
          (select c.slug from component c where m.kind = 'component' and c.id = m.target_id)))),
        '[]') from mute m where m.subscriber_id = p_subscriber),
    'moves', (select coalesce(json_agg(json_build_object('from', m.old_address, 'to', p.address,
        'asked_at', m.at, 'done_at', m.done_at) order by m.at), '[]')
      from move m left join subscriber p on p.id = m.pending_id
      where m.subscriber_id = p_subscriber),
    'sessions', (select coalesce(json_agg(json_build_object('expires_at', r.expires_at)), '[]')
      from reader_session r where r.subscriber_id = p_subscriber),
    'consent', (select coalesce(json_agg(json_build_object('action', c.action, 'wording',
        c.wording, 'source', c.source, 'actor', c.actor, 'at', c.at) order by c.id), '[]')
      from consent c where c.subscriber_id = p_subscriber),
    'messages', (select coalesce(json_agg(d.j), '[]') from (
        select json_build_object('message', d.broadcast_id, 'kind', b.kind, 'state', d.state,
          'at', d.settled_at) as j
        from broadcast b join delivery d on d.broadcast_id = b.id and d.recipient_id = p_subscriber
        where b.kind not in ('credit_notice', 'endpoint') order by b.id desc limit 1000) as d))
$$;
