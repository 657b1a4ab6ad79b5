#pragma once
/*
 * Slots for HTTP transfers, a share per channel; those with a document have one together. A
 * transfer that takes several times as long as the usual one of its channel, or goes to a host
 * whose last request failed, uses a slow slot, so that hanging endpoints leave the fast slots to
 * those that answer. When slow transfers outgrow their share, only hosts that have answered before
 * are admitted. Pure: durations are in us.
 */
#include <stdbool.h>
#include <stdint.h>

#include "notifier/handover/outcome.h"

/* Of all channels together; below the budget (handover.h), so that mail has a part of it. */
enum { TRANSFER_SLOTS = 240 };

struct transfer_slots {
    /* By channel; those with a document share the last. slow: of the active ones. */
    int active[CHANNEL_DOCUMENTS + 1], slow[CHANNEL_DOCUMENTS + 1];
    int64_t usual[CHANNEL_DOCUMENTS + 1]; /* how long an answer takes, a moving average, us */
};

void transfer_slots_init(struct transfer_slots *slots);

/* How many slots a channel has, fast and slow. */
int transfer_slots_of(enum channel channel);

/* Is a fast slot left? */
bool transfer_slots_available(const struct transfer_slots *slots, enum channel channel);
/* May a request go to such a host (hosts.h)? False: put it off. */
bool transfer_slots_admit(
    const struct transfer_slots *slots, enum channel channel, bool doubted, bool proven);

void transfer_slots_take(struct transfer_slots *slots, enum channel channel);
/* One more of the active transfers is slow. */
void transfer_slots_slow(struct transfer_slots *slots, enum channel channel);
/* us: how long the answer took; 0: there was none. */
void transfer_slots_leave(
    struct transfer_slots *slots, enum channel channel, bool slow, int64_t us);

/* A transfer that takes longer than this is slow, us. */
int64_t transfer_slots_patience(const struct transfer_slots *slots, enum channel channel);
