-- Scopes of impacts, {labels, accounts, list, share_bp}: the accounts that an incident concerns.

-- The account list of a scope; null: it has none.
create function amends.scope_list(in_scope jsonb) returns bigint language sql stable as $$
  select id from account_list where name = in_scope->>'list'
$$;

-- Whether a scope names nobody: then it means everybody.
create function amends.scope_is_open(in_scope jsonb) returns boolean language sql immutable as $$
  select coalesce(in_scope->'labels', '{}') = '{}' and coalesce(in_scope->'accounts', '[]') = '[]'
    and in_scope->>'list' is null
$$;

-- Whether labels have every one of those wanted, each with its value or one of a list of values.
create function amends.labels_match(in_want jsonb, in_labels jsonb) returns boolean
  language sql immutable as $$
  select not exists (select from jsonb_each(in_want) as l
    where not coalesce(case jsonb_typeof(l.value)
      when 'array' then l.value ? (in_labels->>l.key)
      else l.value = in_labels->l.key end, false))
$$;

-- Whether a scope lists an account, or the account has all its labels; everybody without either.
create function amends.sla_is_in(in_scope jsonb, in_account account) returns boolean
  language sql stable as $$
  select exists (select from jsonb_array_elements(coalesce(in_scope->'accounts', '[]')) as k
      where k->>'account' = in_account.external_id)
    or exists (select from account_list_member m
      where m.list_id = amends.scope_list(in_scope) and m.account_id = in_account.id)
    or case when coalesce(in_scope->'labels', '{}') <> '{}'
      then amends.labels_match(in_scope->'labels', in_account.labels)
      else amends.scope_is_open(in_scope) end
$$;

-- Labels of which an account must have at least one document to match: those with one value, with
-- each value of the first list. For the index on labels.
create function amends.scope_documents(in_labels jsonb) returns setof jsonb
  language sql immutable as $$
  select coalesce(x.single, '{}') || coalesce(y.document, '{}')
  from (select jsonb_object_agg(key, value) filter (where jsonb_typeof(value) <> 'array') as single,
      min(key) filter (where jsonb_typeof(value) = 'array') as listed
    from jsonb_each(in_labels)) x
  left join lateral (select jsonb_build_object(x.listed, v) as document
    from jsonb_array_elements(in_labels->x.listed) v) y on true
$$;

-- The accounts of a scope, each at least once. Reads those that match, unless it is everybody.
create function amends.scope_accounts(in_scope jsonb) returns setof bigint
  language plpgsql stable set jit = off as $$
declare
  v_labels jsonb := coalesce(in_scope->'labels', '{}');
  v_document jsonb;
begin
  if amends.scope_is_open(in_scope) then
    return query select a.id from account a;
    return;
  end if;
  return query select a.id from jsonb_array_elements(coalesce(in_scope->'accounts', '[]')) as k
    join account a on a.external_id = k->>'account';
  return query select account_id from account_list_member
    where list_id = amends.scope_list(in_scope);
  -- One by one: a join reads every account, because the planner takes each document for a hundred.
  for v_document in select amends.scope_documents(v_labels) where v_labels <> '{}' loop
    return query select a.id from account a
      where a.labels @> v_document and a.labels <> '{}'
        and amends.labels_match(v_labels, a.labels);
  end loop;
end $$;

-- Whether an account uses any of these components; true without components.
create function amends.account_uses_any(in_account bigint, in_components bigint[]) returns boolean
  language sql stable as $$
  select in_components = '{}'
    or not exists (select from account_component where account_id = in_account)
    or exists (select from account_component
      where account_id = in_account and component_id = any (in_components))
$$;

-- The scopes of an incident with their components: of each impact of its current revision; its own
-- with the components of its plan that have no impact; and, of one that is not public, its own
-- without components as long as it has neither.
create function amends.incident_scopes(in_incident bigint)
  returns table (scope jsonb, components bigint[]) language sql stable as $$
  select m.scope, array_agg(distinct m.component_id) from amends.current_impact m
    where m.incident_id = in_incident group by m.scope
  union all
  select i.scope, array_agg(p.component_id)
    from maintenance_component p join incident i on i.id = p.incident_id
    where p.incident_id = in_incident and not exists (select from amends.current_impact m
      where m.incident_id = in_incident and m.component_id = p.component_id)
    group by i.scope
  union all
  select i.scope, '{}' from incident i
    where i.id = in_incident and i.audience <> 'public'
      and not exists (select from amends.current_impact m where m.incident_id = i.id)
      and not exists (select from maintenance_component p where p.incident_id = i.id)
$$;

-- The accounts that an incident concerns: in the scope of an impact of a component that they use.
create function amends.incident_accounts(in_incident bigint) returns setof bigint
  language sql stable as $$
  select distinct a.id from amends.incident_scopes(in_incident) s
    cross join lateral amends.scope_accounts(s.scope) as a(id)
  where amends.account_uses_any(a.id, s.components)
$$;

-- The same for one account: for its page, its digest and its mails.
create function amends.incident_concerns(in_incident bigint, in_account bigint) returns boolean
  language sql stable as $$
  select exists (select from amends.incident_scopes(in_incident) s
    join account a on a.id = in_account
    where amends.sla_is_in(s.scope, a) and amends.account_uses_any(a.id, s.components))
$$;

-- Whether an account (null: none) reads the texts for the affected of an incident.
create function amends.incident_addresses(in_incident bigint, in_account bigint) returns boolean
  language sql stable as $$
  select i.audience <> 'public' and amends.incident_concerns(i.id, in_account)
  from incident i where i.id = in_incident
$$;

-- Whether an account may see an incident: not one for the affected that does not concern it.
create function amends.incident_shown(in_incident bigint, in_account bigint) returns boolean
  language sql stable as $$
  select i.audience <> 'affected' or amends.incident_concerns(i.id, in_account)
  from incident i where i.id = in_incident
$$;

-- Whether a subscriber of this account (null: of none) hears of an incident: of one with a text for
-- the affected, readers without an account do, and accounts in scope.
create function amends.incident_tells(in_incident bigint, in_account bigint) returns boolean
  language sql stable as $$
  select i.audience = 'public' or (i.audience = 'both' and in_account is null)
    or amends.incident_concerns(i.id, in_account)
  from incident i where i.id = in_incident
$$;
