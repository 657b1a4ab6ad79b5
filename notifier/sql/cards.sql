-- Cards in slack_channel: messages to staff with buttons. The first message about a subject is its
-- card (broadcast.about); later ones name it as "card" in their detail, reply in its thread and
-- take its place. "quiet": for the channel alone (amends.staff_expand).

-- What became of the subject of a card. Nothing without a message to Slack about it.
create function amends.card_follow(in_card text, in_about text, in_subject text, in_detail jsonb)
  returns void language sql as $$
  select amends.staff_report(in_about, in_subject, in_subject,
    in_detail || jsonb_build_object('card', in_card, 'quiet', true, 'url', b.extra->>'url'))
  from broadcast b where b.kind = 'staff' and b.about = in_card and exists (
    select from broadcast_cursor x where x.broadcast_id = b.id and x.channel = 'slack')
$$;

-- The name behind a decision; "Amends" if nobody made it.
create function amends.card_who(in_key bigint) returns text language plpgsql stable as $$
begin
  -- Not every role may read the keys; those that decide by themselves have none.
  return case when in_key is null then 'Amends' else amends.key_name(in_key) end;
end $$;

create function amends.suggestion_card() returns trigger language plpgsql as $$
declare
  v_who text := amends.card_who(new.decided_by);
begin
  perform amends.card_follow('suggestion:' || new.id, 'suggestion:' || new.id || ':' || new.state,
    format('%s: %s by %s', new.title, new.state, v_who),
    jsonb_build_object('what', 'suggestion_' || new.state, 'title', new.title, 'who', v_who));
  return new;
end $$;

create trigger suggestion_card after update of state on suggestion for each row
  when (old.state = 'pending' and new.state <> 'pending')
  execute function amends.suggestion_card();

-- "1240.50 USD, 300 JPY"
create function amends.run_amounts(in_run bigint) returns text language sql stable as $$
  select coalesce(string_agg(format('%s %s', round(sum / power(10::numeric, exponent), exponent),
    currency), ', ' order by currency), '0')
  from (select currency, exponent, sum(amount_minor)::numeric as sum from credit
    where run_id = in_run group by 1, 2) x
$$;

-- A card for each draft that has none.
create function amends.run_cards(in_url text) returns void language sql as $$
  select amends.staff_report('credit_run:' || r.id, format('Credit run %s: %s', r.id, p.name),
    r.reason, jsonb_build_object('what', 'run', 'id', r.id, 'quiet', true, 'policy', p.name,
      'reason', r.reason, 'amounts', amends.run_amounts(r.id),
      'url', format('%s/staff/credits/runs/%s', in_url, r.id)))
  from credit_run r join policy p on p.id = r.policy_id
  where r.state = 'draft'
    and not exists (select from broadcast b where b.about = 'credit_run:' || r.id)
$$;

create function amends.run_card() returns trigger language plpgsql as $$
declare
  v_who text := amends.card_who(case new.state when 'approved' then new.approved_by
    when 'void' then new.voided_by end);
begin
  perform amends.card_follow('credit_run:' || new.id, 'credit_run:' || new.id || ':' || new.state,
    format('Credit run %s: %s by %s', new.id, new.state, v_who),
    jsonb_build_object('what', 'run_' || new.state, 'run', new.id, 'who', v_who, 'reason',
      coalesce(new.failure, '')));
  return new;
end $$;

create trigger run_card after update of state on credit_run for each row
  when (new.state in ('approved', 'void', 'failed'))
  execute function amends.run_card();
