#pragma once
/*
 * Staff cancel a broadcast by changing its state alone. Each notifier looks several times a
 * second: it takes back the recipients that its senders have not begun with, and drops batches
 * and retries. Recipients that were not sent to get no outcome; messages that are with a relay
 * end as usual.
 */
#include "core/db/db.h"
#include "notifier/queue/registration.h"

enum rc cancel_unsent(struct scope *s, struct db *db, const struct registration *registration);
