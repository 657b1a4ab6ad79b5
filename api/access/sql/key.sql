-- Keys and the people behind them.

-- The api caches keys for a moment. A change of a key, or of the roles that bound its scopes,
-- notifies it.
create function amends.api_key_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('api_key_changed', '');
  return null;
end $$;

create trigger api_key_changed
  after delete or update of secret_sha256, scopes, expires_at, revoked_at on api_key
  for each statement execute function amends.api_key_changed();

create trigger staff_scopes_changed
  after delete or update of roles, disabled_at on staff
  for each statement execute function amends.api_key_changed();

create function amends.key_person(in_key bigint) returns text language sql stable as
  $$ select coalesce('staff:' || staff_id, 'key:' || id) from api_key where id = in_key $$;

create function amends.key_name(in_key bigint) returns text language sql stable as
  $$ select coalesce(p.name, k.name) from api_key k left join staff p on p.id = k.staff_id
     where k.id = in_key $$;

-- {person, name} of the person or program behind a key; null without a key.
create function amends.key_who(in_key bigint) returns json language sql stable as
  $$ select json_build_object('person', amends.key_person(in_key), 'name', amends.key_name(in_key))
     where in_key is not null $$;

create function amends.staff_create(in_login text, in_name text, in_email text, in_roles text[])
  returns bigint language plpgsql as $$
declare
  v_key bigint;
  v_id bigint;
begin
  insert into api_key (name, public_id, scopes) values (in_name, 'staff.' || in_login, '{}')
    returning id into v_key;
  insert into staff (login, name, email, roles, key_id)
    values (in_login, in_name, in_email, in_roles, v_key) returning id into v_id;
  update api_key set staff_id = v_id where id = v_key;
  return v_id;
end $$;
