-- Letters about credits: one per address and run, regardless of the number of its accounts.

-- The standing credits of a run, of every account that has this contact's address as a contact.
create function amends.contact_credit(in_run bigint, in_contact bigint) returns setof credit
  language sql stable as $$
  select c.* from account_contact me join account_contact k on k.address_hash = me.address_hash
    join credit c on c.account_id = k.account_id and c.run_id = in_run
      and c.state not in ('void', 'reversed')
  where me.id = in_contact
$$;

-- The facts of the letter to a contact, for every account that has its address as a contact.
--   amounts   JSON: [{minor, currency}]
--   why       JSON: lines, each {from, to, minor, currency} and, of the first dozen, explain: what
--             the words of billing/words/letter.h need of it; titles of incidents by ref
--   days      days of service that the credits are worth, null when that differs by account
--   selection "3,17": the incidents of the run that hit them; if none did (goodwill), those that
--             they may see; "0" without any
-- All columns are null if the address has no credit in the run.
create function amends.credit_letter(in_run bigint, in_contact bigint)
returns table (credit_id bigint, account_name text, account_ref text, currency text, amounts text,
  why text, days text, selection text) language sql stable as $$
  with mine as materialized (
    select c.*, a.name, a.external_id
    from amends.contact_credit(in_run, in_contact) c join account a on a.id = c.account_id),
  line as materialized (
    select l.*, m.currency, w.explain::jsonb,
           row_number() over (order by l.credit_id, l.period_from) as n
    from mine m join credit_line l on l.credit_id = m.id
      join credit_working w on w.id = l.working_id),
  hit as (
    select distinct x.incident_id from line
      cross join jsonb_array_elements(coalesce(line.explain->'impacts', '[]')) e
      join incident i on i.ref = e->>'incident'
      join credit_run_incident x on x.run_id = in_run and x.incident_id = i.id),
  worth as (
    select m.id, trim_scale(round(sum(l.amount_minor * (l.explain->'period'->>'dates')::numeric
        / nullif(p.price, 0)), 1)) as days
    from mine m join line l on l.credit_id = m.id cross join lateral (
      select sum((e->>'price_minor')::numeric * extract(epoch from (e->>'to')::timestamptz
          - (e->>'from')::timestamptz)) / (l.explain->'period'->>'seconds')::numeric as price
      from jsonb_array_elements(l.explain->'prices') e) p group by 1)
  select min(m.id), string_agg(distinct m.name, ', '), string_agg(distinct m.external_id, ', '),
    string_agg(distinct m.currency::text, ', '),
    (select json_agg(t order by t.currency)::text
      from (select currency, sum(amount_minor) as minor from mine group by 1) t),
    (select json_build_object('lines', json_agg(json_build_object('from', period_from,
        'to', period_to, 'minor', amount_minor, 'currency', line.currency, 'explain',
        case when n <= 12 then explain - '{impacts,counting,prices}'::text[]
          || jsonb_build_object('earlier_minor', earlier_minor, 'issued_minor', issued_minor,
            'amount_minor', amount_minor) end) order by n),
      'titles', (select json_object_agg(i.ref, json_build_object('title', i.title, 'in',
        i.translations::text)) from hit join incident i on i.id = hit.incident_id))::text
      from line),
    (select min(days)::text from worth having count(distinct days) = 1),
    (select coalesce(string_agg(i::text, ',' order by i), '0') from (
      select incident_id as i from hit
      union select x.incident_id from credit_run_incident x where x.run_id = in_run
        and not exists (table hit)
        and exists (select from mine k where amends.incident_shown(x.incident_id, k.account_id))) t)
  from mine m
$$;

-- The letters to contacts, with their names; none if in_run is null. PL/pgSQL prevents inlining, so
-- that claims without letters do not set up the plan each time.
create function amends.letters_to(in_run bigint, in_contacts bigint[])
returns table (contact bigint, contact_name text, credit_id bigint, account_name text,
  account_ref text, currency text, amounts text, why text, days text, selection text)
language plpgsql stable strict as $$
begin
  return query select s.id, s.name, l.* from account_contact s
    cross join lateral amends.credit_letter(in_run, s.id) l where s.id = any (in_contacts);
end $$;

-- Whether this contact is the one of its address that gets the letter, and got none about the run
-- before. A letter that was cancelled before it was sent does not count.
create function amends.credit_letter_due(in_broadcast bigint, in_run bigint, in_contact bigint)
returns boolean language sql stable as $$
  select not exists (select from account_contact me join account_contact k
      on k.address_hash = me.address_hash and k.id < me.id where me.id = in_contact)
    and not exists (select from broadcast o
      join account_contact me on me.id = in_contact
      join account_contact k on k.address_hash = me.address_hash
      join delivery d on d.broadcast_id = o.id and d.recipient_id = k.id
      where o.credit_run_id = in_run and o.kind = 'credit_notice' and o.id <> in_broadcast
        and d.state <> 'failed')
$$;

-- The incidents of a run, from its pinned evidence.
create function amends.credit_causes(in_run bigint)
returns table (id bigint, ref text, title text, title_in text, from_at timestamptz,
  to_at timestamptz, postmortem boolean, listed boolean)
  language sql stable as $$
  select i.id, i.ref, i.title, i.translations::text, min(m.from_at),
    case when not bool_or(m.to_at is null) then max(m.to_at) end,
    exists (select from incident_update u where u.incident_id = i.id and u.state = 'postmortem'),
    i.audience <> 'affected'
  from credit_run_incident r join incident i on i.id = r.incident_id
    left join impact m on m.revision_id = r.impact_revision_id and m.level <> 'under_maintenance'
  where r.run_id = in_run group by i.id order by i.started_at, i.id limit 50
$$;
