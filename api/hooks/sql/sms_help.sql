-- Returns the broadcast, or null where the number was answered lately. Numbers of answers that
-- are a day old are forgotten on the way.
create function amends.sms_help(in_address text, in_hash bytea)
  returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  update broadcast set extra = extra - 'to'
  where kind = 'help' and extra ? 'to' and done_at < now() - interval '1 day';
  delete from sms_help where at < now() - interval '1 day';
  if (select count(*) from sms_help where at > now() - interval '1 hour') >= 100 then
    return null;
  end if;
  insert into sms_help (address_hash) values (in_hash) on conflict do nothing;
  if not found then
    return null;
  end if;
  insert into broadcast (kind, priority, state, extra, upper_id)
  values ('help', 0, 'sending', jsonb_build_object('to', in_address, 'locale',
    (select locale from subscriber where channel = 'sms' and address_hash = in_hash)), 0)
  returning id into v_id;
  insert into broadcast_cursor (broadcast_id, channel, exhausted, claimed)
  values (v_id, 'sms', true, 1);
  insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at)
  values (v_id, -1, 'sms', 0, now(), now());
  perform pg_notify('broadcast', v_id::text);
  return v_id;
end $$;
