#ifndef NOTIFIER_QUEUE_DETACH_SLOW_H
#define NOTIFIER_QUEUE_DETACH_SLOW_H
/*
 * A range in flight stops the next update of its incident from being sent to anybody behind
 * its beginning. When only a few of it are left, and slow, it is parked: they become
 * retries that are being tried, one row each, and the range is nothing that others have to
 * wait for. The sender notices nothing.
 */
#include "core/db/db.h"
#include "notifier/queue/registration.h"

/* In the database thread, now and then. SMS stay as they are: they are recorded already. */
enum rc detach_slow(struct scope *s, struct db *db, const struct registration *registration);

#endif
