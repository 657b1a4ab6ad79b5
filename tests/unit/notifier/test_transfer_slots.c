#include "notifier/http/transfer_slots.h"

#include "notifier/http/host_queue.h"
#include "tests/unit/tap.h"

#define MS INT64_C(1000)

/* Take slots until none is left; returns how many. */
static int fill(struct transfer_slots *slots, enum channel channel)
{
    int n = 0;
    for (; transfer_slots_available(slots, channel); n++)
        transfer_slots_take(slots, channel);
    return n;
}

static void check_shares(void)
{
    struct transfer_slots slots;
    int sum = 0;
    for (enum channel c = 0; c <= CHANNEL_DOCUMENTS; c++)
        sum += transfer_slots_of(c);
    ok(sum == TRANSFER_SLOTS, "the shares add up to all slots");
    transfer_slots_init(&slots);
    int fast = fill(&slots, CHANNEL_WEBHOOK);
    ok(fast > 0 && fast < transfer_slots_of(CHANNEL_WEBHOOK),
        "some slots are for slow transfers only");
    for (int i = 0; i < 50; i++)
        transfer_slots_slow(&slots, CHANNEL_WEBHOOK);
    ok(fill(&slots, CHANNEL_WEBHOOK) == 50, "fifty hanging transfers leave their fast slots");
    for (int i = 50; i < fast; i++)
        transfer_slots_slow(&slots, CHANNEL_WEBHOOK);
    fill(&slots, CHANNEL_WEBHOOK);
    ok(slots.active[CHANNEL_WEBHOOK] == transfer_slots_of(CHANNEL_WEBHOOK),
        "and no more than there are");
    ok(transfer_slots_available(&slots, CHANNEL_SLACK), "another channel has its own");
    for (int i = 0; i < 50; i++)
        transfer_slots_leave(&slots, CHANNEL_WEBHOOK, true, 0);
    ok(fill(&slots, CHANNEL_WEBHOOK) == 40,
        "a finished one makes room: 100 are slow, 60 of them have slow slots");
}

static void check_admission(void)
{
    struct transfer_slots slots;
    transfer_slots_init(&slots);
    ok(transfer_slots_admit(&slots, CHANNEL_WEBHOOK, false, false), "an unknown host is asked");
    ok(transfer_slots_admit(&slots, CHANNEL_WEBHOOK, true, true), "a doubted one too");
    for (int i = 0; i < 60; i++) {
        transfer_slots_take(&slots, CHANNEL_WEBHOOK);
        transfer_slots_slow(&slots, CHANNEL_WEBHOOK);
    }
    ok(!transfer_slots_admit(&slots, CHANNEL_WEBHOOK, true, true),
        "not while all slow slots are taken");
    ok(transfer_slots_admit(&slots, CHANNEL_WEBHOOK, false, false), "an unknown one still is");
    for (int i = 0; i < 50; i++)
        transfer_slots_slow(&slots, CHANNEL_WEBHOOK);
    ok(!transfer_slots_admit(&slots, CHANNEL_WEBHOOK, false, false),
        "not when they take the slots of others");
    ok(transfer_slots_admit(&slots, CHANNEL_WEBHOOK, false, true),
        "a host that has answered before always is");
}

static void check_patience(void)
{
    struct transfer_slots slots;
    transfer_slots_init(&slots);
    ok(transfer_slots_patience(&slots, CHANNEL_WEBHOOK) == 200 * MS, "at first 200 ms are slow");
    for (int i = 0; i < 100; i++) {
        transfer_slots_take(&slots, CHANNEL_WEBHOOK);
        transfer_slots_leave(&slots, CHANNEL_WEBHOOK, false, 1 * MS);
    }
    ok(transfer_slots_patience(&slots, CHANNEL_WEBHOOK) == 20 * MS,
        "where 1 ms is usual 20 ms are");
    for (int i = 0; i < 100; i++) {
        transfer_slots_take(&slots, CHANNEL_WEBHOOK);
        transfer_slots_leave(&slots, CHANNEL_WEBHOOK, false, 0);
    }
    ok(transfer_slots_patience(&slots, CHANNEL_WEBHOOK) == 20 * MS,
        "a transfer without an answer does not count");
}

static void check_host_queue(void)
{
    struct batch batch = {.channel = CHANNEL_WEBHOOK};
    struct recipient at[3] = {{.batch = &batch}, {.batch = &batch}, {.batch = &batch}};
    struct host_queue queue = {.hosts = NULL};
    struct host one = {.key = 1}, two = {.key = 2};
    host_queue_add(&queue, &one, &at[0]);
    host_queue_add(&queue, &two, &at[1]);
    host_queue_add(&queue, &one, &at[2]);
    ok(queue.n[CHANNEL_WEBHOOK] == 3 && queue.hosts == &two, "three wait for two hosts");
    ok(host_queue_take(&queue, &one) == &at[0] && host_queue_take(&queue, &one) == &at[2] &&
            !host_queue_take(&queue, &one),
        "first come, first served");
    host_queue_tidy(&queue);
    ok(queue.hosts == &two && !two.following && !one.listed && two.listed,
        "a host without waiting recipients is forgotten");
    host_queue_add(&queue, &one, &at[0]);
    ok(queue.hosts == &one && one.following == &two, "until one waits");
}

int main(void)
{
    check_shares();
    check_admission();
    check_patience();
    check_host_queue();
    return tap_end();
}
