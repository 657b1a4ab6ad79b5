-- Returned mail: bounces and complaints.

create function amends.bounce_suppress(in_hash bytea, in_reason text, in_detail text,
  in_broadcast bigint) returns void language sql as $$
  insert into suppression (address_hash, channel, reason, detail, broadcast_id)
    values (in_hash, 'email', in_reason, in_detail, in_broadcast) on conflict do nothing;
  with ended as (update subscriber set state = 'suppressed', state_reason = in_reason,
      paused_until = null, changed_at = now()
    where channel = 'email' and address_hash = in_hash
      and state in ('pending', 'active', 'paused') returning id)
  insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    select id, in_hash, 'unsubscribed', 'complaint-1', 'complaint', 'reader' from ended
    where in_reason = 'complaint';
$$;

-- Record a report and act on it. Returns the action.
create function amends.bounce_note(in_broadcast bigint, in_recipient bigint, in_hash bytea,
  in_class text, in_status text, in_diagnostic text) returns text language plpgsql as $$
declare
  rule bounce_rule;
begin
  insert into bounce (broadcast_id, recipient_id, class, address_hash, status, diagnostic)
    values (in_broadcast, in_recipient, in_class, in_hash, in_status, in_diagnostic)
    on conflict do nothing;
  if not found then
    return 'repeated';
  end if;
  if in_class in ('hard', 'complaint') then
    perform amends.bounce_suppress(in_hash,
      case in_class when 'hard' then 'bounce' else in_class end, in_status, in_broadcast);
    return 'suppressed';
  elsif in_class = 'message' then
    return 'noted';
  end if;
  select * into rule from bounce_rule;
  if (select count(distinct broadcast_id) from bounce where address_hash = in_hash
      and class = 'soft' and at > now() - make_interval(days => rule.soft_days))
    >= rule.soft_count then
    perform amends.bounce_suppress(in_hash, 'bounce', coalesce(in_status, '') || ' soft',
      in_broadcast);
    return 'suppressed';
  end if;
  return 'counted';
end $$;

-- What a report says of the message whose return path it came to. in_contact: the recipient is
-- an account's contact. Who has moved to another address since keeps the new one: the old one
-- is what bounced.
create function amends.bounce_take(in_broadcast bigint, in_recipient bigint, in_contact boolean,
  in_class text, in_status text, in_diagnostic text) returns text language plpgsql as $$
declare
  sent broadcast;
  v_hash bytea;
begin
  select * into sent from broadcast where id = in_broadcast;
  if not found or in_contact <> exists (select from broadcast_kind k
      where k.kind = sent.kind and k.recipient = 'contact') then
    return 'unknown';
  elsif sent.created_at < now() - (case in_class when 'complaint' then interval '1 year'
      else interval '30 days' end) then
    return 'expired';
  end if;
  if in_contact then
    select address_hash into v_hash from account_contact where id = in_recipient;
  else
    select coalesce((select c.address_hash from consent c where c.subscriber_id = s.id
        and c.at <= sent.created_at order by c.id desc limit 1), s.address_hash)
      into v_hash from subscriber s where s.id = in_recipient and s.channel = 'email';
  end if;
  if v_hash is null then
    return 'unknown';
  end if;
  if in_class <> 'complaint' then
    update delivery set state = 'failed', reason = 'bounced', settled_at = now()
      where broadcast_id = in_broadcast and recipient_id = in_recipient and state = 'accepted';
  end if;
  return amends.bounce_note(in_broadcast, in_recipient, v_hash, in_class, in_status, in_diagnostic);
end $$;

-- A refusal in the SMTP session because of a full mailbox counts like a bounce for that reason.
create function amends.mailbox_full() returns trigger language plpgsql as $$
begin
  perform amends.bounce_note(new.broadcast_id, new.recipient_id, s.address_hash, 'soft', '5.2.2',
      'refused in the session')
    from subscriber s where s.id = new.recipient_id and s.channel = 'email'
      and exists (select from broadcast b join broadcast_kind k using (kind)
        where b.id = new.broadcast_id and k.recipient = 'subscriber');
  return new;
end $$;

create trigger mailbox_full after insert or update on delivery_retry for each row
  when (new.reason = 'mailbox_full') execute function amends.mailbox_full();
