-- The contacts of an account, as its page changes them.

-- Mail the link of the page to a contact, at most three times a day. login: the account's name for
-- the sign-in by its OpenID provider, if it has one.
create function amends.account_link_mail(in_contact bigint) returns void language plpgsql as $$
declare
  v_account jsonb;
begin
  select jsonb_strip_nulls(jsonb_build_object('name', a.name, 'login', case when exists (
      select from account_oidc o where o.account_id = a.id) then a.external_id end))
    into v_account from account_contact k join account a on a.id = k.account_id
    where k.id = in_contact and (select count(*) from audit
      where object = 'account_contact:' || k.id and action = 'account.mail_link'
        and at > now() - interval '1 day') < 3;
  if found then
    perform amends.broadcast_to('account_link', 'email', array[in_contact],
      v_account);
    insert into audit (actor, action, object)
      values ('link', 'account.mail_link', 'account_contact:' || in_contact);
  end if;
end $$;

-- Settle a request of the form for the link: contacts with this address, of at most 20 accounts.
create function amends.account_links_mail(in_hash bytea) returns void language plpgsql as $$
begin
  perform amends.account_link_mail(k.id) from (select id from account_contact
    where address_hash = in_hash order by id limit 20) k;
end $$;

-- Settle the request of a contact to add an address: in_signup.form has account, email, name and
-- locale. Somebody who is a contact gets the link; an account has at most 20 open invitations.
create function amends.account_invite(in_signup signup) returns void language plpgsql as $$
declare
  a account;
  d jsonb := in_signup.form;
  v_contact bigint;
  v_broadcast bigint;
begin
  select * into a from account where id = (d->>'account')::bigint for update;
  select id into v_contact from account_contact where account_id = a.id
    and address_hash = in_signup.address_hash;
  if v_contact is not null then
    perform amends.account_link_mail(v_contact);
    return;
  elsif a.id is null or (select count(*) from account_invitation
      where account_id = a.id and expires_at > now()
        and address_hash <> in_signup.address_hash) >= 20
      or exists (select from suppression
        where address_hash = in_signup.address_hash and reason <> 'erased') then
    return;
  end if;
  delete from account_invitation
    where account_id = a.id and address_hash = in_signup.address_hash;
  v_broadcast := amends.broadcast_to('account_invitation', 'email', array[-1],
    jsonb_build_object('to', d->>'email', 'locale', d->>'locale', 'name', a.name));
  insert into account_invitation (account_id, email, name, locale, address_hash, broadcast_id)
    values (a.id, d->>'email', nullif(d->>'name', ''), d->>'locale', in_signup.address_hash,
      v_broadcast);
  insert into audit (actor, action, object)
    values ('link', 'account.invite_contact', 'account:' || a.external_id);
end $$;

-- The contact that the invitation of this mail makes; null: it was used, withdrawn or is too old.
create function amends.account_join(in_broadcast bigint) returns bigint language plpgsql as $$
declare
  i account_invitation;
  v_id bigint;
begin
  delete from account_invitation where broadcast_id = in_broadcast and expires_at > now()
    returning * into i;
  if not found then
    return null;
  end if;
  insert into account_contact as k (account_id, email, name, locale, address_hash, own)
    values (i.account_id, i.email, i.name, i.locale, i.address_hash, true)
    on conflict (account_id, email) do update set name = k.name returning id into v_id;
  delete from account_contact_removed
    where account_id = i.account_id and address_hash = i.address_hash;
  insert into audit (actor, action, object)
    values ('link', 'account.add_contact', 'account_contact:' || v_id);
  return v_id;
end $$;

-- Remove a contact with their links and sessions; imports do not bring them back. Returns
-- 'removed', 'last' or 'none'.
create function amends.account_contact_remove(in_account bigint, in_contact bigint) returns text
  language plpgsql as $$
begin
  perform from account where id = in_account for update;
  if not exists (select from account_contact where id = in_contact and account_id = in_account) then
    return 'none';
  elsif (select count(*) from account_contact where account_id = in_account) = 1 then
    return 'last';
  end if;
  with gone as (delete from account_contact where id = in_contact returning address_hash)
    insert into account_contact_removed (account_id, address_hash)
      select in_account, address_hash from gone;
  insert into audit (actor, action, object)
    values ('link', 'account.remove_contact', 'account_contact:' || in_contact);
  return 'removed';
end $$;

-- The requests of an account's page that are not settled yet: those to add an address.
create function amends.account_asked(in_account bigint, in_kind text) returns setof signup
  language sql stable as $$
  select s.* from signup s where s.done_at is null and s.kind = in_kind
    and (s.form->>'account')::bigint = in_account order by s.id limit 100
$$;

-- The channels of an account: its subscribers. topics: the names of what each chose; null: all.
create function amends.account_channels(in_account bigint)
  returns table (id bigint, channel text, address text, state text, topics json)
  language sql stable as $$
  select s.id, s.channel::text, s.address, s.state::text,
    (select json_agg(json_build_object('name', coalesce(k.name, amends.group_name(g)),
        'in', coalesce(k.translations, g.translations)::text) order by x.kind desc, x.target_id)
      from subscription x left join component k on x.kind = 'component' and k.id = x.target_id
        left join component_group g on x.kind = 'group' and g.id = x.target_id
      where x.subscriber_id = s.id and (k.id is not null or g.id is not null))
  from subscriber s
  where s.account_id = in_account and s.state in ('active', 'paused', 'pending')
  order by s.channel, s.id limit 200
$$;
