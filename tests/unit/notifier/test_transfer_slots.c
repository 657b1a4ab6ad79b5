#include "notifier/http/transfer_slots.h"

#include "notifier/http/host_queue.h"
#include "tests/unit/tap.h"

#define MS INT64_C(1000)

/* Take places until there is none; how many that were. */
static int fill(struct places *places, enum channel channel)
{
    int n = 0;
    for (; places_free(places, channel); n++)
        places_take(places, channel);
    return n;
}

static void check_shares(void)
{
    struct places places;
    int sum = 0;
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        sum += places_of(c);
    ok(sum == PLACES, "the shares are all the places");
    places_init(&places);
    int quick = fill(&places, CHANNEL_WEBHOOK);
    ok(quick > 0 && quick < places_of(CHANNEL_WEBHOOK), "some places are for the slow ones alone");
    for (int i = 0; i < 50; i++)
        places_slow(&places, CHANNEL_WEBHOOK);
    ok(fill(&places, CHANNEL_WEBHOOK) == 50, "fifty that hang leave their quick places");
    for (int i = 50; i < quick; i++)
        places_slow(&places, CHANNEL_WEBHOOK);
    fill(&places, CHANNEL_WEBHOOK);
    ok(places.active[CHANNEL_WEBHOOK] == places_of(CHANNEL_WEBHOOK), "and no more than there are");
    ok(places_free(&places, CHANNEL_SLACK), "another channel has its own");
    for (int i = 0; i < 50; i++)
        places_leave(&places, CHANNEL_WEBHOOK, true, 0);
    ok(fill(&places, CHANNEL_WEBHOOK) == 40, "who leaves makes room: 100 are slow, 60 count apart");
}

static void check_admission(void)
{
    struct places places;
    places_init(&places);
    ok(places_admit(&places, CHANNEL_WEBHOOK, false, false), "an unknown host is asked");
    ok(places_admit(&places, CHANNEL_WEBHOOK, true, true), "a doubted one too");
    for (int i = 0; i < 60; i++) {
        places_take(&places, CHANNEL_WEBHOOK);
        places_slow(&places, CHANNEL_WEBHOOK);
    }
    ok(!places_admit(&places, CHANNEL_WEBHOOK, true, true), "not while as many hang as may");
    ok(places_admit(&places, CHANNEL_WEBHOOK, false, false), "an unknown one still is");
    for (int i = 0; i < 50; i++)
        places_slow(&places, CHANNEL_WEBHOOK);
    ok(!places_admit(&places, CHANNEL_WEBHOOK, false, false),
        "not when they take the others' places");
    ok(places_admit(&places, CHANNEL_WEBHOOK, false, true), "who has answered before always is");
}

static void check_patience(void)
{
    struct places places;
    places_init(&places);
    ok(places_patience(&places, CHANNEL_WEBHOOK) == 200 * MS, "at first 200 ms are slow");
    for (int i = 0; i < 100; i++) {
        places_take(&places, CHANNEL_WEBHOOK);
        places_leave(&places, CHANNEL_WEBHOOK, false, 1 * MS);
    }
    ok(places_patience(&places, CHANNEL_WEBHOOK) == 20 * MS, "where 1 ms is usual 20 ms are");
    for (int i = 0; i < 100; i++) {
        places_take(&places, CHANNEL_WEBHOOK);
        places_leave(&places, CHANNEL_WEBHOOK, false, 0);
    }
    ok(places_patience(&places, CHANNEL_WEBHOOK) == 20 * MS, "who gives no answer teaches nothing");
}

static void check_crowd(void)
{
    struct batch batch = {.channel = CHANNEL_WEBHOOK};
    struct recipient at[3] = {{.batch = &batch}, {.batch = &batch}, {.batch = &batch}};
    struct crowd crowd = {.hosts = NULL};
    struct host one = {.key = 1}, two = {.key = 2};
    crowd_add(&crowd, &one, &at[0]);
    crowd_add(&crowd, &two, &at[1]);
    crowd_add(&crowd, &one, &at[2]);
    ok(crowd.n[CHANNEL_WEBHOOK] == 3 && crowd.hosts == &two, "three wait for two hosts");
    ok(crowd_take(&crowd, &one) == &at[0] && crowd_take(&crowd, &one) == &at[2] &&
            !crowd_take(&crowd, &one),
        "first come, first served");
    crowd_tidy(&crowd);
    ok(crowd.hosts == &two && !two.following && !one.listed && two.listed,
        "a host that nobody waits for is forgotten");
    crowd_add(&crowd, &one, &at[0]);
    ok(crowd.hosts == &one && one.following == &two, "until somebody does");
}

int main(void)
{
    check_shares();
    check_admission();
    check_patience();
    check_crowd();
    return tap_end();
}
