-- Enough of an address for its owner to recognise it; a URL is stored redacted anyway.
create function amends.address_hint(in_channel channel, in_address text) returns text
  language sql immutable as $$
  select case in_channel
    when 'email' then left(in_address, 1) || '...' || substring(in_address from '@[^@]*$')
    when 'sms' then left(in_address, 3) || '...' || right(in_address, 2)
    else in_address end
$$;

-- Called after any confirmation of the new address: by link, reply or challenge. Sessions end,
-- because a reader of the old address may hold them.
create function amends.move_finish() returns trigger language plpgsql as $$
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
  v_id := amends.broadcast_to('moved', o.channel, array[o.id], jsonb_build_object('address',
    amends.address_hint(new.channel, new.address)), in_subscriber_id => o.id);
  update move set done_at = now(), broadcast_id = v_id, old_address = o.address,
    old_sealed = o.sealed where pending_id = new.id;
  return new;
end $$;

create trigger move_finish after update of state on subscriber for each row
  when (old.state = 'pending' and new.state = 'active')
  execute function amends.move_finish();
