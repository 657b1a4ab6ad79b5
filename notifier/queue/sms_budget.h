#ifndef NOTIFIER_QUEUE_SMS_BUDGET_H
#define NOTIFIER_QUEUE_SMS_BUDGET_H
/* The segments that may be sent in a month: sms_month_segments, of all notifiers together. */
#include "core/config.h"
#include "core/db/db.h"
#include "notifier/handover/handover.h"

/* Take what the batch's texts need. Recipients for whom nothing is left get a content that
 * nobody is sent, with the trouble "over_budget"; staff are told once a month. What was taken
 * and is not sent after all is not given back. */
enum rc sms_budget_take(
    struct scope *s, struct db *db, const struct config *config, struct batch *batch);

#endif
