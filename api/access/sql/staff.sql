-- People, and the changes of their access.

-- The author of an audit entry for people: "Rita", or the name of an API key.
create function amends.actor_name(in_actor text) returns text language sql stable as $$
  select coalesce(
    (select coalesce(s.name, format('API key "%s"', k.name)) from api_key k
      left join staff s on s.id = k.staff_id or s.key_id = k.id
      where in_actor = 'key:' || k.public_id or in_actor = 'staff:' || s.login limit 1), in_actor)
$$;

-- A change of access in words: "email: rita@example.com, roles: admin", "password", "create (roles:
-- admin)".
create function amends.staff_change_words(in_action text, in_detail jsonb) returns text
  language sql stable as $$
  select case when in_action = 'staff.change' and words is not null then words
    else replace(split_part(in_action, '.', 2), '_', ' ') || coalesce(' (' || words || ')', '') end
  from (select string_agg(key || ': ' || translate(value, '"[]', ''), ', ' order by key) as words
    from jsonb_each_text(in_detail)) as x
$$;

-- Record a change of a person's access in the audit log, and send it to all admins and the person.
-- in_detail: as in the audit log; in_former: the address before the change, which is told too.
create function amends.staff_record(in_actor text, in_action text, in_staff bigint,
  in_detail jsonb default null, in_former text default null) returns void language plpgsql as $$
declare
  v_seq bigint;
  v_by text := amends.actor_name(in_actor);
  v_change text := amends.staff_change_words(in_action, in_detail);
  p staff;
begin
  insert into audit (actor, action, object, detail)
    values (in_actor, in_action, 'staff:' || in_staff, in_detail) returning seq into v_seq;
  select * into p from staff where id = in_staff;
  perform amends.staff_report('access:' || v_seq, 'Access changed: ' || p.name,
    format('%s changed the access of %s (%s): %s', v_by, p.name, p.login, v_change),
    jsonb_build_object('what', 'access', 'name', p.name, 'login', p.login, 'by', v_by,
      'change', v_change, 'staff', p.id)
      || case when in_former <> p.email then jsonb_build_object('former', in_former)
        else '{}' end);
end $$;

-- Make a link to choose a password, and mail it to the person. Earlier links end. Null: there is no
-- such person, or the person is disabled or has no address.
-- in_what: the words of the mail, a letter of staff_letter.
create function amends.staff_invite(in_staff bigint, in_what text default 'invitation')
  returns bigint language plpgsql as $$
declare
  v_broadcast bigint;
begin
  if not exists (select from staff
      where id = in_staff and disabled_at is null and email is not null) then
    return null;
  end if;
  v_broadcast := amends.broadcast_to('invitation', 'email',
    array[amends.staff_recipient(in_staff, 'email')], jsonb_build_object('what', in_what),
    in_subject => 'Choose a password', in_body => '{url}');
  delete from staff_invitation where staff_id = in_staff;
  insert into staff_invitation (staff_id, broadcast_id) values (in_staff, v_broadcast);
  return v_broadcast;
end $$;

-- Mail a link to choose a new password to each person of a login or address, valid for an hour, at
-- most three times an hour. One who signs in by OpenID Connect alone gets none, since a password
-- would be a second way in; one who never chose a password gets the invitation again.
create function amends.staff_forgot(in_typed text) returns void language plpgsql as $$
declare
  p staff;
begin
  for p in select * from staff where disabled_at is null and email is not null
      and (password_hash is not null or oidc_subject is null)
      and lower(trim(in_typed)) in (login, lower(email)) order by id limit 5 loop
    continue when (select count(*) from audit where object = 'staff:' || p.id
      and action = 'staff.forgot' and at > now() - interval '1 hour') >= 3;
    if p.password_hash is null then
      perform amends.staff_invite(p.id);
    else
      perform amends.staff_invite(p.id, 'forgot');
      update staff_invitation set expires_at = now() + interval '1 hour' where staff_id = p.id;
    end if;
    insert into audit (actor, action, object) values ('form', 'staff.forgot', 'staff:' || p.id);
  end loop;
end $$;

-- The person of a link: by the id of its mail, or of the person if it was printed.
create function amends.staff_invited(in_staff bigint, in_broadcast bigint) returns setof staff
  language sql stable as $$
  select p.* from staff_invitation v join staff p on p.id = v.staff_id
  where case when in_broadcast > 0 then v.broadcast_id = in_broadcast
      else v.staff_id = in_staff and v.broadcast_id is null end
    and v.expires_at > now() and p.disabled_at is null
$$;

-- Choose the password of a link: the link, the person's other links and all sessions end. Null: the
-- link was used or has expired. in_locale: for a new person, that of the browser.
create function amends.staff_welcome(in_staff bigint, in_broadcast bigint, in_password text,
  in_locale text) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  select id into v_id from amends.staff_invited(in_staff, in_broadcast);
  perform from staff where id = v_id for update;
  delete from staff_invitation where staff_id = v_id;
  if not found then
    return null;
  end if;
  delete from staff_session where staff_id = v_id;
  update staff set password_hash = in_password,
    locale = case when password_hash is null then in_locale else locale end where id = v_id;
  insert into audit (actor, action, object) values ('link', 'staff.password', 'staff:' || v_id);
  return v_id;
end $$;

-- Whether nobody with the role admin can sign in: the first link is then printed.
create function amends.staff_is_empty() returns boolean language sql stable as $$
  select not exists (select from staff where 'admin' = any (roles)
    and (password_hash is not null or oidc_subject is not null))
$$;
