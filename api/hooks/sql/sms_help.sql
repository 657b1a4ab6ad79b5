-- Returns the broadcast, or null if the number had an answer within the last day. Also deletes the
-- records of older answers.
create function amends.sms_help(in_address text, in_hash bytea)
  returns bigint language plpgsql as $$
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
  return amends.broadcast_to('help', 'sms', '{-1}', jsonb_build_object('to', in_address, 'locale',
    (select locale from subscriber where channel = 'sms' and address_hash = in_hash)));
end $$;
