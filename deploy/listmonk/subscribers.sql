-- The subscribers of listmonk with the status of each list, which its own export lacks, as a file
-- for Amends. Put a row per list that you move below; without a component, its readers get
-- everything. Other lists are left out.
--
--     psql "$LISTMONK_DATABASE_URL" -X -q --csv -f subscribers.sql > readers.csv
--     amends subscriber import --dry-run readers.csv
--
-- A reader who left all of these lists arrives unsubscribed. One who left some gets the others alone,
-- and the component of a list that they left is muted. A double opt-in that was never confirmed arrives
-- pending, with a new mail to confirm.
with product (list, component) as (values ('LIST', 'COMPONENT')),
member as (
  select sl.subscriber_id, nullif(p.component, '') as component,
    case when sl.status = 'unconfirmed' and l.optin = 'single' then 'confirmed'
      else sl.status::text end as status
  from subscriber_lists sl join lists l on l.id = sl.list_id join product p on p.list = l.name),
reader as (
  select s.*, bool_or(m.status = 'confirmed') as confirmed,
    bool_or(m.status = 'unsubscribed') as left_some,
    bool_or(m.status = 'confirmed' and m.component is null) as everything,
    string_agg(m.component, ' ' order by m.component) filter (where m.status = 'confirmed')
      as components,
    string_agg('component:' || m.component, ' ' order by m.component)
      filter (where m.status = 'unsubscribed') as muted
  from subscribers s join member m on m.subscriber_id = s.id group by s.id)
select email as address,
  case when status = 'blocklisted' then 'suppressed'
    when status = 'disabled' or (left_some and not confirmed) then 'unsubscribed'
    else '' end as state,
  case when status = 'blocklisted' then 'blocklisted'
    when status = 'disabled' or (left_some and not confirmed) then 'listmonk'
    else '' end as state_reason,
  case when status = 'enabled' and not confirmed and not left_some then 'false'
    else 'true' end as confirmed,
  'listmonk' as consent_source,
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
  case when everything then null else components end as components, muted
from reader order by id;
