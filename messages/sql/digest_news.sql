-- The updates of a local day that notified subscribers.
create function amends.digest_news(in_timezone text, in_day date)
returns table (update_id bigint, incident_id bigint) language sql stable as $$
  select u.id, u.incident_id from incident_update u
    join amends.standing_incident i on i.id = u.incident_id
  where u.posted_at >= in_day::timestamp at time zone in_timezone
    and u.posted_at < (in_day + 1)::timestamp at time zone in_timezone
    and exists (select 1 from incident_update t join broadcast b on b.incident_id = t.incident_id
        and b.update_id = t.id and b.kind = 'update' and b.state <> 'cancelled'
      where t.id = coalesce(u.told_by, u.id))
$$;
