#include "notifier/queue/retry.h"

#include "tests/unit/tap.h"

#define S INT64_C(1000000)
#define M (60 * S)
#define H (60 * M)
#define NEVER INT64_C(-1)

static const struct {
    const char *name;
    struct retry retry;
    int64_t wait;
} rows[] = {
    {"e-mail, 1st wait, middle of the spread",
        {.channel = CHANNEL_EMAIL, .attempts = 1, .chance = RETRY_CHANCE / 2}, M},
    {"e-mail, 1st wait, shortest", {.channel = CHANNEL_EMAIL, .attempts = 1}, 48 * S},
    {"e-mail, 2nd", {.channel = CHANNEL_EMAIL, .attempts = 2, .chance = RETRY_CHANCE / 2}, 5 * M},
    {"e-mail, 8th", {.channel = CHANNEL_EMAIL, .attempts = 8, .chance = RETRY_CHANCE / 2}, 8 * H},
    {"e-mail, after the last", {.channel = CHANNEL_EMAIL, .attempts = 9}, NEVER},
    {"e-mail, too old by then",
        {.channel = CHANNEL_EMAIL, .attempts = 8, .first_at = -20 * H, .chance = RETRY_CHANCE / 2},
        NEVER},
    {"e-mail, just young enough",
        {.channel = CHANNEL_EMAIL, .attempts = 8, .first_at = -16 * H, .chance = RETRY_CHANCE / 2},
        8 * H},
    {"webhook, 1st", {.channel = CHANNEL_WEBHOOK, .attempts = 1}, 5 * S},
    {"webhook, 2nd", {.channel = CHANNEL_WEBHOOK, .attempts = 2}, 5 * M},
    {"webhook, 9th", {.channel = CHANNEL_WEBHOOK, .attempts = 9}, 24 * H},
    {"webhook, after the last", {.channel = CHANNEL_WEBHOOK, .attempts = 10}, NEVER},
    {"webhook, Retry-After longer",
        {.channel = CHANNEL_WEBHOOK, .attempts = 1, .retry_after = 90 * S}, 90 * S},
    {"webhook, Retry-After shorter",
        {.channel = CHANNEL_WEBHOOK, .attempts = 2, .retry_after = 90 * S}, 5 * M},
    {"webhook, Retry-After of a year",
        {.channel = CHANNEL_WEBHOOK, .attempts = 1, .retry_after = 8760 * H}, 24 * H},
    {"no attempt yet", {.channel = CHANNEL_WEBHOOK}, NEVER},
    {"far beyond", {.channel = CHANNEL_WEBHOOK, .attempts = 1000}, NEVER},
    {"SMS, 1st", {.channel = CHANNEL_SMS, .attempts = 1, .chance = RETRY_CHANCE / 2}, 30 * S},
    {"Slack, Retry-After", {.channel = CHANNEL_SLACK, .attempts = 1, .retry_after = 30 * S},
        30 * S},
};

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t due = NEVER;
        retry_next(&rows[i].retry, &due);
        is_int(due, rows[i].wait, rows[i].name);
    }
    struct retry most = {.channel = CHANNEL_EMAIL, .attempts = 1, .chance = RETRY_CHANCE - 1};
    int64_t due = 0;
    ok(retry_next(&most, &due) && due > 71 * S && due <= 72 * S, "the longest wait is +20 %%");
    return tap_end();
}
