-- Webhooks of credits: credit.issued once per run, credit.reversed once per credit, to endpoints
-- that subscribe to 'credits'. They announce that the feed, which is authoritative, has new
-- entries: an event per credit would be up to a million requests without an order.

create function amends.credit_event_send() returns trigger language plpgsql as $$
declare
  e record;
begin
  if not exists (select from subscription where kind = 'credits') then
    return null;
  end if;
  for e in
    with event as (
      select f.event, c.run_id, case when f.event = 'reversed' then c.id end as alone,
        c.currency, c.exponent, count(*) as credits, sum(c.amount_minor) as minor, min(c.id) as id
      from added f join credit c on c.id = f.credit_id group by 1, 2, 3, 4, 5)
    select 'credit.' || event as type, run_id, sum(credits) as credits,
      case when sum(credits) = 1 then min(id) end as credit,
      jsonb_agg(jsonb_build_object('amount_minor', minor, 'currency', currency,
        'exponent', exponent) order by currency) as amounts
    from event group by event, run_id, alone
  loop
    perform amends.broadcast_to('credit_event', 'webhook', array(
        select s.id from subscription x join subscriber s on s.id = x.subscriber_id
          and s.state = 'active' and s.channel = 'webhook' where x.kind = 'credits'),
      jsonb_build_object('type', e.type, 'run', e.run_id, 'credits', e.credits,
        'credit', e.credit, 'account', (select a.external_id from credit c
          join account a on a.id = c.account_id where c.id = e.credit), 'amounts', e.amounts),
      in_credit_run_id => e.run_id);
  end loop;
  return null;
end $$;

create trigger credit_event_send after insert on credit_feed
  referencing new table as added for each statement execute function amends.credit_event_send();
