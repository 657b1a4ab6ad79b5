#include "notifier/queue/retry.h"

#include <stddef.h>

#define SECONDS INT64_C(1000000)
#define MINUTES (60 * SECONDS)
#define HOURS (60 * MINUTES)

enum { STEPS_MAX = 10 };

struct schedule {
    int64_t step[STEPS_MAX]; /* waits after the 1st, 2nd ... attempt; 0: give up */
    int64_t expire;          /* no attempt later than this after the first */
    int spread_percent;      /* a wait is up to this much shorter or longer by chance */
};

/* A late chat message is of little use, but a workspace may be away for hours. */
#define CHAT_SCHEDULE \
    { \
        .step = {5 * SECONDS, MINUTES, 5 * MINUTES, 30 * MINUTES, 2 * HOURS, 5 * HOURS}, \
        .expire = 24 * HOURS, .spread_percent = 20 \
    }

static const struct schedule schedules[CHANNEL_DOCUMENTS + 1] = {
    [CHANNEL_EMAIL] = {.step = {MINUTES, 5 * MINUTES, 15 * MINUTES, 30 * MINUTES, HOURS, 2 * HOURS,
                           4 * HOURS, 8 * HOURS},
        .expire = 24 * HOURS,
        .spread_percent = 20},
    [CHANNEL_WEBHOOK] = {.step = {5 * SECONDS, 5 * MINUTES, 30 * MINUTES, 2 * HOURS, 5 * HOURS,
                             10 * HOURS, 14 * HOURS, 20 * HOURS, 24 * HOURS},
        .expire = 120 * HOURS},
    [CHANNEL_SLACK] = CHAT_SCHEDULE,
    [CHANNEL_PUSH] = CHAT_SCHEDULE,
    /* Only texts that certainly were not sent are tried again; one that is hours old misleads. */
    [CHANNEL_SMS] = {.step = {30 * SECONDS, 2 * MINUTES, 10 * MINUTES, 30 * MINUTES},
        .expire = 2 * HOURS,
        .spread_percent = 20},
    [CHANNEL_DOCUMENTS] = CHAT_SCHEDULE,
};

static const struct schedule *schedule_of(enum channel channel)
{
    return &schedules[channel < CHANNEL_DOCUMENTS ? channel : CHANNEL_DOCUMENTS];
}

static int64_t spread(int64_t wait, int percent, unsigned chance)
{
    int64_t most = wait / 100 * percent;
    return wait - most + 2 * most * chance / RETRY_CHANCE;
}

bool retry_is_late(enum channel channel, int64_t first_at, int64_t at)
{
    return at - first_at > schedule_of(channel)->expire;
}

bool retry_next(const struct retry *retry, int64_t *ret_due)
{
    const struct schedule *schedule = schedule_of(retry->channel);
    if (retry->attempts < 1 || retry->attempts > STEPS_MAX)
        return false;
    int64_t wait = schedule->step[retry->attempts - 1];
    if (!wait)
        return false;
    wait = spread(wait, schedule->spread_percent, retry->chance);
    int64_t asked = retry->retry_after < 24 * HOURS ? retry->retry_after : 24 * HOURS;
    if (wait < asked)
        wait = asked;
    if (retry_is_late(retry->channel, retry->first_at, retry->now + wait))
        return false;
    *ret_due = retry->now + wait;
    return true;
}
