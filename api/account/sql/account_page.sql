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

-- The incidents that concern an account, newest first, before an incident (0: from the newest; null
-- in_limit: all): those that are open or planned, and those of the last 90 days. components:
-- [{slug, name, in}] of those that it uses.
create function amends.account_incidents(in_account bigint, in_before bigint default 0,
    in_limit bigint default null)
  returns table (id bigint, ref text, title text, title_in text, kind text, state text, phase text,
    from_at timestamptz, to_at timestamptz, components json) language plpgsql stable as $$
begin
  return query
    select i.id, i.ref, i.title, i.translations::text, i.kind, i.state, p.phase,
      coalesce(i.scheduled_from, i.started_at), coalesce(i.scheduled_until, i.resolved_at),
      (select coalesce(json_agg(json_build_object('slug', c.slug, 'name', c.name,
          'in', c.translations::text) order by c.position, c.id), '[]')
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
      and (in_before = 0 or (i.started_at, i.id)
        < (select b.started_at, b.id from incident b where b.id = in_before))
      and amends.incident_concerns(i.id, a.id)
    order by i.started_at desc, i.id desc limit in_limit;
end $$;

-- The posts of an incident, newest first, with the text for the affected where the account reads
-- it.
create function amends.account_incident_updates(in_account bigint, in_incident bigint)
  returns table (id bigint, state text, at timestamptz, body text, body_in text, auto_text text,
    edited_at timestamptz) language plpgsql stable as $$
begin
  return query
    select u.id, u.state, u.posted_at, coalesce(x.body, u.body), case when x.body is null
        then u.translations else (select coalesce(jsonb_object_agg(t.key,
          jsonb_build_object('body', t.value->'affected_body')), '{}')
        from jsonb_each(u.translations) t where t.value ? 'affected_body') end::text,
      u.auto, u.edited_at
    from incident_update u cross join lateral (values (case
      when amends.incident_addresses(in_incident, in_account) then u.affected_body end)) as x (body)
    where u.incident_id = in_incident order by u.id desc;
end $$;

-- The components of an incident that concern an account, each with its worst level; and their
-- windows that have begun.
create function amends.account_incident_components(in_account bigint, in_incident bigint)
  returns table (name text, translations text, level text) language plpgsql stable as $$
begin
  return query
    select c.name, c.translations::text, coalesce(max(m.level), 'under_maintenance')::text
    from account a cross join component c
      left join amends.current_impact m on m.component_id = c.id and m.incident_id = in_incident
        and (m.scope is null or amends.sla_is_in(m.scope, a))
    where a.id = in_account and amends.account_uses(a.id, c.id) and (m.id is not null
      or exists (select from maintenance_component x
        where x.incident_id = in_incident and x.component_id = c.id
          and not exists (select from amends.current_impact n
            where n.incident_id = in_incident and n.component_id = c.id)))
    group by c.id order by c.name;
end $$;

create function amends.account_incident_impacts(in_account bigint, in_incident bigint)
  returns table (name text, translations text, level text, from_at timestamptz, to_at timestamptz)
  language plpgsql stable as $$
begin
  return query
    select c.name, c.translations::text, m.level::text, m.from_at, m.to_at
    from account a cross join amends.current_impact m join component c on c.id = m.component_id
    where a.id = in_account and m.incident_id = in_incident and m.from_at <= now()
      and amends.account_uses(a.id, c.id) and (m.scope is null or amends.sla_is_in(m.scope, a))
    order by m.from_at, c.name;
end $$;

-- The credits of an account, newest first, before a credit (0: from the newest). incidents: those
-- that hit the account, [{ref, title}]; translations: of their titles, {ref: JSON as text}; lines:
-- [{period_from, period_to, amount_minor, weighted_seconds}].
create function amends.account_credits(in_account bigint, in_before bigint, in_limit bigint)
  returns table (id bigint, amount_minor bigint, currency text, exponent smallint,
    issued_at timestamptz, state text, reference text, incidents json, translations json,
    lines json)
  language plpgsql stable as $$
begin
  return query
    select c.id, c.amount_minor, c.currency::text, c.exponent, c.issued_at, c.state, k.reference,
      coalesce(h.incidents, '[]'), coalesce(h.translations, '{}'),
      (select coalesce(json_agg(json_build_object('period_from', l.period_from,
          'period_to', l.period_to, 'amount_minor', l.amount_minor,
          'weighted_seconds', l.weighted_seconds::text) order by l.period_from), '[]')
        from credit_line l where l.credit_id = c.id)
    from credit c left join credit_ack k on k.credit_id = c.id
      cross join lateral (select json_agg(json_build_object('ref', i.ref, 'title', i.title)
          order by i.started_at, i.id) as incidents,
        json_object_agg(i.ref, i.translations::text) as translations
        from incident i where i.ref in (select x->>'incident' from credit_line l,
          jsonb_array_elements(amends.explain(l)->'impacts') x where l.credit_id = c.id)) h
    where c.account_id = in_account and c.issued_at is not null and c.state not in ('draft', 'void')
      and (in_before = 0 or c.id < in_before)
    order by c.id desc limit in_limit;
end $$;

-- By currency: what an account is owed, and how much of it billing has put on an invoice.
create function amends.account_credit_totals(in_account bigint)
  returns table (currency text, owed_minor bigint, applied_minor bigint) language sql stable as $$
  select c.currency::text, sum(c.amount_minor)::bigint,
    coalesce(sum(c.amount_minor) filter (where c.state = 'applied'), 0)::bigint
  from credit c
  where c.account_id = in_account and c.issued_at is not null
    and c.state not in ('draft', 'void', 'reversed')
  group by 1 order by 1
$$;
