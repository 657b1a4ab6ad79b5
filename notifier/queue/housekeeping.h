#pragma once
/* Small, idempotent statements that any notifier runs now and then for all of them. */
#include "core/config.h"
#include "core/db/db.h"
#include "notifier/queue/registration.h"

/* Is there work left over (claim.h)? One cheap look for all channels. */
struct housekeeping_glance {
    bool due;    /* retries */
    bool orphan; /* batches whose owner died */
};
enum rc housekeeping_look(struct scope *s, struct db *db, const struct registration *registration,
    struct housekeeping_glance *ret);

/* Publish held posts whose undo window is over. */
enum rc housekeeping_held_posts(struct scope *s, struct db *db);

/* Start broadcasts whose hold is over; end those that have no cursor, batch or retry left. */
enum rc housekeeping_broadcasts(struct scope *s, struct db *db);

/* Every second: take the due steps of planned maintenance, and notify staff of promises that are
 * late (maintenance.sql and promise.sql of notifier/sql). */
enum rc housekeeping_calendar(struct scope *s, struct db *db, const struct config *config);

/* Every 15 s: remind staff once a day (notifier/sql/ageing.sql), make the digests that are due
 * (notifier/sql/digest.sql), and renew this notifier's leases, which run out only if it hangs. */
enum rc housekeeping_rare(struct scope *s, struct db *db, const struct registration *registration);
