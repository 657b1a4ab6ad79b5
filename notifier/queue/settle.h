#pragma once
/*
 * Writes outcomes into the database: one statement for any number of them, in one transaction with
 * the end of their batches. Fenced: an outcome of a batch whose lease is no longer ours changes
 * nothing; the batch's new owner settles it.
 */
#include "core/db/db_pipe.h"
#include "notifier/handover/handover.h"
#include "notifier/queue/registration.h"

struct progress;

struct settlement {
    struct progress *progress; /* of each batch that is touched */
    size_t batches;
    const struct ended *ended; /* of this cycle */
    size_t n;
    int at; /* in the pipe, or -1: there is nothing to write */
};

/* Put the outcomes into the pipe. The schedule turns a retry into a due time or a final failure.
 * again: the cycle before failed, so some of the outcomes may be settled. Nothing is changed in
 * memory, so that it can be tried again. */
void settle_add(struct scope *s, struct db_pipe *pipe, const struct ended *ended, size_t n,
    bool again, struct settlement *ret);

struct settled {
    bool finished; /* a batch ended */
    bool lost;     /* another notifier has a batch that was ours, and perhaps others */
};

/* After the pipe ran: forget the settled outcomes. A batch with its last outcome is freed. */
enum rc settle_apply(struct scope *s, const struct db_pipe *pipe, struct registration *registration,
    const struct settlement *settlement, struct settled *ret);
