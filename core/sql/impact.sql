-- The current impacts, and the components of an incident.

create view amends.current_impact as
  select i.id as incident_id, i.ref, i.kind, i.announced_at, m.id, m.component_id, m.level,
         m.from_at, m.to_at, m.estimated, m.weight_bp, m.scope, m.measured
  from incident i join impact m on m.revision_id = i.impact_revision_id;

-- The components of an incident that define its audience: of every revision, and of the plan.
create view amends.incident_component as
  select v.incident_id, m.component_id
  from impact_revision v join impact m on m.revision_id = v.id
  union
  select incident_id, component_id from maintenance_component;

-- The incidents that credits may use: not those that were retracted.
create view amends.standing_incident as
  select * from incident where state <> 'retracted';

-- The incidents that everybody may see.
create view amends.public_incident as
  select * from amends.standing_incident where audience <> 'affected';

create view amends.public_impact as
  select m.* from amends.current_impact m join amends.public_incident i on i.id = m.incident_id;

-- The windows of an incident as monitoring measured them: those of its suggestions, and of pending
-- ones whose window meets one of the incident on the same component. They follow the measurements
-- also after staff have corrected the impacts.
create function amends.incident_measured(in_incident bigint) returns table (component_id bigint,
  from_at timestamptz, to_at timestamptz) language plpgsql stable as $$
begin
  return query
    with found as (
      select s.incident_id, (w->>'id')::bigint as id, (w->>'from')::timestamptz as since,
        (w->>'to')::timestamptz as until
      from suggestion s cross join lateral jsonb_array_elements(s.windows) w
      where s.incident_id = in_incident or s.state = 'pending')
    select distinct f.id, f.since, f.until from found f
    where f.incident_id = in_incident or exists (
      select from amends.current_impact m
      where m.incident_id = in_incident and m.component_id = f.id
        and m.level <> 'under_maintenance'
        and tstzrange(m.from_at, m.to_at) && tstzrange(f.since, f.until))
    order by 2, 1;
end $$;
