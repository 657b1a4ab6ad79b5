-- What the notifiers tell of themselves once a second while they have work. Unlogged:
-- it is only of interest now, and a crash of the server may empty it.
create unlogged table lane (
  notifier integer not null,          -- notifier.id of the process
  channel text not null,
  host text not null,                 -- relay, host or SMS provider; '' for hosts without a row
  window_size integer not null,       -- connections or transfers that may be open at once
  in_flight integer not null,         -- messages on their way
  waiting integer not null,           -- recipients claimed for the channel and not begun
  unsettled integer not null,         -- of the process: begun, and not committed as an outcome
  rate_limited boolean not null,      -- a configured rate holds it back
  trouble text,                       -- what the other side complains of, in a few words
  at timestamptz not null default now(),
  primary key (notifier, channel, host)
);

-- Live counts of a broadcast are counts of rows, found by the primary key, in whose order they
-- lie. What is not the common case is counted in an index that the common case does not touch.
create index delivery_other_idx on delivery (broadcast_id, channel, state)
  where channel <> 'email' or state <> 'accepted';
