-- Webhooks in Statuspage's format: a broadcast per component whose status changes.

insert into broadcast_kind (kind, audience, recipient, priority) values
  ('component_update', null, 'subscriber', 1);

create index subscriber_statuspage_idx on subscriber (id)
  where format = 'statuspage' and state = 'active';
