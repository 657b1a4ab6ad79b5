#include "notifier/http/transfer_slots.h"

/* So many times the usual duration is slow, within limits. */
enum { TIMES = 4, PATIENCE_MIN = 20000, PATIENCE_MAX = 200000 };
/* One answer counts an eighth of the average. */
enum { WEIGHT = 8 };

static const struct {
    int fast, slow;
} share[CHANNEL_COUNT] = {
    [CHANNEL_WEBHOOK] = {.fast = 100, .slow = 60},
    [CHANNEL_SLACK] = {.fast = 14, .slow = 6},
    [CHANNEL_TEAMS] = {.fast = 7, .slow = 3},
    [CHANNEL_DISCORD] = {.fast = 7, .slow = 3},
    [CHANNEL_PUSH] = {.fast = 15, .slow = 5},
    [CHANNEL_SMS] = {.fast = 20},
};

void transfer_slots_init(struct transfer_slots *slots)
{
    *slots = (struct transfer_slots){.active = {0}};
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        slots->usual[c] = PATIENCE_MAX / TIMES;
}

int transfer_slots_of(enum channel channel)
{
    return share[channel].fast + share[channel].slow;
}

bool transfer_slots_available(const struct transfer_slots *slots, enum channel channel)
{
    int slow = slots->slow[channel];
    if (slow > share[channel].slow)
        slow = share[channel].slow;
    return slots->active[channel] - slow < share[channel].fast;
}

bool transfer_slots_admit(
    const struct transfer_slots *slots, enum channel channel, bool doubted, bool proven)
{
    if (doubted)
        return slots->slow[channel] < share[channel].slow || !slots->active[channel];
    return proven || slots->slow[channel] < share[channel].slow + share[channel].fast / 2;
}

void transfer_slots_take(struct transfer_slots *slots, enum channel channel)
{
    slots->active[channel]++;
}

void transfer_slots_slow(struct transfer_slots *slots, enum channel channel)
{
    slots->slow[channel]++;
}

void transfer_slots_leave(struct transfer_slots *slots, enum channel channel, bool slow, int64_t us)
{
    slots->active[channel]--;
    slots->slow[channel] -= slow;
    if (us)
        slots->usual[channel] += (us - slots->usual[channel]) / WEIGHT;
}

int64_t transfer_slots_patience(const struct transfer_slots *slots, enum channel channel)
{
    int64_t us = TIMES * slots->usual[channel];
    return us < PATIENCE_MIN ? PATIENCE_MIN : us > PATIENCE_MAX ? PATIENCE_MAX : us;
}
