-- What readers do by themselves: subscribe, ask for a link, pause, mute, leave.

alter type subscriber_state add value 'paused';
alter table subscriber add column paused_until timestamptz;

-- A request of the public form, written alike for every address and settled afterwards by
-- signup_settle, so that an answer tells nothing, not even by its time. What was asked is
-- forgotten once it is settled; the hashes stay a day, for the limits.
create table signup (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  kind text not null check (kind in ('subscribe', 'manage')),
  peer_hash bytea not null,           -- keyed hash of the caller's IP address
  address_hash bytea not null,
  form jsonb,                         -- null once settled
  done_at timestamptz
);
create index signup_open_idx on signup (id) where done_at is null;
create index signup_at_idx on signup (at);

-- Not this incident, or not this component, though it is subscribed to.
create table mute (
  subscriber_id bigint not null references subscriber on delete cascade,
  kind text not null check (kind in ('incident', 'component')),
  target_id bigint not null,
  at timestamptz not null default now(),
  primary key (subscriber_id, kind, target_id)
);

-- Of a manage link: for an hour.
create table reader_session (
  token_hash bytea primary key,
  subscriber_id bigint not null references subscriber on delete cascade,
  expires_at timestamptz not null default now() + interval '1 hour'
);

alter table broadcast drop constraint broadcast_kind_check;
alter table broadcast add constraint broadcast_kind_check check (
  kind in ('update', 'confirmation', 'manage', 'notice', 'credit_notice', 'digest'));

-- A letter with a link to one subscriber, at most three of a kind in a day.
create function letter_send(p_kind text, p_subscriber bigint) returns bigint
  language plpgsql as $$
declare
  v_id bigint;
begin
  if (select count(*) from broadcast where kind = p_kind and subscriber_id = p_subscriber
      and created_at > now() - interval '1 day') >= 3 then
    return null;
  end if;
  insert into broadcast (kind, lane, subscriber_id, upper_id)
    values (p_kind, 0, p_subscriber, p_subscriber) returning id into v_id;
  insert into broadcast_channel (broadcast_id, channel, pos)
    select v_id, channel, p_subscriber - 1 from subscriber where id = p_subscriber;
  perform broadcast_release(v_id);
  return v_id;
end $$;
create index broadcast_letter_idx on broadcast (subscriber_id, created_at)
  where subscriber_id is not null;

-- Replace what somebody is subscribed to. chosen: {"groups": [slug], "components": [slug],
-- "incident": ref}; nothing known in it means everything.
create function reader_choose(p_subscriber bigint, chosen jsonb) returns void
  language sql as $$
  delete from subscription where subscriber_id = p_subscriber;
  insert into subscription (subscriber_id, kind, target_id)
    select p_subscriber, 'incident', i.id from incident i where i.ref = chosen->>'incident'
    union all
    select p_subscriber, 'group', g.id from component_group g where chosen->'groups' ? g.slug
    union all
    select p_subscriber, 'component', c.id from component c where chosen->'components' ? c.slug;
  insert into subscription (subscriber_id, kind)
    select p_subscriber, 'all'
    where not exists (select from subscription where subscriber_id = p_subscriber);
$$;

create function signup_pending(r signup) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  delete from suppression where address_hash = r.address_hash and reason = 'erased';
  insert into subscriber as s (channel, address, address_hash, state, locale, timezone, verbosity)
    values ('email', r.form->>'address', r.address_hash, 'pending', r.form->>'locale',
      r.form->>'timezone', (r.form->>'verbosity')::verbosity)
    on conflict (channel, address_hash) do update set state = 'pending', state_reason = null,
      locale = excluded.locale, timezone = excluded.timezone, verbosity = excluded.verbosity,
      changed_at = now()
    returning id into v_id;
  perform reader_choose(v_id, r.form);
  insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    values (v_id, r.address_hash, 'subscribed', 'page-1', 'page', 'reader');
  return v_id;
end $$;

-- Who is subscribed already gets the link to change it; who must not be written to, nothing.
create function signup_settle() returns bigint language plpgsql as $$
declare
  r signup;
  s subscriber;
  n bigint := 0;
begin
  for r in select * from signup where done_at is null order by id limit 100
      for update skip locked loop
    select * into s from subscriber where channel = 'email' and address_hash = r.address_hash
      for update;
    if exists (select from suppression where address_hash = r.address_hash and reason <> 'erased')
      or s.state::text = 'suppressed' then
      null;
    elsif s.state::text in ('active', 'paused') then
      perform letter_send('manage', s.id);
    elsif r.kind = 'subscribe' then
      perform letter_send('confirmation', signup_pending(r));
    end if;
    update signup set done_at = now(), form = null where id = r.id;
    n := n + 1;
  end loop;
  return n;
end $$;

-- What time does: who paused goes on; what is over is forgotten.
create function reader_chores() returns void language sql as $$
  update subscriber set state = 'active', state_reason = null, paused_until = null,
    changed_at = now() where state::text = 'paused' and paused_until <= now();
  delete from reader_session where expires_at < now();
  delete from signup where done_at is not null and at < now() - interval '1 day';
$$;

-- Everything held about a subscriber (GDPR 15, 20). Of deliveries the last 1,000.
create function reader_record(p_subscriber bigint) returns json language sql stable as $$
  select json_build_object(
    'subscriber', (select json_build_object('id', s.id, 'channel', s.channel,
        'address', s.address, 'state', s.state, 'state_reason', s.state_reason,
        'paused_until', s.paused_until, 'locale', s.locale, 'timezone', s.timezone,
        'verbosity', s.verbosity, 'created_at', s.created_at, 'changed_at', s.changed_at,
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
    'consent', (select coalesce(json_agg(json_build_object('action', c.action, 'wording',
        c.wording, 'source', c.source, 'actor', c.actor, 'at', c.at) order by c.id), '[]')
      from consent c where c.subscriber_id = p_subscriber),
    'messages', (select coalesce(json_agg(d.j), '[]') from (
        select json_build_object('message', d.broadcast_id, 'state', d.state,
          'at', d.settled_at) as j
        from broadcast b join delivery d on d.broadcast_id = b.id and d.recipient_id = p_subscriber
        where b.kind <> 'credit_notice' order by b.id desc limit 1000) as d))
$$;

-- Nothing stays but the keyed hash: among the suppressed, and in the consent log.
create function reader_erase(p_subscriber bigint, p_wording text) returns void
  language plpgsql as $$
declare
  s subscriber;
begin
  delete from subscriber where id = p_subscriber returning * into s;
  if found then
    insert into consent (subscriber_id, address_hash, action, wording, source, actor)
      values (null, s.address_hash, 'erased', p_wording, 'page', 'reader');
    insert into suppression (address_hash, channel, reason)
      values (s.address_hash, s.channel, 'erased') on conflict do nothing;
  end if;
end $$;
