-- Large imports: one sort instead of two and a table in between, rows in the order in which their
-- unique index wants them, and no row of consent for whoever says no more than that they agreed.

-- Of somebody whom an import made, and who agreed elsewhere: when, and where when the file said so.
-- consent_log shows it as the row of consent that it stands for. When the subscriber goes or moves
-- to another address, it becomes that row; until then nothing changes it.
alter table subscriber
  add column agreed_at timestamptz,
  add column agreed_source text;

-- All that was agreed to, in the order of the numbers: the row that an import stands for has the
-- subscriber's number below zero, here and in consent, because it came first.
create view consent_log as
  select id, subscriber_id, address_hash, action, wording, source, actor, at from consent
  union all
  select -s.id, s.id, s.address_hash, 'confirmed', 'api-1', coalesce(s.agreed_source, 'import'),
    i.actor, s.agreed_at
  from subscriber s left join subscriber_import i on i.id = s.import_id
  where s.agreed_at is not null;

create function agreement_keep() returns trigger language plpgsql as $$
begin
  insert into consent (id, subscriber_id, address_hash, action, wording, source, actor, at)
    overriding system value
    select -g.id, g.id, g.address_hash, 'confirmed', 'api-1', coalesce(g.agreed_source, 'import'),
      i.actor, g.agreed_at
    from gone g left join subscriber_import i on i.id = g.import_id where g.agreed_at is not null;
  return null;
end $$;
create trigger agreement_keep after delete on subscriber referencing old table as gone
  for each statement execute function agreement_keep();

create function agreement_move() returns trigger language plpgsql as $$
begin
  if (new.agreed_at, new.agreed_source, new.import_id)
      is distinct from (old.agreed_at, old.agreed_source, old.import_id) then
    raise exception 'what somebody agreed to does not change' using errcode = 'check_violation';
  end if;
  insert into consent (id, subscriber_id, address_hash, action, wording, source, actor, at)
    overriding system value
    select id, subscriber_id, address_hash, action, wording, source, actor, at
    from consent_log where id = -old.id;
  new.agreed_at := null;
  new.agreed_source := null;
  return new;
end $$;
create trigger agreement_move before update of address_hash, agreed_at, agreed_source, import_id
  on subscriber for each row
  when (old.agreed_at is not null and (new.address_hash, new.agreed_at, new.agreed_source,
      new.import_id) is distinct from
    (old.address_hash, old.agreed_at, old.agreed_source, old.import_id))
  execute function agreement_move();

-- Both are written by the import that they name, a row a line: a key would look it up each time.
alter table import_line drop constraint import_line_import_id_fkey;
alter table import_undo drop constraint import_undo_import_id_fkey;

-- An opt-out wins: over what a later line of the file says, and over the whole file when it
-- is here already. Who has an address is found by its hash, which is of the channel too, so that one
-- sort does for all.
drop view import_verdict;
create view import_verdict as
select t.*, s.id as subscriber_id, case
    when t.wrong is not null then 'invalid'
    when t.again then 'duplicate'
    when s.id is null and p.reason is not null then 'suppressed'
    when s.id is null then 'created'
    when s.state = 'unsubscribed' then 'opted_out'
    when s.state = 'suppressed' or p.reason is not null then 'suppressed'
    when t.state in ('unsubscribed', 'suppressed')
      or (s.state = 'pending' and t.state in ('active', 'paused'))
      or (s.state = 'active' and t.state = 'paused')
      or t.locale <> s.locale or t.timezone <> s.timezone or t.verbosity <> s.verbosity
      or t.format <> s.format
      or (t.owner is not null and s.owner is distinct from t.owner)
      or (t.account_id is not null and s.account_id is distinct from t.account_id)
      or exists (select from unnest(t.chosen) w where not exists (select from subscription x
        where x.subscriber_id = s.id and x.kind = split_part(w, ':', 1)
          and x.target_id = split_part(w, ':', 2)::bigint))
      or exists (select from unnest(t.muted) w where not exists (select from mute x
        where x.subscriber_id = s.id and x.kind = split_part(w, ':', 1)
          and x.target_id = split_part(w, ':', 2)::bigint))
    then 'changed' else 'unchanged' end as outcome
from (select l.*, coalesce(lag(l.hash) over (order by l.hash, l.wrong is not null,
      l.state in ('unsubscribed', 'suppressed') desc nulls last, l.line desc) = l.hash, false)
      as again
  from (select i.*, a.id as account_id, case when i.problem is not null then i.problem
      when i.account is not null and a.id is null then 'no account "' || i.account || '"' end
      as wrong
    from import_stage i left join account a on a.external_id = i.account) l) t
left join subscriber s on s.address_hash = t.hash
left join suppression p on p.address_hash = t.hash;

-- Only look: what would become of each line.
create or replace function import_compare(p_import bigint) returns void language sql
  set work_mem = '256MB' set jit = off as $$
  with judged as materialized (select line, outcome, address, field, wrong from import_verdict),
  told as (insert into import_line (import_id, line, outcome, address, field, detail)
    select p_import, line, outcome, address,
      case when wrong is not null then coalesce(field, 'account') end, wrong
    from judged order by line)
  update subscriber_import i set created = n.created, changed = n.changed,
    unchanged = n.unchanged, duplicate = n.duplicate, opted_out = n.opted_out,
    suppressed = n.suppressed, invalid = n.invalid
  from (select count(*) filter (where outcome = 'created') as created,
      count(*) filter (where outcome = 'changed') as changed,
      count(*) filter (where outcome = 'unchanged') as unchanged,
      count(*) filter (where outcome = 'duplicate') as duplicate,
      count(*) filter (where outcome = 'opted_out') as opted_out,
      count(*) filter (where outcome = 'suppressed') as suppressed,
      count(*) filter (where outcome = 'invalid') as invalid from judged) n
  where i.id = p_import;
$$;

-- Write what the stage holds, except what is wrong with it. Somebody who subscribes the same
-- address meanwhile makes it begin again (40001).
create or replace function import_write(p_import bigint, p_actor text) returns void
  language plpgsql
  set work_mem = '256MB' set jit = off set plan_cache_mode = force_custom_plan as $$
declare
  -- Few are numbered in the order of the file. Many are written in the order of the hash, so that
  -- the unique index grows at its end, which costs a third of what it does everywhere at once.
  v_few constant boolean := not exists (select from import_stage offset 20000);
  n record;
begin
  perform set_config('amends.importing', p_import::text, true);  -- see subscription_check()
  -- Whom there is more to say about than that they are new and agreed.
  create temp table import_judged on commit drop as
    select null::bigint as id, v.* from (select outcome, line, channel, hash, address, state,
        state_reason, locale, timezone, verbosity, paused_until, account_id, format, owner, chosen,
        muted, consent_source, consent_at, consents, field, wrong from import_verdict) v limit 0;
  with judged as materialized (
    select case v.outcome when 'created' then nextval('subscriber_id_seq')
        else v.subscriber_id end as id,
      v.outcome = 'created' and v.state in ('active', 'paused') and v.consents is null as agreed,
      v.*
    from (select outcome, subscriber_id, line, channel, hash, address, state, state_reason, locale,
        timezone, verbosity, paused_until, account_id, format, owner, chosen, muted,
        consent_source, consent_at, consents, created_at, field, wrong
      from import_verdict order by case when v_few then line end, hash) v),
  made as (
    insert into subscriber (id, channel, address, address_hash, state, state_reason, locale,
        timezone, verbosity, paused_until, account_id, format, owner, created_at, import_id,
        agreed_at, agreed_source)
      overriding system value
      select id, channel, address, hash, state, state_reason, coalesce(locale, 'en'),
        coalesce(timezone, 'UTC'), coalesce(verbosity, 'every'), paused_until, account_id,
        coalesce(format, 'amends'), owner, coalesce(created_at, now()), p_import,
        case when agreed then coalesce(consent_at, now()) end,
        case when agreed then consent_source end
      from judged where outcome = 'created'),
  hears as (
    insert into subscription (subscriber_id, kind)
      select id, 'all' from judged where outcome = 'created' and chosen is null),
  more as (
    insert into import_judged
      select id, outcome, line, channel, hash, address, state, state_reason, locale, timezone,
        verbosity, paused_until, account_id, format, owner, chosen, muted, consent_source,
        consent_at, consents, field, wrong
      from judged where outcome not in ('created', 'unchanged')
        or (outcome = 'created' and (not agreed or chosen is not null or muted is not null)))
  select count(*) filter (where outcome = 'created') as created,
      count(*) filter (where outcome = 'changed') as changed,
      count(*) filter (where outcome = 'unchanged') as unchanged,
      count(*) filter (where outcome = 'duplicate') as duplicate,
      count(*) filter (where outcome = 'opted_out') as opted_out,
      count(*) filter (where outcome = 'suppressed') as suppressed,
      count(*) filter (where outcome = 'invalid') as invalid,
      min(id) filter (where outcome = 'created') as first_id,
      max(id) filter (where outcome = 'created') as last_id into n from judged;
  if n.changed > 0 then
    analyze import_judged;
    perform import_change(p_import);
  end if;
  insert into subscription (subscriber_id, kind, target_id)
    select id, split_part(w, ':', 1), split_part(w, ':', 2)::bigint
    from import_judged, unnest(chosen) w
    where outcome in ('created', 'changed') on conflict do nothing;
  insert into mute (subscriber_id, kind, target_id)
    select id, split_part(w, ':', 1), split_part(w, ':', 2)::bigint
    from import_judged, unnest(muted) w
    where outcome in ('created', 'changed') on conflict do nothing;
  insert into consent (subscriber_id, address_hash, action, wording, source, actor, at)
    select id, hash, case state when 'unsubscribed' then 'unsubscribed'
        when 'suppressed' then 'suppressed' when 'pending' then 'subscribed' else 'confirmed' end,
      'api-1', coalesce(consent_source, 'import'), p_actor, coalesce(consent_at, now())
    from import_judged where consents is null
      and (outcome = 'changed' or (outcome = 'created' and state not in ('active', 'paused')));
  insert into consent (subscriber_id, address_hash, action, wording, source, actor, at)
    select j.id, j.hash, c.action, c.wording, c.source, p_actor, c.at from import_judged j,
      jsonb_to_recordset(j.consents) as c(action text, wording text, source text, at timestamptz)
    where j.outcome in ('created', 'changed');
  insert into suppression (address_hash, channel, reason, actor, import_id)
    select hash, channel, coalesce(state_reason, 'imported'), p_actor, p_import
    from import_judged where outcome in ('created', 'changed') and state = 'suppressed'
      and channel in ('email', 'sms') on conflict do nothing;
  insert into import_line (import_id, line, outcome, address, field, detail)
    select p_import, line, outcome, address,
      case when wrong is not null then coalesce(field, 'account') end, wrong
    from import_judged where outcome not in ('created', 'unchanged');
  update subscriber_import i set created = n.created, changed = n.changed,
    unchanged = n.unchanged, duplicate = n.duplicate, opted_out = n.opted_out,
    suppressed = n.suppressed, invalid = n.invalid, first_id = n.first_id, last_id = n.last_id,
    applied_at = now()
  where i.id = p_import;
  drop table import_judged;
  perform set_config('amends.importing', '', true);
exception when unique_violation then
  raise exception 'an address was subscribed meanwhile' using errcode = 'serialization_failure';
end $$;

-- Everything held about a subscriber (GDPR 15, 20). Of deliveries the last 1,000.
create or replace function reader_record(p_subscriber bigint) returns json
  language sql stable as $$
  select json_build_object(
    'subscriber', (select json_build_object('id', s.id, 'channel', s.channel,
        'address', s.address, 'state', s.state, 'state_reason', s.state_reason,
        'paused_until', s.paused_until, 'locale', s.locale, 'timezone', s.timezone,
        'verbosity', s.verbosity, 'format', case when s.channel = 'webhook' then s.format end,
        'owner', s.owner, 'created_at', s.created_at, 'changed_at', s.changed_at,
        'account', (select a.external_id from account a where a.id = s.account_id))
      from subscriber s where s.id = p_subscriber),
    'subscriptions', (select coalesce(json_agg(json_build_object('kind', x.kind,
        'target', coalesce((select i.ref from incident i where x.kind = 'incident'
            and i.id = x.target_id),
          (select g.slug from component_group g where x.kind = 'group' and g.id = x.target_id),
          (select c.slug from component c where x.kind = 'component' and c.id = x.target_id)))),
        '[]') from subscription x where x.subscriber_id = p_subscriber),
    'muted', (select coalesce(json_agg(json_build_object('kind', m.kind, 'at', m.at, 'target',
        coalesce((select i.ref from incident i where m.kind = 'incident' and i.id = m.target_id),
          (select c.slug from component c where m.kind = 'component' and c.id = m.target_id)))),
        '[]') from mute m where m.subscriber_id = p_subscriber),
    'moves', (select coalesce(json_agg(json_build_object('from', m.old_address, 'to', p.address,
        'asked_at', m.at, 'done_at', m.done_at) order by m.at), '[]')
      from move m left join subscriber p on p.id = m.pending_id
      where m.subscriber_id = p_subscriber),
    'sessions', (select coalesce(json_agg(json_build_object('expires_at', r.expires_at)), '[]')
      from reader_session r where r.subscriber_id = p_subscriber),
    'consent', (select coalesce(json_agg(json_build_object('action', c.action, 'wording',
        c.wording, 'source', c.source, 'actor', c.actor, 'at', c.at) order by c.id), '[]')
      from consent_log c where c.subscriber_id = p_subscriber),
    'messages', (select coalesce(json_agg(d.j), '[]') from (
        select json_build_object('message', d.broadcast_id, 'kind', b.kind, 'state', d.state,
          'at', d.settled_at) as j
        from broadcast b join delivery d on d.broadcast_id = b.id and d.recipient_id = p_subscriber
        where b.kind not in ('credit_notice', 'endpoint') order by b.id desc limit 1000) as d))
$$;
