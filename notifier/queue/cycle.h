#pragma once
/*
 * One cycle of the database thread settles outcomes, claims the next ranges and looks up the
 * cursors after those, all in one round trip and one commit.
 */
#include "notifier/queue/breaker.h"
#include "notifier/queue/claim.h"
#include "notifier/queue/range_claim.h"
#include "notifier/queue/settle.h"

struct cycle {
    struct claimant claimant;
    struct handover *handover;
    struct range_pick next[CHANNEL_COUNT]; /* found by the cycle before */
    struct range_pace pace[CHANNEL_COUNT];
    struct breakers breakers;
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

/* After a failure, settle again all outcomes unless ret->settled. */
enum rc cycle_run(
    struct scope *s, struct cycle *cycle, const struct cycle_work *work, struct cycle_result *ret);
