#ifndef NOTIFIER_SETTLE_H
#define NOTIFIER_SETTLE_H
/*
 * Outcomes into the database: one statement for as many as came, in one
 * transaction with the end of their batches. Fenced: what belongs to a batch whose
 * lease is no longer ours changes nothing, its new owner settles it.
 */
#include "core/db.h"
#include "notifier/handover.h"
#include "notifier/session.h"

/* The schedule makes a due time or a final failure of a retry: at is when it ended. */
enum rc settle_ended(struct scope *s, struct db *db, struct session *session,
    const struct ended *ended, size_t n, bool *ret_finished);

#endif
