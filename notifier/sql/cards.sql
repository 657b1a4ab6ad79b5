-- Cards in slack_channel: messages to staff with buttons. The first message about a subject is its
-- card (broadcast.about); all name it as "card" in their detail, and later ones reply in its thread
-- and take its place. "quiet": for the channel alone (amends.staff_expand).

-- What became of the subject of a card. Nothing without a message to Slack about it; of one that
-- waits for its recipients, nobody knows yet.
create function amends.card_follow(in_card text, in_about text, in_subject text, in_detail jsonb)
  returns void language sql as $$
  select amends.staff_report(in_about, in_subject, in_subject,
    in_detail || jsonb_build_object('card', in_card, 'quiet', true, 'url', b.extra->>'url'))
  from broadcast b where b.kind = 'staff' and b.about = in_card and (b.state = 'held' or exists (
    select from broadcast_cursor x where x.broadcast_id = b.id and x.channel = 'slack'))
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

-- Alerts can come to say that there was none, which removes what they suggested.
create function amends.suggestion_gone() returns trigger language plpgsql as $$
begin
  perform amends.card_follow('suggestion:' || old.id, 'suggestion:' || old.id || ':gone',
    old.title || ': withdrawn', jsonb_build_object('what', 'suggestion_gone', 'title', old.title));
  return null;
end $$;

create trigger suggestion_gone after delete on suggestion for each row
  when (old.state = 'pending' and old.created_at > now() - interval '1 day')
  execute function amends.suggestion_gone();

-- The end of an incident is nothing to decide any more on the cards that suggested it.
create function amends.incident_card() returns trigger language plpgsql as $$
begin
  perform amends.card_follow('suggestion:' || s.id, 'suggestion:' || s.id || ':' || new.state,
      format('%s: %s', s.title, new.state),
      jsonb_build_object('what', 'suggestion_' || new.state, 'title', s.title))
    from suggestion s where s.incident_id = new.id;
  return null;
end $$;

create trigger incident_card after update of state on incident for each row
  when (new.state in ('resolved', 'retracted') and old.state <> new.state)
  execute function amends.incident_card();

-- What a run credits: [{minor, currency}].
create function amends.run_amounts(in_run bigint) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('minor', sum, 'currency', currency)
    order by currency), '[]')
  from (select currency, sum(amount_minor) as sum from credit where run_id = in_run group by 1) x
$$;

-- A card for each draft that has none. A run that is being decided, whose lock is taken, gets none.
create function amends.run_cards(in_url text) returns void language plpgsql as $$
declare
  r credit_run;
begin
  for r in
    select * from credit_run x where x.state = 'draft'
      and not exists (select from broadcast b where b.about = 'credit_run:' || x.id)
  loop
    continue when not pg_try_advisory_xact_lock(amends.lock_key('run_card'), r.id::integer);
    perform amends.staff_report('credit_run:' || x.id, format('Credit run %s: %s', x.id, p.name),
      x.reason, jsonb_build_object('what', 'run', 'card', 'credit_run:' || x.id, 'id', x.id,
        'quiet', true, 'policy', p.name, 'reason', x.reason, 'amounts', amends.run_amounts(x.id),
        'url', format('%s/staff/credits/runs/%s', in_url, x.id)))
    from credit_run x join policy p on p.id = x.policy_id where x.id = r.id and x.state = 'draft';
  end loop;
end $$;

create function amends.run_card() returns trigger language plpgsql as $$
declare
  v_who text := amends.card_who(case new.state when 'approved' then new.approved_by
    when 'void' then new.voided_by end);
begin
  perform pg_advisory_xact_lock(amends.lock_key('run_card'), new.id::integer);
  perform amends.card_follow('credit_run:' || new.id, 'credit_run:' || new.id || ':' || new.state,
    format('Credit run %s: %s by %s', new.id, new.state, v_who),
    jsonb_build_object('what', 'run_' || new.state, 'run', new.id, 'who', v_who, 'reason',
      coalesce(new.failure, '')));
  return new;
end $$;

create trigger run_card after update of state on credit_run for each row
  when (new.state in ('approved', 'void', 'failed'))
  execute function amends.run_card();
