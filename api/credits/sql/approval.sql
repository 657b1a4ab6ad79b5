-- A run needs two people, not two keys.

-- 'staff:ID' if the key may stand for its person at an approval: the person is signed in with it,
-- or made it, or it was made at the server. Null: a key of nobody, or one that another person has
-- seen.
create function amends.key_approver(in_key bigint) returns text language sql stable as $$
  select 'staff:' || k.staff_id from api_key k left join api_key m on m.id = k.made_by
  where k.id = in_key and (k.made_by is null or m.staff_id = k.staff_id)
$$;

-- The final check, independent of the checks of the api.
create function amends.credit_run_two() returns trigger language plpgsql as $$
begin
  if amends.key_approver(new.approved_by) is null then
    raise exception using errcode = 'check_violation', message = 'a run is approved by a person';
  end if;
  if not new.alone and amends.key_person(new.approved_by) = amends.key_person(new.created_by) then
    raise exception using errcode = 'check_violation',
      message = 'a run is approved by another person than its drafter';
  end if;
  return new;
end $$;

create trigger credit_run_two before update of approved_by on credit_run for each row
  when (new.approved_by is not null) execute function amends.credit_run_two();

-- The person behind an actor of the audit log, as amends.key_person; null: nobody of staff (the
-- command line, the OpenID provider, a role).
create function amends.actor_person(in_actor text) returns text language sql stable as $$
  select case
    when starts_with(in_actor, 'staff:') then
      (select 'staff:' || id from staff where login = substr(in_actor, 7))
    when starts_with(in_actor, 'key:') then
      (select amends.key_person(id) from api_key where public_id = substr(in_actor, 5)) end
$$;

-- Everybody who may act as a person (amends.key_person) now, and until when that counts: the
-- person, without an end; each person who gave them access, a role, an address or a new link, or
-- removed their second factor, within the wait; and each person who had done so to one of those,
-- within the wait before that (decision 110).
create function amends.staff_power(in_person text, in_wait interval)
  returns table (person text, until timestamptz) language sql stable as $$
  with recursive power as (
    select in_person as person, clock_timestamp() as at, 'infinity'::timestamptz as until
    union
    select amends.actor_person(a.actor), a.at,
      case p.until when 'infinity' then a.at + in_wait else p.until end
    from power p join audit a on a.object = p.person and a.at > p.at - in_wait and a.at < p.at
    where amends.actor_person(a.actor) is not null
      and (a.action in ('staff.create', 'staff.invite', 'staff.reset')
        or (a.action = 'staff.change' and (a.detail ?| array['roles', 'email', 'drop_totp']
          or a.detail->>'access' = 'enabled'))))
  select power.person, max(power.until) from power group by 1
$$;

-- When the person of a key may approve a run: null for at once. The two must not be, within the
-- wait, in the power of the same person; a key of nobody may be in anybody's hands.
create function amends.approval_hold(in_run bigint, in_key bigint, in_wait interval)
  returns timestamptz language sql stable as $$
  select max(least(c.until, d.until))
  from credit_run r,
    amends.staff_power(amends.key_person(in_key), in_wait) c,
    amends.staff_power(amends.key_person(r.created_by), in_wait) d
  where r.id = in_run and least(c.until, d.until) < 'infinity'
    and (c.person = d.person or starts_with(c.person, 'key:') or starts_with(d.person, 'key:'))
$$;
