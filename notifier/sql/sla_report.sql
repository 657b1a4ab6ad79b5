-- The SLA report of a month by mail (decision 161): to the contacts who asked for it before it was
-- due, on the first of the next month at 08:00 in the account's zone.

-- Send at most 200 due reports, each once. Returns their number.
create function amends.sla_reports_send(in_now timestamptz) returns integer language plpgsql as $$
declare
  n integer := 0;
  t record;
begin
  if not pg_try_advisory_xact_lock(amends.lock_key('sla_reports')) then
    return 0;
  end if;
  for t in
    with due as (
      select a.id, a.name, a.timezone, m.month, m.about,
             (m.month + interval '1 month 8 hours') at time zone a.timezone as due_at
      from account a cross join lateral (
        select x.month::date, format('sla-report:%s:%s', to_char(x.month, 'YYYY-MM'), a.id) as about
        from (values (date_trunc('month', in_now at time zone a.timezone - interval '8 hours')
          - interval '1 month')) as x (month)) m
      where a.id in (select account_id from account_contact where report_since is not null)
        and not exists (select from broadcast b where b.about = m.about)
      order by a.id)
    select d.*, c.contacts from due d cross join lateral (
      select array_agg(k.id order by k.id) as contacts from account_contact k
      where k.account_id = d.id and k.report_since < d.due_at) c
    where c.contacts is not null limit 200
  loop
    update broadcast set about = t.about where id = (
      select amends.broadcast_to('sla_report', 'email', t.contacts,
        jsonb_build_object('account', t.name) || (r.windows->0)::jsonb)
      from amends.sla_report(array[t.id], 'month', t.month, (t.month + interval '1 month')::date,
        in_now) r where r.windows->0 is not null);
    n := n + found::integer;
  end loop;
  return n;
end $$;
