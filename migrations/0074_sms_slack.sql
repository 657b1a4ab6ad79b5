-- SMS: code tries, answers to HELP, the budget of a month. Slack: which workspace a bot lives in.

-- 'help': one SMS to whoever texted HELP, where the provider takes no answer in its reply. Its
-- recipient is nobody's in here: recipient_id is -1 and extra names the number.
alter table broadcast drop constraint broadcast_kind_check;
alter table broadcast add constraint broadcast_kind_check check (
  kind in ('update', 'confirmation', 'manage', 'notice', 'credit_notice', 'digest', 'endpoint',
    'moved', 'staff', 'reminder', 'postmortem', 'help', 'credit_test', 'credit_answer',
    'credit_event'));
create index broadcast_help_idx on broadcast (done_at) where kind = 'help' and extra ? 'to';

-- How often somebody typed a code of an SMS, by the keyed hash of the number and of the caller.
create table code_try (
  hash bytea primary key,
  n integer not null default 1 check (n > 0),  -- since then, a quarter of an hour
  since timestamptz not null default now()
);

-- Who was answered when: once a day a number, and a hundred an hour in all.
create table sms_help (
  address_hash bytea primary key,
  at timestamptz not null default now()
);

-- Returns the broadcast, or null where the number was answered lately. Numbers of answers that
-- are a day old are forgotten on the way.
create function sms_help(p_address text, p_hash bytea) returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  update broadcast set extra = extra - 'to'
  where kind = 'help' and extra ? 'to' and done_at < now() - interval '1 day';
  delete from sms_help where at < now() - interval '1 day';
  if (select count(*) from sms_help where at > now() - interval '1 hour') >= 100 then
    return null;
  end if;
  insert into sms_help (address_hash) values (p_hash) on conflict do nothing;
  if not found then
    return null;
  end if;
  insert into broadcast (kind, lane, state, extra, upper_id)
  values ('help', 0, 'sending', jsonb_build_object('to', p_address, 'locale',
    (select locale from subscriber where channel = 'sms' and address_hash = p_hash)), 0)
  returning id into v_id;
  insert into broadcast_channel (broadcast_id, channel, exhausted, claimed)
  values (v_id, 'sms', true, 1);
  insert into delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at)
  values (v_id, -1, 'sms', 0, now(), now());
  perform pg_notify('broadcast', v_id::text);
  return v_id;
end $$;

-- Segments handed to the provider, each attempt counted, and those the budget refused.
create table sms_month (
  month date primary key,             -- its first day, in UTC
  segments bigint not null default 0 check (segments >= 0),
  refused bigint not null default 0 check (refused >= 0)
);

-- How many of p_wanted segments may be sent; p_limit 0: all.
create function sms_take(p_wanted bigint, p_limit bigint) returns bigint language plpgsql as $$
declare
  v_month date := date_trunc('month', now() at time zone 'UTC');
  v_granted bigint;
begin
  insert into sms_month (month) values (v_month) on conflict do nothing;
  select case p_limit when 0 then p_wanted
    else least(p_wanted, greatest(p_limit - segments, 0)) end into v_granted
  from sms_month where month = v_month for update;
  update sms_month set segments = segments + v_granted, refused = refused + p_wanted - v_granted
  where month = v_month;
  if v_granted < p_wanted then
    perform staff_tell('sms-budget:' || v_month, 'SMS are over their budget',
      format('The %s segments of sms_month_segments are used up. SMS fail as over_budget until '
        'the next month, or until the setting is raised; then retry their broadcasts.', p_limit),
      jsonb_build_object('what', 'budget', 'n', p_limit));
  end if;
  return v_granted;
end $$;

-- The workspace of a Slack bot (T...), null: not told.
alter table subscriber add slack_team text;

-- Staff hear of each chat endpoint that ended; /metrics counts all.
create function chat_ended() returns trigger language plpgsql as $$
begin
  perform staff_tell(format('endpoint:%s:%s', new.id, current_date),
    format('A %s endpoint gets no more messages', new.channel),
    format('Subscriber %s at %s ended: %s. Once it works again, subscribe it anew.', new.id,
      new.address, coalesce(new.state_reason, 'unknown')),
    jsonb_build_object('what', 'endpoint', 'channel', new.channel, 'id', new.id, 'address',
      new.address, 'reason', coalesce(new.state_reason, 'unknown')));
  return new;
end $$;
create trigger chat_ended after update of state on subscriber for each row
  when (new.state = 'suppressed' and old.state <> 'suppressed'
    and new.channel in ('slack', 'teams', 'discord'))
  execute function chat_ended();
