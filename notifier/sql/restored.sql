-- After a restore (docs/guides/backup.md): cancel the broadcasts that were held or sending at the
-- time of the backup, because they may have been sent since. Returns them.
create function amends.broadcasts_stop() returns table (broadcast bigint, kind text, incident text,
    was text, settled bigint) language sql as $$
  with stopped as (update broadcast b set state = 'cancelled', done_at = now()
      from (select id, state from broadcast where state in ('held', 'sending')
        order by id for update) o
      where o.id = b.id returning b.id, b.kind, b.incident_id, o.state as was),
    unsent as (delete from batch t using stopped s where t.broadcast_id = s.id),
    again as (delete from delivery_retry r using stopped s where r.broadcast_id = s.id)
  select s.id, s.kind, i.ref, s.was,
    (select count(*) from delivery d where d.broadcast_id = s.id)
  from stopped s left join incident i on i.id = s.incident_id order by s.id;
$$;
