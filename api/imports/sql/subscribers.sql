-- Imports of subscribers: one at a time, staged, compared and written as sets.

-- An import whose process died reads as interrupted, or as cancelled if that was asked for; nothing
-- of it was written. An undo whose process died has undone nothing.
create function amends.import_state(in_import subscriber_import) returns text
  language sql stable as $$
  select case
    when in_import.state = 'waiting' and in_import.cancelled_by is not null then 'cancelled'
    when in_import.state not in ('waiting', 'reading', 'comparing', 'writing', 'undoing')
      or exists (select from amends.import_alive a where a.id = in_import.id) then in_import.state
    when in_import.state = 'undoing' then 'done'
    when in_import.cancelled_by is not null then 'cancelled'
    else 'interrupted' end;
$$;

-- An import as GET /v1/imports shows it.
create view amends.import_record as
select i.id, amends.import_state(i) as state, i.dry_run, i.skip_invalid, i.actor, i.started_at,
  i.done_at, i.undone_at, i.undone_by, i.rows, (i.rows / greatest(0.001, extract(epoch from
    coalesce(i.done_at, clock_timestamp()) - i.started_at)))::bigint as rows_per_second,
  i.created, i.changed as updated, i.unchanged, i.duplicate, i.opted_out, i.suppressed, i.invalid,
  i.unlisted, i.cancelled_by, i.undone_rows,
  i.duplicate + i.opted_out + i.suppressed + i.invalid as skipped, i.removed, i.restored, i.kept,
  i.error, i.imported_as, (select f.kept_at + interval '1 day' from import_file f
    where f.import_id = i.id and f.piece = 0 and f.kept_at > now() - interval '1 day') as kept_until
from subscriber_import i;

-- The outcome of each line. An opt-out overrides every later line of the file, and a stored opt-out
-- overrides the whole file. The hash of an address covers its channel, so one sort by hash
-- finds all duplicates.
create view amends.import_verdict as
select t.*, s.id as subscriber_id, case
    when t.problem is not null then 'invalid'
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
from (select l.*, coalesce(lag(l.hash) over (order by l.hash, l.problem is not null,
      l.state in ('unsubscribed', 'suppressed') desc nulls last, l.line desc) = l.hash, false)
      as again
  from (select i.*, a.id as account_id
    from import_stage i left join account a on a.external_id = i.account) l) t
left join subscriber s on s.address_hash = t.hash
left join suppression p on p.address_hash = t.hash;

-- in_counts: {outcome: lines} of the stage; in_unlisted: invalid lines that it lacks.
create function amends.import_count(in_import bigint, in_counts jsonb, in_unlisted bigint)
  returns void language sql as $$
  update subscriber_import i
    set (created, changed, unchanged, duplicate, opted_out, suppressed, invalid, unlisted) =
      (select created, changed, unchanged, duplicate, opted_out, suppressed, invalid + in_unlisted,
         in_unlisted
       from jsonb_populate_record(i, in_counts))
    where id = in_import
$$;

-- Record the outcome of each line and change no subscriber.
create function amends.import_compare(in_import bigint, in_unlisted bigint) returns void
  language sql
  set work_mem = '256MB' set jit = off as $$
  with judged as materialized (select line, outcome, address, field, problem
    from amends.import_verdict),
  lines as (insert into import_line (import_id, line, outcome, address, field, detail)
    select in_import, line, outcome, address, field, problem from judged order by line)
  select amends.import_count(in_import, jsonb_object_agg(outcome, n), in_unlisted)
  from (select outcome, count(*) as n from judged group by outcome) c;
$$;

-- Update existing subscribers and keep their previous values.
create function amends.import_change(in_import bigint) returns void language plpgsql as $$
begin
  insert into import_undo (import_id, subscriber_id, before)
    select in_import, s.id, jsonb_build_object('state', s.state, 'state_reason', s.state_reason,
        'locale', s.locale, 'timezone', s.timezone, 'verbosity', s.verbosity,
        'paused_until', s.paused_until, 'account_id', s.account_id, 'format', s.format,
        'owner', s.owner, 'chosen', (select coalesce(jsonb_agg(jsonb_build_object('kind', x.kind,
            'target_id', x.target_id)), '[]') from subscription x where x.subscriber_id = s.id),
        'muted', (select coalesce(jsonb_agg(jsonb_build_object('kind', x.kind,
            'target_id', x.target_id)), '[]') from mute x where x.subscriber_id = s.id))
    from import_judged j join subscriber s on s.id = j.id where j.outcome = 'changed';
  update subscriber s set
      state = case when j.state in ('unsubscribed', 'suppressed') then j.state
        when s.state = 'pending' then j.state
        when s.state = 'active' and j.state = 'paused' then 'paused' else s.state end,
      state_reason = case when j.state in ('unsubscribed', 'suppressed') then j.state_reason
        else s.state_reason end,
      paused_until = case when j.state = 'paused' and s.state <> 'paused' then j.paused_until
        else s.paused_until end,
      locale = coalesce(j.locale, s.locale), timezone = coalesce(j.timezone, s.timezone),
      verbosity = coalesce(j.verbosity, s.verbosity), format = coalesce(j.format, s.format),
      owner = coalesce(j.owner, s.owner), account_id = coalesce(j.account_id, s.account_id),
      changed_at = now()
    from import_judged j where j.outcome = 'changed' and s.id = j.id;
end $$;

-- Write the stage without its wrong lines. It starts again (40001) if one of its addresses
-- subscribes meanwhile.
create function amends.import_write(in_import bigint, in_actor text, in_unlisted bigint)
  returns void language plpgsql
  set work_mem = '256MB' set jit = off set plan_cache_mode = force_custom_plan as $$
declare
  -- A small import numbers subscribers in the order of the file. A large one writes them in the
  -- order of the hash: the unique index then grows at its end, at a third of the cost.
  v_few constant boolean := not exists (select from import_stage offset 20000);
  n record;
begin
  perform set_config('amends.importing', in_import::text, true);  -- see subscription_check()
  -- Lines that need more than a new subscriber with a consent.
  create temp table import_judged on commit drop as
    select null::bigint as id, v.* from (select outcome, line, channel, hash, address, state,
        state_reason, locale, timezone, verbosity, paused_until, account_id, format, owner, chosen,
        muted, consent_source, consent_at, consents, field, problem
      from amends.import_verdict) v limit 0;
  with judged as materialized (
    select case v.outcome when 'created' then nextval('subscriber_id_seq')
        else v.subscriber_id end as id,
      v.outcome = 'created' and v.state in ('active', 'paused') and v.consents is null as agreed,
      v.*
    from (select outcome, subscriber_id, line, channel, hash, address, state, state_reason, locale,
        timezone, verbosity, paused_until, account_id, format, owner, chosen, muted,
        consent_source, consent_at, consents, created_at, field, problem
      from amends.import_verdict order by case when v_few then line end, hash) v),
  made as (
    insert into subscriber (id, channel, address, address_hash, state, state_reason, locale,
        timezone, verbosity, paused_until, account_id, format, owner, created_at, import_id,
        agreed_at, agreed_source)
      overriding system value
      select id, channel, address, hash, state, state_reason, coalesce(locale, 'en'),
        coalesce(timezone, 'UTC'), coalesce(verbosity, 'every'), paused_until, account_id,
        coalesce(format, 'amends'), owner, coalesce(created_at, now()), in_import,
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
        consent_at, consents, field, problem
      from judged where outcome not in ('created', 'unchanged')
        or (outcome = 'created' and (not agreed or chosen is not null or muted is not null)))
  select jsonb_object_agg(outcome, lines) as counts,
      min(first_id) filter (where outcome = 'created') as first_id,
      max(last_id) filter (where outcome = 'created') as last_id into n
    from (select outcome, count(*) as lines, min(id) as first_id, max(id) as last_id
      from judged group by outcome) c;
  if n.counts ? 'changed' then
    analyze import_judged;
    perform amends.import_change(in_import);
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
      'api-1', coalesce(consent_source, 'import'), in_actor, coalesce(consent_at, now())
    from import_judged where consents is null
      and (outcome = 'changed' or (outcome = 'created' and state not in ('active', 'paused')));
  insert into consent (subscriber_id, address_hash, action, wording, source, actor, at)
    select j.id, j.hash, c.action, c.wording, c.source, in_actor, c.at from import_judged j,
      jsonb_to_recordset(j.consents) as c(action text, wording text, source text, at timestamptz)
    where j.outcome in ('created', 'changed');
  insert into suppression (address_hash, channel, reason, actor, import_id)
    select hash, channel, coalesce(state_reason, 'imported'), in_actor, in_import
    from import_judged where outcome in ('created', 'changed') and state = 'suppressed'
      and channel in ('email', 'sms') on conflict do nothing;
  insert into import_line (import_id, line, outcome, address, field, detail)
    select in_import, line, outcome, address, field, problem
    from import_judged where outcome not in ('created', 'unchanged');
  perform amends.import_count(in_import, n.counts, in_unlisted);
  update subscriber_import set first_id = n.first_id, last_id = n.last_id, applied_at = now()
    where id = in_import;
  drop table import_judged;
  perform set_config('amends.importing', '', true);
exception when unique_violation then
  raise exception 'an address was subscribed meanwhile' using errcode = 'serialization_failure';
end $$;

-- Ask what runs of an import or its undo to end. False: nothing runs.
create function amends.import_cancel(in_import bigint, in_actor text) returns boolean
  language plpgsql as $$
declare
  v_backend integer;
begin
  update subscriber_import i set cancelled_by = in_actor where id = in_import
    and amends.import_state(i) in ('waiting', 'reading', 'comparing', 'writing', 'undoing')
    returning backend into v_backend;
  if not found then
    return false;
  end if;
  perform pg_cancel_backend(v_backend);
  return true;
end $$;

-- Undo in steps, in one transaction: of the next in_most subscribers by id, remove those that the
-- import added and restore those that it changed, unless they have been edited since. out_last is
-- null when none are left.
create function amends.import_undo_next(in_import bigint, in_actor text, in_after bigint,
  in_most integer, out out_last bigint, out out_rows bigint, out out_removed bigint,
  out out_restored bigint)
  language plpgsql set work_mem = '128MB' set jit = off as $$
declare
  i subscriber_import;
begin
  select * into i from subscriber_import where id = in_import;
  select max(p.id), count(*) into out_last, out_rows from (
    (select s.id from subscriber s where s.id between greatest(i.first_id, in_after + 1)
      and i.last_id and s.import_id = in_import order by s.id limit in_most)
    union all
    (select u.subscriber_id from import_undo u where u.import_id = in_import
      and u.subscriber_id > in_after order by u.subscriber_id limit in_most)
    order by id limit in_most) p;
  with gone as (delete from subscriber s where s.id between greatest(i.first_id, in_after + 1)
      and least(i.last_id, out_last) and s.import_id = in_import and s.changed_at = i.applied_at
      returning s.address_hash),
  noted as (insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    select null, address_hash, 'import undone', 'api-1', 'import', in_actor from gone)
  select count(*) into out_removed from gone;
  with back as (update subscriber s set state = (u.before->>'state')::subscriber_state,
      state_reason = u.before->>'state_reason', locale = u.before->>'locale',
      timezone = u.before->>'timezone', verbosity = (u.before->>'verbosity')::verbosity,
      paused_until = (u.before->>'paused_until')::timestamptz,
      account_id = (u.before->>'account_id')::bigint, format = u.before->>'format',
      owner = u.before->>'owner', changed_at = clock_timestamp()
    from import_undo u where u.import_id = in_import and s.id = u.subscriber_id
      and u.subscriber_id > in_after and u.subscriber_id <= out_last
      and s.changed_at = i.applied_at
    returning s.id, s.address_hash, u.before),
  noted as (insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    select id, address_hash, 'import undone', 'api-1', 'import', in_actor from back),
  unchosen as (delete from subscription x using back b where x.subscriber_id = b.id
    and not exists (select from jsonb_to_recordset(b.before->'chosen')
      as c(kind text, target_id bigint) where c.kind = x.kind and c.target_id = x.target_id)),
  unmuted as (delete from mute x using back b where x.subscriber_id = b.id
    and not exists (select from jsonb_to_recordset(b.before->'muted')
      as c(kind text, target_id bigint) where c.kind = x.kind and c.target_id = x.target_id))
  select count(*) into out_restored from back;
end $$;

-- The last step.
create function amends.import_undo_end(in_import bigint, in_actor text, in_removed bigint,
  in_restored bigint) returns void language sql as $$
  delete from suppression where import_id = in_import;
  update subscriber_import set state = 'undone', undone_at = now(), undone_by = in_actor,
    backend = null, removed = in_removed, restored = in_restored,
    kept = created + changed - in_removed - in_restored
    where id = in_import;
$$;
