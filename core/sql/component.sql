-- The order and the names of components and groups.

-- "message-delivery" to "Message delivery", for a group without a display name.
create function amends.group_name(in_group component_group) returns text
  language sql immutable as $$
  select coalesce(in_group.name, upper(left(in_group.slug, 1))
    || translate(substr(in_group.slug, 2), '-_', '  '))
$$;

-- Number the components of each group from 1, archived ones last. in_component goes to the position
-- that its row has now, and those from there on follow it.
create function amends.component_renumber(in_component bigint) returns void language sql as $$
  with ranked as (
    select id, group_id, archived_at is not null as archived, case when id = in_component
        then position - 0.5 else row_number() over (partition by group_id, id = in_component
          order by archived_at is not null, position, id) end as place
    from component),
  numbered as (select id, row_number() over (partition by group_id
      order by archived, place, id) as n from ranked)
  update component c set position = n from numbered
  where numbered.id = c.id and c.position <> n
$$;

-- The same for groups.
create function amends.group_renumber(in_group bigint) returns void language sql as $$
  with ranked as (
    select id, case when id = in_group then position - 0.5
        else row_number() over (partition by id = in_group order by position, id) end as place
    from component_group),
  numbered as (select id, row_number() over (order by place, id) as n from ranked)
  update component_group g set position = n from numbered
  where numbered.id = g.id and g.position <> n
$$;
