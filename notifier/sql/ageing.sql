-- Once per day, from 08:00 UTC on, report to staff the credits that billing has not acknowledged
-- for more than a day.
create function amends.credit_ageing_remind(in_now timestamptz) returns void language plpgsql as $$
declare
  v_day date := (in_now at time zone 'UTC')::date;
  w record;
begin
  if (in_now at time zone 'UTC')::time < '08:00' or exists (
      select from broadcast where about = 'ageing:' || v_day) then
    return;
  end if;
  select count(*) as n, count(*) filter (where issued_at < in_now - interval '7 days') as week,
    min(issued_at) as oldest into w
  from credit where open and state = 'issued' and issued_at < in_now - interval '1 day';
  if w.n > 0 then
    perform amends.staff_report('ageing:' || v_day, w.n || ' credit(s) wait for the billing system',
      format(
      E'Issued more than a day ago and not acknowledged: %s, of them %s for more than a week. '
      'The oldest is of %s.\n\n`GET /v1/credits?state=issued&older_than_days=1` lists them.',
      w.n, w.week, amends.instant(date_trunc('second', w.oldest))),
      jsonb_build_object('what', 'ageing', 'n', w.n, 'week', w.week,
        'at', amends.instant(w.oldest)));
  end if;
end $$;
