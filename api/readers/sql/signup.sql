-- Settle the requests of the public forms.

-- in_signup.form: id, the number of a new subscriber (sealed values are bound to it); address,
-- sealed, secret (hex), locale, timezone, verbosity, format; account, if its page asked.
create function amends.signup_pending(in_signup signup) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  delete from suppression where address_hash = in_signup.address_hash and reason = 'erased';
  insert into subscriber as s (id, channel, address, address_hash, sealed, secret_sealed, state,
      locale, timezone, verbosity, format, account_id) overriding system value
    values ((in_signup.form->>'id')::bigint, in_signup.channel, in_signup.form->>'address',
      in_signup.address_hash,
      decode(in_signup.form->>'sealed', 'hex'), decode(in_signup.form->>'secret', 'hex'), 'pending',
      in_signup.form->>'locale', in_signup.form->>'timezone',
      (in_signup.form->>'verbosity')::verbosity,
      coalesce(in_signup.form->>'format', 'amends'), (in_signup.form->>'account')::bigint)
    on conflict (channel, address_hash) do update set state = 'pending', state_reason = null,
      account_id = coalesce(s.account_id, excluded.account_id),
      locale = excluded.locale, timezone = excluded.timezone, verbosity = excluded.verbosity,
      format = excluded.format, changed_at = now()
    returning id into v_id;
  delete from move where pending_id = v_id;
  perform amends.reader_choose(v_id, in_signup.form);
  insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    values (v_id, in_signup.address_hash, 'subscribed', 'page-2', 'page', 'reader');
  return v_id;
end $$;

-- A browser, whose user has given the permission (decision 129): active at once, whatever it was.
-- The keys of an endpoint do not change, so those of a known one stay.
create function amends.signup_push(in_signup signup) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  insert into subscriber (id, channel, address, address_hash, sealed, secret_sealed, state,
      locale, timezone, verbosity) overriding system value
    values ((in_signup.form->>'id')::bigint, in_signup.channel, in_signup.form->>'address',
      in_signup.address_hash,
      decode(in_signup.form->>'sealed', 'hex'), decode(in_signup.form->>'secret', 'hex'), 'active',
      in_signup.form->>'locale', in_signup.form->>'timezone',
      (in_signup.form->>'verbosity')::verbosity)
    on conflict (channel, address_hash) do update set state = 'active', state_reason = null,
      paused_until = null, locale = excluded.locale, timezone = excluded.timezone,
      verbosity = excluded.verbosity, changed_at = now()
    returning id into v_id;
  delete from endpoint_failure where subscriber_id = v_id;
  perform amends.reader_choose(v_id, in_signup.form);
  insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    values (v_id, in_signup.address_hash, 'confirmed', 'page-2', 'page', 'browser');
  return v_id;
end $$;

-- in_signup.form also has: subscriber, the one that moves; and moved, the new URL sealed for it.
create function amends.signup_moving(in_signup signup) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  insert into subscriber as s (id, channel, address, address_hash, sealed, state, locale,
      timezone, verbosity) overriding system value
    select (in_signup.form->>'id')::bigint, in_signup.channel, in_signup.form->>'address',
      in_signup.address_hash,
      decode(in_signup.form->>'sealed', 'hex'), 'pending', o.locale, o.timezone, o.verbosity
    from subscriber o where o.id = (in_signup.form->>'subscriber')::bigint
      and o.channel = in_signup.channel and o.state in ('active', 'paused')
    on conflict (channel, address_hash) do update set state = 'pending', state_reason = null,
      changed_at = now()
    returning id into v_id;
  if v_id is null then
    return null;
  end if;
  insert into move (pending_id, subscriber_id, sealed)
    values (v_id, (in_signup.form->>'subscriber')::bigint, decode(in_signup.form->>'moved', 'hex'))
    on conflict (pending_id) do update set subscriber_id = excluded.subscriber_id,
      sealed = excluded.sealed, at = now();
  return v_id;
end $$;

-- An existing subscriber gets a manage link, and a suppressed address gets nothing.
create function amends.signup_settle() returns bigint language plpgsql as $$
declare
  r signup;
  s subscriber;
  n bigint := 0;
begin
  for r in select * from signup where done_at is null and kind <> 'slack' order by id limit 100
      for update skip locked loop
    select * into s from subscriber where channel = r.channel and address_hash = r.address_hash
      for update;
    if r.kind = 'password' then
      perform amends.staff_forgot(r.form->>'login');
    elsif r.kind = 'account_link' then
      perform amends.account_links_mail(r.address_hash);
    elsif r.kind = 'account_invite' then
      perform amends.account_invite(r);
    elsif exists (select from suppression where address_hash = r.address_hash
        and reason <> 'erased') or (s.state = 'suppressed' and r.channel <> 'push') then
      null;
    elsif r.channel = 'push' then
      perform amends.signup_push(r);
    elsif s.state in ('active', 'paused') then
      perform amends.letter_send('manage', s.id);
    elsif r.kind = 'subscribe' then
      perform amends.letter_send('confirmation', amends.signup_pending(r));
    elsif r.kind = 'move' then
      perform amends.letter_send('confirmation', amends.signup_moving(r));
    end if;
    update signup set done_at = now(), form = null where id = r.id;
    n := n + 1;
  end loop;
  return n;
end $$;
