-- The fan-out walks ranges of (channel, id) in subscriber_fanout_idx. An index that also
-- begins with the channel but goes on with the hash can serve such a range only by reading
-- the whole channel, and the planner, who does not know the range, sometimes took it. The
-- other way round it finds an address as well.
alter table subscriber
  drop constraint subscriber_channel_address_hash_key,
  add unique (address_hash, channel);
