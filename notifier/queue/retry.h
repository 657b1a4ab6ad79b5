#pragma once
/*
 * When to try again: the schedule of each channel. Pure: time and chance are parameters.
 * Webhooks have the schedule of https://www.standardwebhooks.com, mail one within RFC 5321 4.5.4.1.
 *
 *     struct retry retry = {.channel = CHANNEL_SLACK, .attempts = 1, .first_at = now, .now = now};
 *     int64_t due;
 *     if (retry_next(&retry, &due))
 *         ...
 */
#include <stdbool.h>
#include <stdint.h>

#include "notifier/handover/outcome.h"

enum { RETRY_CHANCE = 1 << 16 };

struct retry {
    enum channel channel;
    int attempts;        /* made so far, at least 1 */
    int64_t first_at;    /* us, of the first attempt */
    int64_t now;         /* us */
    int64_t retry_after; /* us that the other side asked for, or 0; more than 24 h count as 24 h */
    unsigned chance;     /* 0 .. RETRY_CHANCE - 1, uniform: spreads messages that failed together */
};

/* The instant of the next attempt; false: there is none, because the schedule is used up or the
 * message would be too old by then. */
bool retry_next(const struct retry *retry, int64_t *ret_due);

/* Would an attempt at this instant come too late for a message first tried (or put off) then? */
bool retry_is_late(enum channel channel, int64_t first_at, int64_t at);
