#ifndef NOTIFIER_CHORES_H
#define NOTIFIER_CHORES_H
/* What any notifier does now and then for all: small, idempotent statements. */
#include "core/db.h"
#include "notifier/session.h"

/* Start broadcasts whose hold is over; end those that have no cursor, batch or retry left. */
enum rc chores_broadcasts(struct scope *s, struct db *db);

/* Renew our leases; they only run out for an owner that hangs. */
enum rc chores_renew(struct scope *s, struct db *db, const struct session *session);

#endif
