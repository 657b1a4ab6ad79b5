-- The number of in_wanted segments that the budget allows; in_limit 0: all.
create function amends.sms_take(in_wanted bigint, in_limit bigint)
  returns bigint language plpgsql as $$
declare
  v_month date := date_trunc('month', now() at time zone 'UTC');
  v_granted bigint;
begin
  insert into sms_month (month) values (v_month) on conflict do nothing;
  select case in_limit when 0 then in_wanted
    else least(in_wanted, greatest(in_limit - segments, 0)) end into v_granted
  from sms_month where month = v_month for update;
  update sms_month set segments = segments + v_granted, refused = refused + in_wanted - v_granted
  where month = v_month;
  if v_granted < in_wanted then
    perform amends.staff_report('sms-budget:' || v_month, 'SMS are over their budget',
      format('The %s segments of sms_month_segments are used up. SMS fail as over_budget until '
        'the next month, or until the setting is raised; then retry their broadcasts.', in_limit),
      jsonb_build_object('what', 'budget', 'n', in_limit));
  end if;
  return v_granted;
end $$;
