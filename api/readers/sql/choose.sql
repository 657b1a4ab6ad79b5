-- Whom rows of a chosen set name. chosen: {"groups": [slug], "components": [slug],
-- "incidents": [ref]}; what is not known is left out.
create function amends.reader_targets(chosen jsonb) returns table (kind text, target_id bigint)
  language sql stable as $$
  select 'incident', i.id from incident i where chosen->'incidents' ? i.ref
  union all
  select 'group', g.id from component_group g where chosen->'groups' ? g.slug
  union all
  select 'component', c.id from component c where chosen->'components' ? c.slug
$$;

-- Replace what somebody is subscribed to; nothing known in chosen means everything.
create function amends.reader_choose(in_subscriber bigint, chosen jsonb) returns void
  language sql as $$
  delete from subscription where subscriber_id = in_subscriber;
  insert into subscription (subscriber_id, kind, target_id)
    select in_subscriber, kind, target_id from amends.reader_targets(chosen);
  insert into subscription (subscriber_id, kind)
    select in_subscriber, 'all'
    where not exists (select from subscription where subscriber_id = in_subscriber);
$$;
