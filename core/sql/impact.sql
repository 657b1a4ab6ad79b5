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
