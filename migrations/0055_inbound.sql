-- Mail that comes back: bounces, complaints; and the list of whom nobody may write to.

-- Soft bounces (full mailboxes and the like) of an address suppress it from the
-- soft_count-th message within soft_days on. One row.
create table bounce_rule (
  singleton boolean primary key default true check (singleton),
  soft_count integer not null default 3 check (soft_count between 1 and 100),
  soft_days integer not null default 14 check (soft_days between 1 and 365)
);
insert into bounce_rule default values;

-- What came back, once for each message. hard: no such address. soft: not now. message: this
-- one was not wanted. complaint: the reader says spam.
create table bounce (
  broadcast_id bigint not null,
  recipient_id bigint not null,
  class text not null check (class in ('hard', 'soft', 'message', 'complaint')),
  address_hash bytea not null,
  status text,                        -- RFC 3463
  diagnostic text,
  at timestamptz not null default now(),
  primary key (broadcast_id, recipient_id, class)
);
create index bounce_address_idx on bounce (address_hash, at);

-- Everything that came in, by what it was and what was done.
create table inbound_count (
  kind text not null,                 -- bounce, complaint, auto_reply, other
  result text not null,               -- suppressed, counted, noted, repeated, ignored, forged,
                                      -- expired, unknown
  n bigint not null default 0,
  last_at timestamptz not null default now(),
  primary key (kind, result)
);

create function bounce_suppress(p_hash bytea, p_reason text, p_detail text) returns void
  language sql as $$
  insert into suppression (address_hash, channel, reason, detail)
    values (p_hash, 'email', p_reason, p_detail) on conflict do nothing;
  with ended as (update subscriber set state = 'suppressed', state_reason = p_reason,
      paused_until = null, changed_at = now()
    where channel = 'email' and address_hash = p_hash
      and state in ('pending', 'active', 'paused') returning id)
  insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    select id, p_hash, 'unsubscribed', 'complaint-1', 'complaint', 'reader' from ended
    where p_reason = 'complaint';
$$;

-- Note it and draw the consequence: what was done.
create function bounce_note(p_broadcast bigint, p_recipient bigint, p_hash bytea, p_class text,
  p_status text, p_diagnostic text) returns text language plpgsql as $$
declare
  rule bounce_rule;
begin
  insert into bounce (broadcast_id, recipient_id, class, address_hash, status, diagnostic)
    values (p_broadcast, p_recipient, p_class, p_hash, p_status, p_diagnostic)
    on conflict do nothing;
  if not found then
    return 'repeated';
  end if;
  if p_class in ('hard', 'complaint') then
    perform bounce_suppress(p_hash, case p_class when 'hard' then 'bounce' else p_class end,
      p_status);
    return 'suppressed';
  elsif p_class = 'message' then
    return 'noted';
  end if;
  select * into rule from bounce_rule;
  if (select count(distinct broadcast_id) from bounce where address_hash = p_hash
      and class = 'soft' and at > now() - make_interval(days => rule.soft_days))
    >= rule.soft_count then
    perform bounce_suppress(p_hash, 'bounce', coalesce(p_status, '') || ' soft');
    return 'suppressed';
  end if;
  return 'counted';
end $$;

-- What a report says of the message whose return path it came to. p_contact: the recipient is
-- an account's contact. Who has moved to another address since keeps the new one: the old one
-- is what bounced.
create function bounce_take(p_broadcast bigint, p_recipient bigint, p_contact boolean,
  p_class text, p_status text, p_diagnostic text) returns text language plpgsql as $$
declare
  sent broadcast;
  v_hash bytea;
begin
  select * into sent from broadcast where id = p_broadcast;
  if not found or p_contact <> (sent.kind = 'credit_notice') then
    return 'unknown';
  elsif sent.created_at < now() - (case p_class when 'complaint' then interval '1 year'
      else interval '30 days' end) then
    return 'expired';
  end if;
  if p_contact then
    select address_hash into v_hash from account_contact where id = p_recipient;
  else
    select coalesce((select c.address_hash from consent c where c.subscriber_id = s.id
        and c.at <= sent.created_at order by c.id desc limit 1), s.address_hash)
      into v_hash from subscriber s where s.id = p_recipient and s.channel = 'email';
  end if;
  if v_hash is null then
    return 'unknown';
  end if;
  if p_class <> 'complaint' then
    update delivery set state = 'failed', reason = 'bounced', settled_at = now()
      where broadcast_id = p_broadcast and recipient_id = p_recipient and state = 'accepted';
  end if;
  return bounce_note(p_broadcast, p_recipient, v_hash, p_class, p_status, p_diagnostic);
end $$;

-- A relay that says in the session that a mailbox is full counts like a bounce that says so.
create function mailbox_full() returns trigger language plpgsql as $$
begin
  perform bounce_note(new.broadcast_id, new.recipient_id, s.address_hash, 'soft', '5.2.2',
      'refused in the session')
    from subscriber s where s.id = new.recipient_id and s.channel = 'email'
      and exists (select from broadcast b where b.id = new.broadcast_id
        and b.kind not in ('credit_notice', 'endpoint'));
  return new;
end $$;
create trigger mailbox_full after insert or update on delivery_retry for each row
  when (new.reason = 'mailbox_full') execute function mailbox_full();

create index suppression_at_idx on suppression (at desc, address_hash);
