-- Removed endpoints: their owners and staff get a report.

create function amends.endpoint_ended() returns trigger language plpgsql as $$
begin
  perform amends.broadcast_to('endpoint', 'email', array[new.id], jsonb_build_object('channel',
    new.channel, 'address', new.address, 'reason', new.state_reason), in_subscriber_id => new.id);
  return new;
end $$;

create trigger endpoint_ended after update of state on subscriber for each row
  when (new.state = 'suppressed' and old.state <> 'suppressed' and new.owner is not null
    and new.channel not in ('email', 'sms'))
  execute function amends.endpoint_ended();

-- Report each removed chat endpoint to staff; /metrics counts all. Browsers come and go.
create function amends.chat_ended() returns trigger language plpgsql as $$
begin
  perform amends.staff_report(format('endpoint:%s:%s', new.id, current_date),
    format('A %s endpoint gets no more messages', new.channel),
    format('Subscriber %s at %s ended: %s. Once it works again, subscribe it anew.', new.id,
      new.address, coalesce(new.state_reason, 'unknown')),
    jsonb_build_object('what', 'endpoint', 'channel', new.channel, 'id', new.id, 'address',
      new.address, 'reason', coalesce(new.state_reason, 'unknown')));
  return new;
end $$;

create trigger chat_ended after update of state on subscriber for each row
  when (new.state = 'suppressed' and old.state <> 'suppressed'
    and new.channel not in ('email', 'sms', 'webhook', 'push'))
  execute function amends.chat_ended();
