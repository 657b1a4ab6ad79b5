#ifndef NOTIFIER_QUEUE_CYCLE_H
#define NOTIFIER_QUEUE_CYCLE_H
/*
 * One round of the database thread: what ended is settled, the next ranges are claimed and
 * the cursors after those are looked up, all in one round trip and one commit.
 */
#include "notifier/queue/claim.h"
#include "notifier/queue/range_claim.h"
#include "notifier/queue/settle.h"

struct cycle {
    struct claimant claimant;
    struct handover *handover;
    struct range_pick next[CHANNEL_COUNT]; /* found by the cycle before */
    struct range_pace pace[CHANNEL_COUNT];
};

struct cycle_work {
    const struct ended *ended; /* to settle */
    size_t n;
    bool again;                 /* the cycle before failed */
    bool wanted[CHANNEL_COUNT]; /* channels that could send more */
};

struct cycle_result {
    bool settled;             /* the outcomes are committed, even if something failed later */
    bool finished;            /* a batch ended, and perhaps its broadcast */
    bool more[CHANNEL_COUNT]; /* there is a cursor to claim from in the next cycle */
};

/* On failure what is not known to be settled is to be tried again. */
enum rc cycle_run(
    struct scope *s, struct cycle *cycle, const struct cycle_work *work, struct cycle_result *ret);

#endif
