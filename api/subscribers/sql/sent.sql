-- The messages to a subscriber below a broadcast, newest first. Broadcasts to all and those to this
-- subscriber alone are two scans, so that each stops with the page. A broadcast to contacts is left
-- out: its recipient ids are not those of subscribers.
create function amends.subscriber_sent(in_subscriber bigint, in_below bigint, in_limit bigint)
returns table (broadcast bigint, kind text, incident text, subject text, state text,
  attempts smallint, code smallint, reason text, created_at timestamptz, settled_at timestamptz,
  due_at timestamptz, diagnostic text) language sql stable as $$
  with contacts as (
    select array_agg(kind) as kinds from broadcast_kind where recipient = 'contact')
  select d.id, b.kind, i.ref, coalesce(i.title, b.subject), d.state, d.attempts, d.code, d.reason,
    b.created_at, d.settled_at, d.due_at, (
      select concat_ws(' ', x.status, x.diagnostic) from bounce x
      where d.reason = 'bounced' and x.broadcast_id = d.id and x.recipient_id = in_subscriber
      order by x.class limit 1)
  from (
    (select b.id, d.state::text, d.attempts, d.code, d.reason, d.settled_at,
        null::timestamptz as due_at
      from broadcast b join delivery d on d.broadcast_id = b.id and d.recipient_id = in_subscriber
      where b.id < in_below and b.subscriber_id is null
        and b.kind <> all ((select kinds from contacts)::text[])
      order by b.id desc limit in_limit)
    union all
    (select b.id, d.state::text, d.attempts, d.code, d.reason, d.settled_at, null
      from broadcast b join delivery d on d.broadcast_id = b.id and d.recipient_id = in_subscriber
      where b.id < in_below and b.subscriber_id = in_subscriber
        and b.kind <> all ((select kinds from contacts)::text[])
      order by b.id desc limit in_limit)
    union all
    select r.broadcast_id, 'retry', r.attempts, r.code, r.reason, null, nullif(r.due_at, 'infinity')
    from delivery_retry r join broadcast b on b.id = r.broadcast_id
    where r.recipient_id = in_subscriber and r.broadcast_id < in_below
      and b.kind <> all ((select kinds from contacts)::text[])) d
  join broadcast b on b.id = d.id left join incident i on i.id = b.incident_id
  order by d.id desc limit in_limit
$$;
