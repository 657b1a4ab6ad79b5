#include "notifier/http/http_admit.h"

#include "core/clock.h"

static const struct outcome returned = {.state = OUTCOME_RETURNED};

/* Begin, wait for room at the host without holding a place, or put off. */
static void admit_one(struct admission *a, struct recipient *r)
{
    enum channel channel = r->batch->channel;
    struct outcome later = {.state = OUTCOME_LATER, .reason = "host_rests"};
    if (channel == CHANNEL_SMS) {
        transfer_begin(a->transfers, r);
        return;
    }
    int64_t now = clock_monotonic();
    struct host *host = hosts_of(&a->transfers->hosts, r->address, now);
    bool may = host_may_begin(host, now, &later.retry_after);
    if (may &&
        !transfer_slots_admit(&a->transfers->slots, channel, host_is_doubted(host), host->proven))
        later.retry_after = HOST_PUT_OFF;
    if (later.retry_after) {
        handover_ended(a->transfers->sender->handover, r, &later);
    } else if (may && !host->waits) {
        transfer_begin(a->transfers, r);
    } else {
        handover_unit_back(a->transfers->sender->handover);
        host_queue_add(&a->queue, host, r);
    }
}

static bool may_take(const struct admission *a, enum channel c, int64_t now)
{
    return (c != CHANNEL_SMS || now >= a->transfers->paused_until) &&
           transfer_slots_available(&a->transfers->slots, c) && a->queue.n[c] < HOST_QUEUE_MAX;
}

static void admit_more(struct admission *a)
{
    struct recipient *r;
    int64_t now = clock_monotonic();
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        while (
            may_take(a, c, now) && (r = handover_next(a->transfers->sender->handover, &a->list, c)))
            admit_one(a, r);
}

/* Who waits for a host that rests or is silent by now is put off, whose batch is not ours
 * any more returned. */
static void end_waiting(struct admission *a, struct host *host, int64_t wait)
{
    const struct outcome later = {
        .state = OUTCOME_LATER, .reason = "host_rests", .retry_after = wait};
    for (struct recipient *r; (r = host_queue_take(&a->queue, host));)
        handover_unsent(a->transfers->sender->handover, r,
            !wait || atomic_load(&r->batch->lost) ? &returned : &later);
}

static void begin_at(struct admission *a, struct host *host, int64_t now)
{
    int64_t wait = 0;
    while (host->waits) {
        if (atomic_load(&host->waits->batch->lost)) {
            handover_unsent(
                a->transfers->sender->handover, host_queue_take(&a->queue, host), &returned);
            continue;
        }
        if (!host_may_begin(host, now, &wait) ||
            !transfer_slots_available(&a->transfers->slots, host->waits->batch->channel) ||
            !handover_unit(a->transfers->sender->handover))
            break;
        transfer_begin(a->transfers, host_queue_take(&a->queue, host));
    }
    if (wait)
        end_waiting(a, host, wait);
}

static void admit_waiting(struct admission *a)
{
    int64_t now = clock_monotonic();
    for (struct host *host = a->queue.hosts; host; host = host->following)
        begin_at(a, host, now);
    host_queue_tidy(&a->queue);
}

void admit(struct admission *a)
{
    handover_take(a->transfers->sender->handover, FEED_HTTP, &a->list);
    admit_waiting(a);
    admit_more(a);
}

void admit_none(struct admission *a)
{
    handover_take(a->transfers->sender->handover, FEED_HTTP, &a->list);
    handover_return(a->transfers->sender->handover, &a->list);
    for (struct host *host = a->queue.hosts; host; host = host->following)
        end_waiting(a, host, 0);
    host_queue_tidy(&a->queue);
}
