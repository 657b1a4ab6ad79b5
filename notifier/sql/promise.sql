-- Report to staff every promise that is late at an instant. Returns the number. Any number of
-- notifiers may call it at once: each row is for one of them. After an outage staff get one report
-- per promise, not all that they missed.
create function amends.promise_due(in_now timestamptz, in_repeat_minutes bigint, in_url text)
  returns bigint language plpgsql as $$
declare
  p record;
  n bigint := 0;
begin
  for p in
    select q.id, q.due_at, q.reminders, i.ref, i.title from promise q
    join incident i on i.id = q.incident_id
    where q.met_at is null and coalesce(q.remind_at, q.due_at) <= in_now
      and not exists (select from held_post_incident h where h.incident_id = q.incident_id)
    order by q.id limit 100 for no key update of q skip locked
  loop
    perform amends.staff_report(format('promise:%s:%s', p.id, p.reminders),
      'Update overdue: ' || p.title,
      format('The next update was promised by %s. It is %s minutes late.'
        || e'\n\n%s/staff/incidents/%s',
        to_char(p.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
        floor(extract(epoch from in_now - p.due_at) / 60), in_url, p.ref),
      jsonb_build_object('what', 'promise', 'title', p.title, 'at', to_json(p.due_at at time zone
        'UTC')#>>'{}' || 'Z', 'minutes', floor(extract(epoch from in_now - p.due_at) / 60),
        'url', format('%s/staff/incidents/%s', in_url, p.ref)));
    update promise set reminders = reminders + 1, reminded_at = in_now,
      remind_at = in_now + make_interval(
        mins => (in_repeat_minutes * 2 ^ least(reminders, 20))::int)
    where id = p.id;
    n := n + 1;
  end loop;
  return n;
end $$;
