-- Credits of a run that deserve a look, and accounts without one.

-- Whether a cap made a line smaller: it is less than what was owed after earlier lines.
create function amends.credit_is_capped(in_credit bigint) returns boolean language sql stable as $$
  select coalesce(bool_or(l.amount_minor < coalesce(w.explain->>'rounded_beyond',
    w.explain->>'rounded_minor')::numeric - l.earlier_minor), false)
  from credit_line l cross join lateral (select k.explain::jsonb from credit_working k
    where k.id = l.working_id) as w where l.credit_id = in_credit
$$;

-- Whether a warning of its run concerns a credit: of an incident in its calculation, or that its
-- account has no contact.
create function amends.credit_is_warned(in_credit bigint) returns boolean language sql stable as $$
  select exists (
    select from credit c join credit_warning w on w.run_id = c.run_id
    where c.id = in_credit and case
      when w.code = 'no_contact' then
        not exists (select from account_contact k where k.account_id = c.account_id)
      else w.detail->>'incident' in (
        select h->>'incident' from credit_line l join credit_working k on k.id = l.working_id,
          jsonb_array_elements(coalesce(k.explain::jsonb->'impacts', '[]')) h
        where l.credit_id = c.id) end)
$$;

-- Why an account has no credit in a run: the first reason that applies, as in the report.
create function amends.credit_left_out_reason(in_run bigint, in_account bigint)
  returns text language sql stable as $$
  select case
    when x.reason is not null then x.reason
    when not exists (select from account_price p where p.account_id = in_account
                     and p.amount_minor > 0) then 'no_price'
    when exists (select from account_component u where u.account_id = in_account)
      and not exists (
        select from account_component u join impact m using (component_id)
          join credit_run_incident i on i.impact_revision_id = m.revision_id
        where u.account_id = in_account and i.run_id = in_run
          and m.level <> 'under_maintenance') then 'not_affected'
    when exists (select from credit_excess e where e.run_id = in_run
                 and e.account_id = in_account) then 'over_credited'
    else 'nothing_owed' end
  from (values (1)) as one left join credit_left_out x
    on x.run_id = in_run and x.account_id = in_account
$$;
