#include "notifier/http/transfer_slots.h"

/* How many times the usual is slow, within limits. */
enum { TIMES = 4, PATIENCE_MIN = 20000, PATIENCE_MAX = 200000 };
/* One answer counts an eighth. */
enum { WEIGHT = 8 };

static const struct {
    int quick, slow;
} share[CHANNEL_COUNT] = {
    [CHANNEL_WEBHOOK] = {.quick = 100, .slow = 60},
    [CHANNEL_SLACK] = {.quick = 20, .slow = 10},
    [CHANNEL_TEAMS] = {.quick = 10, .slow = 5},
    [CHANNEL_DISCORD] = {.quick = 10, .slow = 5},
    [CHANNEL_SMS] = {.quick = 20},
};

void places_init(struct places *places)
{
    *places = (struct places){.active = {0}};
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        places->usual[c] = PATIENCE_MAX / TIMES;
}

int places_of(enum channel channel)
{
    return share[channel].quick + share[channel].slow;
}

bool places_free(const struct places *places, enum channel channel)
{
    int slow = places->slow[channel];
    if (slow > share[channel].slow)
        slow = share[channel].slow;
    return places->active[channel] - slow < share[channel].quick;
}

bool places_admit(const struct places *places, enum channel channel, bool doubted, bool proven)
{
    if (doubted)
        return places->slow[channel] < share[channel].slow || !places->active[channel];
    return proven || places->slow[channel] < share[channel].slow + share[channel].quick / 2;
}

void places_take(struct places *places, enum channel channel)
{
    places->active[channel]++;
}

void places_slow(struct places *places, enum channel channel)
{
    places->slow[channel]++;
}

void places_leave(struct places *places, enum channel channel, bool slow, int64_t us)
{
    places->active[channel]--;
    places->slow[channel] -= slow;
    if (us)
        places->usual[channel] += (us - places->usual[channel]) / WEIGHT;
}

int64_t places_patience(const struct places *places, enum channel channel)
{
    int64_t us = TIMES * places->usual[channel];
    return us < PATIENCE_MIN ? PATIENCE_MIN : us > PATIENCE_MAX ? PATIENCE_MAX : us;
}
