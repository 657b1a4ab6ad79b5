#include "notifier/http/transfer_slots.h"

/* So many times the usual duration is slow, within limits. */
enum { TIMES = 4, PATIENCE_MIN = 20000, PATIENCE_MAX = 200000 };
/* One answer counts an eighth of the average. */
enum { WEIGHT = 8 };

/* Channels with a document share one. */
static const struct {
    int fast, slow;
} shares[CHANNEL_DOCUMENTS + 1] = {
    [CHANNEL_WEBHOOK] = {.fast = 100, .slow = 60},
    [CHANNEL_SLACK] = {.fast = 14, .slow = 6},
    [CHANNEL_PUSH] = {.fast = 15, .slow = 5},
    [CHANNEL_SMS] = {.fast = 20},
    [CHANNEL_DOCUMENTS] = {.fast = 14, .slow = 6},
};

static enum channel pool_of(enum channel channel)
{
    return channel < CHANNEL_DOCUMENTS ? channel : CHANNEL_DOCUMENTS;
}

void transfer_slots_init(struct transfer_slots *slots)
{
    *slots = (struct transfer_slots){.active = {0}};
    for (enum channel c = 0; c <= CHANNEL_DOCUMENTS; c++)
        slots->usual[c] = PATIENCE_MAX / TIMES;
}

int transfer_slots_of(enum channel channel)
{
    return shares[pool_of(channel)].fast + shares[pool_of(channel)].slow;
}

bool transfer_slots_available(const struct transfer_slots *slots, enum channel channel)
{
    int slow = slots->slow[pool_of(channel)];
    if (slow > shares[pool_of(channel)].slow)
        slow = shares[pool_of(channel)].slow;
    return slots->active[pool_of(channel)] - slow < shares[pool_of(channel)].fast;
}

bool transfer_slots_admit(
    const struct transfer_slots *slots, enum channel channel, bool doubted, bool proven)
{
    if (doubted)
        return slots->slow[pool_of(channel)] < shares[pool_of(channel)].slow ||
               !slots->active[pool_of(channel)];
    return proven || slots->slow[pool_of(channel)] <
                         shares[pool_of(channel)].slow + shares[pool_of(channel)].fast / 2;
}

void transfer_slots_take(struct transfer_slots *slots, enum channel channel)
{
    slots->active[pool_of(channel)]++;
}

void transfer_slots_slow(struct transfer_slots *slots, enum channel channel)
{
    slots->slow[pool_of(channel)]++;
}

void transfer_slots_leave(struct transfer_slots *slots, enum channel channel, bool slow, int64_t us)
{
    slots->active[pool_of(channel)]--;
    slots->slow[pool_of(channel)] -= slow;
    if (us)
        slots->usual[pool_of(channel)] += (us - slots->usual[pool_of(channel)]) / WEIGHT;
}

int64_t transfer_slots_patience(const struct transfer_slots *slots, enum channel channel)
{
    int64_t us = TIMES * slots->usual[pool_of(channel)];
    return us < PATIENCE_MIN ? PATIENCE_MIN : us > PATIENCE_MAX ? PATIENCE_MAX : us;
}
