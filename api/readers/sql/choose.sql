-- The targets of a chosen set. in_chosen: {"groups": [slug], "components": [slug],
-- "incidents": [ref]}; unknown names are left out.
create function amends.reader_targets(in_chosen jsonb) returns table (kind text, target_id bigint)
  language sql stable as $$
  select 'incident', i.id from amends.public_incident i where in_chosen->'incidents' ? i.ref
  union all
  select 'group', g.id from component_group g where in_chosen->'groups' ? g.slug
  union all
  select 'component', c.id from component c where in_chosen->'components' ? c.slug
$$;

-- Replace the subscriptions of a subscriber. If in_chosen names nothing known, subscribe to
-- everything.
create function amends.reader_choose(in_subscriber bigint, in_chosen jsonb) returns void
  language sql as $$
  delete from subscription where subscriber_id = in_subscriber;
  insert into subscription (subscriber_id, kind, target_id)
    select in_subscriber, kind, target_id from amends.reader_targets(in_chosen);
  insert into subscription (subscriber_id, kind)
    select in_subscriber, 'all'
    where not exists (select from subscription where subscriber_id = in_subscriber);
$$;
