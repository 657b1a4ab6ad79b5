#include "notifier/queue/sms_budget.h"

#include "core/log.h"
#include "messages/content.h"

struct granted {
    int64_t n;
};
static const struct shape granted_shape = SHAPE("GrantedSegments", struct granted, FIELD(INT, n));

STMT(sms_budget, "SELECT amends.sms_take($1, $2) AS n", .row = &granted_shape);

enum rc sms_budget_take(
    struct scope *s, struct db *db, const struct config *config, struct batch *batch)
{
    static const struct content over_budget = {.trouble = "over_budget"};
    struct granted granted;
    int64_t wanted = 0, refused = 0;
    for (size_t i = 0; i < batch->n; i++)
        wanted += batch->at[i].content->segments;
    if (!wanted)
        return RC_OK;
    TRY(db_one(
        s, db, &sms_budget, PARAMS(P_INT(wanted), P_INT(config->sms_month_segments)), &granted));
    for (size_t i = 0; i < batch->n; i++) {
        struct recipient *r = &batch->at[i];
        if (r->content->segments <= granted.n) {
            granted.n -= r->content->segments;
            continue;
        }
        refused++;
        r->content = &over_budget;
    }
    if (refused)
        log_event(LOG_ERROR, "SMS are over the month's budget",
            LOG_INT("broadcast", batch->broadcast->id), LOG_INT("not_sent", refused),
            LOG_INT("segments", config->sms_month_segments));
    return RC_OK;
}
