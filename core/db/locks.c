#include "core/db/locks.h"

static const char *const names[] = {[LOCK_MIGRATE - LOCK_MIGRATE] = "migrate",
    [LOCK_NOTIFIER - LOCK_MIGRATE] = "notifier",
    [LOCK_IMPORT - LOCK_MIGRATE] = "import",
    [LOCK_AUDIT - LOCK_MIGRATE] = "audit",
    [LOCK_LEDGER - LOCK_MIGRATE] = "ledger",
    [LOCK_SUBSCRIBER_STAGE - LOCK_MIGRATE] = "subscriber_stage",
    [LOCK_ACCOUNT_STAGE - LOCK_MIGRATE] = "account_stage",
    [LOCK_POLICY - LOCK_MIGRATE] = "policy",
    [LOCK_RETENTION - LOCK_MIGRATE] = "retention",
    [LOCK_CHAIN - LOCK_MIGRATE] = "chain",
    [LOCK_COMPONENT - LOCK_MIGRATE] = "component",
    [LOCK_LIABILITY - LOCK_MIGRATE] = "liability",
    [LOCK_SLA_REPORTS - LOCK_MIGRATE] = "sla_reports",
    [LOCK_MEASUREMENT_STAGE - LOCK_MIGRATE] = "measurement_stage",
    [LOCK_RUN_CARD - LOCK_MIGRATE] = "run_card"};

const char *db_lock_name(enum db_lock lock)
{
    return names[lock - LOCK_MIGRATE];
}

STMT(lock_exclusive, "SELECT amends.lock_exclusive($1)");
STMT(lock_shared, "SELECT amends.lock_shared($1)");

enum rc db_lock(struct scope *s, struct db *db, enum db_lock lock, enum db_lock_mode mode)
{
    enum rc rc = db_do(
        s, db, mode == LOCK_SHARED ? &lock_shared : &lock_exclusive, PARAMS(P_INT(lock)), NULL);
    return rc == RC_OK ? rc : fail(s, rc, "lock %s: %s", db_lock_name(lock), s->fault.message);
}
