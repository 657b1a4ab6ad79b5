-- What an account sees on its page: its components, and the incidents that concern it.

-- The account of a link: that of its contact, or without one the account itself.
create function amends.link_account(in_contact bigint, in_account bigint) returns bigint
  language sql stable as $$
  select case when in_contact = 0 then in_account
    else (select account_id from account_contact where id = in_contact) end
$$;

-- An account without a choice of components uses all of them.
create function amends.account_uses(in_account bigint, in_component bigint) returns boolean
  language sql stable as $$
  select not exists (select from account_component where account_id = in_account)
    or exists (select from account_component
      where account_id = in_account and component_id = in_component)
$$;

-- The components that an account uses, in the order of the public page, with their level now for
-- this account.
create function amends.account_components(in_account bigint)
  returns table (slug text, name text, name_in text, group_name text, group_in text, level text)
  language plpgsql stable as $$
begin
  return query
    select c.slug, c.name, c.translations::text, amends.group_name(g), g.translations::text,
      coalesce((select max(m.level)::text
        from amends.current_impact m join amends.standing_incident i on i.id = m.incident_id
        where m.component_id = c.id and m.from_at <= now() and coalesce(m.to_at > now(), true)
          and (m.scope is null or amends.sla_is_in(m.scope, a))), 'operational')
    from account a cross join component c left join component_group g on g.id = c.group_id
    where a.id = in_account and c.archived_at is null and amends.account_uses(a.id, c.id)
    order by g.position nulls first, g.id, c.position, c.id;
end $$;

-- The incidents that concern an account, newest first: those that are open or planned, and those of
-- the last 90 days, at most 100. components: [{name, in}] of those that it uses.
create function amends.account_incidents(in_account bigint)
  returns table (ref text, title text, title_in text, kind text, state text, phase text,
    from_at timestamptz, to_at timestamptz, components json) language plpgsql stable as $$
begin
  return query
    select i.ref, i.title, i.translations::text, i.kind, i.state, p.phase,
      coalesce(i.scheduled_from, i.started_at), coalesce(i.scheduled_until, i.resolved_at),
      (select json_agg(json_build_object('name', c.name, 'in', c.translations::text)
          order by c.position, c.id)
        from component c
        where amends.account_uses(a.id, c.id) and (exists (select from amends.current_impact m
            where m.incident_id = i.id and m.component_id = c.id
              and (m.scope is null or amends.sla_is_in(m.scope, a)))
          or exists (select from maintenance_component x
            where x.incident_id = i.id and x.component_id = c.id
              and not exists (select from amends.current_impact m
                where m.incident_id = i.id and m.component_id = c.id))))
    from account a cross join amends.standing_incident i
      cross join lateral (values (case
        when i.state in ('resolved', 'postmortem', 'completed', 'cancelled') then 'past'
        when i.state = 'scheduled' then 'planned' else 'open' end)) as p (phase)
    where a.id = in_account
      and (p.phase <> 'past' or i.started_at > now() - interval '90 days')
      and amends.incident_concerns(i.id, a.id)
    order by i.started_at desc, i.id desc limit 100;
end $$;
