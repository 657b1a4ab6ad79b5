#include "notifier/http/http_sender.h"

#include <stdlib.h>

#include "core/clock.h"
#include "notifier/http/host_queue.h"
#include "notifier/http/http_status.h"
#include "notifier/http/http_transfer.h"

enum { DRAIN_MS = 10000 };

struct http {
    struct handover *handover;
    struct transfers transfers;
    struct batch *list;
    struct host_queue queue;
    struct http_status status;
};

static const struct outcome returned = {.state = OUTCOME_RETURNED};

/* Send, wait for room at the host without holding a slot, or put off. */
static void admit(struct http *http, struct recipient *r)
{
    struct transfers *all = &http->transfers;
    enum channel channel = r->batch->channel;
    struct outcome later = {.state = OUTCOME_LATER, .reason = "host_rests"};
    if (channel == CHANNEL_SMS) {
        transfer_begin(all, r);
        return;
    }
    int64_t now = clock_monotonic();
    struct host *host = hosts_of(&all->hosts, r->address, now);
    bool may = host_may_begin(host, now, &later.retry_after);
    if (may && !transfer_slots_admit(&all->slots, channel, host_is_doubted(host), host->proven))
        later.retry_after = HOST_PUT_OFF;
    if (later.retry_after) {
        handover_ended(http->handover, r, &later);
    } else if (may && !host->waits) {
        transfer_begin(all, r);
    } else {
        handover_give_units(http->handover, 1);
        host_queue_add(&http->queue, host, r);
    }
}

static bool may_take(const struct http *http, enum channel c, int64_t now)
{
    return (c != CHANNEL_SMS || now >= http->transfers.paused_until) &&
           transfer_slots_available(&http->transfers.slots, c) && http->queue.n[c] < HOST_QUEUE_MAX;
}

static void admit_more(struct http *http)
{
    struct recipient *r;
    int64_t now = clock_monotonic();
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        while (may_take(http, c, now) && (r = handover_next(http->handover, &http->list, c)))
            admit(http, r);
}

/* A recipient that waits for a host that now rests or is silent is put off; one whose batch is
 * lost is returned. */
static void end_waiting(struct http *http, struct host *host, int64_t wait)
{
    const struct outcome later = {
        .state = OUTCOME_LATER, .reason = "host_rests", .retry_after = wait};
    for (struct recipient *r; (r = host_queue_take(&http->queue, host));)
        handover_unsent(
            http->handover, r, !wait || atomic_load(&r->batch->lost) ? &returned : &later);
}

static void admit_at(struct http *http, struct host *host, int64_t now)
{
    int64_t wait = 0;
    while (host->waits) {
        const struct batch *batch = host->waits->batch;
        if (atomic_load(&batch->lost)) {
            handover_unsent(http->handover, host_queue_take(&http->queue, host), &returned);
            continue;
        }
        if (!host_may_begin(host, now, &wait) ||
            !transfer_slots_available(&http->transfers.slots, batch->channel) ||
            !handover_unit(http->handover))
            break;
        transfer_begin(&http->transfers, host_queue_take(&http->queue, host));
    }
    if (wait)
        end_waiting(http, host, wait);
}

static void admit_waiting(struct http *http)
{
    int64_t now = clock_monotonic();
    for (struct host *host = http->queue.hosts; host; host = host->following)
        admit_at(http, host, now);
    host_queue_tidy(&http->queue);
}

static void step(struct http *http)
{
    int wake = http->handover->feed[FEED_HTTP].wake;
    handover_take(http->handover, FEED_HTTP, &http->list);
    admit_waiting(http);
    admit_more(http);
    http_status_report(&http->status, &http->transfers, clock_monotonic());
    transfers_run(&http->transfers, wake, transfers_launch(&http->transfers));
    handover_drain(wake);
}

/* Recipients that still wait were not sent to; transfers under way may finish. */
static void drain(struct http *http)
{
    int64_t end = clock_monotonic() + DRAIN_MS * INT64_C(1000);
    handover_take(http->handover, FEED_HTTP, &http->list);
    handover_return(http->handover, &http->list);
    for (struct host *host = http->queue.hosts; host; host = host->following)
        end_waiting(http, host, 0);
    host_queue_tidy(&http->queue);
    transfers_return(&http->transfers);
    while (http->transfers.running && clock_monotonic() < end)
        step(http);
}

void *http_sender_run(void *arg)
{
    const struct sender *sender = arg;
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        abort();
    net_start();
    http->handover = sender->handover;
    transfers_init(&http->transfers, sender);
    while (!atomic_load(&sender->handover->stop))
        step(http);
    drain(http);
    transfers_release(&http->transfers);
    free(http);
    return NULL;
}
