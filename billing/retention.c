#include "billing/retention.h"

#include "core/db/locks.h"
#include "core/log.h"

struct retention_step {
    const char *what;
    const struct stmt *stmt;
    enum { NO_LIMIT, RETENTION_DAYS, OUTBOX_DAYS, MEASUREMENT_DAYS } limit; /* its parameter */
};

/* A session that waits for an exclusive lock on the outcomes blocks the notifiers that settle. */
STMT(retention_alone,
    "SELECT (CASE WHEN set_config('lock_timeout', '1s', true) IS NOT NULL"
    " THEN pg_try_advisory_xact_lock($1) END)::int AS n",
    .row = &row_int);

#define BEFORE "now() - make_interval(days => $1::int)"
STMT(retention_roll, "SELECT amends.delivery_roll()::int AS n", .row = &row_int);
STMT(retention_drop, "SELECT amends.delivery_drop(" BEFORE ")::int AS n", .row = &row_int);
STMT(retention_delete, "SELECT amends.delivery_delete(" BEFORE ") AS n", .row = &row_int);
STMT(retention_measurement_roll, "SELECT amends.measurement_ahead()::int AS n", .row = &row_int);
STMT(retention_measurement_drop, "SELECT amends.measurement_drop(" BEFORE ")::int AS n",
    .row = &row_int);
STMT(retention_counters, "SELECT amends.counters_forget() AS n", .row = &row_int);
STMT(retention_readers, "SELECT amends.forget_readers(" BEFORE ") AS n", .row = &row_int);
STMT(retention_outbox, "SELECT amends.outbox_forget(" BEFORE ") AS n", .row = &row_int);
STMT(retention_evidence, "SELECT amends.claim_forget(" BEFORE ") AS n", .row = &row_int);
STMT(retention_alerts, "SELECT amends.alert_forget(" BEFORE ") AS n", .row = &row_int);
STMT(retention_expired, "SELECT amends.forget_expired() AS n", .row = &row_int);

static const struct retention_step steps[] = {
    {.what = "created a partition of outcomes", .stmt = &retention_roll},
    {.what = "removed expired rows", .stmt = &retention_expired},
    {.what = "removed old messages of the outbox", .stmt = &retention_outbox, .limit = OUTBOX_DAYS},
    {.what = "dropped a partition of outcomes", .stmt = &retention_drop, .limit = RETENTION_DAYS},
    {.what = "created a partition of measurements", .stmt = &retention_measurement_roll},
    {.what = "dropped a partition of measurements",
        .stmt = &retention_measurement_drop,
        .limit = MEASUREMENT_DAYS},
    {.what = "forgot counters that are no longer sent", .stmt = &retention_counters},
    {.what = "deleted old outcomes", .stmt = &retention_delete, .limit = RETENTION_DAYS},
    {.what = "deleted old events of alerts", .stmt = &retention_alerts, .limit = RETENTION_DAYS},
    {.what = "deleted files of claims", .stmt = &retention_evidence, .limit = RETENTION_DAYS},
    {.what = "erased unsubscribed readers", .stmt = &retention_readers, .limit = RETENTION_DAYS},
};

struct taken {
    const struct retention_step *step;
    int64_t days;
    int64_t n;
};

static enum rc take(struct scope *s, struct db *db, void *arg)
{
    struct taken *taken = arg;
    int64_t n;
    TRY(db_one(s, db, &retention_alone, PARAMS(P_INT(LOCK_RETENTION)), &n));
    if (!n) {
        taken->n = 0;
        return RC_OK;
    }
    struct params params = taken->step->limit ? PARAMS(P_INT(taken->days)) : NO_PARAMS;
    TRY(db_one(s, db, taken->step->stmt, params, &n));
    taken->n = n;
    return RC_OK;
}

enum rc retention_run(struct scope *s, struct db *db, const struct config *config, bool *ret_more)
{
    const int64_t days[] = {[RETENTION_DAYS] = config->retention_days,
        [OUTBOX_DAYS] = config->outbox_days,
        [MEASUREMENT_DAYS] = config->measurement_days};
    bool more = false;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].limit && !days[steps[i].limit])
            continue;
        struct taken taken = {.step = &steps[i], .days = days[steps[i].limit]};
        TRY(db_txn(s, db, take, &taken));
        if (taken.n)
            log_event(LOG_INFO, steps[i].what, LOG_INT("n", taken.n));
        more = more || taken.n;
    }
    *ret_more = more;
    return RC_OK;
}
