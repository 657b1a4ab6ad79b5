-- The signed chain over the books. An entry pins rows that are final: it holds a hash of them, the
-- hash of the entry before, and a signature by a key that PostgreSQL never has.

create table ledger_chain (
  seq bigint primary key,             -- gapless from 1, given under the lock "chain"
  at timestamptz not null,
  kind text not null check (kind in ('begin', 'adopt', 'audit', 'draft', 'acknowledge', 'approve',
    'issue', 'void', 'fail', 'ack', 'applied', 'reverse')),
  object bigint,                      -- the run; of reverse: the credit
  ids bigint[] not null default '{}', -- the warnings of acknowledge, the credits of ack and applied
  audit_seq bigint not null,          -- this entry and those before it pin the audit log to here
  body text not null,                 -- JSON, as signed: tables, their rows and hashes, totals
  marks bytea not null,               -- of each row pinned, four bytes of its hash
  prev bytea not null,                -- the hash of the entry before
  hash bytea not null,                -- of everything above
  signer bytea not null,              -- Ed25519 public key
  signature bytea not null            -- of seq and hash
);
create unique index ledger_chain_object_idx on ledger_chain (kind, object)
  where object is not null;
