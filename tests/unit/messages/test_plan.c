/* How batches pass between the threads: order, budget, return. */
#include <stdlib.h>

#include "messages/broadcast.h"
#include "notifier/handover/handover.h"
#include "tests/unit/tap.h"

enum { MANY = 600 };

static struct broadcast urgent = {.id = 9, .priority = 0, .kind = KIND_CONFIRMATION};
static struct broadcast older = {.id = 3, .priority = 1, .kind = KIND_UPDATE};
static struct broadcast newer = {.id = 4, .priority = 1, .kind = KIND_UPDATE};

static struct batch *make(
    struct scope *s, struct broadcast *broadcast, enum channel channel, bool again, size_t n)
{
    struct batch *batch = SCOPE_NEW(s, struct batch);
    batch->broadcast = broadcast;
    batch->channel = channel;
    batch->again = again;
    batch->n = n;
    batch->at = SCOPE_ARRAY(s, struct recipient, n);
    for (size_t i = 0; i < n; i++)
        batch->at[i] = (struct recipient){.batch = batch, .id = (int64_t)i};
    return batch;
}

static void test_order(void)
{
    SCOPE(s);
    struct handover h;
    struct batch *list = NULL;
    if (!ok(handover_init(s, &h) == RC_OK, "handover"))
        return;
    struct batch *expected[] = {
        make(s, &urgent, CHANNEL_EMAIL, false, 1),
        make(s, &older, CHANNEL_EMAIL, false, 1),
        make(s, &newer, CHANNEL_EMAIL, false, 1),
        make(s, &older, CHANNEL_EMAIL, true, 1),
    };
    handover_batch(&h, expected[3]);
    handover_batch(&h, expected[2]);
    handover_take(&h, FEED_MAIL, &list);
    handover_batch(&h, expected[0]);
    handover_batch(&h, expected[1]);
    handover_take(&h, FEED_MAIL, &list);
    is_int(h.waiting[CHANNEL_EMAIL], 4, "four wait");
    for (size_t i = 0; i < 4; i++) {
        struct recipient *r = handover_next(&h, &list, CHANNEL_COUNT);
        ok(r && r->batch == expected[i], "priority, then id, retries last: %zu", i);
    }
    is_int(h.waiting[CHANNEL_EMAIL], 0, "none waits");
    ok(!list && !handover_next(&h, &list, CHANNEL_COUNT), "the list is empty");
}

static void test_channels(void)
{
    SCOPE(s);
    struct handover h;
    struct batch *list = NULL;
    if (handover_init(s, &h) != RC_OK)
        return;
    handover_batch(&h, make(s, &older, CHANNEL_WEBHOOK, false, 2));
    handover_batch(&h, make(s, &older, CHANNEL_SMS, false, 1));
    handover_take(&h, FEED_HTTP, &list);
    ok(!handover_next(&h, &list, CHANNEL_SLACK), "nothing for Slack");
    struct recipient *r = handover_next(&h, &list, CHANNEL_SMS);
    ok(r && r->batch->channel == CHANNEL_SMS, "an SMS passes webhooks");
    ok(!handover_next(&h, &list, CHANNEL_SMS), "there was one");
    ok(handover_next(&h, &list, CHANNEL_WEBHOOK), "the webhooks are still there");
}

static void test_budget(void)
{
    SCOPE(s);
    struct handover h;
    struct batch *list = NULL;
    if (handover_init(s, &h) != RC_OK)
        return;
    handover_batch(&h, make(s, &older, CHANNEL_EMAIL, false, MANY));
    handover_take(&h, FEED_MAIL, &list);
    int taken = 0;
    while (handover_next(&h, &list, CHANNEL_COUNT))
        taken++;
    is_int(taken, BUDGET, "no more than the budget is out");
    handover_give_units(&h, 10);
    while (handover_next(&h, &list, CHANNEL_COUNT))
        taken++;
    is_int(taken, BUDGET + 10, "what is settled may be taken again");
}

static void test_return(void)
{
    SCOPE(s);
    struct handover h;
    struct batch *list = NULL;
    struct ended *ended = NULL;
    size_t n = 0, alloc = 0;
    if (handover_init(s, &h) != RC_OK)
        return;
    struct batch *batch = make(s, &older, CHANNEL_EMAIL, false, MANY);
    handover_batch(&h, batch);
    handover_take(&h, FEED_MAIL, &list);
    struct outcome accepted = {.state = OUTCOME_ACCEPTED};
    handover_ended(&h, handover_next(&h, &list, CHANNEL_COUNT), &accepted);
    atomic_store(&batch->lost, true);
    ok(!handover_next(&h, &list, CHANNEL_COUNT), "nothing more of a lost batch is sent");
    handover_collect(&h, &ended, &n, &alloc);
    is_int((int64_t)n, MANY, "everybody has an outcome");
    is_int(ended[0].outcome.state, OUTCOME_ACCEPTED, "the first was sent");
    is_int(ended[MANY - 1].outcome.state, OUTCOME_RETURNED, "the last was not");
    handover_give_units(&h, n);
    is_int(h.used, 0, "the budget is whole");
    handover_stop(&h);
    handover_batch(&h, make(s, &older, CHANNEL_EMAIL, false, 1));
    handover_take(&h, FEED_MAIL, &list);
    ok(!handover_next(&h, &list, CHANNEL_COUNT), "nothing is taken after the stop");
    handover_return(&h, &list);
    ok(!list, "what is left goes back");
    free(ended);
}

int main(void)
{
    test_order();
    test_channels();
    test_budget();
    test_return();
    return tap_end();
}
