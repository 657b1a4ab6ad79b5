-- The audience of a notice: {labels, accounts, list, plans, credit_run, components}. Labels,
-- accounts and list are a scope; each other member narrows. accounts and components are checked:
-- [{"account": name}], and ids.

-- The accounts of an audience that names any by labels, name, plan or credit.
create function amends.notice_accounts(in_audience jsonb) returns setof bigint
  language sql stable as $$
  select a.id from account a
  where a.id in (select amends.scope_accounts(in_audience))
    and (not in_audience ? 'plans' or in_audience->'plans' ? a.plan)
    and (not in_audience ? 'credit_run' or exists (select from credit c
      where c.run_id = (in_audience->>'credit_run')::bigint and c.account_id = a.id
        and c.state in ('issued', 'acknowledged', 'applied')))
$$;

-- Whether a subscriber hears of any of these components, and has not muted all of them.
create function amends.notice_concerns(in_subscriber bigint, in_components bigint[])
  returns boolean language sql stable as $$
  select exists (select from subscription x where x.subscriber_id = in_subscriber and (
      x.kind = 'all' or (x.kind = 'component' and x.target_id = any (in_components))
      or (x.kind = 'group' and x.target_id in (
        select c.group_id from component c where c.id = any (in_components)))))
    and exists (select from unnest(in_components) as c where not exists (select from mute z
      where z.subscriber_id = in_subscriber and z.kind = 'component' and z.target_id = c))
$$;

-- Restrict a notice to the subscribers of an audience. Returns their number. Endpoints of billing
-- systems get no notices.
create function amends.notice_restrict(in_id bigint, in_audience jsonb) returns bigint
  language plpgsql as $$
declare
  v_accounts bigint[];
  v_components bigint[] := array(
    select jsonb_array_elements_text(in_audience->'components')::bigint);
  v_count bigint;
begin
  if in_audience ?| '{labels,accounts,list,plans,credit_run}' then
    v_accounts := array(select amends.notice_accounts(in_audience));
  end if;
  insert into broadcast_scope (broadcast_id, channel, subscriber_id)
    select in_id, s.channel, s.id from subscriber s
    where s.state = 'active' and (v_accounts is null or s.account_id = any (v_accounts))
      and (v_components = '{}' or amends.notice_concerns(s.id, v_components))
      and not exists (select from subscription x
        where x.subscriber_id = s.id and x.kind = 'credits');
  get diagnostics v_count = row_count;
  return v_count;
end $$;
