-- What staff do with one subscriber: look at what was sent to them, and erase them on request.

-- A subscriber's deliveries are found broadcast by broadcast, newest first, through the primary
-- key of delivery: an index by recipient would cost every message of every broadcast. Letters to
-- somebody else alone are passed over.
create index broadcast_shared_idx on broadcast (id) where subscriber_id is null;

-- Nothing stays but the keyed hash: among the suppressed, and in the consent log.
drop function reader_erase(bigint, text);
create function reader_erase(p_subscriber bigint, p_wording text, p_source text default 'page',
  p_actor text default 'reader') returns boolean language plpgsql as $$
declare
  s subscriber;
begin
  delete from subscriber p using move m
    where m.subscriber_id = p_subscriber and p.id = m.pending_id and p.state = 'pending';
  delete from subscriber where id = p_subscriber returning * into s;
  if not found then
    return false;
  end if;
  insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    values (null, s.address_hash, 'erased', p_wording, p_source, p_actor);
  insert into suppression (address_hash, channel, reason)
    values (s.address_hash, s.channel, 'erased') on conflict do nothing;
  return true;
end $$;

-- Staff keep a subscriber from being written to for a while. Until when is a time, not a day,
-- because programs set it, too. false: not one to pause.
create function subscriber_pause(p_subscriber bigint, p_until timestamptz) returns boolean
  language sql as $$
  with done as (update subscriber set state = 'paused', paused_until = p_until, changed_at = now()
    where id = p_subscriber and state in ('active', 'paused') returning id)
  select exists (select from done)
$$;
