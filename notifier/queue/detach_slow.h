#pragma once
/*
 * While a range is in flight, the next update of its incident is not sent to any subscriber
 * behind its beginning. When only a few slow recipients of a range are left, they are detached:
 * they become retries in progress, one row each, and no update waits for the range any more.
 * The sender notices nothing.
 */
#include "core/db/db.h"
#include "notifier/queue/registration.h"

/* In the database thread, now and then. SMS are not detached: they have rows already. */
enum rc detach_slow(struct scope *s, struct db *db, const struct registration *registration);
