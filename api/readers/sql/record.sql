-- All data about a subscriber (GDPR articles 15 and 20), with the last 1,000 deliveries.
create function amends.reader_record(in_subscriber bigint) returns json
  language sql stable as $$
  select json_build_object(
    'subscriber', (select json_build_object('id', s.id, 'channel', s.channel,
        'address', s.address, 'state', s.state, 'state_reason', s.state_reason,
        'paused_until', s.paused_until, 'locale', s.locale, 'timezone', s.timezone,
        'verbosity', s.verbosity, 'format', case when s.channel = 'webhook' then s.format end,
        'owner', s.owner, 'created_at', s.created_at, 'changed_at', s.changed_at,
        'account', (select a.external_id from account a where a.id = s.account_id))
      from subscriber s where s.id = in_subscriber),
    'subscriptions', (select coalesce(json_agg(json_build_object('kind', x.kind,
        'target', coalesce((select i.ref from incident i where x.kind = 'incident'
            and i.id = x.target_id),
          (select g.slug from component_group g where x.kind = 'group' and g.id = x.target_id),
          (select c.slug from component c where x.kind = 'component' and c.id = x.target_id)))),
        '[]') from subscription x where x.subscriber_id = in_subscriber),
    'muted', (select coalesce(json_agg(json_build_object('kind', m.kind, 'at', m.at, 'target',
        coalesce((select i.ref from incident i where m.kind = 'incident' and i.id = m.target_id),
          (select c.slug from component c where m.kind = 'component' and c.id = m.target_id)))),
        '[]') from mute m where m.subscriber_id = in_subscriber),
    'moves', (select coalesce(json_agg(json_build_object('from', m.old_address, 'to', p.address,
        'asked_at', m.at, 'done_at', m.done_at) order by m.at), '[]')
      from move m left join subscriber p on p.id = m.pending_id
      where m.subscriber_id = in_subscriber),
    'sessions', (select coalesce(json_agg(json_build_object('expires_at', r.expires_at)), '[]')
      from reader_session r where r.subscriber_id = in_subscriber),
    'consent', (select coalesce(json_agg(json_build_object('action', c.action, 'wording',
        c.wording, 'source', c.source, 'actor', c.actor, 'at', c.at) order by c.id), '[]')
      from amends.consent_log c where c.subscriber_id = in_subscriber),
    'messages', (select coalesce(json_agg(d.j), '[]') from (
        select json_build_object('message', d.broadcast_id, 'kind', b.kind, 'state', d.state,
          'at', d.settled_at) as j
        from broadcast b join delivery d on d.broadcast_id = b.id and d.recipient_id = in_subscriber
        where b.kind = any (array(
          select kind from broadcast_kind where recipient in ('subscriber', 'former')))
        order by b.id desc limit 1000) as d))
$$;

-- Delete everything except the keyed hash, which stays in the suppression list and the consent log.
create function amends.reader_erase(in_subscriber bigint, in_wording text,
  in_source text default 'page', in_actor text default 'reader')
  returns boolean language plpgsql as $$
declare
  s subscriber;
begin
  delete from subscriber p using move m
    where m.subscriber_id = in_subscriber and p.id = m.pending_id and p.state = 'pending';
  delete from subscriber where id = in_subscriber returning * into s;
  if not found then
    return false;
  end if;
  insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    values (null, s.address_hash, 'erased', in_wording, in_source, in_actor);
  insert into suppression (address_hash, channel, reason)
    values (s.address_hash, s.channel, 'erased') on conflict do nothing;
  return true;
end $$;
