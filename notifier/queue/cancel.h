#ifndef NOTIFIER_QUEUE_CANCEL_H
#define NOTIFIER_QUEUE_CANCEL_H
/*
 * Staff cancel a broadcast by its state alone. Each notifier looks several times a
 * second: it takes back from its senders what they have not begun, and drops batches
 * and retries. Who was not sent to gets no outcome; what was with a relay ends as usual.
 */
#include "core/db/db.h"
#include "notifier/queue/registration.h"

enum rc cancel_unsent(struct scope *s, struct db *db, const struct registration *registration);

#endif
