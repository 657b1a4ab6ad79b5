-- The audit log in words.

-- What an entry is about, as people know it: the title of an incident, the name of a person, else
-- the number.
create function amends.audit_object_name(in_action text, in_object text) returns text
  language sql stable as $$
  select coalesce(case x.kind
      when 'staff' then (select name from staff where id = x.id)
      when 'api_key' then (select name from api_key where id = x.id)
      when 'policy' then
        (select format('%s, version %s', name, version) from policy where id = x.id)
      else case when in_action ~ '^(incident|impacts|postmortem|held_post)\.'
        then (select title from incident where ref = in_object) end end,
    regexp_replace(in_object, '^[a-z_]+:', ''))
  from (select split_part(in_object, ':', 1) as kind,
    substring(in_object from '^[a-z_]+:([0-9]{1,18})$')::bigint as id) as x
$$;

-- The credits of a run: [{currency, credits, amount_minor}]; null for other entries.
create function amends.audit_totals(in_action text, in_object text) returns jsonb
  language sql stable as $$
  select jsonb_agg(t) from (select currency, count(*) as credits, sum(amount_minor) as amount_minor
    from credit where in_action ~ '^credit_run\.(approve|issue|void)$'
      and run_id = substring(in_object from '^credit_run:([0-9]{1,18})$')::bigint
    group by 1 order by 1) as t
$$;

-- Whether an actor is the one asked for, or a key of that person.
create function amends.audit_is_by(in_actor text, in_asked text) returns boolean
  language sql stable as $$
  select in_actor = in_asked or in_actor in (select 'key:' || k.public_id from api_key k
    join staff s on s.id = k.staff_id where in_asked = 'staff:' || s.login)
$$;
