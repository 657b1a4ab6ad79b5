#ifndef NOTIFIER_QUEUE_CYCLE_H
#define NOTIFIER_QUEUE_CYCLE_H
/*
 * One round of the database thread: what ended is settled, the next ranges are claimed and
 * the cursors after those are looked up, all in one round trip and one commit.
 */
#include "notifier/queue/claim.h"
#include "notifier/queue/range_claim.h"
#include "notifier/queue/settle.h"

struct round {
    struct claimant claimant;
    struct handover *handover;
    struct fresh_pick next[CHANNEL_COUNT]; /* found by the round before */
    struct fresh_pace pace[CHANNEL_COUNT];
};

struct round_work {
    const struct ended *ended; /* to settle */
    size_t n;
    bool again;                 /* the round before failed */
    bool wanted[CHANNEL_COUNT]; /* channels that could send more */
};

struct round_result {
    bool settled;             /* the outcomes are committed, even if something failed later */
    bool finished;            /* a batch ended, and perhaps its broadcast */
    bool more[CHANNEL_COUNT]; /* there is a cursor to claim from in the next round */
};

/* On failure what is not known to be settled is to be tried again. */
enum rc round_run(
    struct scope *s, struct round *round, const struct round_work *work, struct round_result *ret);

#endif
