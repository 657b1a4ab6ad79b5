#ifndef NOTIFIER_QUEUE_SLACK_ROOTS_H
#define NOTIFIER_QUEUE_SLACK_ROOTS_H
/* The messages that a bot replies to: per channel the first of an incident (slack_bot.h). */
#include "core/db/db.h"
#include "notifier/handover/handover.h"

/* Put the roots of the batch's incident into its recipients. */
enum rc slack_roots_read(struct scope *s, struct db *db, struct batch *batch);

#endif
