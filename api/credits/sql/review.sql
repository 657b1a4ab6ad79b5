-- "This is not enough": a customer asks for a review of a credit; staff answer with a further
-- credit, which is a run of its own with its own approval, or with a reason.

-- Called by the statement page. Returns 'opened', 'open' (a review is under way), 'many' (the limit
-- is five per day and account), or 'closed' (the credit is void or reversed).
create function amends.credit_review_open(in_credit bigint, in_contact bigint, in_message text)
  returns text language plpgsql as $$
declare
  c record;
  v_id bigint;
begin
  select k.*, a.external_id, a.name from credit k join account a on a.id = k.account_id
    where k.id = in_credit for update of k into c;
  if c.id is null or c.state not in ('issued', 'acknowledged', 'applied') then
    return 'closed';
  elsif exists (select from credit_review where credit_id = in_credit
      and state in ('open', 'further')) then
    return 'open';
  elsif (select count(*) from credit_review r join credit k on k.id = r.credit_id
      where k.account_id = c.account_id and r.created_at > now() - interval '1 day') >= 5 then
    return 'many';
  end if;
  insert into credit_review (credit_id, contact_id, message)
    values (in_credit, in_contact, in_message) returning id into v_id;
  insert into audit (actor, action, object)
    values ('link', 'credit_review.open', 'credit_review:' || v_id);
  perform amends.staff_report('review:' || v_id, 'A customer says that a credit is not enough',
    format(E'%s (%s), about credit %s of %s %s, review %s:\n\n%s', c.name, c.external_id, in_credit,
    round(c.amount_minor * 10::numeric ^ -c.exponent, c.exponent), c.currency, v_id,
    regexp_replace(in_message, '^', '> ', 'gn')),
    jsonb_build_object('what', 'review', 'name', c.name, 'account', c.external_id,
      'credit', in_credit,
      'amount', round(c.amount_minor * 10::numeric ^ -c.exponent, c.exponent)::text, 'currency',
      c.currency, 'review', v_id, 'message', regexp_replace(in_message, '^', '> ', 'gn')));
  return 'opened';
end $$;

-- Reply to the contact who asked, or to all contacts of the account if that one no longer exists.
create function amends.credit_review_reply(in_review bigint) returns void language sql as $$
  select amends.broadcast_to('credit_answer', 'email',
    array(select k.id from account_contact k where k.id = r.contact_id
      or (k.account_id = c.account_id
        and not exists (select from account_contact x where x.id = r.contact_id))),
    jsonb_build_object(
      'credit', coalesce((select k.id from credit k where k.run_id = r.run_id limit 1), c.id),
      'further', r.state = 'credited', 'message', r.answer, 'account', a.name))
  from credit_review r join credit c on c.id = r.credit_id join account a on a.id = c.account_id
  where r.id = in_review
$$;

create function amends.credit_review_follow() returns trigger language plpgsql as $$
declare
  v_id bigint;
begin
  if new.state = 'issued' and exists (select from credit where run_id = new.id) then
    update credit_review set state = 'credited' where run_id = new.id and state = 'further'
      returning id into v_id;
    if v_id is not null then
      perform amends.credit_review_reply(v_id);
    end if;
  else
    update credit_review set state = 'open', run_id = null, answer = null, answered_by = null,
      answered_at = null where run_id = new.id and state = 'further';
  end if;
  return new;
end $$;

create trigger credit_review_follow after update of state on credit_run for each row
  when (new.state in ('issued', 'void', 'failed')) execute function amends.credit_review_follow();

-- Create the run of a further credit: one account, the incidents of the credit, their current
-- evidence.
create function amends.credit_review_run(in_review bigint, in_policy bigint, in_actor bigint)
  returns bigint language plpgsql as $$
declare
  v_run bigint;
  c credit;
begin
  select k.* into c from credit_review r join credit k on k.id = r.credit_id where r.id = in_review;
  insert into credit_run (policy_id, reason, created_by, account_id)
    values (in_policy, 'review ' || in_review, in_actor, c.account_id) returning id into v_run;
  insert into credit_run_incident (run_id, incident_id, impact_revision_id)
    select v_run, i.id, i.impact_revision_id from credit_run_incident x
      join incident i on i.id = x.incident_id where x.run_id = c.run_id;
  return v_run;
end $$;
