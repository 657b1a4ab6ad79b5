-- A promise that is late: staff hear of it when it is due, and again at doubling intervals
-- until the update is posted (incident_post sets met_at).
alter table promise
  add reminders integer not null default 0,  -- so many were sent
  add remind_at timestamptz;                 -- the next one; null: at due_at
create index promise_remind_idx on promise (coalesce(remind_at, due_at)) where met_at is null;

-- Tell staff of every promise that is late at an instant; returns how many. Any number of
-- notifiers may call it at once: each row is for one of them. After an outage staff get one
-- letter, not those that they missed. staff_tell is in 0064_staff.sql.
create function promise_due(p_now timestamptz, p_repeat_minutes bigint, p_url text) returns bigint
  language plpgsql as $$
declare
  p record;
  n bigint := 0;
begin
  for p in
    select q.id, q.due_at, q.reminders, i.ref, i.title from promise q
    join incident i on i.id = q.incident_id
    where q.met_at is null and coalesce(q.remind_at, q.due_at) <= p_now
    order by q.id limit 100 for no key update of q skip locked
  loop
    perform staff_tell(format('promise:%s:%s', p.id, p.reminders),
      'Update overdue: ' || p.title,
      format('The next update was promised by %s. It is %s minutes late.'
        || e'\n\n%s/staff/incidents/%s',
        to_char(p.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
        floor(extract(epoch from p_now - p.due_at) / 60), p_url, p.ref),
      jsonb_build_object('what', 'promise', 'title', p.title, 'at', to_json(p.due_at at time zone
        'UTC')#>>'{}' || 'Z', 'minutes', floor(extract(epoch from p_now - p.due_at) / 60),
        'url', format('%s/staff/incidents/%s', p_url, p.ref)));
    update promise set reminders = reminders + 1, reminded_at = p_now,
      remind_at = p_now + make_interval(mins => (p_repeat_minutes * 2 ^ least(reminders, 20))::int)
    where id = p.id;
    n := n + 1;
  end loop;
  return n;
end $$;
