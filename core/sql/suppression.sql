-- Remove addresses from the suppression list and make their subscribers active again. Returns the
-- number. Null: any. Without a reason, only suppressions by mail servers are undone; complaints,
-- STOP and manual ones must be named. Erased addresses stay. Unconfirmed readers stay pending.
create function amends.suppression_undo(in_broadcast bigint, in_reason text,
  in_since timestamptz, in_until timestamptz) returns bigint language plpgsql as $$
declare
  v_n bigint;
begin
  with gone as (delete from suppression where (in_broadcast is null or broadcast_id = in_broadcast)
      and reason <> 'erased' and case when in_reason is null then reason in ('bounce', 'refused')
        else reason = in_reason end
      and (in_since is null or at >= in_since) and (in_until is null or at < in_until)
    returning address_hash, channel),
  noted as (delete from bounce b using gone g where b.address_hash = g.address_hash
    returning 1),
  back as (update subscriber s set state_reason = null, changed_at = now(),
      state = case (select action from consent c where c.subscriber_id = s.id
        order by c.id desc limit 1) when 'subscribed' then 'pending'::subscriber_state
        else 'active' end
    from gone g where s.channel = g.channel and s.address_hash = g.address_hash
      and s.state = 'suppressed' returning 1)
  select count(*) into v_n from gone;
  return v_n;
end $$;
