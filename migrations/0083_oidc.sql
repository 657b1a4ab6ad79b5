-- Sign-ins by OpenID Connect that have begun: what the answer is checked against. Taken once,
-- for ten minutes. staff.oidc_subject (0080) is what they lead to.
create table oidc_sign_in (
  cookie_hash bytea primary key,      -- of a token that only the browser has
  state text not null,
  nonce text not null,
  verifier text not null,             -- RFC 7636; of no use without the code
  next text not null,                 -- page of the console to go on to
  expires_at timestamptz not null default now() + interval '10 minutes'
);
create index oidc_sign_in_expires_idx on oidc_sign_in (expires_at);
