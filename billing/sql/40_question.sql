-- The evidence of a run in the form of billing/engine/evidence/read.h.

-- Null for in_until: an open impact has no end.
create function amends.credit_impacts(in_revision bigint, in_until timestamptz) returns json
  language sql stable as $$
  select coalesce(json_agg(json_strip_nulls(json_build_object('component', c.slug,
    'level', m.level, 'from', amends.instant(m.from_at),
    'to', amends.instant(coalesce(m.to_at, in_until)), 'weight_bp', m.weight_bp,
    'scope', m.scope)) order by m.id), '[]')
  from impact m join component c on c.id = m.component_id
  where m.revision_id = in_revision and m.from_at < coalesce(m.to_at, in_until, 'infinity')
$$;

-- in_open: impacts that are open have no end, instead of that of the pin.
create function amends.credit_incidents(in_run bigint, in_open boolean default false)
  returns json language plpgsql stable as $$
begin
  return (
    select coalesce(json_agg(json_strip_nulls(json_build_object('ref', i.ref,
      'impacts', amends.credit_impacts(p.revision_id, case when not in_open then p.until end),
      'reported_at', amends.instant(r.reported_at),
      'reports', (select json_object_agg(key, amends.instant(value::timestamptz))
                  from jsonb_each_text(r.reports)))) order by i.id), '[]')
    from cr_pin p join incident i on i.id = p.incident_id
      left join impact_revision r on r.id = p.revision_id
    where p.run_id = in_run);
end $$;

create function amends.credit_earlier() returns json language plpgsql stable as $$
begin
  return (
    select coalesce(json_agg(json_build_object('id', e.run_id,
      'incidents', amends.credit_incidents(e.run_id)) order by e.run_id), '[]')
    from (select distinct run_id from cr_pin where not own) as e);
end $$;

create function amends.credit_maintenance(in_until timestamptz) returns json
  language sql stable as $$
  select coalesce(json_agg(json_build_object('ref', i.ref,
    'announced_at', amends.instant(coalesce(i.announced_at, i.started_at)),
    'impacts', amends.credit_impacts(i.impact_revision_id, in_until)) order by i.id), '[]')
  from incident i where i.id in (
    select incident_id from amends.current_impact where level = 'under_maintenance')
$$;

-- Claims of the pinned incidents, as they stood at an instant; none if the policy asks for none.
create function amends.credit_claims(in_at timestamptz) returns json language plpgsql stable as $$
begin
  return (
    select coalesce(json_agg(json_build_object('account', a.external_id,
      'at', amends.instant(k.at), 'incidents', (
        select json_agg(i.ref) from claim_incident x join incident i on i.id = x.incident_id
        where x.claim_id = k.id)) order by k.id), '[]')
    from cr_policy y cross join claim k join account a on a.id = k.account_id
    where y.document ? 'claim' and k.created_at <= in_at
      and (k.state <> 'declined' or k.decided_at > in_at) and exists (
        select from claim_incident x join cr_pin using (incident_id) where x.claim_id = k.id));
end $$;

-- The evidence of a run in the form of billing/engine/evidence/read.h: claims and measurements as
-- of the draft.
create function amends.credit_run_question() returns json language plpgsql stable as $$
begin
  return (
    select json_build_object(
      'reconciles', y.root is not null,
      'incidents', amends.credit_incidents(y.run_id),
      'earlier', amends.credit_earlier(),
      'maintenance', amends.credit_maintenance(d.drafted_at),
      'claims', amends.credit_claims(d.drafted_at),
      'measurements', (select coalesce(json_agg(json_strip_nulls(json_build_object(
          'component', c.slug, 'from', amends.instant(m.from_at),
          'to', amends.instant(m.to_at), 'good', m.total - m.bad, 'total', m.total,
          'scope', m.scope)) order by m.from_at, c.slug, m.to_at, m.scope), '[]')
        from (
          select s.component_id, s.scope, m.from_at, m.to_at, sum(m.bad)::bigint as bad,
            sum(m.total)::bigint as total
          from amends.measured(coalesce(d.period_from, '-infinity'),
              coalesce(d.period_to, 'infinity')) m
            join measurement_series s on s.id = m.series_id
          group by 1, 2, 3, 4) m join component c on c.id = m.component_id
        where y.document->'measure'->>'source' = 'requests'))
    from cr_policy y join credit_run d on d.id = y.run_id);
end $$;
