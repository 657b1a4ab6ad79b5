-- Resume the messages that relay_hold holds. in_anyway: never hold this broadcast again. False:
-- nothing was held.
create function amends.relay_resume(in_broadcast bigint, in_anyway boolean) returns boolean
  language plpgsql as $$
begin
  update broadcast_cursor set trouble = null, forced = forced or in_anyway
    where broadcast_id = in_broadcast and trouble is not null;
  if not found then
    return false;
  end if;
  update delivery_retry set due_at = now(), first_at = now(), attempts = 0
    where broadcast_id = in_broadcast and due_at = 'infinity';
  perform pg_notify('broadcast', in_broadcast::text);
  return true;
end $$;
