#include "billing/schedule.h"

#include "core/log.h"

STMT(schedule_due, "SELECT amends.credit_schedule() AS run", .row = &row_int);

enum rc schedule_run(struct scope *s, struct db *db)
{
    struct list runs;
    TRY(db_all(s, db, &schedule_due, NO_PARAMS, &runs));
    for (size_t i = 0; i < runs.n; i++)
        log_event(LOG_INFO, "run made by schedule", LOG_INT("run", ((const int64_t *)runs.at)[i]));
    return RC_OK;
}
