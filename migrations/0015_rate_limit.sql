-- One limit a relay that all notifiers share (smtp_rate): until when its messages are
-- leased. Unlogged: a crash of the server may forget it, which costs 200 ms of the limit.
create unlogged table rate_limit (
  relay text primary key,             -- host:port
  free_at timestamptz not null default now()
);
