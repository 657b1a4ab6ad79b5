#ifndef NOTIFIER_QUEUE_RETRY_H
#define NOTIFIER_QUEUE_RETRY_H
/* When to try again: SPEC.md 1.12 and 5.2. Pure: time and chance are parameters. */
#include <stdbool.h>
#include <stdint.h>

#include "notifier/handover/outcome.h"

enum { RETRY_CHANCE = 1 << 16 };

struct retry {
    enum channel channel;
    int attempts;        /* made so far, at least 1 */
    int64_t first_at;    /* us, of the first attempt */
    int64_t now;         /* us */
    int64_t retry_after; /* us, what the other side asked for, or 0; at most 24 h count */
    unsigned chance;     /* 0 .. RETRY_CHANCE - 1, evenly: spreads what failed together */
};

/* The instant of the next attempt; false when there is none: the schedule is used up or
 * the message would be too old by then. */
bool retry_next(const struct retry *retry, int64_t *ret_due);

/* Would an attempt at this instant come too late for a message first tried (or put off) then? */
bool retry_is_late(enum channel channel, int64_t first_at, int64_t at);

#endif
