#pragma once
/*
 * The advisory locks, one key each. core/sql/locks.sql has the same table for SQL, which calls
 * amends.lock_key('ledger'). Locks held "to commit" belong to a transaction
 * (pg_advisory_xact_lock); the others belong to a session and end with the connection.
 *
 * A request that may wait for a lock is on a worker (api/call/route.h) and waits for a bounded
 * time: that of db_lock if the lock can be held for minutes, otherwise that of the connection
 * (db_limit_waits). It then fails with RC_RETRY: 503 with Retry-After. billing and migrate wait
 * without a limit.
 *
 * A request with an Idempotency-Key holds the 64-bit hash of its key to commit and never waits for
 * it (api/call/idempotency.c): the one lock without a name.
 */
#include "core/db/db.h"

enum db_lock {
    /* Session, exclusive: `amends migrate` while it migrates. */
    LOCK_MIGRATE = 4101,
    /* Session, exclusive, with a notifier's id as second key: a running notifier. Never waited for;
     * the view amends.notifier_alive reads it. */
    LOCK_NOTIFIER,
    /* Session, exclusive, with the import's id as second key: the process that runs or queues an
     * import. Never waited for; the view amends.import_alive reads it. */
    LOCK_IMPORT,
    /* To commit, exclusive: a transaction that appends to the audit log (trigger audit_chain),
     * since a row has the hash of the one before. Every audited request takes it, so a long
     * transaction must write its audit row at its end. */
    LOCK_AUDIT,
    /* To commit. Exclusive: an issue or a reversal, which append to the ledger and the feed.
     * Shared: a draft, dry run or reconciliation, for minutes with a million accounts. */
    LOCK_LEDGER,
    /* To commit, exclusive: an import of subscribers or of accounts, for minutes with a million
     * lines, since each kind has one stage. */
    LOCK_SUBSCRIBER_STAGE,
    LOCK_ACCOUNT_STAGE,
    /* To commit, exclusive: adding a policy, which numbers the version, for milliseconds. */
    LOCK_POLICY,
    /* To commit, exclusive, tried only: a step of billing's retention. */
    LOCK_RETENTION,
    /* To commit, exclusive: a transaction that appends to the ledger's chain, since an entry has
     * the hash of the one before. The last lock of its transaction, after LOCK_AUDIT; held for
     * milliseconds, but for minutes when billing begins the chain of a database that has credits.
     */
    LOCK_CHAIN,
    /* To commit, exclusive: a change of components or groups, which numbers them, for milliseconds.
     */
    LOCK_COMPONENT,
    /* Session, exclusive, tried only: the billing process that estimates what open incidents cost.
     */
    LOCK_LIABILITY,
    /* To commit, exclusive, tried only: a notifier that makes the monthly SLA reports. */
    LOCK_SLA_REPORTS,
    /* To commit, exclusive: a request that stores measurements, for seconds with 100,000 lines; a
     * change of the rules, which choose among series, for milliseconds. */
    LOCK_MEASUREMENT_STAGE,
    /* To commit, exclusive, with a run's id as second key: a transaction that decides the run, and
     * the notifier that makes its card (tried only), for milliseconds. */
    LOCK_RUN_CARD,
    LOCK_END
};

/* The name that SQL knows a lock by: "ledger". */
const char *db_lock_name(enum db_lock lock);

enum db_lock_mode { LOCK_EXCLUSIVE, LOCK_SHARED };

/* In a transaction: hold the lock to commit. RC_RETRY when others hold it for half a
 * second more. */
enum rc db_lock(struct scope *s, struct db *db, enum db_lock lock, enum db_lock_mode mode);
