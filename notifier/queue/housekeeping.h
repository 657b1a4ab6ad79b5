#ifndef NOTIFIER_QUEUE_HOUSEKEEPING_H
#define NOTIFIER_QUEUE_HOUSEKEEPING_H
/* What any notifier does now and then for all: small, idempotent statements. */
#include "core/config.h"
#include "core/db/db.h"
#include "notifier/queue/registration.h"

/* Is there anything to take besides fresh ranges? One cheap look for all channels. */
struct housekeeping_glance {
    bool due;    /* retries */
    bool orphan; /* batches whose owner died */
};
enum rc housekeeping_look(struct scope *s, struct db *db, const struct registration *registration,
    struct housekeeping_glance *ret);

/* Start broadcasts whose hold is over; end those that have no cursor, batch or retry left. */
enum rc housekeeping_broadcasts(struct scope *s, struct db *db);

/* Take what is due of planned maintenance, and tell staff of promises that are late
 * (maintenance.sql and promise.sql of notifier/sql). */
enum rc housekeeping_calendar(struct scope *s, struct db *db, const struct config *config);

/* Make the digests that are due now (notifier/sql/digest.sql). */
enum rc housekeeping_digests(struct scope *s, struct db *db);

/* Renew our leases; they only run out for an owner that hangs. */
enum rc housekeeping_renew(struct scope *s, struct db *db, const struct registration *registration);

#endif
