-- All consents, in the order of their ids. The consent that an import stands for has the negative
-- id of the subscriber, because it came first.
create view amends.consent_log as
  select id, subscriber_id, address_hash, action, wording, source, actor, at from consent
  union all
  select -s.id, s.id, s.address_hash, 'confirmed', 'api-1', coalesce(s.agreed_source, 'import'),
    i.actor, s.agreed_at
  from subscriber s left join subscriber_import i on i.id = s.import_id
  where s.agreed_at is not null;

create function amends.agreement_keep() returns trigger language plpgsql as $$
begin
  insert into consent (id, subscriber_id, address_hash, action, wording, source, actor, at)
    overriding system value
    select -g.id, g.id, g.address_hash, 'confirmed', 'api-1', coalesce(g.agreed_source, 'import'),
      i.actor, g.agreed_at
    from gone g left join subscriber_import i on i.id = g.import_id where g.agreed_at is not null;
  return null;
end $$;

create trigger agreement_keep after delete on subscriber referencing old table as gone
  for each statement execute function amends.agreement_keep();

create function amends.agreement_move() returns trigger language plpgsql as $$
begin
  if (new.agreed_at, new.agreed_source, new.import_id)
      is distinct from (old.agreed_at, old.agreed_source, old.import_id) then
    raise exception 'what somebody agreed to does not change' using errcode = 'check_violation';
  end if;
  insert into consent (id, subscriber_id, address_hash, action, wording, source, actor, at)
    overriding system value
    select id, subscriber_id, address_hash, action, wording, source, actor, at
    from amends.consent_log where id = -old.id;
  new.agreed_at := null;
  new.agreed_source := null;
  return new;
end $$;

create trigger agreement_move before update of address_hash, agreed_at, agreed_source, import_id
  on subscriber for each row
  when (old.agreed_at is not null and (new.address_hash, new.agreed_at, new.agreed_source,
      new.import_id) is distinct from
    (old.address_hash, old.agreed_at, old.agreed_source, old.import_id))
  execute function amends.agreement_move();
