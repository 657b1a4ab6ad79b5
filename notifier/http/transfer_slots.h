#ifndef NOTIFIER_HTTP_TRANSFER_SLOTS_H
#define NOTIFIER_HTTP_TRANSFER_SLOTS_H
/*
 * Places for HTTP transfers, a share a channel. What takes several times as long as the
 * others of its channel, or goes to a host whose last request failed, has a place among the
 * slow ones instead, so that those who hang leave the quick places to those who answer. When
 * the slow ones outgrow their share, only hosts that have answered before get a place.
 * Pure: durations are given in us.
 */
#include <stdbool.h>
#include <stdint.h>

#include "notifier/handover/outcome.h"

/* Of all channels together, below the budget (handover.h): the mail thread has its part. */
enum { TRANSFER_SLOTS = 240 };

struct transfer_slots {
    int active[CHANNEL_COUNT], slow[CHANNEL_COUNT]; /* slow: of the active ones */
    int64_t usual[CHANNEL_COUNT];                   /* how long an answer takes, us */
};

void transfer_slots_init(struct transfer_slots *slots);

/* How many a channel may have at once, quick and slow. */
int transfer_slots_of(enum channel channel);

/* Is there a quick place? */
bool transfer_slots_available(const struct transfer_slots *slots, enum channel channel);
/* May a request go to a host of which we know this? False: put it off. */
bool transfer_slots_admit(
    const struct transfer_slots *slots, enum channel channel, bool doubted, bool proven);

void transfer_slots_take(struct transfer_slots *slots, enum channel channel);
/* One more of the active ones is slow. */
void transfer_slots_slow(struct transfer_slots *slots, enum channel channel);
/* us: how long it took to an answer; 0: there was none. */
void transfer_slots_leave(
    struct transfer_slots *slots, enum channel channel, bool slow, int64_t us);

/* Whoever takes longer is slow, us. */
int64_t transfer_slots_patience(const struct transfer_slots *slots, enum channel channel);

#endif
