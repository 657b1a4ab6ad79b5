-- Imports of subscribers: one at a time, read into a stage, judged and written as sets.

create table subscriber_import (
  id bigint generated always as identity primary key,
  -- waiting -> reading -> comparing -> writing -> done (-> undone), or refused: lines were
  -- wrong and nothing was written, or failed: something else was. See import_state().
  state text not null default 'waiting' check (state in (
    'waiting', 'reading', 'comparing', 'writing', 'done', 'refused', 'failed', 'undone')),
  dry_run boolean not null,
  skip_invalid boolean not null,      -- what is wrong is left out instead of refusing all
  actor text not null,
  started_at timestamptz not null default now(),
  done_at timestamptz,
  applied_at timestamptz,             -- changed_at of every subscriber that it wrote
  undone_at timestamptz,
  undone_by text,
  rows bigint not null default 0,     -- read so far
  created bigint not null default 0,
  changed bigint not null default 0,
  unchanged bigint not null default 0,
  duplicate bigint not null default 0,
  opted_out bigint not null default 0,
  suppressed bigint not null default 0,
  invalid bigint not null default 0,
  removed bigint not null default 0,  -- by the undo
  restored bigint not null default 0,
  kept bigint not null default 0,     -- not undone, because changed since
  first_id bigint,                    -- of the subscribers that it made
  last_id bigint,
  imported_as bigint references subscriber_import, -- of a dry run: what did what it looked at
  error text
);

-- The lines of a dry run, sealed (AAD "import_file:" || import_id || ":" || piece), until they
-- are imported, or for a day (forget_expired).
create table import_file (
  import_id bigint not null references subscriber_import,
  piece bigint not null check (piece >= 0),
  octets bigint not null check (octets > 0),
  sealed bytea not null,
  kept_at timestamptz not null default now(),
  primary key (import_id, piece)
);
alter table import_file alter column sealed set storage external;  -- sealed bytes do not shrink

alter table subscriber add column import_id bigint;  -- what made it
alter table suppression
  add column actor text,              -- who added it by hand
  add column note text,
  add column import_id bigint;

-- A running import holds the session advisory lock (4179, id): one whose process died reads
-- as interrupted; nothing of it was written.
create function import_state(i subscriber_import) returns text language sql stable as $$
  select case when i.state in ('waiting', 'reading', 'comparing', 'writing') and not exists (
      select from pg_locks where locktype = 'advisory' and classid = 4179
        and objid = i.id::integer::oid and granted)
    then 'interrupted' else i.state end;
$$;

-- The lines of the import that runs, normalised and checked one by one. Emptied afterwards.
create unlogged table import_stage (
  line bigint not null,
  channel channel,
  address text,                       -- as subscriber.address
  hash bytea,
  sealed bytea,                       -- of a URL or bot, AAD "import:address:" || line
  secret bytea,                       -- AAD "import:secret:" || line
  state subscriber_state,
  state_reason text,
  letter boolean,                     -- is asked to confirm
  locale text,
  timezone text,
  verbosity verbosity,
  paused_until timestamptz,
  account text,
  chosen text[],                      -- 'component:ID', 'group:ID', 'incident:ID', 'all:0'
  muted text[],
  format text,
  owner text,
  consent_source text,
  consent_at timestamptz,
  consents jsonb,                     -- instead: [{action, wording, source, at}]
  created_at timestamptz,
  field text,                         -- what is wrong with it
  problem text
);

-- What became of lines: all of a dry run, else those that are neither made nor unchanged.
-- For thirty days.
create table import_line (
  import_id bigint not null references subscriber_import,
  line bigint not null,
  outcome text not null,
  address text,
  field text,
  detail text
);
create index import_line_idx on import_line (import_id, line);

-- Subscribers as they were before an import changed them. For thirty days.
create table import_undo (
  import_id bigint not null references subscriber_import,
  subscriber_id bigint not null,
  before jsonb not null,
  primary key (import_id, subscriber_id)
);

-- An opt-out wins: over what a later line of the file says, and over the whole file when it
-- is here already.
create view import_verdict as
with lines as not materialized (
  select i.*, a.id as account_id, case when i.problem is not null then i.problem
      when i.account is not null and a.id is null then 'no account "' || i.account || '"' end
      as wrong
  from import_stage i left join account a on a.external_id = i.account),
-- Sorted narrow, and by the hash first, whose first bytes nearly always tell.
repeated as (
  select line from (
    select line, row_number() over (partition by hash, channel
      order by state in ('unsubscribed', 'suppressed') desc nulls last, line desc) as nth
    from lines where wrong is null) n
  where nth > 1)
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
from (select j.*, g.line is not null as again
  from lines j left join repeated g on g.line = j.line) t
left join subscriber s on s.channel = t.channel and s.address_hash = t.hash
left join suppression p on p.address_hash = t.hash;

-- Only look: what would become of each line.
create function import_compare(p_import bigint) returns void language sql
  set work_mem = '128MB' set jit = off as $$
  with judged as materialized (select * from import_verdict),
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

-- What an import has to change of subscribers that are here, with what they were.
create function import_change(p_import bigint) returns void language plpgsql as $$
begin
  insert into import_undo (import_id, subscriber_id, before)
    select p_import, s.id, jsonb_build_object('state', s.state, 'state_reason', s.state_reason,
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

-- Write what the stage holds, except what is wrong with it. Somebody who subscribes the same
-- address meanwhile makes it begin again (40001).
create function import_write(p_import bigint, p_actor text) returns void language plpgsql
  set work_mem = '256MB' set jit = off as $$
declare
  n record;
begin
  perform set_config('amends.importing', p_import::text, true);  -- see subscription_check()
  create temp table import_judged on commit drop as
    select case v.outcome when 'created' then nextval('subscriber_id_seq')
        else v.subscriber_id end as id, v.*
      from (select outcome, subscriber_id, line, channel, hash, address, state, state_reason,
          locale, timezone, verbosity, paused_until, account_id, format, owner, chosen, muted,
          consent_source, consent_at, consents, created_at, field, wrong
        from import_verdict order by line) v;
  select count(*) filter (where outcome = 'created') as created,
      count(*) filter (where outcome = 'changed') as changed,
      count(*) filter (where outcome = 'unchanged') as unchanged,
      count(*) filter (where outcome = 'duplicate') as duplicate,
      count(*) filter (where outcome = 'opted_out') as opted_out,
      count(*) filter (where outcome = 'suppressed') as suppressed,
      count(*) filter (where outcome = 'invalid') as invalid,
      min(id) filter (where outcome = 'created') as first_id,
      max(id) filter (where outcome = 'created') as last_id,
      count(*) as rows into n from import_judged;
  insert into subscriber (id, channel, address, address_hash, state, state_reason, locale,
      timezone, verbosity, paused_until, account_id, format, owner, created_at, import_id)
    overriding system value
    select id, channel, address, hash, state, state_reason, coalesce(locale, 'en'),
      coalesce(timezone, 'UTC'), coalesce(verbosity, 'every'), paused_until, account_id,
      coalesce(format, 'amends'), owner, coalesce(created_at, now()), p_import
    from import_judged where outcome = 'created';
  if n.changed > 0 then
    analyze import_judged;
    perform import_change(p_import);
  end if;
  insert into subscription (subscriber_id, kind)
    select id, 'all' from import_judged where outcome = 'created' and chosen is null;
  insert into subscription (subscriber_id, kind, target_id)
    select id, split_part(w, ':', 1), split_part(w, ':', 2)::bigint
    from import_judged, unnest(chosen) w
    where chosen is not null and outcome in ('created', 'changed') on conflict do nothing;
  insert into mute (subscriber_id, kind, target_id)
    select id, split_part(w, ':', 1), split_part(w, ':', 2)::bigint
    from import_judged, unnest(muted) w
    where muted is not null and outcome in ('created', 'changed') on conflict do nothing;
  insert into consent (subscriber_id, address_hash, action, wording, source, actor, at)
    select id, hash, case state when 'unsubscribed' then 'unsubscribed'
        when 'suppressed' then 'suppressed' when 'pending' then 'subscribed' else 'confirmed' end,
      'api-1', coalesce(consent_source, 'import'), p_actor, coalesce(consent_at, now())
    from import_judged where outcome in ('created', 'changed') and consents is null;
  insert into consent (subscriber_id, address_hash, action, wording, source, actor, at)
    select j.id, j.hash, c.action, c.wording, c.source, p_actor, c.at from import_judged j,
      jsonb_to_recordset(j.consents) as c(action text, wording text, source text, at timestamptz)
    where j.consents is not null and j.outcome in ('created', 'changed');
  insert into suppression (address_hash, channel, reason, actor, import_id)
    select hash, channel, coalesce(state_reason, 'imported'), p_actor, p_import
    from import_judged where outcome in ('created', 'changed') and state = 'suppressed'
      and channel in ('email', 'sms') on conflict do nothing;
  if n.created + n.unchanged < n.rows then
    insert into import_line (import_id, line, outcome, address, field, detail)
      select p_import, line, outcome, address,
        case when wrong is not null then coalesce(field, 'account') end, wrong
      from import_judged where outcome not in ('created', 'unchanged');
  end if;
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

-- Take an import back: remove whom it made, give back what it changed; who changed since
-- stays. false: it can not be undone (any more).
create function import_take_back(p_import bigint, p_actor text) returns boolean
  language plpgsql set work_mem = '128MB' set jit = off as $$
declare
  i subscriber_import;
  n_removed bigint;
  n_restored bigint;
begin
  select * into i from subscriber_import where id = p_import and state = 'done' and not dry_run
    and applied_at > now() - interval '30 days' for update;
  if not found then
    return false;
  end if;
  with gone as (delete from subscriber s where s.id between i.first_id and i.last_id
      and s.import_id = p_import and s.changed_at = i.applied_at
      returning s.address_hash),
  noted as (insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    select null, address_hash, 'import undone', 'api-1', 'import', p_actor from gone)
  select count(*) into n_removed from gone;
  delete from suppression where import_id = p_import;
  with back as (update subscriber s set state = (u.before->>'state')::subscriber_state,
      state_reason = u.before->>'state_reason', locale = u.before->>'locale',
      timezone = u.before->>'timezone', verbosity = (u.before->>'verbosity')::verbosity,
      paused_until = (u.before->>'paused_until')::timestamptz,
      account_id = (u.before->>'account_id')::bigint, format = u.before->>'format',
      owner = u.before->>'owner', changed_at = clock_timestamp()
    from import_undo u where u.import_id = p_import and s.id = u.subscriber_id
      and s.changed_at = i.applied_at
    returning s.id, s.address_hash, u.before),
  noted as (insert into consent (subscriber_id, address_hash, action, wording, source, actor)
    select id, address_hash, 'import undone', 'api-1', 'import', p_actor from back),
  unchosen as (delete from subscription x using back b where x.subscriber_id = b.id
    and not exists (select from jsonb_to_recordset(b.before->'chosen')
      as c(kind text, target_id bigint) where c.kind = x.kind and c.target_id = x.target_id)),
  unmuted as (delete from mute x using back b where x.subscriber_id = b.id
    and not exists (select from jsonb_to_recordset(b.before->'muted')
      as c(kind text, target_id bigint) where c.kind = x.kind and c.target_id = x.target_id))
  select count(*) into n_restored from back;
  update subscriber_import set state = 'undone', undone_at = now(), undone_by = p_actor,
    removed = n_removed, restored = n_restored, kept = created + changed - n_removed - n_restored
    where id = p_import;
  return true;
end $$;
