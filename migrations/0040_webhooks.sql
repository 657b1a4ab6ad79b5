-- Webhooks: the shape of what they get, whom to tell when they end, replays.
alter table subscriber
  add format text not null default 'amends' check (format in ('amends', 'statuspage')),
  add owner text;                     -- e-mail address of whoever keeps the endpoint

-- A replay is sent whatever newer update there is.
alter table delivery_retry add replay boolean not null default false;

-- 'endpoint': an endpoint ended; to its owner, by e-mail. recipient_id is the endpoint.
alter table broadcast drop constraint broadcast_kind_check;
alter table broadcast add constraint broadcast_kind_check
  check (kind in ('update', 'confirmation', 'manage', 'notice', 'credit_notice', 'digest', 'endpoint'));

create function endpoint_ended() returns trigger language plpgsql as $$
declare
  v_id bigint;
begin
  insert into broadcast (kind, lane, state, subscriber_id, extra, upper_id)
  values ('endpoint', 0, 'sending', new.id, jsonb_build_object('channel', new.channel,
    'address', new.address, 'reason', new.state_reason), 0)
  returning id into v_id;
  insert into broadcast_channel (broadcast_id, channel, exhausted, claimed)
  values (v_id, 'email', true, 1);
  insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at)
  values (v_id, new.id, 'email', 0, now(), now());
  perform pg_notify('broadcast', v_id::text);
  return new;
end $$;
create trigger endpoint_ended after update of state on subscriber for each row
  when (new.state = 'suppressed' and old.state <> 'suppressed' and new.owner is not null
    and new.channel in ('slack', 'teams', 'discord', 'webhook'))
  execute function endpoint_ended();
