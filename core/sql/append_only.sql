-- Append-only tables, enforced by these triggers and by deploy/grants.sql.

-- A session that acts for people in another program names it in amends.via (api/slack/ask.c): the
-- entry keeps it beside its detail.
create function amends.audit_chain() returns trigger language plpgsql as $$
declare
  last record;
  v_via text := nullif(current_setting('amends.via', true), '');
begin
  if v_via is not null then
    new.detail := jsonb_build_object('via', v_via) || case jsonb_typeof(new.detail)
      when 'object' then new.detail when 'array' then jsonb_build_object('list', new.detail)
      else '{}' end;
  end if;
  perform pg_advisory_xact_lock(amends.lock_key('audit'));
  select seq, hash into last from audit order by seq desc limit 1;
  new.seq := coalesce(last.seq, 0) + 1;
  new.hash := sha256(coalesce(last.hash, '') || convert_to(
    concat_ws('|', new.seq, extract(epoch from new.at), new.actor, new.action, new.object,
      new.detail),
    'UTF8'));
  return new;
end $$;

create trigger audit_chain before insert on audit
  for each row execute function amends.audit_chain();

create function amends.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete on audit
  for each statement execute function amends.refuse_change();
create trigger append_only before update or delete on ledger_entry
  for each statement execute function amends.refuse_change();
create trigger append_only before update or delete on consent
  for each statement execute function amends.refuse_change();
create trigger append_only before update or delete on credit_feed
  for each statement execute function amends.refuse_change();
