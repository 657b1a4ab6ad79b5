#ifndef NOTIFIER_QUEUE_SETTLE_H
#define NOTIFIER_QUEUE_SETTLE_H
/*
 * Outcomes into the database: one statement for as many as came, in one
 * transaction with the end of their batches. Fenced: what belongs to a batch whose
 * lease is no longer ours changes nothing, its new owner settles it.
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

/* Put what ended into the pipe. The schedule makes a due time or a final failure of a
 * retry. again: the round before failed, so some of it may be settled. Nothing is changed in
 * memory, so that it can be tried again. */
void settle_add(struct scope *s, struct db_pipe *pipe, const struct ended *ended, size_t n,
    bool again, struct settlement *ret);

struct settled {
    bool finished; /* a batch ended */
    bool lost;     /* somebody else has a batch that was ours, so perhaps the others too */
};

/* After the pipe ran: forget what is settled. A batch with its last outcome is freed. */
enum rc settle_apply(struct scope *s, const struct db_pipe *pipe, struct registration *registration,
    const struct settlement *settlement, struct settled *ret);

#endif
